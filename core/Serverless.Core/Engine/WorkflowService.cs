using Serverless.Client;
using Serverless.Converters;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>What clients do to workflows, straight on storage; see the contract.</summary>
internal sealed class WorkflowService(EngineServices services, ChainParts parts, WorkflowStarter starter, Mailboxes mailboxes, RunReader reader)
    : IWorkflowService, IUpdateReader
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(2);

    public async Task<StartResult> StartAsync(StartRequest request, CancellationToken cancellationToken)
    {
        Check(WorkflowKey.Problem(request.WorkflowId));
        CheckSize("The arguments of the workflow", request.Started.Args);
        if (request.Started.CronSchedule is { Length: > 0 } cron)
        {
            CheckCron(cron);
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
        if (signal.Name.Length is 0 or > 1_000)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, "A signal name has 1 to 1,000 characters.");
        }

        CheckSize($"The arguments of signal '{signal.Name}'", signal.Args);
        await reader.CheckRunAsync(workflow, cancellationToken);
        var item = new InboxItem(signal with { Time = services.Time.GetUtcNow(), RequestId = requestId });
        var outcome = await services.Journal.PostAsync(workflow.WorkflowId, services.Ids.NextUlid(), item, requestId, cancellationToken);
        ThrowUnlessAccepted(outcome, workflow.WorkflowId);
        await services.NudgeAsync(workflow.WorkflowId, cancellationToken);
    }

    public async Task CancelAsync(WorkflowRef workflow, string? reason, CancellationToken cancellationToken)
    {
        await reader.CheckRunAsync(workflow, cancellationToken);
        ThrowUnlessAccepted(
            await parts.Dispatcher.PostCancelAsync(workflow.WorkflowId, reason, services.Options.Identity, cancellationToken), workflow.WorkflowId);
    }

    public async Task TerminateAsync(
        WorkflowRef workflow, string? reason, IReadOnlyList<Payload> details, CancellationToken cancellationToken)
    {
        CheckSize("The termination details", details);
        var head = await reader.CheckRunAsync(workflow, cancellationToken, read: true);
        if (!head!.IsOpen)
        {
            throw Closed(workflow.WorkflowId);
        }

        await CloseAsync(workflow.WorkflowId, head.RunId, new WorkflowTerminated(reason, details, services.Options.Identity), cancellationToken);
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
        Check(WorkflowKey.Problem(workflow.WorkflowId));
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
                    result = await parts.Loader.QueryAsync(run, name, args, headers);
                }
            }
            catch (Exception e) when (e is QueryFailedException or WorkflowTaskFailedException or WorkflowServiceException)
            {
                problem = e;
            }
        }

        // Through the mailbox: the run is at rest then, and all that was accepted before has been applied.
        await mailboxes.DeliverAsync(workflow.WorkflowId, new Delivery(services.Ids.NextUlid(), use: UseAsync)).WaitAsync(cancellationToken);
        return problem switch
        {
            QueryFailedException => throw new WorkflowServiceException(WorkflowServiceError.QueryFailed, problem.Message),
            WorkflowTaskFailedException => throw new WorkflowServiceException(
                WorkflowServiceError.CodeUnavailable, $"Workflow '{workflow.WorkflowId}' can't be queried: {problem.Message}"),
            not null => throw problem,
            null when !found => throw NotFound(workflow.WorkflowId),
            null => result,
        };
    }

    public async Task<UpdateOutcome?> UpdateAsync(
        WorkflowRef workflow, WorkflowUpdateAccepted update, bool untilCompleted, TimeSpan wait, CancellationToken cancellationToken)
    {
        CheckSize($"The arguments of update '{update.Name}'", update.Args);
        await reader.CheckRunAsync(workflow, cancellationToken);
        if (await ReadUpdateAsync(workflow.WorkflowId, update.UpdateId, cancellationToken) is null)
        {
            var item = new InboxItem(update with { Time = services.Time.GetUtcNow() });
            var outcome = await services.Journal.PostAsync(
                workflow.WorkflowId, JournalKeys.UpdateRequest(update.UpdateId), item, null, cancellationToken);
            ThrowUnlessAccepted(outcome, workflow.WorkflowId);
            await services.NudgeAsync(workflow.WorkflowId, cancellationToken);
        }

        UpdateOutcome? known = null;
        async Task<bool> LookAsync()
        {
            known = await ReadUpdateAsync(workflow.WorkflowId, update.UpdateId, cancellationToken);
            if (known is null && await starter.ReadHeadAsync(workflow.WorkflowId, cancellationToken) is not { Head.IsOpen: true })
            {
                throw Closed(workflow.WorkflowId);
            }

            return known is not null && (known.Completed || !known.Accepted || !untilCompleted);
        }

        await PollAsync(workflow.WorkflowId, wait, LookAsync, cancellationToken);
        return known is not null && (known.Completed || !known.Accepted || !untilCompleted) ? known : null;
    }

    public async Task<UpdateOutcome?> WaitForUpdateAsync(WorkflowRef workflow, string updateId, TimeSpan wait, CancellationToken cancellationToken)
    {
        Check(WorkflowKey.Problem(workflow.WorkflowId));
        UpdateOutcome? known = null;
        async Task<bool> LookAsync()
        {
            known = await ReadUpdateAsync(workflow.WorkflowId, updateId, cancellationToken);
            if (known is null
                && await services.Journal.ReadRowAsync(workflow.WorkflowId, JournalKeys.Inbox(JournalKeys.UpdateRequest(updateId)), cancellationToken) is null)
            {
                // It may have been taken from the inbox between the two reads.
                known = await ReadUpdateAsync(workflow.WorkflowId, updateId, cancellationToken) ?? throw new WorkflowServiceException(
                    WorkflowServiceError.NotFound, $"There is no update '{updateId}' of workflow '{workflow.WorkflowId}'.");
            }

            return known is { Completed: true } or { Accepted: false };
        }

        await PollAsync(workflow.WorkflowId, wait, LookAsync, cancellationToken);
        return known is { Completed: true } or { Accepted: false } ? known : null;
    }

    public async Task<CloseResult?> WaitForCloseAsync(WorkflowRef workflow, bool followRuns, TimeSpan wait, CancellationToken cancellationToken)
    {
        Check(WorkflowKey.Problem(workflow.WorkflowId));
        CloseResult? result = null;
        async Task<bool> LookAsync()
        {
            result = await reader.ReadCloseAsync(workflow, followRuns, cancellationToken);
            return result is not null;
        }

        await PollAsync(workflow.WorkflowId, wait, LookAsync, cancellationToken);
        return result;
    }

    public async Task DeleteAsync(string workflowId, CancellationToken cancellationToken)
    {
        Check(WorkflowKey.Problem(workflowId));
        if (await starter.ReadHeadAsync(workflowId, cancellationToken) is not { } found)
        {
            throw NotFound(workflowId);
        }

        if (found.Head.IsOpen)
        {
            throw new WorkflowServiceException(
                WorkflowServiceError.StillOpen, $"Workflow '{workflowId}' is running: terminate it or wait for its end, then delete it.", found.Head.RunId);
        }

        foreach (var summary in await reader.SummariesAsync(workflowId, found.Head, cancellationToken))
        {
            await services.Visibility.RemoveAsync(summary, cancellationToken);
        }

        services.Cache.Take(workflowId)?.Dispose();
        await services.Journal.DeleteAsync(workflowId, cancellationToken);
    }

    private bool CanStartHere(StartRequest request, WorkflowStarted started) =>
        request.Eager && request.Signal?.RequestId is null && services.Options.RunsWorkflows && started.FirstTaskDelay is null && services.Workflows.Knows(started.WorkflowType)
        && (started.PinnedBuildId is null || started.PinnedBuildId == services.Options.BuildId);

    /// <summary>Runs the first task before anything is stored and stores both together. Null: it must be stored in the ordinary way.</summary>
    private async Task<StartResult?> TryStartHereAsync(StartRequest request, WorkflowStarted started, CancellationToken cancellationToken)
    {
        var token = services.Ids.NextUlid();
        List<Delivery> deliveries = [new Delivery(token, started)];
        if (request.Signal is { } signal)
        {
            deliveries.Add(new Delivery(token, signal with { Time = started.Time }));
        }

        var run = LiveRun.FromStart(request.WorkflowId, services.Commits.HeadOf(started, 1, null));
        var committed = services.Watchers.NextCommit(request.WorkflowId);
        if (!mailboxes.TryStart(request.WorkflowId, deliveries, run))
        {
            return null;
        }

        // A commit may be that of a run which was there before: ours shows in the run.
        while (run.State.LastEventId == 0 && !deliveries[0].Done.IsCompleted)
        {
            await Task.WhenAny(committed, deliveries[0].Done);
            committed = committed.IsCompleted && run.State.LastEventId == 0 ? services.Watchers.NextCommit(request.WorkflowId) : committed;
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
            ? new StartResult(started.RunId, started.RunId, true, close)
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
                case StartVerdict.Start or StartVerdict.IsOurs:
                    await parts.Dispatcher.SendFirstNudgeAsync(request.WorkflowId, started, cancellationToken);
                    return outcome;
                case StartVerdict.IsRepeated:
                    await WakeUnstartedAsync(request.WorkflowId, outcome.Head, cancellationToken);
                    return outcome;
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
        head is { IsOpen: true, LastEventId: 0 } ? services.NudgeAsync(workflowId, cancellationToken, head.PinnedBuildId) : Task.CompletedTask;

    private async Task<bool> TrySignalAsync(string workflowId, WorkflowSignaled signal, CancellationToken cancellationToken)
    {
        var item = new InboxItem(signal with { Time = services.Time.GetUtcNow() });
        if (await services.Journal.PostAsync(workflowId, services.Ids.NextUlid(), item, signal.RequestId, cancellationToken) != PostOutcome.Accepted)
        {
            return false;
        }

        await services.NudgeAsync(workflowId, cancellationToken);
        return true;
    }

    private async Task<StartResult> AnswerAsync(StartRequest request, StartOutcome outcome, CancellationToken cancellationToken)
    {
        var close = request.Wait > TimeSpan.Zero
            ? await WaitForCloseAsync(new WorkflowRef(request.WorkflowId, outcome.Head.RunId), true, request.Wait, cancellationToken)
            : null;
        return new StartResult(outcome.Head.RunId, outcome.Head.FirstRunId, outcome.Verdict is StartVerdict.Start or StartVerdict.IsOurs, close);
    }

    /// <summary>Closes a run from outside, with a message behind it until others have been told.</summary>
    private async Task CloseAsync(string workflowId, string runId, HistoryEvent closing, CancellationToken cancellationToken)
    {
        var token = services.Ids.NextUlid();
        var backup = new MessageBackup(services, new WorkMessage(WorkKind.Nudge, token, workflowId));
        await backup.BeginAsync();
        await mailboxes.DeliverAsync(workflowId, new Delivery(token, closing, runId)).WaitAsync(cancellationToken);
        await backup.EndAsync();
    }

    private async Task<UpdateOutcome?> ReadUpdateAsync(string workflowId, string updateId, CancellationToken cancellationToken) =>
        await services.Journal.ReadRowAsync(workflowId, JournalKeys.Update(updateId), cancellationToken) is { } row ? UpdateRow.Decode(row.Data) : null;

    /// <summary>Looks until satisfied or out of time: at once, at each commit of this process, and now and then for those of others.</summary>
    private async Task PollAsync(string workflowId, TimeSpan wait, Func<Task<bool>> look, CancellationToken cancellationToken)
    {
        var deadline = services.Time.GetUtcNow() + wait;
        var pause = services.Options.RunsWorkflows ? LongestPoll : ShortestPoll;
        while (true)
        {
            var committed = services.Watchers.NextCommit(workflowId);
            if (await look())
            {
                return;
            }

            var left = deadline - services.Time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(committed, Task.Delay(left < pause ? left : pause, services.Time, over.Token));
            over.Cancel();
            cancellationToken.ThrowIfCancellationRequested();
            pause = pause * 2 < LongestPoll ? pause * 2 : LongestPoll;
        }
    }

    private void CheckSize(string what, IReadOnlyList<Payload> payloads)
    {
        var limit = services.Options.Limits.MaxPayloadBytes;
        foreach (var payload in payloads)
        {
            if (payload.Data.Length > limit)
            {
                throw new WorkflowServiceException(
                    WorkflowServiceError.LimitExceeded, $"{what} hold a payload of {payload.Data.Length} bytes; the limit is {limit}. Store it elsewhere and pass its address.");
            }
        }
    }

    private static void CheckCron(string cron)
    {
        try
        {
            NextRun.NextCronTime(cron, DateTimeOffset.UnixEpoch);
        }
        catch (Exception e) when (e is Cronos.CronFormatException or TimeZoneNotFoundException or ArgumentException)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, $"The cron schedule '{cron}' can't be read: {e.Message}");
        }
    }

    private static void Check(string? problem)
    {
        if (problem is not null)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
        }
    }

    private static void ThrowUnlessAccepted(PostOutcome outcome, string workflowId)
    {
        if (outcome != PostOutcome.Accepted)
        {
            throw outcome == PostOutcome.Closed ? Closed(workflowId) : NotFound(workflowId);
        }
    }

    private static WorkflowServiceException Closed(string workflowId) =>
        new(WorkflowServiceError.Closed, $"Workflow '{workflowId}' is closed.");

    private static WorkflowServiceException NotFound(string workflowId) =>
        new(WorkflowServiceError.NotFound, $"There is no workflow '{workflowId}', or not that run of it.");
}
