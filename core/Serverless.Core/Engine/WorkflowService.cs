using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>What clients do to workflows, straight on storage; see the contract.</summary>
internal sealed class WorkflowService(
    EngineServices services, ChainParts parts, WorkflowStarter starter, Mailboxes mailboxes, RunReader reader, WorkflowUpdates updates)
    : IWorkflowService
{
    public async Task<StartResult> StartAsync(StartRequest request, CancellationToken cancellationToken)
    {
        AttributeChecks.Refuse(request.Started, services.Options);
        return await StartRecordedAsync(request, cancellationToken);
    }

    /// <summary>A start that a history has recorded: its search attributes were declared when its code asked for it.</summary>
    public async Task<StartResult> StartRecordedAsync(StartRequest request, CancellationToken cancellationToken)
    {
        Check(WorkflowKey.Problem(request.WorkflowId) ?? NameLimits.ProblemOf(request));
        SizeLimits.Refuse(SizeLimits.ProblemOf(request, services.Options.Limits));
        if (request.Started.CronSchedule is { Length: > 0 } cron)
        {
            Check(CronTimes.ProblemOf(cron));
        }

        var started = starter.Complete(request.Started);
        if (CanStartHere(request, started) && await TryStartHereAsync(request, started, cancellationToken) is { } result)
        {
            return result;
        }

        var outcome = await StoreAsync(request, started, cancellationToken);
        return await AnswerAsync(request, outcome, cancellationToken);
    }

    public async Task SignalAsync(WorkflowRef workflow, WorkflowSignaled signal, string? requestId, CancellationToken cancellationToken)
    {
        Check(NameLimits.ProblemOfName("a signal", signal.Name) ?? NameLimits.ProblemOfId("A request id", requestId) ?? NameLimits.ProblemOfText("An identity", signal.Identity));
        services.Options.Limits.Check($"The arguments of signal '{signal.Name}'", signal.Args);
        if (await reader.MayReachAsync(workflow, requestId, cancellationToken))
        {
            requestId ??= workflow.IsCertain ? services.Ids.NextUlid() : null;
            var item = InboxItem.For(workflow, signal with { Time = services.Time.GetUtcNow(), RequestId = requestId });
            var outcome = await services.Journal.PostAsync(workflow.WorkflowId, services.Ids.NextUlid(), item, requestId, cancellationToken);
            outcome.ThrowUnlessAccepted(workflow.WorkflowId);
            await services.NudgeAsync(workflow.WorkflowId, cancellationToken);
        }

        if (requestId is not null && !await reader.HasReachedAsync(workflow, requestId, cancellationToken))
        {
            throw WorkflowServiceException.Closed(workflow.WorkflowId);
        }
    }

    public async Task CancelAsync(WorkflowRef workflow, string? reason, string? requestId, CancellationToken cancellationToken)
    {
        Check(NameLimits.ProblemOfId("A request id", requestId) ?? NameLimits.ProblemOfText("A reason", reason));
        if (await reader.MayReachAsync(workflow, requestId, cancellationToken))
        {
            var cancel = new WorkflowCancelRequested(reason, services.Options.Identity);
            var outcome = await parts.Dispatcher.PostCancelAsync(workflow, cancel, requestId, cancellationToken);
            outcome.ThrowUnlessAccepted(workflow.WorkflowId);
        }
    }

    public async Task TerminateAsync(
        WorkflowRef workflow, string? reason, IReadOnlyList<Payload> details, string? identity, CancellationToken cancellationToken)
    {
        Check(NameLimits.ProblemOfText("A reason", reason) ?? NameLimits.ProblemOfText("An identity", identity));
        services.Options.Limits.Check("The termination details", details);
        var head = await reader.CheckRunAsync(workflow, cancellationToken, read: true);
        if (!head!.IsOpen)
        {
            throw WorkflowServiceException.Closed(workflow.WorkflowId);
        }

        await CloseAsync(workflow.WorkflowId, head.RunId, new WorkflowTerminated(reason, details, identity ?? services.Options.Identity), cancellationToken);
    }

    /// <summary>Terminates a child whose parent closed. A child that is gone, closed or of another chain is left alone.</summary>
    public async Task TerminateChildAsync(string workflowId, string? firstRunId, string reason, CancellationToken cancellationToken)
    {
        if (await starter.ReadHeadAsync(workflowId, cancellationToken) is { Head: { IsOpen: true } head } && (firstRunId is null || head.FirstRunId == firstRunId))
        {
            await CloseAsync(workflowId, head.RunId, new WorkflowTerminated(reason, [], services.Options.Identity), cancellationToken);
        }
    }

    public async Task<Payload?> QueryAsync(
        WorkflowRef workflow, string name, IReadOnlyList<Payload> args, IReadOnlyDictionary<string, Payload> headers, CancellationToken cancellationToken)
    {
        Check(WorkflowKey.Problem(workflow.WorkflowId) ?? NameLimits.ProblemOfName("a query", name));
        services.Options.Limits.Check($"The arguments of query '{name}'", args);
        Payload? result = null;
        var found = false;
        Exception? problem = null;
        async Task UseAsync(LiveRun? run)
        {
            try
            {
                run = run is null || (workflow.RunId is not null && run.Head.RunId != workflow.RunId) ? await reader.LoadAsync(workflow, cancellationToken) : run;
                if (run is not null)
                {
                    found = true;
                    await CheckBegunAsync(run, cancellationToken);
                    result = await parts.Loader.QueryAsync(run, name, args, headers);
                }
            }
            catch (Exception e) when (e is QueryFailedException or WorkflowTaskFailedException or WorkflowServiceException)
            {
                problem = e;
            }
        }

        // Through the mailbox: the run is at rest then, and all that was accepted before has been applied.
        await mailboxes.DeliverAsync(workflow.WorkflowId, new Delivery(services.Ids.NextUlid(), use: UseAsync)).OrCanceledAsync(cancellationToken);
        return problem switch
        {
            WorkflowServiceException => throw problem,
            QueryFailedException => throw new WorkflowServiceException(WorkflowServiceError.QueryFailed, problem.Message),
            WorkflowTaskFailedException => throw new WorkflowServiceException(
                WorkflowServiceError.CodeUnavailable, $"Workflow '{workflow.WorkflowId}' can't be queried: {problem.Message}"),
            _ => found ? result : throw WorkflowServiceException.NotFound(workflow.WorkflowId),
        };
    }

    private async Task CheckBegunAsync(LiveRun run, CancellationToken cancellationToken)
    {
        if (run is { Damage: null, State.LastEventId: 0 }
            && await services.Reading.ReadWarmAsync(run.WorkflowId, cancellationToken) is { } warm && warm.Inbox.Any(static r => r.Item.Event is WorkflowStarted))
        {
            throw new WorkflowServiceException(
                WorkflowServiceError.CodeUnavailable,
                $"Workflow '{run.WorkflowId}' can't be queried: it has not begun. {(run.Head.Blocked is null ? "It waits for its first task." : "Its first task is blocked.")} Ask again once that has run.");
        }
    }

    public Task<UpdateOutcome?> UpdateAsync(
        WorkflowRef workflow, WorkflowUpdateAccepted update, bool untilCompleted, TimeSpan wait, CancellationToken cancellationToken) =>
        updates.UpdateAsync(workflow, update, untilCompleted, wait, cancellationToken);

    public async Task<CloseResult?> WaitForCloseAsync(WorkflowRef workflow, bool followRuns, TimeSpan wait, CancellationToken cancellationToken)
    {
        Check(WorkflowKey.Problem(workflow.WorkflowId));
        CloseResult? result = null;
        async Task<bool> LookAsync()
        {
            result = await reader.ReadCloseAsync(workflow, followRuns, cancellationToken);
            return result is not null;
        }

        await services.Watchers.PollAsync(workflow.WorkflowId, wait, LookAsync, cancellationToken);
        return result;
    }

    public async Task DeleteAsync(string workflowId, CancellationToken cancellationToken)
    {
        Check(WorkflowKey.Problem(workflowId));
        var (outcome, openRunId) = await new RunRemoval(services).RemoveIdAsync(workflowId, cancellationToken);
        if (outcome == RemovalOutcome.StillOpen)
        {
            throw new WorkflowServiceException(
                WorkflowServiceError.StillOpen, $"Workflow '{workflowId}' is running: terminate it or wait for its end, then delete it.", openRunId);
        }

        if (outcome == RemovalOutcome.NotFound)
        {
            throw WorkflowServiceException.NotFound(workflowId);
        }
    }

    private bool CanStartHere(StartRequest request, WorkflowStarted started) =>
        request.Eager && request.Signal?.RequestId is null && services.Options.RunsWorkflows && started.FirstTaskDelay is null && services.Workflows.Knows(started.WorkflowType)
        && (started.PinnedBuildId is null || started.PinnedBuildId == services.Options.BuildId);

    /// <summary>Runs the first task before anything is stored and stores both together. Null: it must be stored in the ordinary way.</summary>
    private async Task<StartResult?> TryStartHereAsync(StartRequest request, WorkflowStarted started, CancellationToken cancellationToken)
    {
        var token = services.Ids.NextUlid();
        List<Delivery> deliveries = [new Delivery(token, started) { Hold = new MessageHold(services.Time) }];
        if (request.Signal is { } signal)
        {
            deliveries.Add(new Delivery(token, signal with { Time = started.Time }) { Hold = deliveries[0].Hold });
        }

        var run = LiveRun.FromStart(request.WorkflowId, services.Commits.HeadOf(started, 1, null));
        using var watch = services.Watchers.Watch(request.WorkflowId);
        var committed = watch.NextCommit();
        if (!mailboxes.TryStart(request.WorkflowId, deliveries, run))
        {
            return null;
        }

        // A commit may be that of a run which was there before: ours shows in the run.
        while (run.State.LastEventId == 0 && !deliveries[0].Done.IsCompleted)
        {
            await BoundedWait.FirstAsync(committed, deliveries[0].Done);
            committed = committed.IsCompleted && run.State.LastEventId == 0 ? watch.NextCommit() : committed;
        }

        if (run.State.LastEventId == 0 && deliveries[0].Done.IsFaulted)
        {
            try
            {
                await deliveries[0].Done;
            }
            catch (StartConflictException)
            {
                return null;
            }
        }

        var outcome = new StartOutcome(StartVerdict.Start, run.Head with { RunId = started.RunId, FirstRunId = started.RunId });
        return committed.IsCompletedSuccessfully && await committed is { } close && close.RunId == started.RunId
            ? new StartResult(started.RunId, started.RunId, true, close.Status, close)
            : await AnswerAsync(request, outcome, cancellationToken);
    }

    private async Task<StartOutcome> StoreAsync(StartRequest request, WorkflowStarted started, CancellationToken cancellationToken)
    {
        while (true)
        {
            var outcome = await starter.TryInsertAsync(request, started, cancellationToken)
                ?? await starter.TryStartAsync(request, started, cancellationToken);
            switch (outcome.Verdict)
            {
                case StartVerdict.Start:
                    await parts.Dispatcher.SendFirstNudgeAsync(request.WorkflowId, started, cancellationToken);
                    return outcome;
                case StartVerdict.IsOurs:
                    await WakeUnstartedAsync(request.WorkflowId, outcome.Head, cancellationToken);
                    return outcome;
                case StartVerdict.IsRepeated:
                    await WakeUnstartedAsync(request.WorkflowId, outcome.Head, cancellationToken);
                    return outcome with { Head = outcome.Head with { RunId = outcome.Head.FirstRunId } };
                case StartVerdict.UseExisting:
                    return request.Signal is not { } signal || await TrySignalAsync(request.WorkflowId, signal, cancellationToken)
                        ? outcome
                        : await StoreAsync(request, started, cancellationToken);
                case StartVerdict.TerminateExisting:
                    await CloseAsync(
                        request.WorkflowId,
                        outcome.Head.RunId,
                        new WorkflowTerminated("Terminated by a start with the same id.", [], services.Options.Identity),
                        cancellationToken);

                    // The conflict policy has decided: what it ended is no reason to refuse.
                    request = request with { ReusePolicy = WorkflowIdReusePolicy.AllowDuplicate };
                    break;
                default:
                    await WakeUnstartedAsync(request.WorkflowId, outcome.Head, cancellationToken);
                    throw new WorkflowServiceException(
                        WorkflowServiceError.AlreadyStarted,
                        $"Workflow id '{request.WorkflowId}' is in use: run {outcome.Head.RunId} is {outcome.Head.Status}, "
                        + "and the id reuse and conflict policies do not allow another.",
                        outcome.Head.RunId);
            }
        }
    }

    /// <summary>A starter that died between storing and nudging left a run that nobody looks at; whoever tries again wakes it.</summary>
    private Task WakeUnstartedAsync(string workflowId, WorkflowHead head, CancellationToken cancellationToken) =>
        head is { IsOpen: true, LastEventId: 0 } ? parts.Dispatcher.WakeUnbegunAsync(workflowId, cancellationToken) : Task.CompletedTask;

    private async Task<bool> TrySignalAsync(string workflowId, WorkflowSignaled signal, CancellationToken cancellationToken)
    {
        var item = new InboxItem(signal with { Time = services.Time.GetUtcNow() });
        var outcome = await services.Journal.PostAsync(workflowId, services.Ids.NextUlid(), item, signal.RequestId, cancellationToken);
        if (outcome is PostOutcome.Closed or PostOutcome.NotFound)
        {
            return false;
        }

        outcome.ThrowUnlessAccepted(workflowId);

        await services.NudgeAsync(workflowId, cancellationToken);
        return true;
    }

    private async Task<StartResult> AnswerAsync(StartRequest request, StartOutcome outcome, CancellationToken cancellationToken)
    {
        var close = request.Wait > TimeSpan.Zero
            ? await WaitForCloseAsync(new WorkflowRef(request.WorkflowId, outcome.Head.RunId), true, request.Wait, cancellationToken)
            : null;
        var started = outcome.Verdict is StartVerdict.Start or StartVerdict.IsOurs or StartVerdict.IsRepeated;
        return new StartResult(outcome.Head.RunId, outcome.Head.FirstRunId, started, outcome.Head.Status, close);
    }

    /// <summary>Closes a run from outside, with a message behind it until others have been told.</summary>
    private async Task CloseAsync(string workflowId, string runId, HistoryEvent closing, CancellationToken cancellationToken)
    {
        var token = services.Ids.NextUlid();
        var backup = new MessageBackup(services, new WorkMessage(WorkKind.Nudge, token, workflowId));
        await backup.BeginAsync();
        await mailboxes.DeliverAsync(workflowId, new Delivery(token, closing, runId) { Hold = backup.Hold }).OrCanceledAsync(cancellationToken);
        await backup.EndAsync();
    }

    private static void Check(string? problem) => NameLimits.Refuse(problem);
}
