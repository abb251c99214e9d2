using System.Globalization;
using Serverless.History;

namespace Serverless.Replay;

/// <summary>
/// Compares what the code asks for with what is recorded: kind and identity, never payloads, so that values may change their form.
/// </summary>
internal static class CommandComparer
{
    /// <exception cref="WorkflowTaskFailedException">They differ; the message names the first difference with both sides.</exception>
    public static void Check(IReadOnlyList<CommandEvent> recorded, List<CommandEvent> produced, long taskEventId)
    {
        for (var i = 0; i < Math.Max(recorded.Count, produced.Count); i++)
        {
            var expected = i < recorded.Count ? recorded[i] : null;
            var actual = i < produced.Count ? produced[i] : null;
            if (expected is null || actual is null || Identity(expected) != Identity(actual))
            {
                throw Mismatch(expected, actual, taskEventId);
            }
        }
    }

    /// <summary>A command for people: its kind and what tells it from others.</summary>
    public static string Describe(CommandEvent e) => string.Create(CultureInfo.InvariantCulture, $"{e.GetType().Name}{Identity(e).What}");

    private static WorkflowTaskFailedException Mismatch(CommandEvent? expected, CommandEvent? actual, long taskEventId)
    {
        var where = expected is null
            ? string.Create(CultureInfo.InvariantCulture, $"The history records nothing more for the task of event {taskEventId}")
            : string.Create(CultureInfo.InvariantCulture, $"Event {expected.Id} is {Describe(expected)}");
        var now = actual is null ? "the code asks for nothing more there" : $"the code asks for {Describe(actual)}";
        return new WorkflowTaskFailedException(
            WorkflowTaskFailedCause.Nondeterminism,
            $"{where}, but {now}. The code has changed since, or it is not deterministic. Bring back the recorded order, branch with Workflow.Patched, or reset the run.");
    }

    private static (Type Kind, string What) Identity(CommandEvent e) => (e.GetType(), e switch
    {
        ActivityScheduled x => $" '{x.ActivityType}' (id {x.ActivityId})",
        ActivityCancelRequested x => string.Create(CultureInfo.InvariantCulture, $" of event {x.ScheduledEventId}"),
        TimerStarted x => $" {x.TimerId}",
        TimerCanceled x => string.Create(CultureInfo.InvariantCulture, $" of event {x.StartedEventId}"),
        ChildWorkflowInitiated x => $" '{x.WorkflowType}' (id {x.WorkflowId})",
        ExternalSignalInitiated x => $" '{x.SignalName}' to '{x.WorkflowId}'",
        ExternalCancelInitiated x => $" of '{x.WorkflowId}'",
        PatchMarked x => $" '{x.PatchId}'",
        WorkflowUpdateCompleted x => $" '{x.UpdateId}'",
        WorkflowContinuedAsNew x => $" '{x.WorkflowType}'",
        _ => "",
    });
}
