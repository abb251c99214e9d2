using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Maintenance;

/// <summary>Tells what a run waits for from what is stored of it. Pure.</summary>
internal static class Waits
{
    public static WorkflowWaits Of(WaitFacts facts)
    {
        var head = facts.Run.Head;
        return new WorkflowWaits(facts.Run.WorkflowId, head.RunId, head.Status, head.IsOpen ? [.. All(facts)] : []) { Blocked = head.IsOpen ? head.Blocked : null };
    }

    private static IEnumerable<WorkflowWait> All(WaitFacts facts)
    {
        var state = facts.Run.State;
        List<WorkflowWait> waits =
        [
            .. Block(facts),
            .. Start(facts),
            .. Messages(facts),
            .. state.Activities.Values.Select(activity => ActivityWaits.Of(facts, activity)),
            .. state.Timers.Values.Select(Timer),
            .. state.Children.Values.Select(child => Child(facts, child)),
            .. state.Externals.Values.Select(External),
            .. Updates(facts),
        ];
        if (waits.Count == 0)
        {
            waits.Add(Idle(facts));
        }

        return state.Started?.End() is { } end
            ? waits.Append(new WorkflowWait(WaitKind.Timer, "the end of the run's time", state.Started.Time, "the clock: the run times out then") { Until = end })
            : waits;
    }

    private static IEnumerable<WorkflowWait> Block(WaitFacts facts)
    {
        if (facts.Run.Head.Blocked is { } note)
        {
            yield return new WorkflowWait(WaitKind.Blocked, $"{note.Cause}: {note.Message}", note.Since, Repairs.OfBlock(note.Cause))
            {
                Attempt = note.Attempts + 1,
                Until = note.NextAttempt,
            };
        }
        else if (facts.Run.Damage is { } damage)
        {
            yield return new WorkflowWait(
                WaitKind.Blocked, $"{WorkflowTaskFailedCause.CorruptHistory}: {damage}", facts.Now, Repairs.OfBlock(nameof(WorkflowTaskFailedCause.CorruptHistory)));
        }
    }

    private static IEnumerable<WorkflowWait> Start(WaitFacts facts)
    {
        var start = facts.Inbox.Select(static r => r.Item.Event).OfType<WorkflowStarted>().FirstOrDefault();
        if (start is null)
        {
            yield break;
        }

        var due = start.FirstTaskDue();
        if (due <= facts.Now)
        {
            yield return new WorkflowWait(WaitKind.Start, "its first task", due, Task(facts));
            yield break;
        }

        var why = start switch
        {
            { Initiator: Api.Enums.V1.ContinueAsNewInitiator.Retry } => $"attempt {start.Attempt} of the workflow, after a failed run",
            { CronSchedule: { Length: > 0 } cron } => $"the next time of its cron schedule '{cron}'",
            { Initiator: Api.Enums.V1.ContinueAsNewInitiator.Workflow } => "its first task, which the run before put off",
            _ => "its first task, which its start put off",
        };
        yield return new WorkflowWait(WaitKind.Start, why, start.Time, "the clock, or a cancellation") { Until = due };
    }

    private static IEnumerable<WorkflowWait> Messages(WaitFacts facts) =>
        from row in facts.Inbox
        where row.Item.Event is not WorkflowStarted
        group row.Item.Event by Name(row.Item.Event) into same
        let many = same.Count()
        select new WorkflowWait(
            WaitKind.Message, many == 1 ? $"{same.Key}, not yet applied" : $"{many} of {same.Key}, not yet applied", same.Min(static e => e.Time), Task(facts));

    private static string Name(InputEvent e) => e switch
    {
        WorkflowSignaled signal => $"signal '{signal.Name}'",
        WorkflowUpdateAccepted update => $"update '{update.Name}'",
        WorkflowCancelRequested => "a cancellation",
        ActivityClosed => "an activity's result",
        TimerFired => "a timer that fired",
        ChildWorkflowClosed or ChildWorkflowStarted or ChildWorkflowStartFailed => "a child's answer",
        _ => "an answer of another workflow",
    };

    /// <summary>What runs the next task.</summary>
    private static string Task(WaitFacts facts) => facts.Run switch
    {
        { Head.Blocked: not null } => "the next attempt of its task",
        { PinnedBuildId: { } build } => $"a process of build '{build}', by a message",
        _ => "a process that takes workflow messages, by a message",
    };

    private static WorkflowWait Timer(TimerStarted timer) => new(
        WaitKind.Timer, $"timer {timer.TimerId}{(timer.Summary is { Length: > 0 } summary ? $" ({summary})" : "")}", timer.Time, "the clock")
    {
        EventId = timer.Id,
        Until = timer.Time.After(timer.Delay),
    };

    private static WorkflowWait Child(WaitFacts facts, PendingChild child)
    {
        var initiated = child.Initiated;
        var wait = new WorkflowWait(WaitKind.Child, $"child workflow '{initiated.WorkflowId}' ({initiated.WorkflowType})", initiated.Time, "the child's end") { EventId = initiated.Id };
        if (!child.Started)
        {
            return wait with { What = $"the start of {wait.What}", WokenBy = "the answer to the start" };
        }

        return facts.Children.TryGetValue(initiated.Id, out var status)
            ? wait with { What = $"{wait.What}, {(status is { } known ? known.ToString() : "which does not exist")}" }
            : wait;
    }

    private static WorkflowWait External(CommandEvent external) => external switch
    {
        ExternalSignalInitiated signal => new(
            WaitKind.ExternalSignal, $"signal '{signal.SignalName}' to workflow '{signal.WorkflowId}'", signal.Time, "the answer of the store of that workflow") { EventId = signal.Id },
        ExternalCancelInitiated cancel => new(
            WaitKind.ExternalCancel, $"a cancellation of workflow '{cancel.WorkflowId}'", cancel.Time, "the answer of the store of that workflow") { EventId = cancel.Id },
        _ => throw new InvalidOperationException($"Unknown command {external.GetType().Name}."),
    };

    private static IEnumerable<WorkflowWait> Updates(WaitFacts facts) =>
        from update in facts.Run.State.Updates
        where update.Value.Completed is null
        let accepted = facts.Run.Unreplayed?.Find(e => e.Id == update.Value.AcceptedEventId) as WorkflowUpdateAccepted
        select new WorkflowWait(
            WaitKind.Update, $"update '{accepted?.Name ?? update.Key}' (id {update.Key}), accepted and not completed", accepted?.Time ?? facts.Run.State.Started.Time, "its handler's code")
        {
            EventId = update.Value.AcceptedEventId,
        };

    /// <summary>Nothing is pending: only a message can make its code go on.</summary>
    private static WorkflowWait Idle(WaitFacts facts)
    {
        var seen = (facts.Run.Unreplayed ?? []).Select(static e => (e as WorkflowSignaled)?.Name ?? (e as WorkflowUpdateAccepted)?.Name).OfType<string>();
        string[] names = [.. facts.Handlers.Concat(seen).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var since = facts.Run.State.LastTask ?? facts.Run.Head.Started;
        return names.Length == 0
            ? new WorkflowWait(WaitKind.Condition, "a condition of its own code", since, "a signal, an update or a cancellation")
            : new WorkflowWait(WaitKind.Signal, "a message that fulfils a condition of its own code", since, $"{string.Join(", ", names)}, or a cancellation");
    }
}
