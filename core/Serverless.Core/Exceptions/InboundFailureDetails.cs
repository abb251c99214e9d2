using Serverless.Converters;

namespace Serverless.Exceptions;

/// <summary>Values of a failure that was received: converted when they are asked for.</summary>
/// <param name="Converter">Converts them.</param>
/// <param name="Payloads">As stored; null for none.</param>
public record InboundFailureDetails(IPayloadConverter Converter, IReadOnlyCollection<Payload>? Payloads) : IFailureDetails
{
    /// <inheritdoc/>
    public int Count => Payloads?.Count ?? 0;

    /// <inheritdoc/>
    public T ElementAt<T>(int index)
    {
        if (index < 0 || index >= Count)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The failure carries {Count} values.");
        }

        return Converter.ToValue<T>(Payloads!.ElementAt(index));
    }
}
