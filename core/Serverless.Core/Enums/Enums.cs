#pragma warning disable CA1008 // The zero members keep the names of the field's wire enums.
namespace Serverless.Api.Enums.V1;

/// <summary>State of a workflow run.</summary>
public enum WorkflowExecutionStatus
{
    /// <summary>Not known.</summary>
    Unspecified = 0,

    /// <summary>Open.</summary>
    Running = 1,

    /// <summary>The run method returned.</summary>
    Completed = 2,

    /// <summary>The run method threw a failure.</summary>
    Failed = 3,

    /// <summary>Ended by honouring a cancellation.</summary>
    Canceled = 4,

    /// <summary>Ended from outside without running its code.</summary>
    Terminated = 5,

    /// <summary>Continued as a new run of the same workflow id.</summary>
    ContinuedAsNew = 6,

    /// <summary>Its execution or run time-out passed.</summary>
    TimedOut = 7,

    /// <summary>Held up from outside. Not given so far: workflows can't be paused.</summary>
    Paused = 8,
}

/// <summary>What a start does about a <b>closed</b> workflow with the same id.</summary>
public enum WorkflowIdReusePolicy
{
    /// <summary>Same as <see cref="AllowDuplicate"/>.</summary>
    Unspecified = 0,

    /// <summary>Start a new run. The default.</summary>
    AllowDuplicate = 1,

    /// <summary>Start a new run only if the last one failed, was cancelled, terminated or timed out.</summary>
    AllowDuplicateFailedOnly = 2,

    /// <summary>Refuse.</summary>
    RejectDuplicate = 3,

    /// <summary>Terminate a running one, then start. Use <see cref="WorkflowIdConflictPolicy.TerminateExisting"/> instead.</summary>
    TerminateIfRunning = 4,
}

/// <summary>What a start does about a <b>running</b> workflow with the same id.</summary>
public enum WorkflowIdConflictPolicy
{
    /// <summary>Same as <see cref="Fail"/>.</summary>
    Unspecified = 0,

    /// <summary>Refuse. The default.</summary>
    Fail = 1,

    /// <summary>Return the running one.</summary>
    UseExisting = 2,

    /// <summary>Terminate the running one and start a new run.</summary>
    TerminateExisting = 3,
}

/// <summary>Why an activity, child or workflow was not retried any more.</summary>
public enum RetryState
{
    /// <summary>Not known.</summary>
    Unspecified = 0,

    /// <summary>It is being retried.</summary>
    InProgress = 1,

    /// <summary>The failure says so, or its type is listed as not retryable.</summary>
    NonRetryableFailure = 2,

    /// <summary>The next attempt would pass the overall time-out.</summary>
    Timeout = 3,

    /// <summary>The maximum number of attempts was made.</summary>
    MaximumAttemptsReached = 4,

    /// <summary>There is no retry policy.</summary>
    RetryPolicyNotSet = 5,

    /// <summary>The platform failed.</summary>
    InternalServerError = 6,

    /// <summary>A cancellation was requested.</summary>
    CancelRequested = 7,
}

/// <summary>Which time-out passed.</summary>
public enum TimeoutType
{
    /// <summary>Not known.</summary>
    Unspecified = 0,

    /// <summary>From the start of an attempt to its end.</summary>
    StartToClose = 1,

    /// <summary>From scheduling to the start of an attempt.</summary>
    ScheduleToStart = 2,

    /// <summary>From scheduling to the end, retries included.</summary>
    ScheduleToClose = 3,

    /// <summary>Since the last heartbeat.</summary>
    Heartbeat = 4,
}

/// <summary>How an application failure counts.</summary>
public enum ApplicationErrorCategory
{
    /// <summary>An ordinary failure.</summary>
    Unspecified = 0,

    /// <summary>Expected in normal operation: logged at debug level, not counted as a failure.</summary>
    Benign = 1,
}

/// <summary>Why a run was continued as a new run.</summary>
public enum ContinueAsNewInitiator
{
    /// <summary>It was not.</summary>
    Unspecified = 0,

    /// <summary>The workflow asked for it.</summary>
    Workflow = 1,

    /// <summary>The workflow's retry policy.</summary>
    Retry = 2,

    /// <summary>The workflow's cron schedule.</summary>
    CronSchedule = 3,
}

/// <summary>Type of a search attribute.</summary>
public enum IndexedValueType
{
    /// <summary>Not known.</summary>
    Unspecified = 0,

    /// <summary>Text, matched by word.</summary>
    Text = 1,

    /// <summary>A word, matched whole.</summary>
    Keyword = 2,

    /// <summary>A 64-bit whole number.</summary>
    Int = 3,

    /// <summary>A floating-point number.</summary>
    Double = 4,

    /// <summary>True or false.</summary>
    Bool = 5,

    /// <summary>A moment.</summary>
    Datetime = 6,

    /// <summary>Several words.</summary>
    KeywordList = 7,
}

/// <summary>States in which a query is not asked.</summary>
public enum QueryRejectCondition
{
    /// <summary>Same as <see cref="None"/>.</summary>
    Unspecified = 0,

    /// <summary>Always asked.</summary>
    None = 1,

    /// <summary>Not asked of a closed workflow.</summary>
    NotOpen = 2,

    /// <summary>Not asked of a workflow that closed in another way than by completing.</summary>
    NotCompletedCleanly = 3,
}

/// <summary>Which events of a history are read.</summary>
public enum HistoryEventFilterType
{
    /// <summary>Same as <see cref="AllEvent"/>.</summary>
    Unspecified = 0,

    /// <summary>All events.</summary>
    AllEvent = 1,

    /// <summary>Only the one that closed the run.</summary>
    CloseEvent = 2,
}

/// <summary>What a schedule does when an action is due and one of its workflows still runs.</summary>
public enum ScheduleOverlapPolicy
{
    /// <summary>As the schedule says; for the schedule itself the same as <see cref="Skip"/>.</summary>
    Unspecified = 0,

    /// <summary>Do not start. The default.</summary>
    Skip = 1,

    /// <summary>Start once the running one has ended; of several that come due meanwhile only the first.</summary>
    BufferOne = 2,

    /// <summary>Start one after the other, each once the one before has ended.</summary>
    BufferAll = 3,

    /// <summary>Cancel the running one, and start once it has ended.</summary>
    CancelOther = 4,

    /// <summary>Terminate the running one, and start.</summary>
    TerminateOther = 5,

    /// <summary>Start beside it. The last result and failure are then not handed on.</summary>
    AllowAll = 6,
}
