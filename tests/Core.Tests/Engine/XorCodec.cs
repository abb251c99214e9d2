using Serverless.Converters;

namespace Serverless.Tests.Engine;

/// <summary>Hides bytes, and throws when they are encoded twice, decoded without need, or (with a context) decoded for another than they were encoded for.</summary>
/// <param name="context">For whom it encodes; null: it does not care.</param>
internal sealed class XorCodec(string? context) : IPayloadCodec, IWithSerializationContext<IPayloadCodec>
{
    private const string Mark = "xor";

    public bool Broken { get; set; }

    public IPayloadCodec WithSerializationContext(ISerializationContext owner) => context is null ? this : new XorCodec(owner.ToString());

    public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) =>
        Task.FromResult<IReadOnlyCollection<Payload>>([.. payloads.Select(Encode)]);

    public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) =>
        Task.FromResult<IReadOnlyCollection<Payload>>([.. payloads.Select(Decode)]);

    private static ByteString Flip(ByteString data) => ByteString.CopyFrom([.. data.ToByteArray().Select(static b => (byte)(b ^ 0x5A))]);

    private Payload Encode(Payload payload)
    {
        if (Broken || payload.Metadata.ContainsKey(Mark))
        {
            throw new InvalidOperationException(Broken ? "The key is out of reach." : "It is encoded already.");
        }

        return new Payload { Metadata = { payload.Metadata, { Mark, ByteString.CopyFromUtf8(context ?? "") } }, Data = Flip(payload.Data) };
    }

    private Payload Decode(Payload payload)
    {
        if (!payload.Metadata.TryGetValue(Mark, out var mark))
        {
            throw new InvalidOperationException("It is not encoded.");
        }

        var encodedFor = mark.ToStringUtf8();
        return encodedFor == (context ?? "")
            ? new Payload { Metadata = { payload.Metadata.Where(static m => m.Key != Mark) }, Data = Flip(payload.Data) }
            : throw new InvalidOperationException($"It was encoded for {encodedFor}, and is decoded for {context}.");
    }
}
