namespace Serverless.Storage.Tests.Conformance;

/// <summary>
/// What the suites share: one store per test, names that no other test uses, and reads that follow every continuation.
/// A store's own class says how to make the store and, if its clock is a fake, how to advance it; the suites assume neither an empty store nor any control of time.
/// </summary>
public abstract class StoreConformance
{
    private IHubStore? _store;

    public TestContext TestContext { get; set; } = null!;

    /// <summary>Ends with the test's time-out or the run.</summary>
    private protected CancellationToken Token => TestContext.CancellationToken;

    private protected IHubStore Store => _store ?? throw new InvalidOperationException("The store is made before each test.");

    private protected IRowStore Rows => Store.Rows;

    private protected IQueueStore Queues => Store.Queues;

    private protected IBlobStore Blobs => Store.Blobs;

    /// <summary>A partition, and a folder of blobs, of this test alone.</summary>
    private protected string Partition { get; } = $"p-{Guid.NewGuid():N}";

    /// <summary>A queue of this test alone; it exists.</summary>
    private protected string Queue { get; } = $"q{Guid.NewGuid():N}"[..16];

    [TestInitialize]
    public async Task MakeStoreAsync()
    {
        _store = await CreateStoreAsync();
        await Store.InitializeAsync([Queue], Token);
    }

    [TestCleanup]
    public async Task LeaveStoreAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    /// <summary>A store that no other test of the run uses at the same time, or one that they may share: initialized or not, empty or not.</summary>
    private protected abstract Task<IHubStore> CreateStoreAsync();

    /// <summary>Lets time pass for the store.</summary>
    private protected virtual Task AdvanceAsync(TimeSpan by) => Task.Delay(by, Token);

    private protected static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private protected async Task<TransactionOutcome> CommitAsync(params RowOperation[] operations) =>
        await Rows.CommitAsync(RowTable.Workflows, Partition, operations, Token);

    /// <summary>Commits what must be accepted; returns the tags.</summary>
    private protected async Task<IReadOnlyList<string?>> MustCommitAsync(params RowOperation[] operations)
    {
        var outcome = await CommitAsync(operations);
        Assert.IsTrue(outcome.Committed, "The transaction was expected to be committed.");
        Assert.HasCount(operations.Length, outcome.Tags);
        return outcome.Tags;
    }

    private protected async Task MustConflictAsync(params RowOperation[] operations)
    {
        var outcome = await CommitAsync(operations);
        Assert.IsFalse(outcome.Committed, "The transaction was expected to conflict.");
        Assert.IsEmpty(outcome.Tags);
    }

    /// <summary>All rows of the range, page by page.</summary>
    private protected async Task<List<Row>> ReadAsync(
        string fromKey = "", string? toKey = null, int limit = StorageLimits.MaxPageRows, RowTable table = RowTable.Workflows, string? partition = null)
    {
        var rows = new List<Row>();
        string? continuation = null;
        do
        {
            var page = await Rows.QueryAsync(new RowQuery(table, partition ?? Partition, fromKey, toKey, limit, continuation), Token);
            Assert.IsLessThanOrEqualTo(limit, page.Rows.Count);
            rows.AddRange(page.Rows);
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return rows;
    }

    private protected async Task<string[]> ReadKeysAsync(string fromKey = "", string? toKey = null, int limit = StorageLimits.MaxPageRows) =>
        [.. (await ReadAsync(fromKey, toKey, limit)).Select(row => row.Key)];

    /// <summary>Receives until so many messages came: one request may bring fewer than there are.</summary>
    private protected async Task<List<ReceivedMessage>> ReceiveAsync(int count, TimeSpan lease)
    {
        const int MostRequests = 200;
        var received = new List<ReceivedMessage>();
        for (var request = 0; received.Count < count; request++)
        {
            Assert.IsLessThan(MostRequests, request, $"Only {received.Count} of {count} messages of queue '{Queue}' came.");
            received.AddRange(await Queues.ReceiveAsync(Queue, Math.Min(count - received.Count, StorageLimits.MaxReceive), lease, Token));
        }

        return received;
    }
}
