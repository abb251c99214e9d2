namespace Serverless.Converters;

/// <summary>
/// Several codecs as one. Payloads are encoded by the first codec first and decoded by the last one first: compress before you encrypt, as encrypted bytes can't be compressed.
/// </summary>
public sealed class ChainedPayloadCodec : IPayloadCodec, IWithSerializationContext<IPayloadCodec>
{
    private readonly IPayloadCodec[] _codecs;

    /// <summary>Creates the codec.</summary>
    /// <param name="codecs">In the order in which they encode.</param>
    public ChainedPayloadCodec(params IPayloadCodec[] codecs)
    {
        ArgumentNullException.ThrowIfNull(codecs);
        _codecs = [.. codecs];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads)
    {
        foreach (var codec in _codecs)
        {
            payloads = await codec.EncodeAsync(payloads);
        }

        return payloads;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads)
    {
        foreach (var codec in _codecs.Reverse())
        {
            payloads = await codec.DecodeAsync(payloads);
        }

        return payloads;
    }

    /// <inheritdoc/>
    public IPayloadCodec WithSerializationContext(ISerializationContext context) =>
        _codecs.Any(static codec => codec is IWithSerializationContext<IPayloadCodec>)
            ? new ChainedPayloadCodec([.. _codecs.Select(codec => codec is IWithSerializationContext<IPayloadCodec> aware ? aware.WithSerializationContext(context) : codec)])
            : this;
}
