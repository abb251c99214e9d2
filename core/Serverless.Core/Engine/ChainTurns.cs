using Serverless.Api.Enums.V1;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>
/// The turns of a chain: each looks at what there is, runs the code on it, commits and dispatches. Steps 3 to 6 of ARCHITECTURE.md, "The commit protocol".
/// </summary>
internal sealed class ChainTurns(EngineServices services, ChainParts parts, string workflowId, ChainActivities activities, ChainBacking backing)
{
    private readonly EngineServices _services = services;
    private readonly RunLoader _loader = parts.Loader;
    private readonly ChainDispatch _dispatch = new(services, parts, activities);
    private readonly Redispatch _redispatch = new(services, parts, activities);
    private readonly ResetDispatch _resets = new(services, parts, activities);
    private readonly BuildRoutes _builds = new(services);
    private readonly LocalInputs _local = new(services, workflowId);
    private Delivery? _closing;
    private LiveRun? _run;
    private bool _look;
    private readonly Conflicts _conflicts = new(workflowId);
    private bool _fence;

    /// <summary>The run at rest, to be used between turns; null when there is none.</summary>
    public LiveRun? Run => _run;

    /// <summary>List rows that are being written.</summary>
    public IReadOnlyList<Task> Projections => _dispatch.Projections;

    /// <summary>Begins with a run that is not stored yet: its first commit inserts it.</summary>
    public void BeginUnsaved(LiveRun run) => _run = run;

    /// <summary>Puts the run into the cache, where readers and the next chain find it.</summary>
    public void Rest()
    {
        if (_run is not null)
        {
            _services.Cache.Put(_run);
            _run = null;
        }
    }

    /// <summary>Drops the run: what it knows may be wrong.</summary>
    public void Drop()
    {
        _run?.Dispose();
        _run = null;
        _look = true;
    }

    public void Add(LocalResult result) => _local.Add(result);

    public void Add(Delivery delivery)
    {
        _builds.Add(delivery);
        backing.Add(delivery);
        switch (delivery.Input)
        {
            case null:
                _look = true;
                break;
            case InputEvent input:
                _local.Add(input, delivery.RunId);
                break;
            default:
                _closing = delivery;
                _look = true;
                break;
        }
    }

    /// <summary>One look, one run of the code, one commit. True when there is more to do at once.</summary>
    public async Task<bool> NextAsync(HashSet<string> foreign)
    {
        var (inbox, fresh) = await RefreshAsync();
        if (_run is null)
        {
            return Forget();
        }

        await _services.Journal.TurnGateAsync(_run, _services.Shutdown);
        var marks = await _redispatch.FindAsync(_run, foreign, backing);
        if (_builds.IsElsewhere(_run.Head) && !IsClosing(_run))
        {
            return await HandOverAsync(_run, marks.Select(static m => m.Token));
        }

        backing.TakeOver(foreign);
        foreign.Clear();
        if (_services.Options.RunsWorkflows && ResetDispatch.Find(_run) is { } reset)
        {
            return await SettleResetAsync(_run, reset);
        }

        await _redispatch.AgainAsync(_run, marks, _local, _dispatch, backing.Returned.Count > 0);
        if (!_run.Head.IsOpen)
        {
            await _redispatch.ClosedAsync(_run, marks, _local, _dispatch);
            return Forget();
        }

        // Answers that came at once go into a commit, which fences too: the marks must stand until then.
        _fence |= marks.Count > 0 || backing.Returned.Count > 0;
        if (_fence && !_local.Any)
        {
            return await FenceAsync(_run);
        }

        if (IsClosing(_run))
        {
            return await CloseAsync(_run, _closing!.Input!, inbox ?? []);
        }

        _closing = null;
        return await TakeAsync(_run, inbox, fresh) || (_fence && !_local.Any);
    }

    /// <summary>Chooses what of all that arrived the code is to see now, and runs it.</summary>
    private async Task<bool> TakeAsync(LiveRun run, IReadOnlyList<InboxRow>? inbox, bool fresh)
    {
        var selection = InputSelection.Select(run.State, run.Head, inbox, _local.All, _services.Time.GetUtcNow(), _services.Options.Limits);
        if (selection.RefusedLocal && !fresh)
        {
            _look = true;
            return true;
        }

        if (selection.WaitingStart is not null || _services.Blocking.IsWaiting(run) || !_services.Options.RunsWorkflows)
        {
            // The message may be the one that was to begin it, taken by a faster clock: it is going to be deleted.
            var waits = selection.WaitingStart is not null && !run.TakeAnnounced() && backing.HasMessage;
            await (waits ? parts.Dispatcher.WaitForStartAsync(workflowId, selection.WaitingStart!, _services.Shutdown) : Task.CompletedTask);
            await _local.PutAsideAsync(selection.Local, run);
            return false;
        }

        if (_builds.GoesBack(run.Head) && (selection.HasInputs || run.Trailing.Count > 0))
        {
            return await HandOverAsync(run, []);
        }

        if (run.Executor?.Violation is { } violation)
        {
            return await BlockAsync(run, new WorkflowTaskFailedException(WorkflowTaskFailedCause.LeftScheduler, violation), selection.Local);
        }

        _local.Clear();
        return selection.HasInputs || run.Trailing.Count > 0 ? await RunCodeAsync(run, selection, inbox) : await TidyAsync(run, selection);
    }

    private async Task<(IReadOnlyList<InboxRow>? Inbox, bool Fresh)> RefreshAsync()
    {
        _run ??= _services.Cache.Take(workflowId);
        if (_run is { HeadTag: null })
        {
            return (null, true);
        }

        // What came in may be meant for a run that followed a closed one elsewhere.
        if (_run is not null && !_look && (_run.Head.IsOpen || !_local.Any))
        {
            return (null, false);
        }

        _look = false;
        if (_run is not null && await _services.Reading.ReadWarmAsync(workflowId, _services.Shutdown) is { } warm && warm.HeadTag == _run.HeadTag)
        {
            _run.Refresh(warm);
            return (warm.Inbox, true);
        }

        _run?.Dispose();
        var loaded = await _loader.LoadAsync(workflowId, _services.Shutdown, _closing is null ? _builds.IsElsewhere : null);
        _run = loaded?.Run;
        return (loaded?.Inbox, true);
    }

    private bool IsClosing(LiveRun run) => _closing is { } closing && (closing.RunId is null || closing.RunId == run.Head.RunId);

    private async Task<bool> HandOverAsync(LiveRun run, IEnumerable<string> tokens)
    {
        await _builds.HandOverAsync(run, [.. tokens.Concat(backing.Returned).Distinct(StringComparer.Ordinal)], _local);
        Drop();
        return Forget();
    }

    private async Task<bool> RunCodeAsync(LiveRun run, InputSelection selection, IReadOnlyList<InboxRow>? inbox)
    {
        WorkflowTaskOutcome outcome;
        try
        {
            outcome = await _loader.RunTaskAsync(run, [.. run.Trailing, .. selection.Inputs], _builds.OtherBuildSeen && run.PinnedBuildId is not null);
        }
        catch (WorkflowTaskFailedException e)
        {
            await _dispatch.HoldAsync(run, selection.Inputs);
            return await BlockAsync(run, e, selection.Local);
        }

        var events = outcome.Events.Where(e => e.Id > run.State.LastEventId).ToList();
        var closes = events.Count > 0 && CommitBuilder.StatusAfter(events[^1]) is not (WorkflowExecutionStatus.Running or WorkflowExecutionStatus.ContinuedAsNew);
        if (closes && selection.HasMore && await RecordOnlyAsync(run, inbox ?? []))
        {
            _local.AddRange(selection.Local, run.Head.RunId);
            return true;
        }

        return await CommitAsync(run, events, selection, outcome.RejectedUpdates);
    }

    /// <summary>Nothing to run: removes what means nothing any more, and the note of a block that is over.</summary>
    private async Task<bool> TidyAsync(LiveRun run, InputSelection selection)
    {
        if (run.Head.Blocked is null)
        {
            return selection.Consumed.Count > 0 && await CommitAsync(run, [], selection, []);
        }

        try
        {
            await _loader.WithExecutorAsync(run, static _ => true);
        }
        catch (WorkflowTaskFailedException e)
        {
            return await BlockAsync(run, e, []);
        }

        return await CommitAsync(run, [], selection, []);
    }

    /// <summary>A run must not close while accepted messages wait. There are more than one transaction takes: they are recorded first, and the code runs again on all.</summary>
    private async Task<bool> RecordOnlyAsync(LiveRun run, IReadOnlyList<InboxRow> inbox)
    {
        var selection = InputSelection.OfMessages(run, inbox, _services.Time.GetUtcNow(), _services.Options.Limits);
        if (selection.Consumed.Count == 0)
        {
            return false;
        }

        // The executor has seen more than is recorded.
        run.Dispose();
        var commit = _services.Commits.Build(run, selection.Recorded, selection.Consumed, [], run.Head.Marks);
        await _services.Journal.CommitAsync(commit, _services.Shutdown);
        _run = null;
        _look = true;
        return true;
    }

    private async Task<bool> CommitAsync(
        LiveRun run, List<HistoryEvent> events, InputSelection selection, IReadOnlyList<RejectedUpdate> rejected)
    {
        var marks = MarksAfter(run, events);
        var commit = _services.Commits.Build(run, events, selection.Consumed, [.. rejected, .. selection.Refused], marks);
        var unsaved = run.HeadTag is null;
        if (unsaved ? commit.Head.IsOpen : events.Count > 0)
        {
            // Work is going to be under way: a message must stand behind it.
            await backing.EnsureAsync();
        }

        await _dispatch.ListedBeforeAsync(run);
        var pin = run.Head.PinnedBuildId;
        var result = await _services.Journal.CommitAsync(commit, _services.Shutdown);
        _redispatch.Note(commit, result);
        if (!result.Committed)
        {
            if (unsaved)
            {
                throw new StartConflictException();
            }

            // What came in directly is not in the store: keep it for the next try.
            _local.AddRange(selection.Local, run.Head.RunId);
            Drop();
            return Count(committed: false);
        }

        Count(committed: true);
        run.Committed(commit, result);
        _local.AddRange(await _dispatch.AfterAsync(run, events), run.Head.RunId);

        // What it sent to itself is in its inbox.
        _look |= events.Any(e => (e as ExternalSignalInitiated)?.WorkflowId == workflowId || (e as ExternalCancelInitiated)?.WorkflowId == workflowId);
        if (result.HeadTag is null || run.IsContinued)
        {
            _run = run.IsContinued ? run.Next() : run;
            run.Executor?.Dispose();
        }
        else if (_services.Options.CachedRuns == 0)
        {
            // Nothing is kept, not even between two turns of one chain.
            Rest();
        }

        if (run.IsContinued && pin is not null && run.Head.PinnedBuildId is null)
        {
            _builds.Leave();
        }

        _look |= selection.HasMore || run.IsContinued;
        return _look || _local.Any;
    }

    private async Task<bool> CloseAsync(LiveRun run, HistoryEvent closing, IReadOnlyList<InboxRow> inbox)
    {
        var step = ClosingStep.Of(run, closing, inbox, _services.Commits, _services.Options.Limits);
        var events = step.Events;
        var commit = _services.Commits.Build(run, events, step.Consumed, [], MarksAfter(run, events));
        await backing.EnsureAsync();
        await _dispatch.ListedBeforeAsync(run);
        var result = await _services.Journal.CommitAsync(commit, _services.Shutdown);
        _redispatch.Note(commit, result);
        if (!result.Committed || !step.IsLast)
        {
            Drop();
            return Count(result.Committed);
        }

        Forget();
        if (run.Damage is not null)
        {
            // Whom it would have to tell, only the damaged history knew.
            _services.Watchers.Committed(run.WorkflowId, null);
            await _services.Blocked.RemoveAsync(workflowId, _services.Shutdown);
            Drop();
            return false;
        }

        run.Committed(commit, result);
        await _dispatch.AfterAsync(run, events);
        run.Dispose();
        _run = run.IsContinued ? run.Next() : null;
        _look = run.IsContinued;
        return _look;
    }

    // Nobody is there to take what came in.
    private bool Forget()
    {
        _local.Clear();
        _closing = null;
        return false;
    }

    /// <summary>Nothing happens in a run that a reset made before all that the reset left to do is done, and noted as done.</summary>
    private async Task<bool> SettleResetAsync(LiveRun run, DispatchMark mark)
    {
        await backing.EnsureAsync();
        await _resets.DispatchAsync(run, mark, _local, _dispatch);
        backing.TakeOver([mark.Token]);
        return await FenceAsync(run);
    }

    /// <summary>Drops the marks that are seen to. The next commit of one who worked for them and was only thought to be dead fails: no message would stand behind it.</summary>
    private async Task<bool> FenceAsync(LiveRun run)
    {
        var marks = MarksAfter(run, []);
        await _dispatch.ListedBeforeAsync(run);
        var committed = await _services.Journal.MarkAsync(run, run.Head with { CommitId = _services.Ids.NextUlid(), Marks = marks }, _services.Shutdown);
        _redispatch.Keep(committed ? marks : []);
        Drop();
        return Count(committed);
    }

    private IReadOnlyList<DispatchMark> MarksAfter(LiveRun run, IReadOnlyList<HistoryEvent> events) =>
        DispatchMarks.After(run, events, backing.Token, backing.Owns, activities.LocalOf(run.Head.RunId));

    /// <summary>True to look again, after a while if it was in vain again and again.</summary>
    private bool Count(bool committed)
    {
        _fence &= !committed;
        backing.Replaced(committed);
        return _conflicts.Count(committed);
    }

    private async Task<bool> BlockAsync(LiveRun run, WorkflowTaskFailedException e, IReadOnlyList<InputEvent> local)
    {
        if (run.HeadTag is null)
        {
            throw new StartConflictException();
        }

        if (e.Cause == WorkflowTaskFailedCause.Nondeterminism && _services.Workflows.FailsOnNondeterminism(run.Head.WorkflowType))
        {
            _closing = new Delivery(backing.Token, await _services.Coding.EncodeAsync(run, new WorkflowNondeterminismException(e.Message)), run.Head.RunId);
            Drop();
            return true;
        }

        await _local.KeepAsync(local, run.Head.RunId);
        var committed = await _dispatch.BlockAsync(run, e);
        Drop();
        return !committed;
    }
}
