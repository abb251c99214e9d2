using System.Diagnostics.Tracing;
using System.Globalization;

namespace Serverless.Replay;

/// <summary>
/// Watches the task library's events for tasks that workflow code puts on another scheduler (Task.Run, ConfigureAwait(false) and the like), at the moment it does so:
/// before anything of the task is recorded. One per process.
/// </summary>
internal sealed class TaskTracer : EventListener
{
    private const string SourceName = "System.Threading.Tasks.TplEventSource";
    private const EventKeywords Tasks = (EventKeywords)2;
    private const int TaskScheduled = 7;
    private static readonly Lazy<TaskTracer> Instance = new(static () => new TaskTracer());

    /// <summary>Begins to watch; once is enough.</summary>
    public static void Start() => _ = Instance.Value;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == SourceName)
        {
            EnableEvents(eventSource, EventLevel.Informational, Tasks);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId == TaskScheduled
            && WorkflowScheduler.Running is { } running
            && eventData.Payload is [int scheduler, ..]
            && scheduler != running.Id)
        {
            running.Report(string.Create(
                CultureInfo.InvariantCulture,
                $"Workflow code put a task on another scheduler ({scheduler}): by Task.Run, Task.Factory.StartNew with a scheduler, ConfigureAwait(false) or the like. ")
                + "Use Workflow.RunTaskAsync, Workflow.WhenAnyAsync and Workflow.DelayAsync, and never ConfigureAwait(false) in workflow code.");
        }
    }
}
