namespace Serverless.Storage.Memory;

/// <summary>How many requests were made, by operation. Thread-safe.</summary>
internal sealed class RequestCounter
{
    private readonly long[] _counts = new long[Enum.GetValues<StorageOperation>().Length];

    /// <summary>Requests of all kinds.</summary>
    public long Total => Snapshot().Sum(static entry => entry.Count);

    /// <summary>Requests of one kind.</summary>
    public long this[StorageOperation operation] => Interlocked.Read(ref _counts[(int)operation]);

    public void Add(StorageOperation operation) => Interlocked.Increment(ref _counts[(int)operation]);

    /// <summary>The operations that were requested, in the order of their declaration.</summary>
    public IReadOnlyList<(StorageOperation Operation, long Count)> Snapshot() =>
        [.. Enum.GetValues<StorageOperation>().Select(operation => (operation, this[operation])).Where(static entry => entry.Item2 > 0)];

    public void Reset()
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            Interlocked.Exchange(ref _counts[i], 0);
        }
    }

    public override string ToString() => string.Join(", ", Snapshot().Select(static entry => $"{entry.Operation} {entry.Count}"));
}
