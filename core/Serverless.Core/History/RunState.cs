using Serverless.Api.Enums.V1;
using Serverless.Converters;

namespace Serverless.History;

/// <summary>
/// What a run's history says, without running its code: a fold over its events. The engine decides by it what is pending; describe and
/// repair use it for runs whose code is gone.
/// </summary>
internal sealed class RunState
{
    private readonly SortedDictionary<long, ActivityScheduled> _activities = [];
    private readonly SortedSet<long> _activityCancels = [];
    private readonly SortedDictionary<long, TimerStarted> _timers = [];
    private readonly SortedDictionary<long, PendingChild> _children = [];
    private readonly SortedDictionary<long, CommandEvent> _externals = [];
    private readonly Dictionary<string, UpdateState> _updates = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _patches = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _builds = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Payload> _memo = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Payload> _searchAttributes = new(StringComparer.Ordinal);
    private readonly List<WorkflowResetMarked> _resets = [];

    /// <summary>How the run began, once event 1 is applied: by that event, or by the last copy of another run's history.</summary>
    public WorkflowStarted Started { get; private set; } = null!;

    /// <summary>Event 1 as the code has seen it, once applied.</summary>
    public WorkflowStarted FirstEvent { get; private set; } = null!;

    /// <summary>Where parts of the history that were copied from other runs end, the innermost copy first.</summary>
    public IReadOnlyList<WorkflowResetMarked> Resets => _resets;

    public long LastEventId { get; private set; }

    /// <summary>Time of the last <see cref="WorkflowTaskCompleted"/>; null before the first.</summary>
    public DateTimeOffset? LastTask { get; private set; }

    public WorkflowExecutionStatus Status { get; private set; } = WorkflowExecutionStatus.Running;

    /// <summary>The event that closed the run; null while open.</summary>
    public HistoryEvent? Closed { get; private set; }

    public bool CancelRequested { get; private set; }

    public int SignalCount { get; private set; }

    /// <summary>By scheduled event id.</summary>
    public IReadOnlyDictionary<long, ActivityScheduled> Activities => _activities;

    /// <summary>Scheduled event ids of pending activities that were asked to cancel.</summary>
    public IReadOnlySet<long> ActivityCancels => _activityCancels;

    /// <summary>By started event id.</summary>
    public IReadOnlyDictionary<long, TimerStarted> Timers => _timers;

    /// <summary>By initiated event id.</summary>
    public IReadOnlyDictionary<long, PendingChild> Children => _children;

    /// <summary>Signals and cancellations to others that are not answered, by initiated event id.</summary>
    public IReadOnlyDictionary<long, CommandEvent> Externals => _externals;

    /// <summary>By update id.</summary>
    public IReadOnlyDictionary<string, UpdateState> Updates => _updates;

    /// <summary>Patches that the code passed, each with the event that says so first.</summary>
    public IReadOnlyDictionary<string, long> Patches => _patches;

    /// <summary>The build that ran the last task; null when none did or builds are not named.</summary>
    public string? BuildId { get; private set; }

    /// <summary>The only build that may run the next task; null for any.</summary>
    public string? PinnedBuildId { get; private set; }

    /// <summary>Builds that ran tasks, each with its first task's event.</summary>
    public IReadOnlyDictionary<string, long> Builds => _builds;

    public IReadOnlyDictionary<string, Payload> Memo => _memo;

    public IReadOnlyDictionary<string, Payload> SearchAttributes => _searchAttributes;

    public bool IsOpen => Status == WorkflowExecutionStatus.Running;

    /// <summary>Applies the next event. Its id must be <see cref="LastEventId"/> + 1.</summary>
    /// <exception cref="InvalidDataException">The id is another, or the kind of event is unknown.</exception>
    public void Apply(HistoryEvent e)
    {
        if (e.Id != LastEventId + 1)
        {
            throw new InvalidDataException($"History event {e.Id} ({e.GetType().Name}) follows event {LastEventId}; expected {LastEventId + 1}.");
        }

        LastEventId = e.Id;
        switch (e)
        {
            case WorkflowStarted started: Start(started); break;
            case WorkflowTaskCompleted task: Ran(task); break;
            case WorkflowSignaled: SignalCount++; break;
            case WorkflowCancelRequested: CancelRequested = true; break;
            case ActivityScheduled scheduled: _activities.Add(e.Id, scheduled); break;
            case ActivityCancelRequested cancel: _activityCancels.Add(cancel.ScheduledEventId); break;
            case ActivityClosed closed:
                _activities.Remove(closed.ScheduledEventId);
                _activityCancels.Remove(closed.ScheduledEventId);
                break;
            case TimerStarted timer: _timers.Add(e.Id, timer); break;
            case TimerFired fired: _timers.Remove(fired.StartedEventId); break;
            case TimerCanceled canceled: _timers.Remove(canceled.StartedEventId); break;
            case ChildWorkflowInitiated child: _children.Add(e.Id, new PendingChild(child, Started: false)); break;
            case ChildWorkflowStarted child:
                if (_children.TryGetValue(child.InitiatedEventId, out var pending))
                {
                    _children[child.InitiatedEventId] = pending with { Started = true };
                }

                break;
            case ChildWorkflowStartFailed child: _children.Remove(child.InitiatedEventId); break;
            case ChildWorkflowClosed child: _children.Remove(child.InitiatedEventId); break;
            case ExternalSignalInitiated signal: _externals.Add(e.Id, signal); break;
            case ExternalCancelInitiated cancel: _externals.Add(e.Id, cancel); break;
            case ExternalSignalClosed closed: _externals.Remove(closed.InitiatedEventId); break;
            case ExternalCancelClosed closed: _externals.Remove(closed.InitiatedEventId); break;
            case WorkflowUpdateAccepted update: _updates[update.UpdateId] = new UpdateState(e.Id, null); break;
            case WorkflowUpdateCompleted update: _updates[update.UpdateId] = new UpdateState(update.AcceptedEventId, update); break;
            case PropertiesUpserted upsert: Merge(_memo, upsert.Memo); Merge(_searchAttributes, upsert.SearchAttributes); break;
            case WorkflowPropertiesModified modified: Merge(_memo, modified.Memo); Merge(_searchAttributes, modified.SearchAttributes); break;
            case WorkflowCompleted: Close(e, WorkflowExecutionStatus.Completed); break;
            case WorkflowFailed: Close(e, WorkflowExecutionStatus.Failed); break;
            case WorkflowCanceled: Close(e, WorkflowExecutionStatus.Canceled); break;
            case WorkflowTerminated: Close(e, WorkflowExecutionStatus.Terminated); break;
            case WorkflowTimedOut: Close(e, WorkflowExecutionStatus.TimedOut); break;
            case WorkflowContinuedAsNew: Close(e, WorkflowExecutionStatus.ContinuedAsNew); break;
            case PatchMarked patch: _patches.TryAdd(patch.PatchId, e.Id); break;
            case WorkflowResetMarked mark: Reset(mark); break;
            default: throw new InvalidDataException($"History event {e.Id} is of the unknown kind {e.GetType().Name}.");
        }
    }

    /// <summary>True when the event still means something to this run; a late duplicate or an answer to what was settled otherwise does not.</summary>
    public bool Expects(InputEvent input) => IsOpen && input switch
    {
        ActivityClosed e => _activities.ContainsKey(e.ScheduledEventId),
        TimerFired e => _timers.ContainsKey(e.StartedEventId),
        ChildWorkflowStarted e => _children.TryGetValue(e.InitiatedEventId, out var child) && !child.Started,
        ChildWorkflowStartFailed e => _children.TryGetValue(e.InitiatedEventId, out var child) && !child.Started,
        ChildWorkflowClosed e => _children.ContainsKey(e.InitiatedEventId),
        ExternalSignalClosed e => _externals.ContainsKey(e.InitiatedEventId),
        ExternalCancelClosed e => _externals.ContainsKey(e.InitiatedEventId),
        WorkflowCancelRequested => !CancelRequested,
        WorkflowUpdateAccepted e => !_updates.ContainsKey(e.UpdateId),
        _ => true,
    };

    /// <summary>The workflow id that the code saw at first: <paramref name="own"/>, unless the history begins with a copy.</summary>
    public string FirstWorkflowId(string own) => _resets is [{ FromWorkflowId.Length: > 0 } copy, ..] ? copy.FromWorkflowId : own;

    /// <summary>The run that recorded an event of this history.</summary>
    public string RecordedBy(long eventId) => _resets.Find(r => eventId <= r.FromEventId)?.FromRunId ?? Started.RunId;

    /// <summary>True when another run is meant that had the same event: what answers it there answers it here.</summary>
    public bool IsCopyOf(string runId, long eventId) =>
        _resets.Exists(r => eventId <= r.FromEventId && (r.FromRunId == runId || r.Aliases.Contains(runId)));

    private static void Merge(SortedDictionary<string, Payload> target, IReadOnlyDictionary<string, Payload?> changes)
    {
        foreach (var (key, value) in changes)
        {
            if (value is null)
            {
                target.Remove(key);
            }
            else
            {
                target[key] = value;
            }
        }
    }

    private void Start(WorkflowStarted started)
    {
        Started = started;
        FirstEvent = started;
        PinnedBuildId = started.PinnedBuildId;
        Merge(_memo, started.Memo!);
        Merge(_searchAttributes, started.SearchAttributes!);
    }

    private void Ran(WorkflowTaskCompleted task)
    {
        LastTask = task.Time;
        BuildId = task.BuildId;
        PinnedBuildId = task.IsPinned() ? task.BuildId : PinnedBuildId;
        if (task.BuildId is { } build)
        {
            _builds.TryAdd(build, task.Id);
        }
    }

    /// <summary>What waits begins to wait anew: activities have not begun, timers have left what they had when the code ran last, the run's time counts from here.</summary>
    private void Reset(WorkflowResetMarked mark)
    {
        _resets.Add(mark);
        var moved = mark.Time - (LastTask ?? mark.Time);
        foreach (var (id, timer) in _timers.ToList())
        {
            _timers[id] = timer with { Time = timer.Time + moved };
        }

        foreach (var (id, activity) in _activities.ToList())
        {
            _activities[id] = activity with { Time = mark.Time };
        }

        Started = Started with { Time = mark.Time, FirstRunStarted = mark.Time, FirstTaskDelay = null };
        if (mark.FirstRunId.Length > 0)
        {
            Started = Started with { FirstRunId = mark.FirstRunId };
        }

        if (mark.IsFork())
        {
            Started = Started with { Parent = null, Root = null, ContinuedFromRunId = null, OnClose = null };
        }

        if (_resets.Count == 1 && mark.FromRunId.Length > 0)
        {
            FirstEvent = FirstEvent with { RunId = mark.FromRunId };
        }
    }

    private void Close(HistoryEvent e, WorkflowExecutionStatus status)
    {
        Status = status;
        Closed = e;
    }
}

/// <summary>A child that has not closed.</summary>
internal sealed record PendingChild(ChildWorkflowInitiated Initiated, bool Started);

/// <summary>An accepted update; completed when <paramref name="Completed"/> is not null.</summary>
internal sealed record UpdateState(long AcceptedEventId, WorkflowUpdateCompleted? Completed);
