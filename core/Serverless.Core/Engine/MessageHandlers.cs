using Microsoft.Extensions.Logging;
using Serverless.Api.Enums.V1;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>What each queue's messages mean. A handler returns when its message may be deleted.</summary>
internal sealed partial class MessageHandlers(EngineServices services, ChainParts parts, Mailboxes mailboxes) : IMessageHandlers
{
    private readonly ILogger _logger = services.Logger;
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NextTry = TimeSpan.FromMinutes(1);

    public Task HandleWorkflowAsync(QueueDelivery delivery, CancellationToken shutdown)
    {
        var received = Received.Of(delivery);
        return GuardAsync(delivery, received.Message, () => RouteAsync(received));
    }

    public Task HandleActivityAsync(QueueDelivery delivery, CancellationToken shutdown)
    {
        var received = Received.Of(delivery);
        return GuardAsync(delivery, received.Message, () => RunActivityAsync(received));
    }

    public Task HandleTimerAsync(QueueDelivery delivery, CancellationToken shutdown)
    {
        var received = Received.Of(delivery);
        return GuardAsync(delivery, received.Message, async () =>
        {
            if (await services.Timers.IsDueAsync(received.Message, services.Shutdown))
            {
                await RouteAsync(received);
            }
        });
    }

    /// <summary>
    /// What another build must do goes to its queue unread, under a token of its own: if this process dies before it has deleted the message, the second copy must not look
    /// like the first one come back. A message that came before is looked into: somebody of its own build may have died over it.
    /// </summary>
    private Task RouteAsync(Received received)
    {
        var message = received.Message;
        if (!services.Options.RunsWorkflows && message is { Kind: WorkKind.Nudge } or { Kind: WorkKind.Activity, Queue: QueueNames.Workflows })
        {
            throw new InvalidOperationException("This process has no workflows: it must not take messages for them. The message comes back for a process that has.");
        }

        return !received.IsAgain && message is { BuildId: { } build, Kind: WorkKind.Nudge or WorkKind.Timer } && build != services.Options.BuildId
            ? services.Nudges.SendAsync(message with { Token = services.Ids.NextUlid(), HandedOver = true }, services.Shutdown)
            : FireAsync(received);
    }

    private Delivery Delivery(Received received, HistoryEvent? input = null) => new(received.Message.Token, input, input is null ? null : received.Message.RunId)
    {
        ForPinned = received.Message.BuildId is not null && received.Message.BuildId == services.Options.BuildId,
        HandedOver = received.Message.HandedOver,
        Hold = received.Hold,
        Fences = received.IsAgain,
    };

    private Task DeliverAsync(Received received, HistoryEvent? input = null) => mailboxes.DeliverAsync(received.Message.WorkflowId, Delivery(received, input));

    private Task FireAsync(Received received) => received.Message.Kind switch
    {
        WorkKind.Retention => new RetentionSweep(services).RunAsync(received.Message),
        WorkKind.Removal => new RunRemoval(services).LookAgainAsync(received.Message.WorkflowId, received.Message.RunId, services.Shutdown),
        WorkKind.Bucket => services.Timers.OpenBucketAsync(received.Message.WorkflowId, services.Shutdown),
        WorkKind.Timer => DeliverAsync(received, new TimerFired(received.Message.EventId) { Time = services.Time.GetUtcNow() }),
        WorkKind.RunTimeout => DeliverAsync(received, new WorkflowTimedOut(TimeoutType.StartToClose, RetryState.Timeout)),
        WorkKind.ActivityRetry or WorkKind.Activity or WorkKind.ActivityLost => received.IsAgain || parts.Queues.Serves(received.Message.Queue) ? RunActivityAsync(received) : PassOnAsync(received.Message),
        WorkKind.ActivityTimeout => TimeOutActivityAsync(received),
        WorkKind.ActivityBackup => FinishFailureAsync(received.Message),
        _ => DeliverAsync(received),
    };

    private async Task PassOnAsync(WorkMessage message)
    {
        if (await FindJobAsync(message, mustCheck: false) is { } job)
        {
            await parts.Queues.PassOnAsync(job, message);
        }
    }

    private async Task RunActivityAsync(Received received)
    {
        var closed = received.IsAgain ? await LoseAsync(received.Message) : await RunBackedAsync(received.Message);
        if (closed is not null)
        {
            await ReportAsync(received, closed);
        }
        else if (received.IsAgain)
        {
            // Whoever had the message may have committed the result and died, or may be about to commit it and think that the message stands behind him.
            await DeliverAsync(received);
        }
    }

    /// <summary>The message came before, and whoever had it is gone.</summary>
    private async Task<ActivityClosed?> LoseAsync(WorkMessage message)
    {
        if (await FindJobAsync(message, mustCheck: true) is not { } job)
        {
            return null;
        }

        if (IsCanceled(job, message))
        {
            return Canceled(message);
        }

        if (job.Attempt > message.Attempt)
        {
            // The next attempt is counted; the timer that brings it may not have left.
            await parts.Runner.ScheduleAttemptAsync(job);
            return null;
        }

        return await parts.Runner.LostAsync(job);
    }

    /// <summary>
    /// Runs an attempt. Where the host leases messages for long, another message watches over a long attempt: if this process dies, that one comes soon.
    /// </summary>
    private async Task<ActivityClosed?> RunBackedAsync(WorkMessage message)
    {
        var running = RunInPlaceAsync(message);
        var backup = new MessageBackup(services, message with { Kind = WorkKind.ActivityLost, DueAt = null });
        while (!running.IsCompleted && backup.NextAt is { } next)
        {
            await services.Time.WaitAsync(running, next - services.Time.GetUtcNow());
            await backup.TickAsync();
        }

        var closed = await running;
        await backup.EndAsync();
        return closed;
    }

    /// <summary>Runs an attempt once it has a place. Where its type has a limit, it does not wait here for long: the message would keep others out.</summary>
    private async Task<ActivityClosed?> RunInPlaceAsync(WorkMessage message)
    {
        // Its type decides about the place; the message lacks what was too large for it.
        var found = message.Activity is null ? await FindJobAsync(message, mustCheck: true) : null;
        if ((found ?? ActivityJob.Of(message)) is not { } job)
        {
            return null;
        }

        var done = new TaskCompletionSource<ActivityClosed?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var request = parts.Slots.Enter(job, async () =>
        {
            try
            {
                ActivityClosed? closed = null;
                if (!await parts.Limits.TryRunAsync(job, async () => closed = await StartAsync(message, found)))
                {
                    await parts.Queues.PutOffAsync(job);
                }

                done.SetResult(closed);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        var until = request.LimitedType is null ? job.StartBy : services.Time.GetUtcNow() + Patience;
        if (until is { } end && !await IsDoneAsync(done.Task, end) && parts.Slots.TryLeave(request))
        {
            if (request.LimitedType is null)
            {
                return await ExpireAsync(message);
            }

            await parts.Queues.PutOffAsync(job);
            return null;
        }

        return await done.Task;
    }

    private async Task<bool> IsDoneAsync(Task work, DateTimeOffset until)
    {
        while (!work.IsCompleted && until - services.Time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            await services.Time.WaitAsync(work, left);
        }

        return work.IsCompleted;
    }

    /// <summary>No place became free in time: the attempt ends without having started.</summary>
    private async Task<ActivityClosed?> ExpireAsync(WorkMessage message)
    {
        if (await FindJobAsync(message, mustCheck: true) is not { } job)
        {
            return null;
        }

        return IsCanceled(job, message) ? Canceled(message) : await parts.Runner.RunAsync(job);
    }

    private async Task<ActivityClosed?> StartAsync(WorkMessage message, ActivityJob? found)
    {
        if ((found ?? await FindJobAsync(message, mustCheck: message.Kind == WorkKind.ActivityRetry || IsStale(message))) is not { } job)
        {
            return null;
        }

        if (IsCanceled(job, message))
        {
            return Canceled(message);
        }

        if (job.RunsOnce && !await HoldAsync(message, job))
        {
            return null;
        }

        if (job.Scheduled.ScheduleToStartTimeout is not null)
        {
            var started = new ActivityAttemptRow(job.Attempt, null, job.LastFailure, job.HeartbeatDetails) { Started = services.Time.GetUtcNow() };
            await services.Journal.WriteWhileOpenAsync(job.WorkflowId, job.Key, started.Encode(), services.Shutdown);
        }

        return await parts.Runner.RunAsync(job);
    }

    /// <summary>
    /// Takes an activity that must not begin twice. False when another delivery has it, whose own message stands behind it, or when it is over: the row that says who had it goes with the
    /// commit that ends the activity, so a late delivery looks at the history after it has got hold.
    /// </summary>
    private async Task<bool> HoldAsync(WorkMessage message, ActivityJob job)
    {
        var self = services.Ids.NextUlid();
        var holder = await services.Journal.HoldAsync(job.WorkflowId, JournalKeys.Held(job.RunNumber, job.ScheduledEventId), self, services.Shutdown);
        if ((holder is not null && holder != self) || await FindJobAsync(message, mustCheck: true) is null)
        {
            return false;
        }

        // What may yet be applied would keep all others out: the message has to come back, and the attempt counts as lost.
        return holder is not null ? true : throw new StorageException($"Nobody can tell who runs activity {job.ScheduledEventId} of workflow '{job.WorkflowId}'.", StorageOutcome.Unknown);
    }

    /// <summary>It was asked to cancel while it waited for this attempt.</summary>
    private static bool IsCanceled(ActivityJob job, WorkMessage message) => job.CancelRequested && message.Kind == WorkKind.ActivityRetry;

    private ActivityCanceled Canceled(WorkMessage message) => new(message.EventId, []) { Time = services.Time.GetUtcNow(), Attempt = message.Attempt };

    private bool IsStale(WorkMessage message) =>
        message.ScheduledAt is { } at && services.Time.GetUtcNow() - at > StaleAfter;

    /// <summary>The attempt that a message asks for; null when nobody needs it any more. Looks into storage only when there is a reason to.</summary>
    private async Task<ActivityJob?> FindJobAsync(WorkMessage message, bool mustCheck)
    {
        var job = ActivityJob.Of(message);
        if (job is not null && !mustCheck)
        {
            return job;
        }

        if (await parts.Loader.LoadAsync(message.WorkflowId, services.Shutdown) is not { Run: var run })
        {
            return null;
        }

        using (run)
        {
            if (!run.Head.IsOpen || run.Head.RunId != message.RunId || !run.State.Activities.TryGetValue(message.EventId, out var scheduled))
            {
                return null;
            }

            var found = ActivityJob.Of(run, scheduled, services.Options.TaskQueue) with { Queue = message.Queue, IsWatched = message.WaitsSince is not null };
            return found.Attempt < message.Attempt ? found with { Attempt = message.Attempt } : found;
        }
    }

    private async Task TimeOutActivityAsync(Received received)
    {
        var message = received.Message;
        var job = await FindJobAsync(message, mustCheck: true);
        if (job is null)
        {
            // If the message came before, the process that had it may have died right after committing the result: the mark that its token left then names commands that nobody else will dispatch.
            await (received.IsAgain ? DeliverAsync(received) : Task.CompletedTask);
            return;
        }

        var (attempts, _) = await services.Reading.ReadActivityAsync(message.WorkflowId, message.RunNumber, message.EventId, services.Shutdown);
        var now = services.Time.GetUtcNow();
        if (job.Deadline is { } deadline && now >= deadline)
        {
            await SettleAsync(received, job, TimeoutType.ScheduleToClose, attempts?.Started);
        }
        else if (attempts is { CompletesAsync: true } && attempts.Attempt == message.Attempt)
        {
            if (await parts.Runner.TimeOutLeftOpenAsync(job, attempts) is { } closed)
            {
                await ReportAsync(received, closed);
            }
        }
        else if (attempts?.Started is null && job.Attempt == message.Attempt && job.Scheduled.ScheduleToStartTimeout is not null)
        {
            await SettleAsync(received, job, TimeoutType.ScheduleToStart, null);
        }
    }

    private async Task FinishFailureAsync(WorkMessage message)
    {
        var (attempts, _) = await services.Reading.ReadActivityAsync(message.WorkflowId, message.RunNumber, message.EventId, services.Shutdown);
        if (attempts?.Attempt == message.Attempt && await FindJobAsync(message, mustCheck: true) is { } job)
        {
            await parts.Runner.ScheduleAttemptAsync(job);
        }

        await services.NudgeAsync(message.WorkflowId, services.Shutdown, message.BuildId);
    }

    private async Task SettleAsync(Received received, ActivityJob job, TimeoutType type, DateTimeOffset? started)
    {
        if (await parts.Runner.SettleAsync(job, ActivityRunner.Timeout(type, job), started) is { } closed)
        {
            await ReportAsync(received, closed);
        }
    }

    /// <summary>
    /// Gives a result to its workflow: directly when it is at hand in this process or the message has come back, else into its inbox. The message in hand stands behind both.
    /// </summary>
    private async Task ReportAsync(Received received, ActivityClosed closed)
    {
        var message = received.Message;
        if (services.Options.RunsWorkflows && (received.IsAgain || services.Cache.Contains(message.WorkflowId)))
        {
            await DeliverAsync(received, closed);
            return;
        }

        var outcome = await services.Journal.PostAsync(
            message.WorkflowId, JournalKeys.ActivityResult(message.RunId, message.EventId), new InboxItem(closed, message.RunId), null, services.Shutdown);
        if (outcome == PostOutcome.Accepted)
        {
            await services.NudgeAsync(message.WorkflowId, services.Shutdown, message.BuildId);
        }

        await (received.IsAgain ? DeliverAsync(received) : Task.CompletedTask);
    }

    /// <summary>
    /// On the last delivery that the host permits, an obligation must not vanish into the poison queue: it is put on the timers queue afresh. So a later one means that no process lived
    /// to see the last one end.
    /// </summary>
    private async Task GuardAsync(QueueDelivery delivery, WorkMessage message, Func<Task> handle)
    {
        if (delivery.DequeueCount > FatalMessages.MaxDeliveries)
        {
            await new FatalMessages(services).PutOffAsync(message, delivery.DequeueCount);
            return;
        }

        try
        {
            await handle();
        }
        catch (Exception e) when (delivery.IsLastAttempt && e is not OperationCanceledException)
        {
            LogGivenUp(message.Kind, message.WorkflowId, delivery.DequeueCount, e);
            var again = message with { DueAt = services.Time.GetUtcNow() + NextTry, IsRepeated = true };
            await QueueSending.SendAsync(services.Store.Queues, services.Retry, QueueNames.Timers, again, NextTry, services.Shutdown);
        }
    }

    [LoggerMessage(
        EventId = 2, Level = LogLevel.Error, Message = "{Kind} message of workflow '{WorkflowId}' failed {Count} times; it is tried again in a minute")]
    private partial void LogGivenUp(WorkKind kind, string workflowId, int count, Exception e);

    /// <param name="Message">What the message says, and whether it came before: copies of it say that too.</param>
    /// <param name="Hold">How long it is surely hidden from others; null for as long as its handler runs.</param>
    private readonly record struct Received(WorkMessage Message, MessageHold? Hold)
    {
        /// <summary>True when somebody had it before, who may have done a part of it and may still live.</summary>
        public bool IsAgain => Message.IsRepeated;

        public static Received Of(QueueDelivery delivery)
        {
            var message = WorkMessage.Decode(delivery.Body);
            return new Received(message with { IsRepeated = message.IsRepeated || delivery.DequeueCount > 1 || message.Kind == WorkKind.ActivityLost }, delivery.Hold);
        }
    }
}
