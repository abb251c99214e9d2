using Serverless.History;

namespace Serverless.Engine;

/// <summary>
/// Where a chain's activities run: here at once while there is a place and the chain is young, else on the queue.
/// </summary>
internal sealed class ChainActivities(EngineServices services, ChainParts parts, Mailbox mailbox)
{
    private readonly DateTimeOffset _begun = services.Time.GetUtcNow();
    private readonly List<(SlotRequest Request, ActivityJob Job, DateTimeOffset SpillAt)> _inLine = [];

    private readonly Dictionary<string, SortedSet<long>> _local = new(StringComparer.Ordinal);

    /// <summary>Scheduled event ids of a run's activities that run or wait here.</summary>
    public SortedSet<long> LocalOf(string runId)
    {
        if (!_local.TryGetValue(runId, out var ids))
        {
            _local[runId] = ids = [];
        }

        return ids;
    }

    /// <summary>When the first of those in line must go to the queue; null when none waits.</summary>
    public DateTimeOffset? SpillAt => _inLine.Count == 0 ? null : _inLine[0].SpillAt;

    public Task StartAsync(ActivityJob job)
    {
        var mayRunHere = job.Scheduled.IsLocal
            || (job.RunsAhead
                && services.Activities.Knows(job.Scheduled.ActivityType)
                && services.Time.GetUtcNow() - _begun < services.Options.RunAheadBudget);
        if (!mayRunHere)
        {
            return parts.Queues.SendAsync(job);
        }

        LocalOf(job.RunId).Add(job.ScheduledEventId);
        mailbox.ActivityStarted();
        var request = parts.Slots.Enter(job, () => RunAsync(job));
        if (!job.Scheduled.IsLocal)
        {
            _inLine.Add((request, job, services.Time.GetUtcNow() + services.Options.SpillAfter));
        }

        return Task.CompletedTask;
    }

    /// <summary>Sends to the queue what has waited long enough.</summary>
    public async Task SpillAsync()
    {
        var now = services.Time.GetUtcNow();
        while (_inLine.Count > 0 && _inLine[0].SpillAt <= now)
        {
            var (request, job, _) = _inLine[0];
            _inLine.RemoveAt(0);
            if (parts.Slots.TryLeave(request))
            {
                await parts.Queues.SendAsync(job);
                mailbox.ActivityEnded(new LocalResult(job.ScheduledEventId, job.RunId, null));
            }
        }
    }

    private async Task RunAsync(ActivityJob job)
    {
        LocalResult result;
        try
        {
            ActivityClosed? closed = null;
            if (!await parts.Limits.TryRunAsync(job, async () => closed = await parts.Runner.RunAsync(job)))
            {
                await parts.Queues.PutOffAsync(job);
            }

            result = new LocalResult(job.ScheduledEventId, job.RunId, closed);
        }
        catch (Exception e)
        {
            // Whatever it is: a chain that is not told would hold its messages for ever.
            result = new LocalResult(job.ScheduledEventId, job.RunId, null, e);
        }

        mailbox.ActivityEnded(result);
    }
}
