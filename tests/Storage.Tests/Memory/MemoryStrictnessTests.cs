using Microsoft.Extensions.Time.Testing;
using Serverless.Storage.Memory;

namespace Serverless.Storage.Tests.Memory;

/// <summary>Where the store in memory is harsher than the services usually are, so that code that counts on their kindness fails in tests.</summary>
[TestClass]
public sealed class MemoryStrictnessTests
{
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _time = new();

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Receive_ManyMessages_ShufflesThem()
    {
        var order = await ReceiveOrderAsync(seed: 1);

        CollectionAssert.AreNotEqual(order.Order().ToArray(), order);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 30).ToArray(), order);
    }

    [TestMethod]
    public async Task Receive_SameSeed_GivesTheSameOrder_AndAnotherSeedAnother()
    {
        CollectionAssert.AreEqual(await ReceiveOrderAsync(seed: 7), await ReceiveOrderAsync(seed: 7));
        CollectionAssert.AreNotEqual(await ReceiveOrderAsync(seed: 7), await ReceiveOrderAsync(seed: 8));
    }

    [TestMethod]
    public async Task Receive_OftenBringsFewerThanThereAre()
    {
        var store = await CreateAsync(seed: 1);
        await SendAsync(store, 30);
        var requests = 0;
        for (var received = 0; received < 30; requests++)
        {
            received += (await store.Queues.ReceiveAsync("work", 5, _lease, TestContext.CancellationToken)).Count;
        }

        Assert.IsGreaterThan(30 / 5, requests);
    }

    [TestMethod]
    public async Task Receive_MessagesOfOneRequest_ShareTheirPopReceipt()
    {
        var store = await CreateAsync(seed: 1, hostile: false);
        await SendAsync(store, 3);

        var received = await store.Queues.ReceiveAsync("work", 3, _lease, TestContext.CancellationToken);

        Assert.HasCount(3, received);
        Assert.AreEqual(1, received.Select(message => message.Receipt.PopReceipt).Distinct().Count());
    }

    [TestMethod]
    public async Task Query_PagesEndEarlyAndSomeAreEmpty()
    {
        var lengths = await PageLengthsAsync(await CreateAsync(seed: 1), reads: 40);

        Assert.Contains(0, lengths);
        Assert.IsTrue(lengths.Exists(length => length is > 0 and < 10));
        Assert.Contains(10, lengths);
    }

    [TestMethod]
    public async Task Query_HostilePagesOff_FillsThePage()
    {
        var lengths = await PageLengthsAsync(await CreateAsync(seed: 1, hostile: false), reads: 40);

        CollectionAssert.AreEqual(Enumerable.Repeat(10, 40).ToArray(), lengths);
    }

    [TestMethod]
    public async Task Query_SameSeed_GivesTheSamePages() => CollectionAssert.AreEqual(
        await PageLengthsAsync(await CreateAsync(seed: 3), reads: 40), await PageLengthsAsync(await CreateAsync(seed: 3), reads: 40));

    [TestMethod]
    public async Task Calls_BeforeTheHubIsInitialized_Fail()
    {
        var store = new MemoryHubStore(_time);

        await Assert.ThrowsExactlyAsync<StorageException>(
            async () => await store.Rows.CommitAsync(RowTable.Workflows, "p", [RowOperation.Insert("head", default)], TestContext.CancellationToken));
        await Assert.ThrowsExactlyAsync<StorageException>(
            async () => await store.Rows.ScanAsync(RowTable.Workflows, null, null, TestContext.CancellationToken));
        await Assert.ThrowsExactlyAsync<StorageException>(async () => await store.Blobs.PutAsync("p/1/a", default, TestContext.CancellationToken));
        await Assert.ThrowsExactlyAsync<StorageException>(async () => await store.Queues.SendAsync("work", default, TimeSpan.Zero, TestContext.CancellationToken));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("Work")]
    [DataRow("a_b")]
    [DataRow("-a")]
    [DataRow("a-")]
    [DataRow("a--b")]
    public async Task Create_QueueNameThatAzureForbids_IsRefused(string queue)
    {
        var store = await CreateAsync(seed: 1);

        await Assert.ThrowsExactlyAsync<ArgumentException>(async () => await store.Queues.CreateAsync(queue, TestContext.CancellationToken));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("/a")]
    [DataRow("p/1/")]
    [DataRow("p/1/a.")]
    [DataRow("p\\1")]
    public async Task Put_BlobNameThatAzureChanges_IsRefused(string name)
    {
        var store = await CreateAsync(seed: 1);

        await Assert.ThrowsExactlyAsync<ArgumentException>(async () => await store.Blobs.PutAsync(name, default, TestContext.CancellationToken));
    }

    private async Task<int[]> ReceiveOrderAsync(int seed)
    {
        var store = await CreateAsync(seed);
        await SendAsync(store, 30);
        var order = new List<int>();
        while (order.Count < 30)
        {
            order.AddRange((await store.Queues.ReceiveAsync("work", 32, _lease, TestContext.CancellationToken)).Select(message => (int)message.Body.Span[0]));
        }

        return [.. order];
    }

    private async Task<List<int>> PageLengthsAsync(MemoryHubStore store, int reads)
    {
        await store.Rows.CommitAsync(
            RowTable.Workflows, "p", [.. Enumerable.Range(0, 10).Select(number => RowOperation.Insert($"k{number}", default))], TestContext.CancellationToken);
        var lengths = new List<int>();
        for (var read = 0; read < reads; read++)
        {
            lengths.Add((await store.Rows.QueryAsync(new RowQuery(RowTable.Workflows, "p", "", null), TestContext.CancellationToken)).Rows.Count);
        }

        return lengths;
    }

    private async Task SendAsync(MemoryHubStore store, int count)
    {
        for (var number = 0; number < count; number++)
        {
            await store.Queues.SendAsync("work", new[] { (byte)number }, TimeSpan.Zero, TestContext.CancellationToken);
        }
    }

    private async Task<MemoryHubStore> CreateAsync(int seed, bool hostile = true)
    {
        var store = new MemoryHubStore(_time, seed, hostile);
        await store.InitializeAsync(["work"], TestContext.CancellationToken);
        return store;
    }
}
