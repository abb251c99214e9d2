namespace Serverless.Replay;

/// <summary>Running the code failed in a way that must not change the workflow: it is blocked, visibly, until the code is mended.</summary>
internal sealed class WorkflowTaskFailedException : Exception
{
    public WorkflowTaskFailedException(WorkflowTaskFailedCause cause, string message, Exception? inner = null)
        : base(message, inner) => Cause = cause;

    public WorkflowTaskFailedCause Cause { get; }
}

/// <summary>Why a task failed.</summary>
internal enum WorkflowTaskFailedCause
{
    /// <summary>The code threw an exception that is not a workflow failure.</summary>
    UnhandledException,

    /// <summary>The code asks for something else than its history recorded.</summary>
    Nondeterminism,

    /// <summary>The code used threads, tasks or timers that are not the workflow's.</summary>
    LeftScheduler,

    /// <summary>The code did not give control back in time: an endless loop or a blocking wait.</summary>
    Deadlock,

    /// <summary>The code was given up because the process was about to run out of memory.</summary>
    MemoryExhausted,

    /// <summary>Every process that took it up died over it.</summary>
    ProcessDied,

    /// <summary>The application has no such workflow type (any more).</summary>
    UnknownWorkflowType,

    /// <summary>A stored row or payload cannot be read.</summary>
    CorruptHistory,

    /// <summary>Only processes of another build may run the code.</summary>
    OtherBuild,

    /// <summary>A limit was passed: history length or size, pending activities.</summary>
    LimitExceeded,

    /// <summary>A search attribute is not declared, or of another type than declared.</summary>
    BadSearchAttributes,
}

/// <summary>A query could not be answered; the message is for the caller.</summary>
internal sealed class QueryFailedException(string message, Exception? inner = null) : Exception(message, inner);
