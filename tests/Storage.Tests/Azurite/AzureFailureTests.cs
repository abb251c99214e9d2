using System.Net;
using System.Net.Sockets;
using System.Text;
using Azure.Core.Pipeline;
using Serverless.Storage.Azure;

namespace Serverless.Storage.Tests.Azurite;

/// <summary>What each failure of the service or the network means to the engine. No emulator is involved.</summary>
[TestClass]
public sealed class AzureFailureTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(412, "UpdateConditionNotSatisfied")]
    [DataRow(409, "EntityAlreadyExists")]
    [DataRow(404, "ResourceNotFound")]
    public async Task Commit_ConditionFailed_IsAConflict(int status, string code)
    {
        var service = new ScriptedService(_ => ScriptedService.FailedTransaction(status, code));

        var outcome = await CommitAsync(Store(service));

        Assert.IsFalse(outcome.Committed);
        Assert.AreEqual(1, service.Requests);
    }

    [TestMethod]
    [DataRow(404, "TableNotFound")]
    [DataRow(409, "TableBeingDeleted")]
    [DataRow(400, "InvalidInput")]
    public async Task Commit_RefusedForAnotherReason_IsNoConflict(int status, string code)
    {
        var service = new ScriptedService(_ => ScriptedService.FailedTransaction(status, code));

        var failure = await FailAsync(Store(service));

        Assert.AreEqual(StorageOutcome.NotApplied, failure.Outcome);
        Assert.Contains(code, failure.Message);
    }

    [TestMethod]
    [DataRow(HttpStatusCode.ServiceUnavailable, "ServerBusy")]
    [DataRow(HttpStatusCode.InternalServerError, "ServerBusy")]
    [DataRow(HttpStatusCode.TooManyRequests, "TooManyRequests")]
    public async Task Commit_Throttled_IsNotAppliedAndNotRepeated(HttpStatusCode status, string code)
    {
        var service = new ScriptedService(_ => ScriptedService.Error(status, code, retryAfterSeconds: 7));

        var failure = await FailAsync(Store(service));

        Assert.AreEqual(StorageOutcome.NotApplied, failure.Outcome);
        Assert.AreEqual(TimeSpan.FromSeconds(7), failure.RetryAfter);
        Assert.AreEqual(1, service.Requests);
    }

    [TestMethod]
    [DataRow(HttpStatusCode.InternalServerError, "OperationTimedOut")]
    [DataRow(HttpStatusCode.InternalServerError, "InternalError")]
    [DataRow(HttpStatusCode.ServiceUnavailable, "SomethingElse")]
    [DataRow(HttpStatusCode.BadGateway, "BadGateway")]
    public async Task Commit_ServiceFailed_IsUnknownAndNotRepeated(HttpStatusCode status, string code)
    {
        var service = new ScriptedService(_ => ScriptedService.Error(status, code));

        var failure = await FailAsync(Store(service));

        Assert.AreEqual(StorageOutcome.Unknown, failure.Outcome);
        Assert.IsNull(failure.RetryAfter);
        Assert.AreEqual(1, service.Requests);
    }

    [TestMethod]
    public async Task Writes_OfQueuesAndBlobs_AreNotRepeatedEither()
    {
        var service = new ScriptedService(_ => ScriptedService.Error(HttpStatusCode.ServiceUnavailable, "OperationTimedOut"));
        var store = Store(service);

        var send = await Assert.ThrowsExactlyAsync<StorageException>(
            async () => await store.Queues.SendAsync("work", default, TimeSpan.Zero, TestContext.CancellationToken));
        var put = await Assert.ThrowsExactlyAsync<StorageException>(async () => await store.Blobs.PutAsync("a/b", default, TestContext.CancellationToken));

        Assert.AreEqual(StorageOutcome.Unknown, send.Outcome);
        Assert.AreEqual(StorageOutcome.Unknown, put.Outcome);
        Assert.AreEqual(2, service.Requests);
    }

    [TestMethod]
    public async Task Query_ServiceFailed_MayBeRepeated()
    {
        var store = Store(new ScriptedService(_ => ScriptedService.Error(HttpStatusCode.InternalServerError, "InternalError")));

        var failure = await Assert.ThrowsExactlyAsync<StorageException>(
            async () => await store.Rows.QueryAsync(new RowQuery(RowTable.Workflows, "p", "", null), TestContext.CancellationToken));

        Assert.AreEqual(StorageOutcome.NotApplied, failure.Outcome);
    }

    [TestMethod]
    public async Task Commit_FewerAnswersThanOperations_IsUnknown()
    {
        var store = Store(new ScriptedService(_ => ScriptedService.Batch("HTTP/1.1 204 No Content\r\nETag: W/\"datetime'1'\"\r\n\r\n")));

        var failure = await Assert.ThrowsExactlyAsync<StorageException>(async () => await store.Rows.CommitAsync(
            RowTable.Workflows, "p", [RowOperation.Insert("a", default), RowOperation.Insert("b", default)], TestContext.CancellationToken));

        Assert.AreEqual(StorageOutcome.Unknown, failure.Outcome);
    }

    [TestMethod]
    public async Task Commit_AnswerThatIsNoBatch_IsUnknown()
    {
        var store = Store(new ScriptedService(_ => new HttpResponseMessage(HttpStatusCode.Accepted) { Content = new StringContent("<html>welcome</html>") }));

        Assert.AreEqual(StorageOutcome.Unknown, (await FailAsync(store)).Outcome);
    }

    [TestMethod]
    public async Task Commit_ConnectionRefused_IsNotApplied()
    {
        var failure = await FailAsync(Store(ClosedPort()));

        Assert.AreEqual(StorageOutcome.NotApplied, failure.Outcome);
        Assert.Contains("can't be reached", failure.Message);
    }

    [TestMethod]
    [DataRow("", DisplayName = "closed without an answer")]
    [DataRow("HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", DisplayName = "cut off")]
    public async Task Commit_ConnectionBreaksAfterTheRequestLeft_IsUnknown(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeOnceAsync(listener, answer);

        var failure = await FailAsync(Store(((IPEndPoint)listener.LocalEndpoint).Port));

        await serving;
        Assert.AreEqual(StorageOutcome.Unknown, failure.Outcome);
        Assert.IsFalse(listener.Pending(), "the request must not be sent again");
    }

    [TestMethod]
    public async Task Commit_NoAnswerInTime_IsUnknown()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var failure = await FailAsync(Store(((IPEndPoint)listener.LocalEndpoint).Port, TimeSpan.FromMilliseconds(300)));

        Assert.AreEqual(StorageOutcome.Unknown, failure.Outcome);
    }

    [TestMethod]
    public async Task Commit_CancelledByTheCaller_IsCancelled()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var cancelled = new CancellationTokenSource();
        var store = Store(((IPEndPoint)listener.LocalEndpoint).Port);

        var commit = store.Rows.CommitAsync(RowTable.Workflows, "p", [RowOperation.Insert("a", default)], cancelled.Token).AsTask();
        using var arrived = await listener.AcceptTcpClientAsync(TestContext.CancellationToken);
        await cancelled.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => commit);
    }

    [TestMethod]
    public void Create_UnreadableConnectionString_DoesNotRepeatIt()
    {
        var options = AzureStorageOptions.ForConnectionString("orders", "AccountName=x;AccountKey=verysecret");

        var failure = Assert.ThrowsExactly<ArgumentException>(() => new AzureHubStore(options));

        Assert.DoesNotContain("verysecret", failure.ToString());
    }

    [TestMethod]
    public void Create_NoAccountNamed_SaysWhatToSet()
    {
        var failure = Assert.ThrowsExactly<ArgumentException>(() => new AzureHubStore(new AzureStorageOptions { Hub = "orders" }));

        Assert.Contains("TableServiceUri", failure.Message);
    }

    private static AzureHubStore Store(ScriptedService service) => new(Options(1) with { Transport = new HttpClientTransport(service) });

    private static AzureHubStore Store(int port, TimeSpan? timeout = null) => new(Options(port) with { RequestTimeout = timeout ?? TimeSpan.FromSeconds(30) });

    private static AzureStorageOptions Options(int port)
    {
        var key = Convert.ToBase64String(new byte[64]);
        var address = $"http://127.0.0.1:{port}/fake";
        return AzureStorageOptions.ForConnectionString(
            "orders", $"AccountName=fake;AccountKey={key};TableEndpoint={address};QueueEndpoint={address};BlobEndpoint={address}");
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Takes one request, says so much, and hangs up.</summary>
    private async Task ServeOnceAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.CancellationToken);
        var stream = client.GetStream();
        var seen = "";
        var buffer = new byte[8192];
        while (!seen.Contains("--batch_", StringComparison.Ordinal) || !seen.TrimEnd().EndsWith("--", StringComparison.Ordinal))
        {
            seen += Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.CancellationToken));
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), TestContext.CancellationToken);
    }

    private async Task<TransactionOutcome> CommitAsync(AzureHubStore store) =>
        await store.Rows.CommitAsync(RowTable.Workflows, "p", [RowOperation.Insert("a", "x"u8.ToArray())], TestContext.CancellationToken);

    private Task<StorageException> FailAsync(AzureHubStore store) => Assert.ThrowsExactlyAsync<StorageException>(() => CommitAsync(store));
}
