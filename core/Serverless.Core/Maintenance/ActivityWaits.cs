using Serverless.Client;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Maintenance;

/// <summary>Tells where a pending activity is. Pure.</summary>
internal static class ActivityWaits
{
    public static WorkflowWait Of(WaitFacts facts, ActivityScheduled scheduled)
    {
        var job = ActivityJob.Of(facts.Run, scheduled, facts.TaskQueue);
        var attempts = facts.Run.Attempts.GetValueOrDefault(scheduled.Id);
        var (where, wokenBy, until) = Place(facts, job, attempts);
        return new WorkflowWait(WaitKind.Activity, $"activity {scheduled.ActivityType}, attempt {job.Attempt}: {where}{Cancel(job)}", scheduled.Time, wokenBy)
        {
            EventId = scheduled.Id,
            Attempt = job.Attempt,
            LastFailure = job.LastFailure,
            Until = until is null || job.Deadline < until ? job.Deadline : until,
        };
    }

    private static string Cancel(ActivityJob job) => job.CancelRequested ? ", asked to cancel" : "";

    private static (string Where, string WokenBy, DateTimeOffset? Until) Place(WaitFacts facts, ActivityJob job, ActivityAttemptRow? attempts)
    {
        var waits = attempts?.DueAt > facts.Now;
        if (attempts is { CompletesAsync: true })
        {
            return ("left open", "whoever completes it by its token", LeftOpenUntil(job.Scheduled, attempts));
        }

        if (facts.RunningHere.Contains(job.ScheduledEventId))
        {
            return ("running in this process", "its result", null);
        }

        if (facts.FullTypes.TryGetValue(job.Scheduled.ActivityType, out var places) && !waits)
        {
            return ($"running elsewhere, or waiting for one of {places} places across processes, all of which are taken", "its result, or a place", null);
        }

        if (waits)
        {
            return ("waits for its time after a failure", "the clock, then its result", attempts!.DueAt);
        }

        var queue = $"queue '{job.Queue}'{(job.Queue == QueueNames.Activities ? "" : $", for task queue '{job.Scheduled.TaskQueue}'")}";
        return job.RunsAhead && attempts is null && IsOfLastTask(facts.Run, job.ScheduledEventId)
            ? ($"running where its workflow's last task ran, or on {queue}", "its result", null)
            : ($"on {queue}, or running in a process that took it from there", "its result", null);
    }

    /// <summary>What the last commits asked for is seen to by who made them, as their marks say.</summary>
    private static bool IsOfLastTask(LiveRun run, long eventId) =>
        run.Head.Marks.Any(m => m.RunNumber == run.RunNumber && eventId >= m.FirstEventId && eventId <= m.LastEventId);

    /// <summary>When an attempt that is completed from outside ends by itself; null for never.</summary>
    public static DateTimeOffset? LeftOpenUntil(ActivityScheduled scheduled, ActivityAttemptRow attempts)
    {
        var alive = attempts.LastHeartbeat > attempts.Started ? attempts.LastHeartbeat : attempts.Started;
        var (end, silent) = (attempts.Started.After(scheduled.StartToCloseTimeout), alive.After(scheduled.HeartbeatTimeout));
        return end is null || silent < end ? silent : end;
    }
}
