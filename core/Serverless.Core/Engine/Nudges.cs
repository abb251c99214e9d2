using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Sends messages that make some process look at a workflow: to the queue that all builds share, or to that of another build which the run is pinned to. What is
/// pinned to the build of this process goes to the shared queue too, as long as this process takes from it: so nothing needs a build's queue as long as there is one
/// build. A build's queue is created by its first sender if its processes have not: what is in it waits for them.
/// </summary>
internal sealed class Nudges(EngineOptions options, IHubStore store, StorageRetry retry, IdSource ids)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>A fresh message about a workflow id.</summary>
    public WorkMessage About(string workflowId, string? buildId) => new(WorkKind.Nudge, ids.NextUlid(), workflowId) { BuildId = buildId };

    public async Task SendAsync(WorkMessage message, CancellationToken cancellationToken)
    {
        var queue = message.BuildId is { } build && (build != options.BuildId || options.PinnedOnly) ? QueueNames.WorkflowsOf(build) : QueueNames.Workflows;
        if (queue != QueueNames.Workflows && !Knows(queue))
        {
            await retry.ReadAsync(() => CreateAsync(queue, cancellationToken), cancellationToken);
        }

        await QueueSending.SendAsync(store.Queues, retry, queue, message, TimeSpan.Zero, cancellationToken);
    }

    private bool Knows(string queue)
    {
        lock (_lock)
        {
            return _known.Contains(queue);
        }
    }

    private async ValueTask<bool> CreateAsync(string queue, CancellationToken cancellationToken)
    {
        await store.Queues.CreateAsync(queue, cancellationToken);
        lock (_lock)
        {
            return _known.Add(queue);
        }
    }
}
