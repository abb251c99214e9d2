namespace Serverless.Engine;

/// <summary>
/// Where a chain's activities run: here at once while there is a place and the chain is young, else on the queue.
/// </summary>
internal sealed class ChainActivities(EngineServices services, ActivityRunner runner, ActivitySlots slots, Mailbox mailbox)
{
    private readonly DateTimeOffset _begun = services.Time.GetUtcNow();
    private readonly List<(SlotRequest Request, ActivityJob Job, DateTimeOffset SpillAt)> _inLine = [];

    /// <summary>Scheduled event ids of activities that run or wait here.</summary>
    public SortedSet<long> Local { get; } = [];

    /// <summary>When the first of those in line must go to the queue; null when none waits.</summary>
    public DateTimeOffset? SpillAt => _inLine.Count == 0 ? null : _inLine[0].SpillAt;

    public Task StartAsync(ActivityJob job, string workflowTaskQueue)
    {
        var mayRunHere = job.Scheduled.IsLocal
            || (job.Scheduled.TaskQueue == workflowTaskQueue
                && services.Activities.Knows(job.Scheduled.ActivityType)
                && services.Time.GetUtcNow() - _begun < services.Options.RunAheadBudget);
        if (!mayRunHere)
        {
            return EnqueueAsync(job);
        }

        Local.Add(job.ScheduledEventId);
        mailbox.ActivityStarted();
        var request = slots.Enter(() => RunAsync(job));
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
            if (slots.TryLeave(request))
            {
                await EnqueueAsync(job);
                mailbox.ActivityEnded(new LocalResult(job.ScheduledEventId, job.RunId, null));
            }
        }
    }

    /// <summary>Puts an attempt on the queue of its task queue, and sets the clocks that nobody else would watch.</summary>
    public async Task EnqueueAsync(ActivityJob job)
    {
        var message = job.Message(WorkKind.Activity, services.Ids.NextUlid());
        var start = job.Scheduled.ScheduleToStartTimeout is { } wait ? job.DueAt + wait : (DateTimeOffset?)null;
        foreach (var due in (DateTimeOffset?[])[start, job.Deadline])
        {
            if (due is not null)
            {
                await services.Timers.ScheduleAsync(
                    message with { Kind = WorkKind.ActivityTimeout, Token = services.Ids.NextUlid(), DueAt = due }, services.Shutdown);
            }
        }

        await services.SendAsync(QueueNames.ActivitiesOf(job.Scheduled.TaskQueue, services.Options.TaskQueue), message, services.Shutdown);
    }

    private async Task RunAsync(ActivityJob job)
    {
        LocalResult result;
        try
        {
            result = new LocalResult(job.ScheduledEventId, job.RunId, await runner.RunAsync(job));
        }
        catch (Exception e) when (e is Storage.StorageException or OperationCanceledException or InvalidDataException)
        {
            result = new LocalResult(job.ScheduledEventId, job.RunId, null, e);
        }

        mailbox.ActivityEnded(result);
    }
}
