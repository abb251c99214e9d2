using Serverless.Client;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>
/// Works on one workflow id in this process: takes what arrived, runs the code, commits, dispatches, and goes on as long as its activities finish here.
/// See ARCHITECTURE.md, "The commit protocol". One chain per workflow id and process; other processes may run one too: the head's tag decides.
/// </summary>
internal sealed class WorkflowChain
{
    private readonly EngineServices _services;
    private readonly RunLoader _loader;
    private readonly Dispatcher _dispatcher;
    private readonly ActivityRunner _runner;
    private readonly ChainActivities _activities;
    private readonly Mailbox _mailbox;
    private readonly ChainBackup _backup;
    private readonly string _token;
    private readonly HashSet<string> _own = new(StringComparer.Ordinal);
    private readonly List<Delivery> _held = [];
    private readonly List<Delivery> _current = [];
    private readonly List<Task> _projections = [];
    private readonly List<(InputEvent Event, string? RunId)> _local = [];
    private LiveRun? _run;
    private Delivery? _closing;
    private bool _look;
    private bool _predecessorSought;

    public WorkflowChain(EngineServices services, ChainParts parts, Mailbox mailbox, string token, LiveRun? unsaved)
    {
        _services = services;
        _loader = parts.Loader;
        _dispatcher = parts.Dispatcher;
        _runner = parts.Runner;
        _mailbox = mailbox;
        _token = token;
        _run = unsaved;
        _own.Add(token);
        _activities = new ChainActivities(services, parts.Runner, parts.Slots, mailbox);
        _backup = new ChainBackup(services, mailbox.WorkflowId, token);
    }

    /// <summary>Runs until there is nothing left to do here. Never throws: what fails, fails its deliveries.</summary>
    public async Task RunAsync()
    {
        try
        {
            do
            {
                await StepAsync();
                if (_run is not null)
                {
                    _services.Cache.Put(_run);
                    _run = null;
                }
            }
            while (!_mailbox.TryClose() && await WaitAsync());

            await Task.WhenAll(_projections);
            await _backup.EndAsync();
            _held.ForEach(static d => d.Complete());
        }
        catch (Exception e)
        {
            _run?.Dispose();
            foreach (var delivery in _held.Concat(_current).Concat(_mailbox.CloseNow()))
            {
                delivery.Fail(e);
            }
        }
    }

    private async Task<bool> WaitAsync()
    {
        var wake = _mailbox.WaitAsync();
        while (!wake.IsCompleted)
        {
            var now = _services.Time.GetUtcNow();
            var next = _backup.NextAt is { } backup && (_activities.SpillAt is null || backup < _activities.SpillAt) ? backup : _activities.SpillAt;
            if (next is null)
            {
                await wake;
                break;
            }

            using var over = new CancellationTokenSource();
            await Task.WhenAny(wake, Task.Delay(next > now ? next.Value - now : TimeSpan.Zero, _services.Time, over.Token));
            over.Cancel();
            await _activities.SpillAsync();
            await _backup.TickAsync();
        }

        if (_mailbox.Outstanding > 0 && _services.Options.GroupCommitDelay > TimeSpan.Zero)
        {
            // Others are about to finish: one commit for all of them.
            await Task.Delay(_services.Options.GroupCommitDelay, _services.Time);
        }

        return true;
    }

    private async Task StepAsync()
    {
        var (deliveries, results) = _mailbox.Take();
        foreach (var result in results)
        {
            _activities.Local.Remove(result.ScheduledEventId);
            if (result.Error is { } error)
            {
                throw new InvalidOperationException($"Activity {result.ScheduledEventId} could not be settled: {error.Message}", error);
            }

            if (result.Closed is { } closed)
            {
                _local.Add((closed, result.RunId));
            }
        }

        foreach (var delivery in deliveries)
        {
            Accept(delivery);
        }

        var foreign = new HashSet<string>(deliveries.Select(static d => d.Token).Where(t => !_own.Contains(t)), StringComparer.Ordinal);
        if (!_predecessorSought)
        {
            // The first message may be a redelivery: its marks in the head are those of a process that died.
            foreign.Add(_token);
            _predecessorSought = true;
        }

        while (await TaskAsync(foreign))
        {
        }

        foreach (var delivery in deliveries)
        {
            await delivery.UseAsync(_run);
        }

        _current.ForEach(static d => d.Complete());
        _current.Clear();
    }

    private void Accept(Delivery delivery)
    {
        (_own.Contains(delivery.Token) ? _held : _current).Add(delivery);
        switch (delivery.Input)
        {
            case null:
                _look = true;
                break;
            case InputEvent input:
                _local.Add((input, delivery.RunId));
                break;
            default:
                _closing = delivery;
                _look = true;
                break;
        }
    }

    /// <summary>One look, one run of the code, one commit. True when there is more to do at once.</summary>
    private async Task<bool> TaskAsync(HashSet<string> foreign)
    {
        var (inbox, fresh) = await RefreshAsync();
        if (_run is null)
        {
            _local.Clear();
            _closing = null;
            return false;
        }

        var redispatched = await RedispatchAsync(_run, foreign);
        if (!_run.Head.IsOpen)
        {
            _local.Clear();
            _closing = null;
            if (redispatched)
            {
                Project(_run);
            }

            return false;
        }

        if (_closing is { } closing)
        {
            if (closing.RunId is null || closing.RunId == _run.Head.RunId)
            {
                return await CloseAsync(_run, closing.Input!, inbox ?? []);
            }

            _closing = null;
        }

        var selection = InputSelection.Select(_run.State, _run.Head.RunId, inbox, _local, _services.Time.GetUtcNow(), _services.Options.Limits);
        if (selection.RefusedLocal && !fresh)
        {
            _look = true;
            return true;
        }

        if (selection.StartsAt is not null || IsBlockedHere(_run) || !_services.Options.RunsWorkflows)
        {
            return false;
        }

        if (_run.Executor?.Violation is { } violation)
        {
            return await BlockAsync(_run, new WorkflowTaskFailedException(WorkflowTaskFailedCause.LeftScheduler, violation));
        }

        _local.Clear();
        if (!selection.HasInputs && _run.Trailing.Count == 0)
        {
            return await TidyAsync(_run, selection);
        }

        return await RunCodeAsync(_run, selection, inbox);
    }

    private async Task<(IReadOnlyList<InboxRow>? Inbox, bool Fresh)> RefreshAsync()
    {
        _run ??= _services.Cache.Take(_mailbox.WorkflowId);
        if (_run is { HeadTag: null })
        {
            return (null, true);
        }

        if (_run is not null && !_look)
        {
            return (null, false);
        }

        _look = false;
        if (_run is not null && await _services.Journal.ReadWarmAsync(_mailbox.WorkflowId, _services.Shutdown) is { } warm && warm.HeadTag == _run.HeadTag)
        {
            _run.Refresh(warm);
            return (warm.Inbox, true);
        }

        _run?.Dispose();
        var loaded = await _loader.LoadAsync(_mailbox.WorkflowId, _services.Shutdown);
        _run = loaded?.Run;
        return (loaded?.Inbox, true);
    }

    private bool IsBlockedHere(LiveRun run) =>
        run.Head.Blocked is { } blocked && run.Head.BlockedBy == _services.Options.Identity && _services.Time.GetUtcNow() < blocked.NextAttempt;

    private async Task<bool> RunCodeAsync(LiveRun run, InputSelection selection, IReadOnlyList<InboxRow>? inbox)
    {
        WorkflowTaskOutcome outcome;
        try
        {
            outcome = await _loader.RunTaskAsync(run, [.. run.Trailing, .. selection.Inputs]);
        }
        catch (WorkflowTaskFailedException e)
        {
            return await BlockAsync(run, e);
        }

        var events = outcome.Events.Where(e => e.Id > run.State.LastEventId).ToList();
        var closes = events.Count > 0 && CommitBuilder.StatusAfter(events[^1]) is not (Api.Enums.V1.WorkflowExecutionStatus.Running or Api.Enums.V1.WorkflowExecutionStatus.ContinuedAsNew);
        if (closes && selection.HasMore && await RecordOnlyAsync(run, inbox ?? []))
        {
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
            return await BlockAsync(run, e);
        }

        return await CommitAsync(run, [], selection, []);
    }

    /// <summary>
    /// A run must not close while accepted messages wait. There are more than one transaction takes: they are recorded first, and the code runs again on all.
    /// </summary>
    private async Task<bool> RecordOnlyAsync(LiveRun run, IReadOnlyList<InboxRow> inbox)
    {
        var messages = inbox.Where(static r => r.Item.Event is not WorkflowUpdateAccepted).ToList();
        var selection = InputSelection.Select(run.State, run.Head.RunId, messages, [], _services.Time.GetUtcNow(), _services.Options.Limits);
        var id = run.State.LastEventId;
        var events = selection.Inputs.Select(e => (HistoryEvent)(e with { Id = ++id })).ToList();
        if (events.Count == 0)
        {
            return false;
        }

        // The executor has seen more than is recorded.
        run.Dispose();
        var commit = _services.Commits.Build(run, events, selection.Consumed, [], run.Head.Marks);
        await _services.Journal.CommitAsync(commit, _services.Shutdown);
        _run = null;
        _look = true;
        return true;
    }

    private async Task<bool> CommitAsync(
        LiveRun run, IReadOnlyList<HistoryEvent> events, InputSelection selection, IReadOnlyList<RejectedUpdate> rejected)
    {
        var marks = DispatchMarks.After(run, events, _token, _own, _activities.Local);
        var commit = _services.Commits.Build(run, events, selection.Consumed, rejected, marks);
        if (run.HeadTag is null && commit.Head.IsOpen)
        {
            // Nothing is stored yet and work is going to be under way: a message must stand behind it.
            await _backup.BeginAsync();
        }

        var unsaved = run.HeadTag is null;
        var result = await _services.Journal.CommitAsync(commit, _services.Shutdown);
        if (!result.Committed)
        {
            if (unsaved)
            {
                throw new StartConflictException();
            }

            // What came in directly is not in the store: keep it for the next try.
            _local.AddRange(selection.Local.Select(e => (e, (string?)run.Head.RunId)));
            Drop();
            return true;
        }

        run.Committed(commit, result);
        await DispatchAsync(run, events);
        if (result.HeadTag is null || run.IsContinued)
        {
            _run = run.IsContinued ? run.Next() : run;
            run.Executor?.Dispose();
        }

        _look |= selection.HasMore || run.IsContinued;
        return _look || _local.Count > 0;
    }

    private async Task<bool> CloseAsync(LiveRun run, HistoryEvent closing, IReadOnlyList<InboxRow> inbox)
    {
        var slice = inbox.Take(_services.Options.Limits.MaxInboxPerCommit).Select(static r => r.Key).ToList();
        var last = slice.Count == inbox.Count;
        var start = run.State.LastEventId == 0 ? inbox.FirstOrDefault(static r => r.Item.Event is WorkflowStarted)?.Item.Event : null;
        var events = new List<HistoryEvent>();
        if (last)
        {
            var id = run.State.LastEventId;
            if (start is not null)
            {
                events.Add(start with { Id = ++id });
            }

            events.Add(closing with { Id = id + 1, Time = _services.Time.GetUtcNow() });
        }

        var commit = _services.Commits.Build(run, events, slice, [], DispatchMarks.After(run, events, _token, _own, _activities.Local));
        var result = await _services.Journal.CommitAsync(commit, _services.Shutdown);
        if (!result.Committed || !last)
        {
            Drop();
            return true;
        }

        _closing = null;
        _local.Clear();
        run.Committed(commit, result);
        await DispatchAsync(run, events);
        run.Dispose();
        _run = run.IsContinued ? run.Next() : null;
        _look = run.IsContinued;
        return _look;
    }

    private async Task DispatchAsync(LiveRun run, IReadOnlyList<HistoryEvent> events)
    {
        var closed = !run.State.IsOpen;
        _services.Watchers.Committed(run.WorkflowId, closed && !run.IsContinued ? new CloseResult(run.State.Started.RunId, run.State.Status, run.State.Closed!) : null);
        if (closed || events.Any(static e => e is WorkflowStarted or PropertiesUpserted))
        {
            Project(run);
        }

        if (closed)
        {
            await _dispatcher.DispatchClosingAsync(run, !run.IsContinued, _services.Shutdown);
            if (run.IsContinued)
            {
                await _dispatcher.SendNextRunAsync(run, _services.Shutdown);
            }

            return;
        }

        var answers = await _dispatcher.DispatchAsync(
            run, events, job => _activities.StartAsync(job, run.State.Started.TaskQueue), _services.Shutdown);
        _local.AddRange(answers.Select(a => (a, (string?)run.Head.RunId)));
    }

    /// <summary>Does again what a process that died may not have done. True when a mark was found.</summary>
    private async Task<bool> RedispatchAsync(LiveRun run, HashSet<string> foreign)
    {
        var found = run.Head.Marks.Where(m => foreign.Contains(m.Token) && !_activities.Local.Any(id => id >= m.FirstEventId && id <= m.LastEventId)).ToList();
        _own.UnionWith(foreign);
        foreign.Clear();
        foreach (var mark in found)
        {
            var segments = await _services.Journal.ReadSegmentsAsync(run.WorkflowId, mark.RunNumber, _services.Shutdown);
            var events = segments.SelectMany(static s => s.Events).Where(e => e.Id >= mark.FirstEventId && e.Id <= mark.LastEventId).ToList();
            var of = mark.RunNumber == run.RunNumber ? run : await _loader.LoadRunAsync(run.WorkflowId, run.Head, mark.RunNumber, _services.Shutdown);
            if (of is null)
            {
                continue;
            }

            if (!of.State.IsOpen)
            {
                await _dispatcher.DispatchClosingAsync(of, of.RunNumber == run.Head.RunNumber && !run.Head.IsOpen, _services.Shutdown);
                Project(of);
                if (of.RunNumber + 1 == run.Head.RunNumber && run.Head.LastEventId == 0)
                {
                    await _dispatcher.SendNextRunAsync(of, _services.Shutdown);
                }

                continue;
            }

            var answers = await _dispatcher.DispatchAsync(of, events, job => LostOrSentAsync(of, job), _services.Shutdown);
            _local.AddRange(answers.Select(a => (a, (string?)run.Head.RunId)));
        }

        return found.Count > 0;
    }

    private async Task LostOrSentAsync(LiveRun run, ActivityJob job)
    {
        if (job.Scheduled.TaskQueue != run.State.Started.TaskQueue && !job.Scheduled.IsLocal)
        {
            await _activities.EnqueueAsync(job);
        }
        else if (run.Attempts.ContainsKey(job.ScheduledEventId))
        {
            // The next attempt is counted already; its timer may not have left.
            await _runner.ScheduleAttemptAsync(job);
        }
        else if (await _runner.LostAsync(job) is { } closed)
        {
            _local.Add((closed, job.RunId));
        }
    }

    private async Task<bool> BlockAsync(LiveRun run, WorkflowTaskFailedException e)
    {
        if (run.HeadTag is null)
        {
            throw new StartConflictException();
        }

        var committed = await _services.Blocking.BlockAsync(run, e, _services.Shutdown);
        Drop();
        return !committed;
    }

    private void Drop()
    {
        _run?.Dispose();
        _run = null;
        _look = true;
    }

    private void Project(LiveRun run) => _projections.Add(_services.Visibility.ProjectAsync(WorkflowSummaries.Of(run)));
}

/// <summary>What chains of one process share.</summary>
internal sealed record ChainParts(RunLoader Loader, Dispatcher Dispatcher, ActivityRunner Runner, ActivitySlots Slots);

/// <summary>A start that was to be stored together with its first task could not be: it must be stored in the ordinary way.</summary>
internal sealed class StartConflictException : Exception
{
    public StartConflictException()
        : base("The workflow id is in use, or the first task failed.")
    {
    }
}
