using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Sends messages that make some process look at a workflow: to the queue that all builds share, or to that of the build which the run is pinned to. A build's queue
/// is created by its first sender if its processes have not: what is in it waits for them.
/// </summary>
internal sealed class Nudges(IHubStore store, StorageRetry retry, IdSource ids)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>A fresh message about a workflow id.</summary>
    public WorkMessage About(string workflowId, string? buildId) => new(WorkKind.Nudge, ids.NextUlid(), workflowId) { BuildId = buildId };

    public async Task SendAsync(WorkMessage message, CancellationToken cancellationToken)
    {
        var queue = message.BuildId is { } build ? QueueNames.WorkflowsOf(build) : QueueNames.Workflows;
        if (message.BuildId is not null && !Knows(queue))
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
