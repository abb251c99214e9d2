using Serverless.Client;
using Serverless.Converters;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>
/// Completion of activities from outside of their process; see the contract. The result goes into the inbox, where the first one counts. Whether the attempt's
/// code has returned yet does not matter: whoever got its token may be faster.
/// </summary>
internal sealed class ActivityCompletion(EngineServices services, RunReader runs, ActivityRunner runner) : IActivityCompletionService
{
    public async Task<bool> HeartbeatAsync(ActivityRef activity, IReadOnlyList<Payload> details, CancellationToken cancellationToken)
    {
        services.Options.Limits.Check("The heartbeat details", details);
        var pending = await FindAsync(activity, cancellationToken);
        var row = (pending.Attempts ?? new ActivityAttemptRow(pending.Job.Attempt, null, null, [])) with
        {
            HeartbeatDetails = details,
            LastHeartbeat = services.Time.GetUtcNow(),
        };
        return await services.Journal.WriteWhileOpenAsync(pending.Job.WorkflowId, pending.Job.Key, row.Encode(), cancellationToken)
            ? pending.CancelRequested
            : throw NotPending(activity);
    }

    public async Task CompleteAsync(ActivityRef activity, Payload? result, CancellationToken cancellationToken)
    {
        services.Options.Limits.Check("The result of the activity", result is null ? [] : [result]);
        var pending = await FindAsync(activity, cancellationToken);
        await PostAsync(activity, pending, new ActivityCompleted(pending.Job.ScheduledEventId, result), cancellationToken);
    }

    public async Task FailAsync(
        ActivityRef activity, Failure failure, IReadOnlyList<Payload> lastHeartbeatDetails, CancellationToken cancellationToken)
    {
        services.Options.Limits.Check("The heartbeat details", lastHeartbeatDetails);
        var pending = await FindAsync(activity, cancellationToken);
        var job = lastHeartbeatDetails.Count > 0 ? pending.Job with { HeartbeatDetails = lastHeartbeatDetails } : pending.Job;

        // An attempt is counted before its timer is set, and the caller may die in between: a message stands behind the step.
        var message = job.Message(WorkKind.ActivityBackup, services.Ids.NextUlid()) with { Activity = null, Attempt = job.Attempt + 1 };
        var backup = await QueueSending.SendAsync(
            services.Store.Queues, services.Retry, QueueNames.Timers, message, services.Options.BackupDelay, cancellationToken);
        if (await runner.SettleAsync(job, failure, pending.Attempts?.Started) is { } closed)
        {
            await PostAsync(activity, pending, closed, cancellationToken);
        }

        await services.Retry.ReadAsync(() => services.Store.Queues.DeleteAsync(backup, cancellationToken), cancellationToken);
    }

    public async Task ReportCancellationAsync(ActivityRef activity, IReadOnlyList<Payload> details, CancellationToken cancellationToken)
    {
        services.Options.Limits.Check("The cancellation details", details);
        var pending = await FindAsync(activity, cancellationToken);
        if (!pending.CancelRequested)
        {
            throw new WorkflowServiceException(
                WorkflowServiceError.InvalidArgument,
                $"Activity '{pending.Job.Scheduled.ActivityId}' of workflow '{pending.Job.WorkflowId}' was not asked to cancel: complete it, or fail it.");
        }

        await PostAsync(activity, pending, new ActivityCanceled(pending.Job.ScheduledEventId, details), cancellationToken);
    }

    private async Task PostAsync(ActivityRef activity, Pending pending, ActivityClosed closed, CancellationToken cancellationToken)
    {
        var job = pending.Job;
        var stamped = closed with
        {
            Time = services.Time.GetUtcNow(),
            Attempt = job.Attempt,
            Started = pending.Attempts?.Started,
            Identity = services.Options.Identity,
        };
        var outcome = await services.Journal.PostAsync(
            job.WorkflowId, JournalKeys.ActivityResult(job.RunId, job.ScheduledEventId), new InboxItem(stamped, job.RunId), null, cancellationToken);
        if (outcome != PostOutcome.Accepted)
        {
            throw NotPending(activity);
        }

        await services.NudgeAsync(job.WorkflowId, cancellationToken, job.BuildId);
    }

    private async Task<Pending> FindAsync(ActivityRef activity, CancellationToken cancellationToken)
    {
        var token = activity is ActivityRef.ByToken byToken ? Decode(byToken.TaskToken) : null;
        var workflow = activity is ActivityRef.ById byId
            ? new WorkflowRef(byId.WorkflowId, byId.RunId)
            : new WorkflowRef(token!.WorkflowId, token.RunId);
        if (await runs.LoadWithInboxAsync(workflow, cancellationToken) is not { } found || !found.Run.State.IsOpen)
        {
            throw NotPending(activity);
        }

        var (run, inbox) = found;
        var scheduled = activity is ActivityRef.ById id
            ? run.State.Activities.Values.FirstOrDefault(a => a.ActivityId == id.ActivityId)
            : run.State.Activities.GetValueOrDefault(token!.EventId);
        if (scheduled is null)
        {
            throw NotPending(activity);
        }

        if (inbox.Any(r => r.Item.Event is ActivityClosed closed && closed.ScheduledEventId == scheduled.Id && r.Item.RunId == run.Head.RunId))
        {
            // Whoever was first may have died before it woke the workflow.
            await services.NudgeAsync(run.WorkflowId, cancellationToken, run.PinnedBuildId);
            throw NotPending(activity);
        }

        var job = ActivityJob.Of(run, scheduled, services.Options.TaskQueue);
        var waits = job.DueAt > services.Time.GetUtcNow();
        return (token is null || token.Attempt == job.Attempt) && !waits
            ? new Pending(job, run.Attempts.GetValueOrDefault(scheduled.Id), run.State.ActivityCancels.Contains(scheduled.Id))
            : throw NotPending(activity);
    }

    private static WorkMessage Decode(ReadOnlyMemory<byte> token)
    {
        try
        {
            return ActivityToken.Decode(token);
        }
        catch (InvalidDataException e)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, $"This is no task token of an activity: {e.Message}");
        }
    }

    private static WorkflowServiceException NotPending(ActivityRef activity) => new(
        WorkflowServiceError.NotFound,
        activity is ActivityRef.ById id
            ? $"Workflow '{id.WorkflowId}' has no activity '{id.ActivityId}' that runs now."
            : "The attempt of this task token is over: it was completed, failed or timed out before, or its workflow is closed.");

    private sealed record Pending(ActivityJob Job, ActivityAttemptRow? Attempts, bool CancelRequested);
}
