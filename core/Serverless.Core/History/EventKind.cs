namespace Serverless.History;

/// <summary>The stored number of each event type. A number is never given to another type; new types take new numbers.</summary>
internal enum EventKind
{
    // The run.
    WorkflowStarted = 1,
    WorkflowTaskCompleted = 2,
    WorkflowCompleted = 3,
    WorkflowFailed = 4,
    WorkflowCanceled = 5,
    WorkflowContinuedAsNew = 6,
    WorkflowTerminated = 7,
    WorkflowTimedOut = 8,
    WorkflowResetMarked = 9,

    // Messages.
    WorkflowSignaled = 20,
    WorkflowCancelRequested = 21,
    WorkflowUpdateAccepted = 22,
    WorkflowUpdateCompleted = 23,
    WorkflowPropertiesModified = 24,

    // Activities.
    ActivityScheduled = 30,
    ActivityCancelRequested = 31,
    ActivityCompleted = 32,
    ActivityFailed = 33,
    ActivityTimedOut = 34,
    ActivityCanceled = 35,

    // Timers.
    TimerStarted = 40,
    TimerFired = 41,
    TimerCanceled = 42,

    // Children.
    ChildWorkflowInitiated = 50,
    ChildWorkflowStarted = 51,
    ChildWorkflowStartFailed = 52,
    ChildWorkflowCompleted = 53,
    ChildWorkflowFailed = 54,
    ChildWorkflowCanceled = 55,
    ChildWorkflowTimedOut = 56,
    ChildWorkflowTerminated = 57,

    // Other workflows.
    ExternalSignalInitiated = 70,
    ExternalSignalClosed = 71,
    ExternalCancelInitiated = 72,
    ExternalCancelClosed = 73,

    // Notes of the code.
    PatchMarked = 80,
    PropertiesUpserted = 81,
}
