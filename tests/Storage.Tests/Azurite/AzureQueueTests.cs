using Azure.Storage.Queues;
using Serverless.Storage.Azure;
using Serverless.Testbed.Azurite;

namespace Serverless.Storage.Tests.Azurite;

[TestClass]
public sealed class AzureQueueTests
{
    private static readonly TimeSpan _lease = TimeSpan.FromSeconds(30);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Receive_ForeignTextThatIsNoBase64_DeliversItAsItIs()
    {
        var hub = SharedAzurite.NewHub();
        var connectionString = await SharedAzurite.ConnectionStringAsync();
        await using var store = new AzureHubStore(AzureStorageOptions.ForConnectionString(hub, connectionString));
        await store.InitializeAsync(["work"], TestContext.CancellationToken);
        await new QueueClient(connectionString, $"{hub}-work").SendMessageAsync("not base64! <é>", TestContext.CancellationToken);

        var received = await store.Queues.ReceiveAsync("work", 1, _lease, TestContext.CancellationToken);

        Assert.AreEqual("not base64! <é>", System.Text.Encoding.UTF8.GetString(received.Single().Body.Span));
    }

    [TestMethod]
    public async Task Send_LargestBody_IsReadByAClientThatExpectsBase64()
    {
        var body = new byte[StorageLimits.MaxMessageBytes];
        Array.Fill(body, (byte)0xC3);
        var hub = SharedAzurite.NewHub();
        var connectionString = await SharedAzurite.ConnectionStringAsync();
        await using var store = new AzureHubStore(AzureStorageOptions.ForConnectionString(hub, connectionString));
        await store.InitializeAsync(["work"], TestContext.CancellationToken);

        await store.Queues.SendAsync("work", body, TimeSpan.Zero, TestContext.CancellationToken);

        var client = new QueueClient(connectionString, $"{hub}-work", new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });
        var message = (await client.ReceiveMessageAsync(cancellationToken: TestContext.CancellationToken)).Value;
        CollectionAssert.AreEqual(body, message.Body.ToArray());
        Assert.IsGreaterThan(2100, message.ExpiresOn!.Value.Year, "the message must never expire");
    }

    [TestMethod]
    public async Task Postpone_ByReceiver_KeepsTheBodyAndVoidsTheOldReceipt()
    {
        await using var store = await AzuriteHub.CreateAsync(null, "work");
        await store.Queues.SendAsync("work", "hello"u8.ToArray(), TimeSpan.Zero, TestContext.CancellationToken);
        var first = (await store.Queues.ReceiveAsync("work", 1, _lease, TestContext.CancellationToken)).Single();

        var postponed = await store.Queues.PostponeAsync(first.Receipt, TimeSpan.Zero, TestContext.CancellationToken);
        var stale = await store.Queues.DeleteAsync(first.Receipt, TestContext.CancellationToken);
        var second = (await store.Queues.ReceiveAsync("work", 1, _lease, TestContext.CancellationToken)).Single();

        Assert.IsNotNull(postponed);
        Assert.IsFalse(stale);
        Assert.AreEqual(2, second.DequeueCount);
        CollectionAssert.AreEqual("hello"u8.ToArray(), second.Body.ToArray());
    }

    [TestMethod]
    public async Task Destroy_LeavesTheHubNextDoor()
    {
        await using var store = await AzuriteHub.CreateAsync(null, "work");
        await using var other = await AzuriteHub.CreateAsync(null, "work");

        await store.DestroyAsync(TestContext.CancellationToken);

        Assert.IsNull(await store.Queues.CountAsync("work", TestContext.CancellationToken));
        Assert.AreEqual(0, await other.Queues.CountAsync("work", TestContext.CancellationToken));
        var refused = await Assert.ThrowsExactlyAsync<StorageException>(
            async () => await store.Rows.QueryAsync(new RowQuery(RowTable.Timers, "p", "", null), TestContext.CancellationToken));
        Assert.Contains("Initialize the hub", refused.Message);
    }
}
