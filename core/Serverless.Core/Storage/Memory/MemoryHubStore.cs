namespace Serverless.Storage.Memory;

/// <summary>
/// A hub in memory for tests and simulation, stricter than the services: it enforces every limit, refuses work before it is initialized, shuffles messages,
/// hands out fewer than asked for, ends pages early and leaves some empty with a continuation, and changes every tag and receipt at every write.
/// The same seed and calls give the same answers. Calls finish before they return.
/// </summary>
internal sealed class MemoryHubStore : IHubStore
{
    private readonly MemoryRows _rows;
    private readonly MemoryQueues _queues;
    private readonly MemoryBlobs _blobs;

    /// <param name="time">For delays and leases.</param>
    /// <param name="seed">Decides the order of messages and the ends of pages.</param>
    /// <param name="hostilePages">True: pages and receives bring less than they could, some nothing. Default true.</param>
    public MemoryHubStore(TimeProvider time, int seed = 1, bool hostilePages = true)
    {
        _rows = new MemoryRows(new HostilePages(new Random(seed), hostilePages));
        var order = new Random(seed + 1);
        _queues = new MemoryQueues(time, order, new HostilePages(order, hostilePages));
        _blobs = new MemoryBlobs(new HostilePages(new Random(seed + 2), hostilePages));
    }

    public IRowStore Rows => _rows;

    public IQueueStore Queues => _queues;

    public IBlobStore Blobs => _blobs;

    /// <summary>When the next message becomes visible; null when there is none. For clocks that skip idle time.</summary>
    public DateTimeOffset? NextVisible => _queues.NextVisible;

    /// <summary>The same for one queue of the hub.</summary>
    public DateTimeOffset? NextVisibleIn(string queue) => _queues.NextVisibleIn(queue);

    public string Description => "memory";

    public static StorageException NotInitialized(string what) =>
        new($"The {what} in memory does not exist. Initialize the hub first.", StorageOutcome.NotApplied);

    public async ValueTask InitializeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        _rows.Create();
        _blobs.Create();
        foreach (var queue in queues)
        {
            await _queues.CreateAsync(queue, cancellationToken);
        }
    }

    public ValueTask DestroyAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _rows.Destroy();
        _queues.Destroy();
        _blobs.Destroy();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
