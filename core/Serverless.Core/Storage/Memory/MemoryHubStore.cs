namespace Serverless.Storage.Memory;

/// <summary>
/// A hub in memory for tests and simulation, stricter than the services: it enforces every limit, shuffles messages, ends pages early and hands out
/// empty ones with a continuation, changes every tag and receipt at every write. The same seed and calls give the same answers.
/// </summary>
internal sealed class MemoryHubStore : IHubStore
{
    private readonly MemoryRows _rows;
    private readonly MemoryQueues _queues;
    private readonly MemoryBlobs _blobs = new();

    /// <param name="time">For delays and leases.</param>
    /// <param name="seed">Decides the order of messages and the ends of pages.</param>
    /// <param name="hostilePages">True: pages end early, and some are empty. Default true.</param>
    public MemoryHubStore(TimeProvider time, int seed = 1, bool hostilePages = true)
    {
        _rows = new MemoryRows(new Random(seed), hostilePages);
        _queues = new MemoryQueues(time, new Random(seed + 1));
    }

    public IRowStore Rows => _rows;

    public IQueueStore Queues => _queues;

    public IBlobStore Blobs => _blobs;

    public string Description => "memory";

    public async ValueTask InitializeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        foreach (var queue in queues)
        {
            await _queues.CreateAsync(queue, cancellationToken);
        }
    }

    public ValueTask DestroyAsync(CancellationToken cancellationToken)
    {
        _rows.Clear();
        _queues.Clear();
        _blobs.Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
