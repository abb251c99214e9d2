using Serverless.Converters;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>Brings runs into memory and runs their code.</summary>
internal sealed class RunLoader(EngineServices services)
{
    /// <summary>Makes the workflow id's chain look again: set once by the engine, which owns the mailboxes.</summary>
    public Action<string>? Wake { get; set; }

    /// <summary>
    /// The current run from the store, with its inbox; null when the workflow id does not exist. Without its history where <paramref name="headSuffices"/> says so.
    /// </summary>
    public async Task<(LiveRun Run, IReadOnlyList<InboxRow> Inbox)?> LoadAsync(
        string workflowId, CancellationToken cancellationToken, Func<WorkflowHead, bool>? headSuffices = null) =>
        await services.Reading.ReadColdAsync(workflowId, cancellationToken, headSuffices) is { } cold
            ? (cold.HeadOnly ? LiveRun.FromHead(workflowId, cold.Warm) : LiveRun.FromStore(workflowId, cold), cold.Warm.Inbox)
            : null;

    /// <summary>An older run of a workflow id, for queries and repeated dispatch.</summary>
    public async Task<LiveRun?> LoadRunAsync(string workflowId, WorkflowHead current, int runNumber, CancellationToken cancellationToken)
    {
        var segments = await services.Reading.ReadSegmentsAsync(workflowId, runNumber, cancellationToken);
        if (segments.Count == 0 || segments[0].Events is not [WorkflowStarted started, ..])
        {
            return null;
        }

        var lastId = segments[^1].Events[^1].Id;
        var copied = segments.SelectMany(static s => s.Events).OfType<WorkflowResetMarked>().LastOrDefault();
        var head = current with
        {
            RunNumber = runNumber,
            RunId = started.RunId,
            FirstRunId = copied is { FirstRunId.Length: > 0 } ? copied.FirstRunId : started.FirstRunId,
            WorkflowType = started.WorkflowType,
            Status = CommitBuilder.StatusAfter(segments[^1].Events[^1]),
            LastEventId = lastId,
            HistoryBytes = segments.Sum(static s => s.Bytes),
            Started = started.Time,
            PinnedBuildId = null,
            Blocked = null,
        };
        return LiveRun.FromStore(
            workflowId,
            new ColdRead(new WarmRead(head, "", null, [], null), segments, new Dictionary<long, ActivityAttemptRow>(), new HashSet<string>()));
    }

    /// <summary>Runs a task on the run's code, replaying it first where needed.</summary>
    /// <exception cref="WorkflowTaskFailedException">The code can't go on; nothing may be committed, and the run must be dropped.</exception>
    public async Task<WorkflowTaskOutcome> RunTaskAsync(LiveRun run, IReadOnlyList<InputEvent> inputs, bool otherBuildSeen)
    {
        CheckRunnable(run);
        var executor = await ExecutorAsync(run, inputs);
        var recorded = await RecordedAsync(run);
        var input = new WorkflowTaskInput(
            await services.Coding.DecodeAsync(run, inputs), services.Time.GetUtcNow(), services.Options.Identity, services.Options.BuildId, run.Head.HistoryBytes)
        {
            OtherBuildSeen = otherBuildSeen,
        };
        var outcome = await RunCodeAsync(run, inputs, executor, recorded, () => executor.RunTask(input));
        var encoded = await services.Coding.EncodeAsync(run, inputs, outcome);
        AttributeChecks.Check(run.Head.WorkflowType, encoded.Events, services.Options);
        SizeLimits.Check(run.State, encoded.Events, () => CommitBuilder.StateAt(run, encoded.Events), services.Options.Limits);
        return encoded;
    }

    /// <summary>Asks the run's code, at its last task.</summary>
    /// <exception cref="WorkflowTaskFailedException">The code can't be brought there.</exception>
    /// <exception cref="QueryFailedException">Unknown query, wrong arguments, or the handler threw.</exception>
    public Task<Payload?> QueryAsync(LiveRun run, string name, IReadOnlyList<Payload> args, IReadOnlyDictionary<string, Payload> headers) =>
        services.Coding.QueryAsync(run, args, headers, (decodedArgs, decodedHeaders) =>
            WithExecutorAsync(run, executor => executor.Query(name, decodedArgs, decodedHeaders)));

    /// <summary>The run's code at its last task.</summary>
    /// <exception cref="WorkflowTaskFailedException">The code can't be brought there.</exception>
    public async Task<T> WithExecutorAsync<T>(LiveRun run, Func<IWorkflowExecutor, T> use)
    {
        CheckRunnable(run);
        var executor = await ExecutorAsync(run, run.Trailing);
        var recorded = await RecordedAsync(run);
        return await RunCodeAsync(run, run.Trailing, executor, recorded, () => use(executor));
    }

    private async Task<T> RunCodeAsync<T>(LiveRun run, IReadOnlyList<InputEvent> inputs, IWorkflowExecutor executor, IReadOnlyList<HistoryEvent> recorded, Func<T> code)
    {
        try
        {
            return await services.Code.RunWorkflowAsync(
                new CodeOwner(run.Head.WorkflowType, run.WorkflowId),
                TimeLimit(StartOf(run, inputs)),
                () =>
                {
                    Replay(run, executor, recorded);
                    return code();
                });
        }
        catch (WorkflowTaskFailedException e) when (e.Cause is WorkflowTaskFailedCause.Deadlock or WorkflowTaskFailedCause.MemoryExhausted)
        {
            // Its code may still be running.
            executor.Abandon();
            run.IsSpoiled = true;
            throw;
        }
    }

    private static TimeSpan TimeLimit(WorkflowStarted started)
    {
        var asked = started.TaskTimeout ?? RunInfo.DefaultTaskTimeout;
        return asked < EngineLimits.MaxTaskTimeout ? asked : EngineLimits.MaxTaskTimeout;
    }

    private static WorkflowStarted StartOf(LiveRun run, IReadOnlyList<InputEvent> inputs) =>
        run.State.LastEventId > 0 ? run.State.Started : inputs.OfType<WorkflowStarted>().FirstOrDefault()
            ?? throw new WorkflowTaskFailedException(WorkflowTaskFailedCause.CorruptHistory, "The run has no start: its first row is missing.");

    private async Task<IReadOnlyList<HistoryEvent>> RecordedAsync(LiveRun run) =>
        run.Unreplayed is { Count: > 0 } events ? await services.Coding.DecodeAsync(run, events) : [];

    private static void Replay(LiveRun run, IWorkflowExecutor executor, IReadOnlyList<HistoryEvent> recorded)
    {
        if (recorded.Count > 0)
        {
            executor.Replay(recorded);
        }

        run.Replayed();
    }

    private void CheckRunnable(LiveRun run)
    {
        var limits = services.Options.Limits;
        if (run.Damage is { } damage)
        {
            throw new WorkflowTaskFailedException(WorkflowTaskFailedCause.CorruptHistory, damage);
        }

        if (run.IsSpoiled)
        {
            throw new WorkflowTaskFailedException(WorkflowTaskFailedCause.Deadlock, "Its code did not give control back when it was asked a moment ago. Ask again.");
        }

        if (run.PinnedBuildId is { } build && build != services.Options.BuildId)
        {
            throw new WorkflowTaskFailedException(
                WorkflowTaskFailedCause.OtherBuild,
                $"it is pinned to build '{build}', and this process runs {(services.Options.BuildId is { } own ? $"build '{own}'" : "no named build")}. Ask a process of its build.");
        }

        if (run.State.IsOpen && (run.Head.LastEventId > limits.MaxHistoryEvents || run.Head.HistoryBytes > limits.MaxHistoryBytes))
        {
            throw new WorkflowTaskFailedException(
                WorkflowTaskFailedCause.LimitExceeded,
                $"The history has {run.Head.LastEventId} events and {run.Head.HistoryBytes} bytes; the limits are {limits.MaxHistoryEvents} and {limits.MaxHistoryBytes}. "
                + "Let the workflow continue as new earlier (Workflow.ContinueAsNewSuggested), or terminate or reset it.");
        }
    }

    private async Task<IWorkflowExecutor> ExecutorAsync(LiveRun run, IReadOnlyList<InputEvent> inputs)
    {
        if (run.Executor is null)
        {
            // What was copied is replayed under the ids that it was recorded under.
            var start = run.State.LastEventId > 0 ? run.State.FirstEvent : StartOf(run, inputs);
            run.Executor = services.Workflows.Create(run.State.FirstWorkflowId(run.WorkflowId), (await services.Coding.DecodeAsync(run, [start]))[0]);
            run.Executor.OnViolation = _ => Wake?.Invoke(run.WorkflowId);
        }

        return run.Executor;
    }
}
