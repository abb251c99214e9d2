using Serverless.History;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>
/// Decides what of all that arrived goes into the next task, and what is over and only to be removed. Pure.
/// Order within a task: the start, then signals, updates, cancellations and changes of properties as they arrived, then results.
/// </summary>
internal sealed class InputSelection
{
    private readonly List<InputEvent> _start = [];
    private readonly List<InputEvent> _messages = [];
    private readonly List<InputEvent> _results = [];
    private readonly HashSet<(Type, long)> _seen = [];
    private readonly HashSet<string> _updates = new(StringComparer.Ordinal);
    private readonly RunState _state;
    private readonly WorkflowHead _head;
    private int _rowCost;
    private long _bytes;

    private InputSelection(RunState state, WorkflowHead head)
    {
        _state = state;
        _head = head;
    }

    /// <summary>Inputs of the task, in order.</summary>
    public IReadOnlyList<InputEvent> Inputs => [.. _start, .. _messages, .. _results];

    /// <summary>Inbox rows that the task consumes, those that mean nothing any more included.</summary>
    public List<string> Consumed { get; } = [];

    /// <summary>Those of the inputs that are not in the inbox: a commit that fails must not lose them.</summary>
    public List<InputEvent> Local { get; } = [];

    /// <summary>Updates that the run may not accept any more.</summary>
    public List<RejectedUpdate> Refused { get; } = [];

    /// <summary>True when rows are left for a later task.</summary>
    public bool HasMore { get; private set; }

    /// <summary>True when a local input was refused: if the state may be old, look again before believing it.</summary>
    public bool RefusedLocal { get; private set; }

    /// <summary>A start that waits for its time, if nothing ends the wait.</summary>
    public WorkflowStarted? WaitingStart { get; private set; }

    public bool HasInputs => _start.Count + _messages.Count + _results.Count > 0;

    /// <summary>The inputs as the next events of the run.</summary>
    public IReadOnlyList<HistoryEvent> Recorded => [.. Inputs.Select((e, at) => (HistoryEvent)(e with { Id = _state.LastEventId + at + 1 }))];

    /// <summary>What can be recorded without the code: all but updates, on which it decides.</summary>
    public static InputSelection OfMessages(LiveRun run, IReadOnlyList<InboxRow> inbox, DateTimeOffset now, EngineLimits limits) =>
        Select(run.State, run.Head, [.. inbox.Where(static r => r.Item.Event is not WorkflowUpdateAccepted)], [], now, limits);

    /// <param name="state">The run as recorded.</param>
    /// <param name="head">Its head.</param>
    /// <param name="inbox">Inbox rows in order; null when the inbox was not read.</param>
    /// <param name="local">Events that reached this process directly, with the run they are meant for (null: the current one).</param>
    /// <param name="now">For delayed starts.</param>
    /// <param name="limits">How much fits one commit.</param>
    public static InputSelection Select(
        RunState state,
        WorkflowHead head,
        IReadOnlyList<InboxRow>? inbox,
        IReadOnlyList<(InputEvent Event, string? RunId)> local,
        DateTimeOffset now,
        EngineLimits limits)
    {
        var selection = new InputSelection(state, head);
        if (inbox is not null && selection.WaitsForStart(inbox, now))
        {
            return selection;
        }

        foreach (var row in inbox ?? [])
        {
            selection._bytes += row.Inline;
            if (selection._rowCost >= limits.MaxInboxPerCommit || (selection._rowCost > 0 && selection._bytes > limits.MaxTaskBytes))
            {
                selection.HasMore = true;
                break;
            }

            if (row.Item.Event is WorkflowUpdateAccepted update)
            {
                selection.Add(update, row, limits.MaxUpdates);
                continue;
            }

            selection._rowCost++;
            selection.Consumed.Add(row.Key);
            selection.TryAdd(row.Item);
        }

        foreach (var (e, meantFor) in local)
        {
            if (selection.TryAdd(new InboxItem(e, meantFor)))
            {
                selection.Local.Add(e);
            }
            else
            {
                selection.RefusedLocal = true;
            }
        }

        return selection;
    }

    private bool WaitsForStart(IReadOnlyList<InboxRow> inbox, DateTimeOffset now)
    {
        if (_state.LastEventId > 0 || inbox.FirstOrDefault(r => r.Item.Event is WorkflowStarted)?.Item.Event is not WorkflowStarted start || !start.Waits())
        {
            // A start that waits for nothing is due whatever this process's clock says: nothing would come back for it.
            return false;
        }

        // A message ends a start delay, but neither a retry's back-off nor a cron schedule's wait; a cancellation ends all.
        var woken = inbox.Any(r =>
            r.Item.Event is WorkflowCancelRequested
            || (r.Item.Event is WorkflowSignaled or WorkflowUpdateAccepted
                && start.Initiator == Api.Enums.V1.ContinueAsNewInitiator.Unspecified && start.CronSchedule is null));
        if (start.FirstTaskDue() <= now || woken)
        {
            return false;
        }

        WaitingStart = start;
        return true;
    }

    private void Add(WorkflowUpdateAccepted update, InboxRow row, int limit)
    {
        var accepted = _state.Updates.Count;
        if (accepted < limit && accepted + _updates.Count >= limit)
        {
            // Those that this task takes may be rejected, and leave room for it.
            HasMore = true;
            return;
        }

        // It costs two rows of the transaction: its inbox row and its outcome.
        _rowCost += 2;
        Consumed.Add(row.Key);
        if (accepted >= limit && !_state.Updates.ContainsKey(update.UpdateId))
        {
            Refused.Add(new RejectedUpdate(update.UpdateId, UpdateLimit.Passed(limit)));
        }
        else
        {
            TryAdd(row.Item);
        }
    }

    private bool TryAdd(InboxItem item)
    {
        var e = item.Event;
        if (!IsOurs(item) || !Expects(e))
        {
            return false;
        }

        switch (e)
        {
            case WorkflowStarted:
                _start.Add(e);
                break;
            case WorkflowSignaled or WorkflowCancelRequested or WorkflowUpdateAccepted or WorkflowPropertiesModified:
                _messages.Add(e);
                break;
            default:
                _results.Add(e);
                break;
        }

        return true;
    }

    private bool IsOurs(InboxItem item) => (item.FirstRunId is null || item.FirstRunId == _head.FirstRunId)
        && (item.RunId is null || item.RunId == _head.RunId || (item.Event is ChildWorkflowClosed child && _state.IsCopyOf(item.RunId, child.InitiatedEventId)));

    private bool Expects(InputEvent e)
    {
        if (!_state.Expects(e))
        {
            return false;
        }

        return e switch
        {
            WorkflowStarted => _state.LastEventId == 0 && _seen.Add((typeof(WorkflowStarted), 0)),
            ActivityClosed x => _seen.Add((typeof(ActivityClosed), x.ScheduledEventId)),
            TimerFired x => _seen.Add((typeof(TimerFired), x.StartedEventId)),
            ChildWorkflowStarted x => _seen.Add((typeof(ChildWorkflowStarted), x.InitiatedEventId)),
            ChildWorkflowStartFailed x => _seen.Add((typeof(ChildWorkflowStarted), x.InitiatedEventId)),
            ChildWorkflowClosed x => _seen.Add((typeof(ChildWorkflowClosed), x.InitiatedEventId)),
            ExternalSignalClosed x => _seen.Add((typeof(ExternalSignalClosed), x.InitiatedEventId)),
            ExternalCancelClosed x => _seen.Add((typeof(ExternalCancelClosed), x.InitiatedEventId)),
            WorkflowCancelRequested => _seen.Add((typeof(WorkflowCancelRequested), 0)),
            WorkflowUpdateAccepted x => _updates.Add(x.UpdateId),
            _ => true,
        };
    }
}
