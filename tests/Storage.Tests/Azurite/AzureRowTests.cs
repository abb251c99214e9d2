using Serverless.Storage.Azure;

namespace Serverless.Storage.Tests.Azurite;

[TestClass]
public sealed class AzureRowTests
{
    private const RowTable Table = RowTable.Workflows;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Touch_ExistingRow_KeepsDataAndChangesTag()
    {
        var rows = (await AzuriteHub.CreateAsync()).Rows;
        var inserted = await Commit(rows, RowOperation.Insert("gate", Bytes(3)));

        var touched = await Commit(rows, RowOperation.Touch("gate"));

        var row = (await Query(rows)).Rows.Single();
        Assert.IsTrue(touched.Committed);
        CollectionAssert.AreEqual(Bytes(3), row.Data.ToArray());
        Assert.AreNotEqual(inserted.Tags[0], row.Tag);
        Assert.AreEqual(touched.Tags[0], row.Tag);
    }

    [TestMethod]
    public async Task Touch_MissingRow_FailsTheWholeTransaction()
    {
        var rows = (await AzuriteHub.CreateAsync()).Rows;

        var outcome = await Commit(rows, RowOperation.Insert("in:1", Bytes(3)), RowOperation.Touch("gate"));

        Assert.IsFalse(outcome.Committed);
        Assert.IsEmpty((await Query(rows)).Rows);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(65_536)]
    [DataRow(65_537)]
    [DataRow(StorageLimits.MaxRowBytes)]
    public async Task Insert_AnySize_ReadsBackTheSameBytes(int size)
    {
        var rows = (await AzuriteHub.CreateAsync()).Rows;

        await Commit(rows, RowOperation.Insert("row", Bytes(size)));

        CollectionAssert.AreEqual(Bytes(size), (await Query(rows)).Rows.Single().Data.ToArray());
    }

    [TestMethod]
    public async Task Replace_WithFewerPieces_LeavesNoneOfTheOld()
    {
        var rows = (await AzuriteHub.CreateAsync()).Rows;
        var inserted = await Commit(rows, RowOperation.Insert("row", Bytes(200_000)));

        var replaced = await Commit(rows, RowOperation.Replace("row", Bytes(10), inserted.Tags[0]!));
        var stale = await Commit(rows, RowOperation.Replace("row", Bytes(11), inserted.Tags[0]!));

        var row = (await Query(rows)).Rows.Single();
        CollectionAssert.AreEqual(Bytes(10), row.Data.ToArray());
        Assert.AreEqual(replaced.Tags[0], row.Tag);
        Assert.IsFalse(stale.Committed);
    }

    [TestMethod]
    public async Task Commit_AtTheByteLimit_IsAccepted()
    {
        var rows = (await AzuriteHub.CreateAsync()).Rows;

        var outcome = await Commit(rows, [.. Enumerable.Range(0, 4).Select(index => RowOperation.Insert($"row{index}", Bytes(699_000)))]);

        Assert.IsTrue(outcome.Committed);
        Assert.HasCount(4, outcome.Tags);
    }

    [TestMethod]
    public async Task Query_KeysWithSpacesAndQuotes_PagesThroughAllInOrder()
    {
        var rows = (await AzuriteHub.CreateAsync()).Rows;
        string[] keys = ["a b", "a'b", "a%20b", "act:1:2", "é", "日本"];
        await rows.CommitAsync(Table, "p 'q%", [.. keys.Select(key => RowOperation.Insert(key, Bytes(1)))], TestContext.CancellationToken);
        List<string> seen = [];
        string? continuation = null;

        do
        {
            var page = await rows.QueryAsync(new RowQuery(Table, "p 'q%", "", null, Limit: 2, continuation), TestContext.CancellationToken);
            seen.AddRange(page.Rows.Select(row => row.Key));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        CollectionAssert.AreEqual(keys.Order(StringComparer.Ordinal).ToArray(), seen);
    }

    [TestMethod]
    public async Task Requests_AreCountedByOperation()
    {
        var counters = new RequestCounters();
        await using var store = await AzuriteHub.CreateAsync(counters, "work");
        counters.Reset();

        await Commit(store.Rows, RowOperation.Insert("row", Bytes(1)));
        await Query(store.Rows);
        var receipt = await store.Queues.SendAsync("work", Bytes(5), TimeSpan.Zero, TestContext.CancellationToken);
        await store.Queues.ReceiveAsync("work", 1, TimeSpan.FromSeconds(30), TestContext.CancellationToken);
        await store.Queues.DeleteAsync(receipt, TestContext.CancellationToken);
        await store.Blobs.PutAsync("a/b/c", Bytes(5), TestContext.CancellationToken);
        await store.Blobs.GetAsync("a/b/c", TestContext.CancellationToken);
        await store.Blobs.ListAsync("a/", null, TestContext.CancellationToken);
        await store.Blobs.DeleteAsync("a/b/c", TestContext.CancellationToken);

        CollectionAssert.AreEqual(
            new[]
            {
                "Table EntityGroupTransaction 1", "Table QueryEntities 1", "Queue DeleteMessage 1", "Queue GetMessages 1", "Queue PutMessage 1",
                "Blob DeleteBlob 1", "Blob GetBlob 1", "Blob ListBlobs 1", "Blob PutBlob 1",
            },
            counters.Snapshot().Select(entry => $"{entry.Service} {entry.Operation} {entry.Count}").ToArray());
    }

    private static byte[] Bytes(int size) => [.. Enumerable.Range(0, size).Select(index => (byte)(index * 31))];

    private async Task<TransactionOutcome> Commit(IRowStore rows, params RowOperation[] operations) =>
        await rows.CommitAsync(Table, "p", operations, TestContext.CancellationToken);

    private async Task<RowPage> Query(IRowStore rows) => await rows.QueryAsync(new RowQuery(Table, "p", "", null), TestContext.CancellationToken);
}
