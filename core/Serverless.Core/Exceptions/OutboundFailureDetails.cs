namespace Serverless.Exceptions;

/// <summary>Values of a failure that was thrown here.</summary>
/// <param name="Details">The values; null for none.</param>
public record OutboundFailureDetails(IReadOnlyCollection<object?>? Details) : IFailureDetails
{
    /// <inheritdoc/>
    public int Count => Details?.Count ?? 0;

    /// <inheritdoc/>
    public T ElementAt<T>(int index)
    {
        if (index < 0 || index >= Count)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The failure carries {Count} values.");
        }

        return (T)Details!.ElementAt(index)!;
    }
}
