using Serverless.Api.Enums.V1;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>
/// The current run of a workflow id in memory: what was read or committed last, and the code suspended at its awaits. Used by one chain at a time;
/// kept in the cache between. Valid as long as the head's tag is what the store has, which the commit itself checks.
/// </summary>
internal sealed class LiveRun : IDisposable
{
    private bool _isAnnounced;

    private LiveRun(string workflowId, WarmRead warm)
    {
        WorkflowId = workflowId;
        RunNumber = warm.Head.RunNumber;
        Head = warm.Head;
        HeadTag = warm.HeadTag;
        GateTag = warm.GateTag;
        IsFull = warm.IsFull;
        GateMustTurn = warm.GateMustTurn;
        Damage = warm.Damage;
        Held.UnionWith(warm.Held);
    }

    public string WorkflowId { get; }

    /// <summary>Number of this run; the head may already be the next run's.</summary>
    public int RunNumber { get; }

    public WorkflowHead Head { get; private set; }

    /// <summary>Null: not stored yet.</summary>
    public string? HeadTag { get; private set; }

    public string? GateTag { get; private set; }

    /// <summary>True when senders from outside are refused.</summary>
    public bool IsFull { get; private set; }

    /// <summary>True when that is to change, because of how much waits.</summary>
    public bool GateMustTurn { get; private set; }

    public RunState State { get; } = new();

    public SegmentTail Tail { get; } = new();

    public IReadOnlyDictionary<long, ActivityAttemptRow> Attempts { get; private set; } = new Dictionary<long, ActivityAttemptRow>();

    /// <summary>Keys of attempt rows that are known to exist: the commit that closes an activity deletes them.</summary>
    public SortedSet<string> ActivityRows { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys of the rows that say who runs an activity, as far as they were read: commits delete those of activities that are over.</summary>
    public SortedSet<string> Held { get; } = new(StringComparer.Ordinal);

    /// <summary>Inputs that were recorded without a task, because there were too many for one transaction: the next task's first inputs.</summary>
    public List<InputEvent> Trailing { get; } = [];

    /// <summary>Events up to the last task, until an executor has replayed them.</summary>
    public List<HistoryEvent>? Unreplayed { get; private set; }

    public IWorkflowExecutor? Executor { get; set; }

    /// <summary>True when its code may still be running somewhere: it is of no more use.</summary>
    public bool IsSpoiled { get; set; }

    /// <summary>The only build that may run the code; null for any.</summary>
    public string? PinnedBuildId => State.LastEventId > 0 ? State.PinnedBuildId : Head.PinnedBuildId;

    /// <summary>What can't be read; the run is blocked by it.</summary>
    public string? Damage { get; private set; }

    /// <exception cref="InvalidDataException">The history is not one: ids are missing or an event makes no sense.</exception>
    public static LiveRun FromStore(string workflowId, ColdRead read)
    {
        var run = new LiveRun(workflowId, read.Warm) { Attempts = read.Attempts };
        run.ActivityRows.UnionWith(read.ActivityRows);
        var events = new List<HistoryEvent>();
        foreach (var segment in read.Segments)
        {
            events.AddRange(segment.Events);
            run.Tail.Add(segment);
        }

        try
        {
            events.ForEach(run.State.Apply);
            if (run.State.LastEventId != read.Warm.Head.LastEventId)
            {
                throw new InvalidDataException(
                    $"The history ends at event {run.State.LastEventId}, the head row says {read.Warm.Head.LastEventId}: a segment is missing.");
            }
        }
        catch (InvalidDataException e)
        {
            run.Damage ??= e.Message;
        }

        run.SplitTrailing(events);
        return run;
    }

    /// <summary>A run of which there is nothing but its events.</summary>
    public static LiveRun FromHistory(string workflowId, IReadOnlyList<HistoryEvent> events)
    {
        var started = events.Count > 0 ? events[0] as WorkflowStarted : null;
        var head = new WorkflowHead
        {
            RunNumber = 1,
            RunId = started?.RunId ?? "",
            FirstRunId = started?.FirstRunId ?? "",
            WorkflowType = started?.WorkflowType ?? "",
            Status = events.Count == 0 ? WorkflowExecutionStatus.Running : CommitBuilder.StatusAfter(events[^1]),
            Started = started?.Time ?? default,
            LastEventId = events.Count,
            CommitId = "",
        };
        return FromStore(
            workflowId,
            new ColdRead(
                new WarmRead(head, "", null, [], started is null ? "The history does not begin with the start of a run." : null),
                [new StoredSegment("", "", events, 0, true)],
                new Dictionary<long, ActivityAttemptRow>(),
                new HashSet<string>()));
    }

    /// <summary>A run whose history is not needed: another build's.</summary>
    public static LiveRun FromHead(string workflowId, WarmRead warm) => new(workflowId, warm);

    /// <summary>A run that is about to be stored by its first task.</summary>
    public static LiveRun FromStart(string workflowId, WorkflowHead head) => new(workflowId, new WarmRead(head, "", null, [], null)) { HeadTag = null };

    /// <summary>The run that a closing commit started. Its start is in the inbox.</summary>
    public LiveRun Next() => new(WorkflowId, new WarmRead(Head, HeadTag!, GateTag, [], null) { IsFull = IsFull }) { _isAnnounced = true };

    /// <summary>True, once, of a run that a commit has started here: the message that begins it has just been sent.</summary>
    public bool TakeAnnounced()
    {
        var announced = _isAnnounced;
        _isAnnounced = false;
        return announced;
    }

    /// <summary>True when the run closed and the head is the next run's.</summary>
    public bool IsContinued => Head.RunNumber != RunNumber;

    /// <summary>Timers that the last commit cancelled.</summary>
    public Dictionary<long, TimerStarted> CanceledTimers { get; } = [];

    /// <summary>Takes over what a newer look at gate and inbox said; the head is the same.</summary>
    public void Refresh(WarmRead warm)
    {
        GateTag = warm.GateTag;
        IsFull = warm.IsFull;
        GateMustTurn = warm.GateMustTurn;
        Damage ??= warm.Damage;
        Held.Clear();
        Held.UnionWith(warm.Held);
    }

    /// <summary>True when the last commit ended a block.</summary>
    public bool WasBlocked { get; private set; }

    /// <summary>The gate is another row now. Its tag is not taken over: what came in before it turned was not read, so the run must not close on it.</summary>
    public void GateTurned() => GateMustTurn = false;

    /// <summary>Takes over a commit of ours.</summary>
    public void Committed(JournalCommit commit, CommitResult result)
    {
        WasBlocked = Head.Blocked is not null && result.Head!.Blocked is null;
        Head = result.Head!;
        HeadTag = result.HeadTag;
        GateTag = result.GateTag ?? GateTag;
        CanceledTimers.Clear();
        foreach (var e in commit.Events)
        {
            if (e is TimerCanceled canceled && State.Timers.TryGetValue(canceled.StartedEventId, out var timer))
            {
                CanceledTimers[canceled.StartedEventId] = timer;
            }

            State.Apply(e);
        }

        if (commit.Events.Any(static e => e is WorkflowTaskCompleted))
        {
            Trailing.Clear();
        }

        if (commit.Merge is { } merge)
        {
            Tail.Merged(merge);
        }

        Tail.Committed(result.Segment);
        foreach (var operation in commit.Others)
        {
            if (operation.Kind == Storage.RowOperationKind.Delete)
            {
                ActivityRows.Remove(operation.Key);
                Held.Remove(operation.Key);
            }
        }
    }

    /// <summary>Takes over what a newer look said about attempts.</summary>
    public void RefreshAttempts(LiveRun newer) => Attempts = newer.Attempts;

    public void Replayed() => Unreplayed = null;

    public void Dispose() => Executor?.Dispose();

    private void SplitTrailing(List<HistoryEvent> events)
    {
        var lastTask = events.FindLastIndex(static e => e is WorkflowTaskCompleted);
        var firstTrailing = lastTask < 0 ? 0 : events.FindIndex(lastTask, static e => e is InputEvent);
        if (firstTrailing >= 0 && firstTrailing < events.Count && State.IsOpen)
        {
            for (var i = firstTrailing; i < events.Count; i++)
            {
                if (events[i] is InputEvent input)
                {
                    Trailing.Add(input);
                }
            }

            events.RemoveRange(firstTrailing, events.Count - firstTrailing);
        }

        Unreplayed = events;
    }
}

/// <summary>The small segments at the end of a history, which a later commit merges into one row.</summary>
internal sealed class SegmentTail
{
    private const int LargeBytes = 64 * 1024;
    private const int MergedBytes = 256 * 1024;

    /// <summary>Values that compress well are small as they are stored and large when they are merged.</summary>
    private const int MergedContent = 8 * 1024 * 1024;
    private readonly List<StoredSegment> _segments = [];
    private int _bytes;
    private long _content;

    public void Add(StoredSegment segment)
    {
        var isLarge = !segment.Plain || segment.Bytes > LargeBytes || segment.Content > MergedContent;
        if (isLarge || _bytes + segment.Bytes > MergedBytes || _content + segment.Content > MergedContent)
        {
            Clear();
            if (isLarge)
            {
                return;
            }
        }

        _segments.Add(segment);
        _bytes += segment.Bytes;
        _content += segment.Content;
    }

    /// <summary>Takes over a committed segment; null when its tag is not known, which ends the row of mergeable ones.</summary>
    public void Committed(StoredSegment? segment)
    {
        if (segment is null)
        {
            Clear();
        }
        else
        {
            Add(segment);
        }
    }

    /// <summary>A merge when there are enough small segments, else null.</summary>
    public SegmentMerge? Plan(int enough)
    {
        if (_segments.Count < enough)
        {
            return null;
        }

        var chosen = _segments.Take(enough).ToList();
        return new SegmentMerge(
            chosen[0].Key, chosen[0].Tag, [.. chosen.Skip(1).Select(static s => s.Key)], [.. chosen.SelectMany(static s => s.Events)]);
    }

    /// <summary>The merged segments are one row now; its tag is not known, so it is left as it is.</summary>
    public void Merged(SegmentMerge merge)
    {
        _segments.RemoveRange(0, merge.OtherKeys.Count + 1);
        _bytes = _segments.Sum(static s => s.Bytes);
        _content = _segments.Sum(static s => s.Content);
    }

    private void Clear()
    {
        _segments.Clear();
        _bytes = 0;
        _content = 0;
    }
}
