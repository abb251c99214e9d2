using Serverless.Storage.Memory;
using Serverless.Storage.Tests.Conformance;

namespace Serverless.Storage.Tests.Memory;

/// <summary>Without faults, the decorator is a store like any other.</summary>
[TestClass]
public sealed class FaultyRowStoreConformanceTests : RowStoreConformance
{
    private protected override Task<IHubStore> CreateStoreAsync() =>
        Task.FromResult<IHubStore>(new FaultyHubStore(new MemoryHubStore(TimeProvider.System)));
}

[TestClass]
public sealed class FaultyHubStoreTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task FailBefore_Commit_SaysNotAppliedAndAppliesNothing()
    {
        await using var store = await CreateAsync();
        store.Decide = static call => call.Operation == StorageOperation.CommitRows ? StorageFault.FailBefore : StorageFault.None;

        var failure = await Assert.ThrowsExactlyAsync<StorageException>(() => InsertAsync(store, "head"));

        Assert.AreEqual(StorageOutcome.NotApplied, failure.Outcome);
        Assert.IsEmpty(await KeysAsync(store));
    }

    [TestMethod]
    public async Task DoThenFail_Commit_SaysUnknownAndHasApplied()
    {
        await using var store = await CreateAsync();
        store.Decide = static call => call.Operation == StorageOperation.CommitRows ? StorageFault.DoThenFail : StorageFault.None;

        var failure = await Assert.ThrowsExactlyAsync<StorageException>(() => InsertAsync(store, "head"));

        Assert.AreEqual(StorageOutcome.Unknown, failure.Outcome);
        CollectionAssert.AreEqual(new[] { "head" }, await KeysAsync(store));
    }

    [TestMethod]
    public async Task DoThenFail_Receive_LeavesTheMessageLeasedToNobody()
    {
        await using var store = await CreateAsync();
        await store.Queues.SendAsync("work", default, TimeSpan.Zero, TestContext.CancellationToken);
        store.Decide = static call => call.Operation == StorageOperation.ReceiveMessages ? StorageFault.DoThenFail : StorageFault.None;
        await Assert.ThrowsExactlyAsync<StorageException>(
            async () => await store.Queues.ReceiveAsync("work", 1, TimeSpan.FromMinutes(1), TestContext.CancellationToken));
        store.Decide = static _ => StorageFault.None;

        Assert.IsEmpty(await store.Queues.ReceiveAsync("work", 1, TimeSpan.FromMinutes(1), TestContext.CancellationToken));
        Assert.AreEqual(1, await store.Queues.CountAsync("work", TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task DoThenFail_Read_SaysNotApplied()
    {
        await using var store = await CreateAsync();
        store.Decide = static _ => StorageFault.DoThenFail;

        var failure = await Assert.ThrowsExactlyAsync<StorageException>(() => KeysAsync(store));

        Assert.AreEqual(StorageOutcome.NotApplied, failure.Outcome);
    }

    [TestMethod]
    public async Task Wait_HoldsTheCallUntilTheGateOpens()
    {
        await using var store = await CreateAsync();
        var gate = new TaskCompletionSource();
        store.Decide = call => call.Operation == StorageOperation.CommitRows ? StorageFault.Wait(gate.Task) : StorageFault.None;

        var insert = InsertAsync(store, "head");
        var before = await KeysAsync(store);
        gate.SetResult();
        await insert;

        Assert.IsEmpty(before);
        CollectionAssert.AreEqual(new[] { "head" }, await KeysAsync(store));
    }

    [TestMethod]
    public async Task Decide_SeesNumberOperationTargetAndRows()
    {
        await using var store = await CreateAsync();
        var seen = new List<string>();
        store.Decide = call =>
        {
            seen.Add($"{call.Number} {call.Operation} {call.Table} {call.Target} {string.Join(',', call.Rows.Select(row => row.Key))}");
            return StorageFault.None;
        };

        await InsertAsync(store, "head");
        await store.Queues.SendAsync("work", default, TimeSpan.Zero, TestContext.CancellationToken);
        await store.Blobs.PutAsync("p/1/a", default, TestContext.CancellationToken);

        CollectionAssert.AreEqual(new[] { "2 CommitRows Workflows p head", "3 SendMessage  work ", "4 PutBlob  p/1/a " }, seen);
    }

    [TestMethod]
    public async Task Requests_AreCountedByOperation_FailedOnesIncluded()
    {
        await using var store = await CreateAsync();
        store.Requests.Reset();
        await InsertAsync(store, "a");
        store.Decide = static _ => StorageFault.FailBefore;
        await Assert.ThrowsExactlyAsync<StorageException>(() => InsertAsync(store, "b"));
        await Assert.ThrowsExactlyAsync<StorageException>(
            async () => await store.Blobs.DeleteAsync("p/1/a", TestContext.CancellationToken));

        Assert.AreEqual(2, store.Requests[StorageOperation.CommitRows]);
        Assert.AreEqual(3, store.Requests.Total);
        Assert.AreEqual("CommitRows 2, DeleteBlob 1", store.Requests.ToString());
    }

    private async Task<FaultyHubStore> CreateAsync()
    {
        var store = new FaultyHubStore(new MemoryHubStore(TimeProvider.System, hostilePages: false));
        await store.InitializeAsync(["work"], TestContext.CancellationToken);
        return store;
    }

    private async Task InsertAsync(FaultyHubStore store, string key) =>
        await store.Rows.CommitAsync(RowTable.Workflows, "p", [RowOperation.Insert(key, default)], TestContext.CancellationToken);

    private async Task<string[]> KeysAsync(FaultyHubStore store)
    {
        var page = await store.Rows.QueryAsync(new RowQuery(RowTable.Workflows, "p", "", null), TestContext.CancellationToken);
        return [.. page.Rows.Select(row => row.Key)];
    }
}
