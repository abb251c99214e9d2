using System.Globalization;
using Serverless.History;

namespace Serverless.Replay;

/// <summary>
/// Compares what the code asks for with what is recorded: kind and identity, never payloads, so that values may change their form.
/// </summary>
internal static class CommandComparer
{
    /// <summary>True when both are the same step.</summary>
    public static bool Same(CommandEvent recorded, CommandEvent asked) => (recorded, asked) switch
    {
        (ActivityScheduled a, ActivityScheduled b) => a.ActivityId == b.ActivityId && a.ActivityType == b.ActivityType && a.IsLocal == b.IsLocal,
        (ActivityCancelRequested a, ActivityCancelRequested b) => a.ScheduledEventId == b.ScheduledEventId,
        (TimerStarted a, TimerStarted b) => a.TimerId == b.TimerId,
        (TimerCanceled a, TimerCanceled b) => a.StartedEventId == b.StartedEventId,
        (ChildWorkflowInitiated a, ChildWorkflowInitiated b) => a.WorkflowId == b.WorkflowId && a.WorkflowType == b.WorkflowType,
        (ExternalSignalInitiated a, ExternalSignalInitiated b) =>
            a.WorkflowId == b.WorkflowId && a.SignalName == b.SignalName && a.Start?.WorkflowType == b.Start?.WorkflowType,
        (ExternalCancelInitiated a, ExternalCancelInitiated b) => a.WorkflowId == b.WorkflowId,
        (PatchMarked a, PatchMarked b) => a.PatchId == b.PatchId,
        (WorkflowUpdateCompleted a, WorkflowUpdateCompleted b) => a.UpdateId == b.UpdateId,
        (WorkflowContinuedAsNew a, WorkflowContinuedAsNew b) => a.WorkflowType == b.WorkflowType,
        _ => recorded.GetType() == asked.GetType(),
    };

    /// <summary>
    /// Gives each command of a task the id that is recorded for it. A deprecated patch that the code no longer mentions keeps its event and matches nothing.
    /// </summary>
    /// <exception cref="WorkflowTaskFailedException">They differ; the message names the first difference with both sides.</exception>
    public static void Match(IReadOnlyList<HistoryEvent> events, int first, int end, List<Command> asked, WorkflowTaskCompleted task)
    {
        var at = first;
        foreach (var command in asked)
        {
            while (at < end && IsForgotten(events[at], asked))
            {
                at++;
            }

            var recorded = at < end ? (CommandEvent)events[at] : null;
            if (recorded is null || !Same(recorded, command.Event))
            {
                throw Mismatch(recorded, command.Event, task.Id);
            }

            command.Record(recorded.Id, recorded.Time);
            at++;
        }

        for (; at < end; at++)
        {
            if (!IsForgotten(events[at], asked))
            {
                throw Mismatch((CommandEvent)events[at], null, task.Id);
            }
        }
    }

    /// <summary>A command for people: its kind and what tells it from others.</summary>
    public static string Describe(CommandEvent e) => e.GetType().Name + e switch
    {
        ActivityScheduled x => $" '{x.ActivityType}' (id {x.ActivityId}{(x.IsLocal ? ", local" : "")})",
        ActivityCancelRequested x => string.Create(CultureInfo.InvariantCulture, $" of event {x.ScheduledEventId}"),
        TimerStarted x => $" {x.TimerId}",
        TimerCanceled x => string.Create(CultureInfo.InvariantCulture, $" of event {x.StartedEventId}"),
        ChildWorkflowInitiated x => $" '{x.WorkflowType}' (id {x.WorkflowId})",
        ExternalSignalInitiated x => $" '{x.SignalName}' to '{x.WorkflowId}'{(x.Start is { } start ? $", which starts as '{start.WorkflowType}'" : "")}",
        ExternalCancelInitiated x => $" of '{x.WorkflowId}'",
        PatchMarked x => $" '{x.PatchId}'",
        WorkflowUpdateCompleted x => $" '{x.UpdateId}'",
        WorkflowContinuedAsNew x => $" '{x.WorkflowType}'",
        _ => "",
    };

    private static bool IsForgotten(HistoryEvent recorded, List<Command> asked) =>
        recorded is PatchMarked { Deprecated: true } mark
        && !asked.Exists(command => command.Event is PatchMarked other && other.PatchId == mark.PatchId);

    private static WorkflowTaskFailedException Mismatch(CommandEvent? recorded, CommandEvent? asked, long taskEventId)
    {
        var where = recorded is null
            ? string.Create(CultureInfo.InvariantCulture, $"the history records nothing more for the task of event {taskEventId}")
            : string.Create(CultureInfo.InvariantCulture, $"event {recorded.Id} is {Describe(recorded)}");
        var now = asked is null ? "the code asked for nothing there" : $"the code asked for {Describe(asked)}";
        return new WorkflowTaskFailedException(
            WorkflowTaskFailedCause.Nondeterminism,
            $"Nondeterminism: {where}, but {now}. The code has changed since, or it is not deterministic. "
            + "Bring back the recorded order, branch with Workflow.Patched, or reset the run.");
    }
}
