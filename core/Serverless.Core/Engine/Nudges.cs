using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Sends messages that make some process look at a workflow: to the queue that all builds share, or to that of another build which the run is pinned to. What is
/// pinned to the build of this process goes to the shared queue too, as long as this process takes from it: so nothing needs a build's queue as long as there is one
/// build. What is in a build's queue waits for its processes.
/// </summary>
internal sealed class Nudges(EngineOptions options, IHubStore store, StorageRetry retry, IdSource ids)
{
    /// <summary>A fresh message about a workflow id.</summary>
    public WorkMessage About(string workflowId, string? buildId) => new(WorkKind.Nudge, ids.NextUlid(), workflowId) { BuildId = buildId };

    public Task SendAsync(WorkMessage message, CancellationToken cancellationToken)
    {
        var queue = message.BuildId is { } build && (build != options.BuildId || options.PinnedOnly) ? QueueNames.WorkflowsOf(build) : QueueNames.Workflows;
        return QueueSending.SendAsync(store.Queues, retry, queue, message, TimeSpan.Zero, cancellationToken);
    }
}
