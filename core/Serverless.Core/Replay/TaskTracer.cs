using System.Diagnostics;
using System.Diagnostics.Tracing;

namespace Serverless.Replay;

/// <summary>
/// Watches the runtime's events for tasks that workflow code puts on another scheduler (Task.Run, ConfigureAwait(false) and the like) and for real timers that it
/// sets (Task.Delay and the like), at the moment it does so: before anything of the task is recorded. One per process.
/// </summary>
internal sealed class TaskTracer : EventListener
{
    private const string TaskSource = "System.Threading.Tasks.TplEventSource";
    private const EventKeywords Tasks = (EventKeywords)2;
    private const string FrameworkSource = "System.Diagnostics.Eventing.FrameworkEventSource";
    private const EventKeywords ThreadTransfers = (EventKeywords)0x10;
    private const int TransferSent = 150;
    private const int TimerTransfer = 1;
    private const int TaskScheduled = 7;
    private const int ContinuationScheduled = 12;
    private const string Cure = "Use Workflow.RunTaskAsync, Workflow.WhenAnyAsync and Workflow.DelayAsync, and never ConfigureAwait(false) in workflow code.";
    private static readonly Lazy<TaskTracer> Instance = new(static () => new TaskTracer());

    /// <summary>Begins to watch; once is enough.</summary>
    public static void Start() => _ = Instance.Value;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        switch (eventSource.Name)
        {
            case TaskSource:
                EnableEvents(eventSource, EventLevel.Informational, Tasks);
                break;
            case FrameworkSource:
                EnableEvents(eventSource, EventLevel.Informational, ThreadTransfers);
                break;
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (WorkflowScheduler.Running is not { } running)
        {
            return;
        }

        switch (eventData.EventId)
        {
            case TransferSent when eventData.Payload is [_, TimerTransfer, ..]:
                running.Report(
                    "Workflow code set a real timer: by Task.Delay, WaitAsync with a time, CancelAfter or the like. It does not outlive this process. "
                    + "Use Workflow.DelayAsync, and Workflow.WaitConditionAsync with a time-out.");
                break;
            case TaskScheduled when eventData.Payload is [int scheduler, ..] && scheduler != running.Id:
                running.Report("Workflow code put a task on another scheduler: by Task.Run, a continuation on the default scheduler, or the like. " + Cure);
                break;
            case ContinuationScheduled when IsAwait():
                running.Report("Workflow code goes on outside of its scheduler: an await used ConfigureAwait(false). " + Cure);
                break;
        }
    }

    // Task.Yield writes the same event with the same data, and stays: only the stack tells them apart. Both are rare.
    private static bool IsAwait() => new StackTrace().GetFrames()
        .Select(static frame => frame.GetMethod()?.DeclaringType)
        .TakeWhile(static type => type == typeof(TaskTracer) || type?.Assembly == typeof(Task).Assembly)
        .Any(static type => type is { Name: "AwaitTaskContinuation", Namespace: "System.Threading.Tasks" });
}
