namespace Serverless.Engine;

/// <summary>Puts attempts where they wait for a process or a place, and sets the clocks that nobody else would watch meanwhile.</summary>
internal sealed class ActivityQueues(EngineServices services)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>True when this process runs the activities of a queue of the hub.</summary>
    public bool Serves(string queue) => queue == QueueNames.Workflows ? services.Options.RunsWorkflows : services.Options.ActivityQueues.Contains(queue);

    /// <summary>Puts an attempt on its queue.</summary>
    public async Task SendAsync(ActivityJob job)
    {
        await WatchAsync(job);
        await services.SendAsync(job.Queue, (job with { IsWatched = true }).Message(WorkKind.Activity, services.Ids.NextUlid()), services.Shutdown);
    }

    /// <summary>Puts on its queue an attempt that became due where its queue is not served.</summary>
    public async Task PassOnAsync(ActivityJob job, WorkMessage message)
    {
        await WatchAsync(job);
        await services.SendAsync(job.Queue, message with { WaitsSince = job.DueAt }, services.Shutdown);
    }

    /// <summary>Lets an attempt that found no place try again after a while. It has not begun: nothing is counted.</summary>
    public async Task PutOffAsync(ActivityJob job)
    {
        await WatchAsync(job);
        await services.Timers.ScheduleAsync(
            (job with { IsWatched = true }).Message(WorkKind.ActivityRetry, services.Ids.NextUlid()) with
            {
                DueAt = services.Time.GetUtcNow() + (LongestWait * services.Ids.NextJitter()),
            },
            services.Shutdown);
    }

    private async Task WatchAsync(ActivityJob job)
    {
        if (job.IsWatched)
        {
            return;
        }

        foreach (var due in (DateTimeOffset?[])[job.LatestStart, job.Deadline])
        {
            if (due is not null)
            {
                await services.Timers.ScheduleAsync(
                    job.Message(WorkKind.ActivityTimeout, services.Ids.NextUlid()) with { DueAt = due }, services.Shutdown);
            }
        }
    }
}
