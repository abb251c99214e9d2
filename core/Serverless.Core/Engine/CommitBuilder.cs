using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.History;
using Serverless.Replay;
using Serverless.Storage;
using Serverless.Workflows;

namespace Serverless.Engine;

/// <summary>Turns what a task did into a commit: the next head, the gate, marks, update outcomes, the next run of the chain. Pure.</summary>
internal sealed class CommitBuilder(EngineOptions options, IdSource ids, TimeProvider time)
{
    private const int MaxAttemptDeletes = 10;

    /// <summary>A commit of a task's events, or of a closing event of the engine's own.</summary>
    /// <param name="run">The run as it is stored.</param>
    /// <param name="events">What is appended; ids set.</param>
    /// <param name="consumed">Keys of consumed inbox rows.</param>
    /// <param name="rejected">Updates that were refused.</param>
    /// <param name="marks">Who sees to the dispatch of what; completed with the events of this commit.</param>
    public JournalCommit Build(
        LiveRun run,
        IReadOnlyList<HistoryEvent> events,
        IReadOnlyList<string> consumed,
        IReadOnlyList<RejectedUpdate> rejected,
        IReadOnlyList<DispatchMark> marks)
    {
        var now = time.GetUtcNow();
        var closing = events.Count == 0 ? null : events[^1] is var last && StatusAfter(last) != WorkflowExecutionStatus.Running ? last : null;
        var pin = PinAfter(run, events);
        var next = closing is null ? null : NextRunAfter(run, events, closing, now);
        next = next is null ? null : next with { PinnedBuildId = Leaves(closing!) && next.VersioningOverride != VersioningBehavior.Pinned ? null : pin };
        if (closing is WorkflowFailed or WorkflowTimedOut)
        {
            events = [.. events.SkipLast(1), NextRun.WithRetryState(StateAt(run, events), closing, now)];
        }

        var lastId = events.Count == 0 ? run.Head.LastEventId : events[^1].Id;
        var head = run.Head with
        {
            LastEventId = lastId,
            CommitId = ids.NextUlid(),
            PinnedBuildId = pin,
            Marks = marks,
            Blocked = null,
            BlockedBy = null,
            Status = closing is null ? WorkflowExecutionStatus.Running : StatusAfter(closing),
            Closed = closing is null ? null : now,
        };
        var commit = new JournalCommit(run.WorkflowId, next is null ? head : HeadOf(next, run.Head.RunNumber + 1, head))
        {
            HeadTag = run.HeadTag,
            Events = events,
            EventsRunNumber = run.Head.RunNumber,
            EventsRunId = run.Head.RunId,
            Consumed = consumed,
            Others = Others(run, events, rejected, closing is not null),
            Merge = run.Tail.Plan(options.Limits.MergeSegments),
        };
        return next is not null
            ? commit with { Posted = [(JournalKeys.Start(ids.NextUlid()), new InboxItem(next, next.RunId))], Gate = run.HeadTag is null ? GateChange.Open : GateChange.None }
            : WithGate(run, commit, closing is not null);
    }

    /// <summary>The events of a run that is closed from outside: its start, if nothing has recorded it, and the end.</summary>
    public IReadOnlyList<HistoryEvent> Closing(WorkflowHead head, HistoryEvent closing, IReadOnlyList<InboxRow> inbox)
    {
        var events = new List<HistoryEvent>();

        // A damaged history is not read to its end: the head knows where that is.
        var id = head.LastEventId;
        if (id == 0 && inbox.FirstOrDefault(static r => r.Item.Event is WorkflowStarted)?.Item.Event is { } start)
        {
            events.Add(start with { Id = ++id });
        }

        events.Add(closing with { Id = id + 1, Time = time.GetUtcNow() });
        return events;
    }

    /// <summary>The head of a new run.</summary>
    public WorkflowHead HeadOf(WorkflowStarted started, int runNumber, WorkflowHead? before) => new()
    {
        RunNumber = runNumber,
        RunId = started.RunId,
        FirstRunId = started.FirstRunId,
        WorkflowType = started.WorkflowType,
        Status = WorkflowExecutionStatus.Running,
        Started = started.Time,
        PinnedBuildId = started.PinnedBuildId,
        CommitId = before?.CommitId ?? ids.NextUlid(),
        Marks = before?.Marks ?? [],
        RequestId = started.RequestId ?? before?.RequestId,
        EarlierStarts = before?.EarlierStarts ?? [],
    };

    public static WorkflowExecutionStatus StatusAfter(HistoryEvent e) => e switch
    {
        WorkflowCompleted => WorkflowExecutionStatus.Completed,
        WorkflowFailed => WorkflowExecutionStatus.Failed,
        WorkflowCanceled => WorkflowExecutionStatus.Canceled,
        WorkflowTerminated => WorkflowExecutionStatus.Terminated,
        WorkflowTimedOut => WorkflowExecutionStatus.TimedOut,
        WorkflowContinuedAsNew => WorkflowExecutionStatus.ContinuedAsNew,
        _ => WorkflowExecutionStatus.Running,
    };

    private static string? PinAfter(LiveRun run, IReadOnlyList<HistoryEvent> events) =>
        events.OfType<WorkflowTaskCompleted>().LastOrDefault(static t => t.IsPinned())?.BuildId ?? run.Head.PinnedBuildId;

    private static bool Leaves(HistoryEvent closing) => closing is WorkflowContinuedAsNew { InitialVersioning: not InitialVersioningBehavior.Unspecified };

    private WorkflowStarted? NextRunAfter(LiveRun run, IReadOnlyList<HistoryEvent> events, HistoryEvent closing, DateTimeOffset now)
    {
        var newRunId = closing is WorkflowContinuedAsNew { NewRunId.Length: > 0 } e ? e.NewRunId : ids.NextRunId();
        return NextRun.After(StateAt(run, events), closing, newRunId, ids.NextSeed(), now);
    }

    /// <summary>The state after the events, as far as the next run takes it over.</summary>
    public static RunState StateAt(LiveRun run, IReadOnlyList<HistoryEvent> events) =>
        run.State.LastEventId > 0 && !events.Any(static e => e is PropertiesUpserted or WorkflowPropertiesModified) ? run.State : Folded(run, events);

    /// <summary>What the state would be after the events, without touching the run's.</summary>
    private static RunState Folded(LiveRun run, IReadOnlyList<HistoryEvent> events)
    {
        var state = new RunState();
        if (run.State.LastEventId > 0)
        {
            state.Apply(run.State.Started with
            {
                Id = 1,
                Memo = new Dictionary<string, Payload>(run.State.Memo),
                SearchAttributes = new Dictionary<string, Payload>(run.State.SearchAttributes),
            });
        }

        foreach (var e in events)
        {
            if (e is WorkflowStarted or PropertiesUpserted or WorkflowPropertiesModified)
            {
                state.Apply(e with { Id = state.LastEventId + 1 });
            }
        }

        return state;
    }

    private static JournalCommit WithGate(LiveRun run, JournalCommit commit, bool closes) => (stored: run.HeadTag is not null, closes) switch
    {
        (true, true) => commit with { Gate = GateChange.Close, GateTag = run.GateTag, IsFull = run.IsFull },
        (false, false) => commit with { Gate = GateChange.Open },
        _ => commit,
    };

    private static List<RowOperation> Others(
        LiveRun run, IReadOnlyList<HistoryEvent> events, IReadOnlyList<RejectedUpdate> rejected, bool closes)
    {
        var others = new List<RowOperation>();
        var outcomes = new SortedDictionary<string, UpdateOutcome>(StringComparer.Ordinal);
        foreach (var (id, failure) in rejected)
        {
            outcomes[id] = new UpdateOutcome(id, false, false, null, failure);
        }

        foreach (var e in events)
        {
            switch (e)
            {
                case WorkflowUpdateAccepted update:
                    outcomes[update.UpdateId] = new UpdateOutcome(update.UpdateId, true, false, null, null);
                    break;
                case WorkflowUpdateCompleted update:
                    outcomes[update.UpdateId] = new UpdateOutcome(update.UpdateId, true, true, update.Result, update.Failure);
                    break;
                case ActivityClosed activity when others.Count < MaxAttemptDeletes:
                    DeleteAttempts(run, activity.ScheduledEventId, others);
                    break;
            }
        }

        if (closes)
        {
            foreach (var id in run.State.Updates.Where(static u => u.Value.Completed is null).Select(static u => u.Key)
                .Concat([.. outcomes.Where(static o => o.Value is { Accepted: true, Completed: false }).Select(static o => o.Key)]))
            {
                outcomes[id] = outcomes.TryGetValue(id, out var known) && known.Completed ? known : new UpdateOutcome(id, true, true, null, ClosedTooEarly);
            }
        }

        others.AddRange(run.Held.Except(StillHeld(run, events)).Take(MaxAttemptDeletes).Select(static key => RowOperation.Delete(key, null)));
        others.AddRange(outcomes.Select(o => RowOperation.Upsert(
            JournalKeys.Update(o.Key, run.RunNumber), new StoredUpdate(run.RunNumber, o.Value with { RunId = run.Head.RunId }).Encode())));
        return others;
    }

    /// <summary>The row of an update that its run closed before.</summary>
    public static byte[] ClosedFirst(string updateId, int runNumber, string runId) =>
        new StoredUpdate(runNumber, new UpdateOutcome(updateId, true, true, null, ClosedTooEarly) { RunId = runId }).Encode();

    private static readonly Failure ClosedTooEarly = new(
        "The workflow closed before the update completed.", new ApplicationFailureInfo("AcceptedUpdateCompletedWorkflow", NonRetryable: true));

    private static IEnumerable<string> StillHeld(LiveRun run, IReadOnlyList<HistoryEvent> events) => run.State.Activities.Keys
        .Except(events.OfType<ActivityClosed>().Select(static e => e.ScheduledEventId))
        .Select(id => JournalKeys.Held(run.RunNumber, id));

    private static void DeleteAttempts(LiveRun run, long scheduledEventId, List<RowOperation> others)
    {
        var key = JournalKeys.Activity(run.RunNumber, scheduledEventId);
        foreach (var existing in (string[])[key, JournalKeys.ActivityCancel(run.RunNumber, scheduledEventId)])
        {
            if (run.ActivityRows.Contains(existing))
            {
                others.Add(RowOperation.Delete(existing, null));
            }
        }
    }
}
