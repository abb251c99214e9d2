using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>
/// Runs attempts: time-outs, heartbeats, cancellation, and what follows a failure. The result is the activity's terminal event, or null when
/// something else will bring it: a retry's timer, a completion from outside, or nobody because the workflow is closed.
/// </summary>
internal sealed class ActivityRunner(EngineServices services, RunningActivities running)
{
    private static readonly RetryPolicy DefaultRetry = new();

    public async Task<ActivityClosed?> RunAsync(ActivityJob job)
    {
        var started = services.Time.GetUtcNow();
        if (Expired(job, started) is { } expired)
        {
            return await SettleAsync(job, expired, null);
        }

        var scheduled = await services.Segments.RestoreAsync(job.Scheduled, services.Shutdown);
        using var attempt = new ActivityAttempt(services, job, scheduled, started);
        running.Add(attempt);
        try
        {
            var outcome = await attempt.RunAsync();
            return Checked(outcome, job) switch
            {
                ActivityOutcome.Completed x => Stamp(new ActivityCompleted(job.ScheduledEventId, x.Result), job, started),
                ActivityOutcome.Canceled x => Stamp(new ActivityCanceled(job.ScheduledEventId, x.Details), job, started),
                ActivityOutcome.WillCompleteAsync => await LeaveOpenAsync(job with { HeartbeatDetails = attempt.HeartbeatDetails }, started),
                ActivityOutcome.Failed when attempt.WorkflowIsGone => null,
                ActivityOutcome.Failed x => await SettleAsync(job with { HeartbeatDetails = attempt.HeartbeatDetails }, x.Failure, started),
                _ => throw new InvalidOperationException($"Unknown activity outcome {outcome.GetType().Name}."),
            };
        }
        finally
        {
            running.Remove(attempt);
        }
    }

    /// <summary>An attempt whose process is gone: it counts, and the retry policy decides.</summary>
    public Task<ActivityClosed?> LostAsync(ActivityJob job) => SettleAsync(job, Lost(job), null);

    /// <summary>Ends an attempt that is left open when its time is over; else looks again when the next time-out may pass.</summary>
    public async Task<ActivityClosed?> TimeOutLeftOpenAsync(ActivityJob job, ActivityAttemptRow attempt)
    {
        var next = NextTimeout(job, attempt);
        if (next is { } timeout && timeout.At <= services.Time.GetUtcNow())
        {
            return await SettleAsync(job, Timeout(timeout.Type, job), attempt.Started);
        }

        await WatchAsync(job, next);
        return null;
    }

    /// <summary>What follows a failed attempt: the next attempt's timer (null is returned), or the terminal event.</summary>
    public async Task<ActivityClosed?> SettleAsync(ActivityJob job, Failure failure, DateTimeOffset? started)
    {
        var now = services.Time.GetUtcNow();
        var decision = RetryDecision.After(job.Scheduled.RetryPolicy ?? DefaultRetry, job.Attempt, failure, now, job.Deadline);
        if (decision.NextDelay is { } delay)
        {
            var next = job with { Attempt = job.Attempt + 1, DueAt = now.After(delay), LastFailure = failure };
            await ScheduleAttemptAsync(next);
            return null;
        }

        if (decision.State == RetryState.Timeout)
        {
            // Whatever ended the last attempt: it is the time for all of them that does not allow another.
            failure = Timeout(TimeoutType.ScheduleToClose, job) with { Cause = failure };
        }

        return failure.Info is TimeoutFailureInfo
            ? Stamp(new ActivityTimedOut(job.ScheduledEventId, failure, decision.State), job, started)
            : Stamp(new ActivityFailed(job.ScheduledEventId, failure, decision.State), job, started);
    }

    /// <summary>Counts the attempt durably, then sets its timer. Nothing happens when the workflow is closed.</summary>
    public async Task ScheduleAttemptAsync(ActivityJob next)
    {
        var row = new ActivityAttemptRow(next.Attempt, next.DueAt, next.LastFailure, next.HeartbeatDetails);
        if (await services.Journal.WriteWhileOpenAsync(next.WorkflowId, next.Key, row.Encode(), services.Shutdown))
        {
            await services.Timers.ScheduleAsync(
                (next with { IsWatched = false }).Message(WorkKind.ActivityRetry, services.Ids.NextUlid()) with { DueAt = next.DueAt }, services.Shutdown);
        }
    }

    /// <summary>What the attempt gave, or why it can't be stored.</summary>
    private ActivityOutcome Checked(ActivityOutcome outcome, ActivityJob job)
    {
        var problem = outcome switch
        {
            ActivityOutcome.Completed x => SizeLimits.ProblemOf(new ActivityCompleted(job.ScheduledEventId, x.Result), services.Options.Limits),
            ActivityOutcome.Failed x => SizeLimits.ProblemOf(new ActivityFailed(job.ScheduledEventId, x.Failure, default), services.Options.Limits),
            _ => null,
        };
        return problem is null ? outcome : new ActivityOutcome.Failed(new Failure(problem, new ApplicationFailureInfo(SizeLimits.ErrorType, NonRetryable: true)));
    }

    private static Failure? Expired(ActivityJob job, DateTimeOffset now)
    {
        if (job.Deadline is { } deadline && now >= deadline)
        {
            return Timeout(TimeoutType.ScheduleToClose, job);
        }

        return job.LatestStart <= now ? Timeout(TimeoutType.ScheduleToStart, job) : null;
    }

    private static Failure Lost(ActivityJob job) => Timeout(TimeoutType.StartToClose, job) with
    {
        Message = $"Attempt {job.Attempt} of activity '{job.Scheduled.ActivityType}' was lost: the process that ran it ended before it reported a result.",
    };

    /// <summary>A time-out as a failure, with the failure of the attempt before as its cause.</summary>
    public static Failure Timeout(TimeoutType type, ActivityJob job) => new(
        $"The {Name(type)} time-out of activity '{job.Scheduled.ActivityType}' passed in attempt {job.Attempt}.",
        new TimeoutFailureInfo(type) { LastHeartbeatDetails = type == TimeoutType.Heartbeat ? job.HeartbeatDetails : [] })
    {
        Cause = job.LastFailure is { } last ? last with { Cause = null } : null,
    };

    private static string Name(TimeoutType type) => type switch
    {
        TimeoutType.StartToClose => "start-to-close",
        TimeoutType.ScheduleToStart => "schedule-to-start",
        TimeoutType.ScheduleToClose => "schedule-to-close",
        _ => "heartbeat",
    };

    private T Stamp<T>(T closed, ActivityJob job, DateTimeOffset? started)
        where T : ActivityClosed => closed with
        {
            Time = services.Time.GetUtcNow(),
            Attempt = job.Attempt,
            Started = started,
            Identity = services.Options.Identity,
        };

    private async Task<ActivityClosed?> LeaveOpenAsync(ActivityJob job, DateTimeOffset started)
    {
        var row = new ActivityAttemptRow(job.Attempt, null, job.LastFailure, job.HeartbeatDetails) { CompletesAsync = true, Started = started };
        if (!await services.Journal.WriteWhileOpenAsync(job.WorkflowId, job.Key, row.Encode(), services.Shutdown))
        {
            return null;
        }

        await WatchAsync(job, NextTimeout(job, row));
        return null;
    }

    /// <summary>What ends an attempt that is completed from outside, if nobody completes it or sends a heartbeat before.</summary>
    private static (DateTimeOffset At, TimeoutType Type)? NextTimeout(ActivityJob job, ActivityAttemptRow attempt)
    {
        var scheduled = job.Scheduled;
        (DateTimeOffset? At, TimeoutType Type)[] all =
        [
            (job.Deadline, TimeoutType.ScheduleToClose),
            (attempt.Started.After(scheduled.StartToCloseTimeout), TimeoutType.StartToClose),
            ((attempt.LastHeartbeat > attempt.Started ? attempt.LastHeartbeat : attempt.Started).After(scheduled.HeartbeatTimeout), TimeoutType.Heartbeat),
        ];
        var (at, type) = all.MinBy(static t => t.At ?? DateTimeOffset.MaxValue);
        return at is null ? null : (at.Value, type);
    }

    private async Task WatchAsync(ActivityJob job, (DateTimeOffset At, TimeoutType Type)? next)
    {
        if (next is { } timeout)
        {
            await services.Timers.ScheduleAsync(
                job.Message(WorkKind.ActivityTimeout, services.Ids.NextUlid()) with { DueAt = timeout.At }, services.Shutdown);
        }
    }
}
