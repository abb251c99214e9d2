using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.Storage.Azure;

/// <summary>Counts each request of one service at the moment it is sent, whatever becomes of it: the bill does so too.</summary>
internal sealed class RequestCountingPolicy(StorageService service, RequestCounters counters) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var uri = message.Request.Uri.ToUri();
        counters.Add(service, RestOperation.Name(service, message.Request.Method.Method, uri));
    }
}
