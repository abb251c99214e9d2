using Serverless.Activities;
using Serverless.Client;
using Serverless.History;
using Serverless.Operations;
using Serverless.Workflows;

namespace Serverless.Engine;

/// <summary>
/// Sends on what a commit asks for: activities, timers, children, messages to others, the list row. Every step may repeat: targets know what they have.
/// What is answered at once (a child's start, a stored signal) comes back as inputs for the next task.
/// </summary>
internal sealed class Dispatcher(EngineServices services, WorkflowStarter starter, RunningActivities running)
{
    /// <summary>Closes a workflow in this process: set once by the engine, which owns the mailboxes.</summary>
    public Func<string, string?, string, CancellationToken, Task> TerminateAsync { get; set; } = null!;

    /// <summary>Starts or joins a workflow as for a client: set once by the engine.</summary>
    public Func<StartRequest, CancellationToken, Task<StartResult>> StartAsync { get; set; } = null!;

    /// <param name="run">The run after the commit.</param>
    /// <param name="events">Events whose commands are to leave. Commands that are settled already are skipped.</param>
    /// <param name="activity">Takes each activity that is pending.</param>
    /// <param name="cancellationToken">Gives up between steps.</param>
    public async Task<IReadOnlyList<InputEvent>> DispatchAsync(
        LiveRun run, IReadOnlyList<HistoryEvent> events, Func<ActivityJob, Task> activity, CancellationToken cancellationToken)
    {
        var answers = new List<InputEvent>();
        foreach (var e in events)
        {
            switch (e)
            {
                case WorkflowStarted started:
                    await ArmTimeoutsAsync(run.WorkflowId, started, cancellationToken);
                    break;
                case ActivityScheduled scheduled when run.State.Activities.ContainsKey(e.Id):
                    await activity(ActivityJob.Of(run, scheduled, services.Options.TaskQueue));
                    break;
                case ActivityCancelRequested cancel when run.State.Activities.TryGetValue(cancel.ScheduledEventId, out var scheduled):
                    await CancelActivityAsync(run, cancel.ScheduledEventId, scheduled, answers, cancellationToken);
                    break;
                case TimerStarted timer when run.State.Timers.ContainsKey(e.Id):
                    await services.Timers.ScheduleAsync(TimerMessage(run, timer), cancellationToken);
                    break;
                case ChildWorkflowInitiated child when run.State.Children.TryGetValue(e.Id, out var pending) && !pending.Started:
                    answers.Add(await StartChildAsync(run, child, cancellationToken));
                    break;
                case ExternalSignalInitiated signal when run.State.Externals.ContainsKey(e.Id):
                    answers.Add(await SignalAsync(run, signal, cancellationToken));
                    break;
                case ExternalCancelInitiated cancel when run.State.Externals.ContainsKey(e.Id):
                    await CancelOtherAsync(run, cancel, answers, cancellationToken);
                    break;
                case TimerCanceled canceled when run.CanceledTimers.TryGetValue(canceled.StartedEventId, out var timer):
                    await services.Timers.CancelAsync(TimerMessage(run, timer), cancellationToken);
                    break;
            }
        }

        return answers;
    }

    private static WorkMessage TimerMessage(LiveRun run, TimerStarted timer) =>
        new(WorkKind.Timer, $"{run.State.Started.RunId}-{timer.Id}", run.WorkflowId)
        {
            RunId = run.State.Started.RunId,
            EventId = timer.Id,
            DueAt = timer.Time.After(timer.Delay),
            BuildId = run.PinnedBuildId,
        };

    /// <summary>Sees to it that the run ends when its time is over.</summary>
    public async Task ArmTimeoutsAsync(string workflowId, WorkflowStarted started, CancellationToken cancellationToken)
    {
        if (started.End() is { } end)
        {
            await services.Timers.ScheduleAsync(TimeoutMessage(workflowId, started, end), cancellationToken);
        }
    }

    /// <summary>The message that ends a run when its time is over.</summary>
    public static WorkMessage TimeoutMessage(string workflowId, WorkflowStarted started, DateTimeOffset end) =>
        new(WorkKind.RunTimeout, $"{started.RunId}-timeout", workflowId) { RunId = started.RunId, DueAt = end };

    private async Task CancelActivityAsync(
        LiveRun run, long scheduledEventId, ActivityScheduled scheduled, List<InputEvent> answers, CancellationToken cancellationToken)
    {
        if (running.Cancel(run.WorkflowId, run.State.Started.RunId, scheduledEventId, ActivityCancelReason.CancelRequested))
        {
            return;
        }

        var job = ActivityJob.Of(run, scheduled, services.Options.TaskQueue);
        var (attempts, _) = await services.Reading.ReadActivityAsync(run.WorkflowId, run.RunNumber, scheduledEventId, cancellationToken);
        if (attempts?.DueAt is { } due && due > services.Time.GetUtcNow())
        {
            // Nothing runs: it only waits for its next attempt.
            answers.Add(new ActivityCanceled(scheduledEventId, []) { Time = services.Time.GetUtcNow(), Attempt = attempts.Attempt });
            return;
        }

        await services.Journal.WriteWhileOpenAsync(run.WorkflowId, job.CancelKey, [], cancellationToken);
    }

    private async Task<InputEvent> StartChildAsync(LiveRun run, ChildWorkflowInitiated child, CancellationToken cancellationToken)
    {
        var parent = run.State.Started;
        var request = new StartRequest(
            child.WorkflowId,
            new WorkflowStarted(child.WorkflowType, child.TaskQueue, child.Args)
            {
                RunId = child.RunId,
                ExecutionTimeout = child.ExecutionTimeout,
                RunTimeout = child.RunTimeout,
                TaskTimeout = child.TaskTimeout,
                RetryPolicy = child.RetryPolicy,
                CronSchedule = child.CronSchedule,
                Memo = child.Memo,
                SearchAttributes = child.SearchAttributes,
                Headers = child.Headers,
                Summary = child.Summary,
                Details = child.Details,
                Priority = child.Priority,
                Parent = new ParentLink(run.WorkflowId, parent.RunId, child.Id, child.ParentClosePolicy),
                Root = parent.Root ?? new WorkflowLink(run.WorkflowId, parent.RunId),
                PinnedBuildId = run.PinnedBuildId,
            })
        {
            ReusePolicy = child.IdReusePolicy,
        };
        var started = starter.Complete(request.Started);
        var outcome = await starter.TryInsertAsync(request, started, cancellationToken)
            ?? await starter.TryStartAsync(request, started, cancellationToken);
        if (outcome.Verdict is StartVerdict.Start or StartVerdict.IsOurs)
        {
            await (outcome.Verdict == StartVerdict.Start
                ? SendFirstNudgeAsync(child.WorkflowId, started, cancellationToken)
                : WakeUnbegunAsync(child.WorkflowId, cancellationToken));
            return new ChildWorkflowStarted(child.Id, child.RunId) { Time = services.Time.GetUtcNow() };
        }

        return new ChildWorkflowStartFailed(child.Id, outcome.Head.RunId) { Time = services.Time.GetUtcNow() };
    }

    /// <summary>Makes some process run the first task, at its time. A run that waits for that is listed, and ends if its chain's time is over before.</summary>
    public async Task SendFirstNudgeAsync(string workflowId, WorkflowStarted started, CancellationToken cancellationToken)
    {
        if (!started.Waits())
        {
            await services.Nudges.SendAsync(services.Nudges.About(workflowId, started.PinnedBuildId), cancellationToken);
            return;
        }

        // The row goes first: the first task's commit relies on it.
        await services.Visibility.ProjectAsync(WorkflowSummaries.Of(workflowId, started), isFirst: true);
        await WaitForStartAsync(workflowId, started, cancellationToken);
    }

    /// <summary>Makes some process run the first task when its time has come.</summary>
    public Task WaitForStartAsync(string workflowId, WorkflowStarted started, CancellationToken cancellationToken) =>
        started.ChainEnd() <= started.FirstTaskDue()
            ? ArmTimeoutsAsync(workflowId, started, cancellationToken)
            : services.Timers.ScheduleAsync(
                services.Nudges.About(workflowId, started.PinnedBuildId) with { RunId = started.RunId, DueAt = started.FirstTaskDue() }, cancellationToken);

    /// <summary>Makes some process run the first task of the run that follows a closed one. The chain does it itself if it can.</summary>
    public async Task SendNextRunAsync(LiveRun closed, CancellationToken cancellationToken)
    {
        if (await ReadUnbegunAsync(closed.WorkflowId, cancellationToken) is { FirstTaskDelay: not null } started)
        {
            await SendFirstNudgeAsync(closed.WorkflowId, started, cancellationToken);
        }
    }

    /// <summary>Makes some process run the first task of a run of which nobody may have been told.</summary>
    public async Task WakeUnbegunAsync(string workflowId, CancellationToken cancellationToken)
    {
        if (await ReadUnbegunAsync(workflowId, cancellationToken) is { } started)
        {
            await SendFirstNudgeAsync(workflowId, started, cancellationToken);
        }
    }

    private async Task<WorkflowStarted?> ReadUnbegunAsync(string workflowId, CancellationToken cancellationToken) =>
        (await services.Reading.ReadWarmAsync(workflowId, cancellationToken))?.Inbox.Select(static r => r.Item.Event).OfType<WorkflowStarted>().FirstOrDefault();

    private async Task<InputEvent> SignalAsync(LiveRun run, ExternalSignalInitiated signal, CancellationToken cancellationToken)
    {
        // A copy of a history asks under the name of the run that asked first: the target knows whether it has the signal.
        var requestId = $"{run.State.RecordedBy(signal.Id)}-{signal.Id}";
        if (signal.Start is { } start)
        {
            return await SignalWithStartAsync(run, signal, start, requestId, cancellationToken);
        }

        var problem = await CheckTargetAsync(signal.WorkflowId, signal.RunId, cancellationToken);
        if (problem is null)
        {
            var outcome = await services.Journal.PostAsync(
                signal.WorkflowId,
                services.Ids.NextUlid(),
                new InboxItem(new WorkflowSignaled(signal.SignalName, signal.Args)
                {
                    Time = services.Time.GetUtcNow(),
                    Headers = signal.Headers,
                    Identity = run.WorkflowId,
                    RequestId = requestId,
                }),
                requestId,
                cancellationToken);
            problem = Problem(outcome, signal.WorkflowId);
        }

        if (problem is null)
        {
            await services.NudgeAsync(signal.WorkflowId, cancellationToken);
        }

        return new ExternalSignalClosed(signal.Id, problem) { Time = services.Time.GetUtcNow() };
    }

    /// <summary>The request id makes a repeated one find what the first did. Policies that would end a run are not among those that commands hold.</summary>
    private async Task<InputEvent> SignalWithStartAsync(
        LiveRun run, ExternalSignalInitiated signal, WorkflowStarted start, string requestId, CancellationToken cancellationToken)
    {
        var request = new StartRequest(signal.WorkflowId, start with { RequestId = start.RequestId ?? requestId, Identity = run.WorkflowId })
        {
            ReusePolicy = signal.IdReusePolicy,
            ConflictPolicy = signal.IdConflictPolicy,
            Signal = new WorkflowSignaled(signal.SignalName, signal.Args)
            {
                Time = services.Time.GetUtcNow(),
                Headers = signal.Headers,
                Identity = run.WorkflowId,
                RequestId = start.RequestId ?? requestId,
            },
        };
        try
        {
            var result = await StartAsync(request, cancellationToken);
            return new ExternalSignalClosed(signal.Id, null) { Time = services.Time.GetUtcNow(), RunId = result.RunId };
        }
        catch (WorkflowServiceException e)
        {
            var failure = new Failure(e.Message, new ApplicationFailureInfo(e.Code.ToString(), NonRetryable: true));
            return new ExternalSignalClosed(signal.Id, failure) { Time = services.Time.GetUtcNow(), RunId = e.RunId };
        }
    }

    private async Task CancelOtherAsync(LiveRun run, ExternalCancelInitiated cancel, List<InputEvent> answers, CancellationToken cancellationToken)
    {
        var problem = await CheckTargetAsync(cancel.WorkflowId, cancel.RunId, cancellationToken);
        if (run.State.Children.TryGetValue(cancel.ChildInitiatedEventId, out var child) && !child.Started)
        {
            // Another process may be about to start it: without it, the request would find nobody, and the child would never hear of it.
            answers.Add(await StartChildAsync(run, child.Initiated, cancellationToken));
            problem ??= answers[^1] is ChildWorkflowStartFailed ? Problem(PostOutcome.NotFound, cancel.WorkflowId) : null;
        }

        problem ??= Problem(await PostCancelAsync(new WorkflowRef(cancel.WorkflowId), new WorkflowCancelRequested(cancel.Reason, run.WorkflowId), null, cancellationToken), cancel.WorkflowId);
        answers.Add(new ExternalCancelClosed(cancel.Id, problem) { Time = services.Time.GetUtcNow() });
    }

    /// <summary>Stores a request to cancel and wakes the target.</summary>
    public async Task<PostOutcome> PostCancelAsync(WorkflowRef workflow, WorkflowCancelRequested cancel, string? requestId, CancellationToken cancellationToken)
    {
        var outcome = await services.Journal.PostAsync(
            workflow.WorkflowId,
            services.Ids.NextUlid(),
            InboxItem.For(workflow, cancel with { Time = services.Time.GetUtcNow() }),
            requestId,
            cancellationToken);
        if (outcome == PostOutcome.Accepted)
        {
            await services.NudgeAsync(workflow.WorkflowId, cancellationToken);
        }

        return outcome;
    }

    private async Task<Failure?> CheckTargetAsync(string workflowId, string? runId, CancellationToken cancellationToken)
    {
        if (runId is null)
        {
            return null;
        }

        var head = await starter.ReadHeadAsync(workflowId, cancellationToken);
        return head is { } found && (found.Head.RunId == runId || found.Head.FirstRunId == runId) ? null : Problem(PostOutcome.NotFound, workflowId);
    }

    private static Failure? Problem(PostOutcome outcome, string workflowId) => outcome switch
    {
        PostOutcome.Accepted => null,
        PostOutcome.Closed => new Failure($"Workflow '{workflowId}' is closed.", new ApplicationFailureInfo("WorkflowClosed", NonRetryable: true)),
        PostOutcome.Full => new Failure(PostOutcomes.InboxFull(workflowId), new ApplicationFailureInfo(nameof(WorkflowServiceError.InboxFull), NonRetryable: false)),
        _ => new Failure($"There is no workflow '{workflowId}', or not that run of it.", new ApplicationFailureInfo("WorkflowNotFound", NonRetryable: true)),
    };
}
