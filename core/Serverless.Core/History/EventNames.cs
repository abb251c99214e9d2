using System.Text;

namespace Serverless.History;

/// <summary>
/// Names of event types for people and for exported histories: Temporal's where an event corresponds to one of its event types, else our own.
/// </summary>
internal static class EventNames
{
    private const string Prefix = "EVENT_TYPE_";

    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(WorkflowStarted)] = "WorkflowExecutionStarted",
        [typeof(WorkflowTaskCompleted)] = "WorkflowTaskCompleted",
        [typeof(WorkflowCompleted)] = "WorkflowExecutionCompleted",
        [typeof(WorkflowFailed)] = "WorkflowExecutionFailed",
        [typeof(WorkflowCanceled)] = "WorkflowExecutionCanceled",
        [typeof(WorkflowContinuedAsNew)] = "WorkflowExecutionContinuedAsNew",
        [typeof(WorkflowTerminated)] = "WorkflowExecutionTerminated",
        [typeof(WorkflowTimedOut)] = "WorkflowExecutionTimedOut",
        [typeof(WorkflowResetMarked)] = "WorkflowResetMarked",
        [typeof(WorkflowSignaled)] = "WorkflowExecutionSignaled",
        [typeof(WorkflowCancelRequested)] = "WorkflowExecutionCancelRequested",
        [typeof(WorkflowPropertiesModified)] = "WorkflowPropertiesModifiedExternally",
        [typeof(WorkflowUpdateAccepted)] = "WorkflowExecutionUpdateAccepted",
        [typeof(WorkflowUpdateCompleted)] = "WorkflowExecutionUpdateCompleted",
        [typeof(ActivityScheduled)] = "ActivityTaskScheduled",
        [typeof(ActivityCancelRequested)] = "ActivityTaskCancelRequested",
        [typeof(ActivityCompleted)] = "ActivityTaskCompleted",
        [typeof(ActivityFailed)] = "ActivityTaskFailed",
        [typeof(ActivityTimedOut)] = "ActivityTaskTimedOut",
        [typeof(ActivityCanceled)] = "ActivityTaskCanceled",
        [typeof(TimerStarted)] = "TimerStarted",
        [typeof(TimerFired)] = "TimerFired",
        [typeof(TimerCanceled)] = "TimerCanceled",
        [typeof(ChildWorkflowInitiated)] = "StartChildWorkflowExecutionInitiated",
        [typeof(ChildWorkflowStarted)] = "ChildWorkflowExecutionStarted",
        [typeof(ChildWorkflowStartFailed)] = "StartChildWorkflowExecutionFailed",
        [typeof(ChildWorkflowCompleted)] = "ChildWorkflowExecutionCompleted",
        [typeof(ChildWorkflowFailed)] = "ChildWorkflowExecutionFailed",
        [typeof(ChildWorkflowCanceled)] = "ChildWorkflowExecutionCanceled",
        [typeof(ChildWorkflowTimedOut)] = "ChildWorkflowExecutionTimedOut",
        [typeof(ChildWorkflowTerminated)] = "ChildWorkflowExecutionTerminated",
        [typeof(ExternalSignalInitiated)] = "SignalExternalWorkflowExecutionInitiated",
        [typeof(ExternalSignalClosed)] = "ExternalSignalClosed",
        [typeof(ExternalCancelInitiated)] = "RequestCancelExternalWorkflowExecutionInitiated",
        [typeof(ExternalCancelClosed)] = "ExternalCancelClosed",
        [typeof(PatchMarked)] = "PatchMarked",
        [typeof(PropertiesUpserted)] = "PropertiesUpserted",
    };

    private static readonly Dictionary<string, Type> Types =
        Names.SelectMany(static pair => (KeyValuePair<string, Type>[])[new(pair.Value, pair.Key), new(InCapitals(pair.Value), pair.Key)]).ToDictionary(StringComparer.Ordinal);

    /// <summary>Such as <c>ActivityTaskScheduled</c>.</summary>
    public static string Of(HistoryEvent e) => Of(e.GetType());

    public static string Of(Type type) => Names[type];

    /// <summary>Such as <c>EVENT_TYPE_ACTIVITY_TASK_SCHEDULED</c>.</summary>
    public static string InCapitals(string name)
    {
        var text = new StringBuilder(Prefix, name.Length + 24);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > Prefix.Length)
            {
                text.Append('_');
            }

            text.Append(char.ToUpperInvariant(c));
        }

        return text.ToString();
    }

    /// <summary>The type of a name in either form; null when it is none.</summary>
    public static Type? TypeOf(string name) => Types.GetValueOrDefault(name);
}
