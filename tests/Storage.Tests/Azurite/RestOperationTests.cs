using Serverless.Storage.Azure;

namespace Serverless.Storage.Tests.Azurite;

[TestClass]
public sealed class RestOperationTests
{
    [TestMethod]
    [DataRow("Table", "POST", "https://acc.table.core.windows.net/$batch", "EntityGroupTransaction")]
    [DataRow("Table", "POST", "https://acc.table.core.windows.net/Tables", "CreateTable")]
    [DataRow("Table", "DELETE", "https://acc.table.core.windows.net/Tables('hubTimers')", "DeleteTable")]
    [DataRow("Table", "POST", "https://acc.table.core.windows.net/hubTimers", "InsertEntity")]
    [DataRow("Table", "GET", "http://127.0.0.1:10002/acc/hubTimers()?$filter=x", "QueryEntities")]
    [DataRow("Queue", "POST", "https://acc.queue.core.windows.net/hub-work/messages?messagettl=-1", "PutMessage")]
    [DataRow("Queue", "GET", "http://127.0.0.1:10001/acc/hub-work/messages?numofmessages=32", "GetMessages")]
    [DataRow("Queue", "GET", "http://localhost:10001/acc/hub-work/messages?peekonly=true", "PeekMessages")]
    [DataRow("Queue", "PUT", "https://acc.queue.core.windows.net/hub-work/messages/id?popreceipt=x", "UpdateMessage")]
    [DataRow("Queue", "DELETE", "https://acc.queue.core.windows.net/hub-work/messages/id?popreceipt=x", "DeleteMessage")]
    [DataRow("Queue", "GET", "https://acc.queue.core.windows.net/hub-work?comp=metadata", "GetQueueMetadata")]
    [DataRow("Queue", "GET", "https://acc.queue.core.windows.net/?comp=list", "ListQueues")]
    [DataRow("Blob", "PUT", "https://acc.blob.core.windows.net/hub-payloads/a/b/c", "PutBlob")]
    [DataRow("Blob", "GET", "https://acc.blob.core.windows.net/hub-payloads?restype=container&comp=list", "ListBlobs")]
    [DataRow("Blob", "PUT", "http://127.0.0.1:10000/acc/hub-payloads?restype=container", "CreateContainer")]
    public void Name_Request_IsAsInTheRestApi(string service, string method, string address, string expected) =>
        Assert.AreEqual(expected, RestOperation.Name(Enum.Parse<StorageService>(service), method, new Uri(address)));
}
