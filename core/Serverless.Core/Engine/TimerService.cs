using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Everything that waits: near timers are delayed messages, far ones rows in buckets. Whoever schedules the same timer twice gets two messages, and the second
/// finds nothing to do.
/// </summary>
internal sealed class TimerService(IHubStore store, TimerBuckets buckets, TimeProvider time, StorageRetry retry, EngineLimits limits)
{
    private const int MaxReceipts = 10_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, string, long), MessageReceipt> _receipts = [];

    /// <summary>Sees to it that the message arrives at its <see cref="WorkMessage.DueAt"/>, not before, and soon after.</summary>
    public Task ScheduleAsync(WorkMessage message, CancellationToken cancellationToken) => ScheduleAsync(message, time.GetUtcNow(), cancellationToken);

    /// <summary>Takes a timer back as far as that is cheap; what can't be found is ignored when it fires.</summary>
    public async Task CancelAsync(WorkMessage message, CancellationToken cancellationToken)
    {
        MessageReceipt receipt;
        bool known;
        lock (_lock)
        {
            known = _receipts.Remove((message.WorkflowId, message.RunId, message.EventId), out receipt);
        }

        if (known)
        {
            await retry.ReadAsync(() => store.Queues.DeleteAsync(receipt, cancellationToken), cancellationToken);
        }
        else if (message.DueAt!.Value - time.GetUtcNow() > limits.TimerHorizon)
        {
            await buckets.RemoveAsync(message, cancellationToken);
        }
    }

    /// <summary>False, and put back for the rest, when a message came before its time.</summary>
    public async Task<bool> IsDueAsync(WorkMessage message, CancellationToken cancellationToken)
    {
        if (message.DueAt is not { } due || due <= time.GetUtcNow())
        {
            Forget(message);
            return true;
        }

        await QueueSending.SendAsync(store.Queues, retry, QueueNames.Timers, message, due - time.GetUtcNow(), cancellationToken);
        return false;
    }

    public Task OpenBucketAsync(string name, CancellationToken cancellationToken)
    {
        // It is that late, whatever the clock says that was set back since: a timer that went into the same bucket again would be removed with its old row.
        var opens = TimerBucket.Parse(name).OpensAt;
        return buckets.OpenAsync(
            name, message => ScheduleAsync(message, time.GetUtcNow() is var now && now > opens ? now : opens, cancellationToken), cancellationToken);
    }

    /// <summary>Makes a bucket open that nobody opens.</summary>
    public Task ReviveBucketAsync(string name, CancellationToken cancellationToken) => buckets.ReviveAsync(name, cancellationToken);

    private async Task ScheduleAsync(WorkMessage message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var due = message.DueAt ?? now;
        if (due - now > limits.TimerHorizon && TimerBucket.For(due, now) is var bucket && bucket.OpensAt > now)
        {
            await buckets.ParkAsync(message, bucket, cancellationToken);
            return;
        }

        var receipt = await QueueSending.SendAsync(store.Queues, retry, QueueNames.Timers, message, due - now, cancellationToken);
        if (message.Kind == WorkKind.Timer)
        {
            Remember((message.WorkflowId, message.RunId, message.EventId), receipt);
        }
    }

    private void Remember((string, string, long) key, MessageReceipt receipt)
    {
        lock (_lock)
        {
            if (_receipts.Count < MaxReceipts)
            {
                _receipts[key] = receipt;
            }
        }
    }

    private void Forget(WorkMessage message)
    {
        lock (_lock)
        {
            _receipts.Remove((message.WorkflowId, message.RunId, message.EventId));
        }
    }
}
