namespace Serverless.Engine;

/// <summary>The chains of this process, one per workflow id at a time. Thread-safe.</summary>
internal sealed class Mailboxes(EngineServices services, ChainParts parts)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Mailbox> _open = new(StringComparer.Ordinal);

    /// <summary>Hands deliveries to the workflow id's chain, starting one if none is under way; completes when the last may be forgotten.</summary>
    public Task DeliverAsync(string workflowId, params IReadOnlyList<Delivery> deliveries)
    {
        _ = Deliver(workflowId, deliveries, null);
        return deliveries[^1].Done;
    }

    /// <summary>True when a new chain was started on a run that is not stored yet; false when a chain is under way for the id.</summary>
    public bool TryStart(string workflowId, IReadOnlyList<Delivery> deliveries, LiveRun unsaved) => Deliver(workflowId, deliveries, unsaved);

    private bool Deliver(string workflowId, IReadOnlyList<Delivery> deliveries, LiveRun? unsaved)
    {
        Mailbox mailbox;
        lock (_lock)
        {
            if (_open.TryGetValue(workflowId, out var existing) && (unsaved is not null || deliveries.All(existing.TryAdd)))
            {
                return unsaved is null;
            }

            mailbox = new Mailbox(workflowId);
            foreach (var delivery in deliveries)
            {
                mailbox.TryAdd(delivery);
            }

            _open[workflowId] = mailbox;
        }

        _ = RunAsync(mailbox, deliveries[0], unsaved);
        return true;
    }

    private async Task RunAsync(Mailbox mailbox, Delivery first, LiveRun? unsaved)
    {
        await new WorkflowChain(services, parts, mailbox, first, unsaved).RunAsync();
        lock (_lock)
        {
            if (_open.TryGetValue(mailbox.WorkflowId, out var current) && current == mailbox)
            {
                _open.Remove(mailbox.WorkflowId);
            }
        }
    }
}
