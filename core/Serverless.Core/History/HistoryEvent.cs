using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Workflows;

namespace Serverless.History;

/// <summary>
/// One thing that happened to a run. Ids are 1..n within the run, in the order of commits.
/// A commit appends, in this order: inputs (what arrived), one <see cref="WorkflowTaskCompleted"/> (the code ran on them, at this time),
/// then commands (what the code asked for). Replay feeds the inputs of a task to the code and compares the commands.
/// </summary>
internal abstract record HistoryEvent
{
    /// <summary>Position in the run's history, from 1.</summary>
    public long Id { get; init; }

    /// <summary>When it was recorded, by the recording process's clock. Never decides an order.</summary>
    public DateTimeOffset Time { get; init; }
}

/// <summary>What arrived: delivered to workflow code by the task that follows it.</summary>
internal abstract record InputEvent : HistoryEvent;

/// <summary>What workflow code asked for: compared when replaying.</summary>
internal abstract record CommandEvent : HistoryEvent;

// ---- the run ------------------------------------------------------------------------------------------------------

/// <summary>Always event 1.</summary>
internal sealed record WorkflowStarted(string WorkflowType, string TaskQueue, IReadOnlyList<Payload> Args) : InputEvent
{
    public string RunId { get; init; } = "";

    /// <summary>The first run of the chain of continued runs, retries and cron runs.</summary>
    public string FirstRunId { get; init; } = "";

    /// <summary>The run before this one in the chain; null for the first.</summary>
    public string? ContinuedFromRunId { get; init; }

    public ContinueAsNewInitiator Initiator { get; init; }

    /// <summary>Which attempt of the workflow's retry policy this run is, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>When the first run of the chain started; the execution time-out counts from it.</summary>
    public DateTimeOffset FirstRunStarted { get; init; }

    public TimeSpan? ExecutionTimeout { get; init; }

    public TimeSpan? RunTimeout { get; init; }

    public TimeSpan? TaskTimeout { get; init; }

    public RetryPolicy? RetryPolicy { get; init; }

    public string? CronSchedule { get; init; }

    /// <summary>How long after <see cref="HistoryEvent.Time"/> the first task runs (start delay, cron, retry back-off); null for at once.</summary>
    public TimeSpan? FirstTaskDelay { get; init; }

    public IReadOnlyDictionary<string, Payload> Memo { get; init; } = Empty;

    public IReadOnlyDictionary<string, Payload> SearchAttributes { get; init; } = Empty;

    public IReadOnlyDictionary<string, Payload> Headers { get; init; } = Empty;

    public ParentLink? Parent { get; init; }

    public WorkflowLink? Root { get; init; }

    /// <summary>Result of the last successful run of the chain (cron).</summary>
    public Payload? LastResult { get; init; }

    /// <summary>Failure of the run before (cron, retry).</summary>
    public Failure? LastFailure { get; init; }

    /// <summary>Seed of <c>Workflow.Random</c> and <c>Workflow.NewGuid</c>.</summary>
    public ulong RandomSeed { get; init; }

    public string? Summary { get; init; }

    public string? Details { get; init; }

    public PriorityInfo? Priority { get; init; }

    /// <summary>The build the run is pinned to from its start; null when its tasks decide.</summary>
    public string? PinnedBuildId { get; init; }

    /// <summary>What the start said against the code: pinned to <see cref="PinnedBuildId"/>, or never pinned; unspecified: the code decides.</summary>
    public VersioningBehavior VersioningOverride { get; init; }

    /// <summary>Makes a repeated start request the same start.</summary>
    public string? RequestId { get; init; }

    public string? Identity { get; init; }

    /// <summary>Who is told when the chain of runs has ended; null for nobody but the parent.</summary>
    public CloseNotice? OnClose { get; init; }

    internal static readonly IReadOnlyDictionary<string, Payload> Empty = new Dictionary<string, Payload>();
}

/// <summary>A workflow and one of its runs.</summary>
internal sealed record WorkflowLink(string WorkflowId, string RunId);

/// <summary>A signal to be sent at the end of a chain of runs.</summary>
/// <param name="WorkflowId">Who gets it.</param>
/// <param name="SignalName">Its name. Its one argument says how the chain ended.</param>
/// <param name="Correlation">What the receiver knows the chain by.</param>
internal sealed record CloseNotice(string WorkflowId, string SignalName, string Correlation);

/// <summary>Who started a child, and by which of its events.</summary>
internal sealed record ParentLink(string WorkflowId, string RunId, long InitiatedEventId, ParentClosePolicy ClosePolicy);

/// <summary>Order among waiting work: key 1 (first) to 5, and a fair share per key.</summary>
internal sealed record PriorityInfo(int? PriorityKey, string? FairnessKey, float? FairnessWeight);

/// <summary>The code ran on the inputs since the task before. Its time is <c>Workflow.UtcNow</c> and never goes back.</summary>
internal sealed record WorkflowTaskCompleted(string? Identity, string? BuildId) : HistoryEvent
{
    /// <summary>What the code could see of the executor's behaviour, see <see cref="TaskFlags"/>: replay shows it the same.</summary>
    public ulong Flags { get; init; }

    /// <summary>Size of the history before the task, as the code could see it.</summary>
    public long HistoryBytes { get; init; }

    /// <summary>True when the run is pinned to the build from here on.</summary>
    internal bool IsPinned() => (Flags & TaskFlags.Pinned) != 0;
}

internal sealed record WorkflowCompleted(Payload? Result) : CommandEvent;

internal sealed record WorkflowFailed(Failure Failure, RetryState RetryState) : CommandEvent
{
    /// <summary>True when no code asked for it: the history could not be replayed, and the definition says that this fails the workflow.</summary>
    public bool WithoutTask { get; init; }
}

internal sealed record WorkflowCanceled(IReadOnlyList<Payload> Details) : CommandEvent;

internal sealed record WorkflowContinuedAsNew(string WorkflowType, string TaskQueue, IReadOnlyList<Payload> Args) : CommandEvent
{
    public string NewRunId { get; init; } = "";

    public TimeSpan? RunTimeout { get; init; }

    public TimeSpan? TaskTimeout { get; init; }

    public RetryPolicy? RetryPolicy { get; init; }

    public TimeSpan? BackoffStartInterval { get; init; }

    /// <summary>Null: carried over.</summary>
    public IReadOnlyDictionary<string, Payload>? Memo { get; init; }

    /// <summary>Null: carried over.</summary>
    public IReadOnlyDictionary<string, Payload>? SearchAttributes { get; init; }

    public IReadOnlyDictionary<string, Payload> Headers { get; init; } = WorkflowStarted.Empty;

    /// <summary>Whether the next run leaves the build that this one was pinned to.</summary>
    public InitialVersioningBehavior InitialVersioning { get; init; }
}

/// <summary>Written by the engine; no code runs.</summary>
internal sealed record WorkflowTerminated(string? Reason, IReadOnlyList<Payload> Details, string? Identity) : HistoryEvent
{
    /// <summary>A reset ended the run: the next one begins with a copy of the events up to this one, and has the children that they started. 0: it was not that.</summary>
    public long KeptEventId { get; init; }
}

/// <summary>Written by the engine; no code runs.</summary>
internal sealed record WorkflowTimedOut(TimeoutType Type, RetryState RetryState) : HistoryEvent;

/// <summary>
/// This run's history up to here was copied from another run, up to that one's event <paramref name="FromEventId"/>. Up to here the code sees that run's ids, from here on
/// those of its own run; random numbers go on from a new seed. The inputs that follow were copied too, up to the next task.
/// </summary>
internal sealed record WorkflowResetMarked(string FromRunId, long FromEventId, ulong RandomSeed, string? Reason) : InputEvent
{
    public string FromWorkflowId { get; init; } = "";

    /// <summary>The run that was made of the copy.</summary>
    public WorkflowLink? Into { get; init; }

    /// <summary>First run of its chain.</summary>
    public string FirstRunId { get; init; } = "";

    /// <summary>Runs between the two whose children the copied part may have: they were copies of it themselves.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Children, by their first run, that end because of it.</summary>
    public IReadOnlyList<WorkflowLink> Ended { get; init; } = [];

    /// <summary>True when the copy belongs to another workflow id: nobody's child, and no continued run.</summary>
    internal bool IsFork() => Into is { } into && into.WorkflowId != FromWorkflowId;
}

// ---- messages -----------------------------------------------------------------------------------------------------

internal sealed record WorkflowSignaled(string Name, IReadOnlyList<Payload> Args) : InputEvent
{
    public IReadOnlyDictionary<string, Payload> Headers { get; init; } = WorkflowStarted.Empty;

    public string? Identity { get; init; }

    public string? RequestId { get; init; }
}

internal sealed record WorkflowCancelRequested(string? Reason, string? Identity) : InputEvent;

/// <summary>Memo and search attributes were changed from outside; a null value removes the key. The code sees the new values when it looks, and is told nothing.</summary>
internal sealed record WorkflowPropertiesModified(
    IReadOnlyDictionary<string, Payload?> Memo, IReadOnlyDictionary<string, Payload?> SearchAttributes) : InputEvent
{
    public string? Identity { get; init; }
}

/// <summary>Recorded only when the validator let it pass; on replay the validator does not run.</summary>
internal sealed record WorkflowUpdateAccepted(string UpdateId, string Name, IReadOnlyList<Payload> Args) : InputEvent
{
    public IReadOnlyDictionary<string, Payload> Headers { get; init; } = WorkflowStarted.Empty;

    public string? Identity { get; init; }
}

/// <summary>Exactly one of result (null for none) and failure counts: failure when it is not null.</summary>
internal sealed record WorkflowUpdateCompleted(string UpdateId, long AcceptedEventId, Payload? Result, Failure? Failure) : CommandEvent;

// ---- activities ---------------------------------------------------------------------------------------------------

internal sealed record ActivityScheduled(string ActivityId, string ActivityType, string TaskQueue, IReadOnlyList<Payload> Args) : CommandEvent
{
    public TimeSpan? ScheduleToCloseTimeout { get; init; }

    public TimeSpan? ScheduleToStartTimeout { get; init; }

    public TimeSpan? StartToCloseTimeout { get; init; }

    public TimeSpan? HeartbeatTimeout { get; init; }

    /// <summary>Null: retried for ever with the defaults of <see cref="Common.RetryPolicy"/>.</summary>
    public RetryPolicy? RetryPolicy { get; init; }

    public ActivityCancellationType CancellationType { get; init; }

    public IReadOnlyDictionary<string, Payload> Headers { get; init; } = WorkflowStarted.Empty;

    public string? Summary { get; init; }

    /// <summary>True: runs only where the workflow task runs.</summary>
    public bool IsLocal { get; init; }

    /// <summary>True: does not run ahead with the workflow; whoever serves its task queue takes it from there.</summary>
    public bool GoesToQueue { get; init; }

    public PriorityInfo? Priority { get; init; }
}

internal sealed record ActivityCancelRequested(long ScheduledEventId) : CommandEvent;

/// <summary>The one terminal event of an activity: each kind derives from it. Attempts before the last one leave no event.</summary>
internal abstract record ActivityClosed(long ScheduledEventId) : InputEvent
{
    /// <summary>Which attempt it was, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>When that attempt started; null when it never did.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>The process that ran it.</summary>
    public string? Identity { get; init; }
}

internal sealed record ActivityCompleted(long ScheduledEventId, Payload? Result) : ActivityClosed(ScheduledEventId);

internal sealed record ActivityFailed(long ScheduledEventId, Failure Failure, RetryState RetryState) : ActivityClosed(ScheduledEventId);

/// <summary>The failure is a time-out, its cause the failure of the attempt before, if any.</summary>
internal sealed record ActivityTimedOut(long ScheduledEventId, Failure Failure, RetryState RetryState) : ActivityClosed(ScheduledEventId);

internal sealed record ActivityCanceled(long ScheduledEventId, IReadOnlyList<Payload> Details) : ActivityClosed(ScheduledEventId);

// ---- timers -------------------------------------------------------------------------------------------------------

/// <param name="TimerId">1, 2, 3 … in the order in which the run starts timers.</param>
/// <param name="Delay">From the task's time. Above zero.</param>
internal sealed record TimerStarted(string TimerId, TimeSpan Delay) : CommandEvent
{
    public string? Summary { get; init; }
}

internal sealed record TimerFired(long StartedEventId) : InputEvent;

internal sealed record TimerCanceled(long StartedEventId) : CommandEvent;

// ---- children -----------------------------------------------------------------------------------------------------

internal sealed record ChildWorkflowInitiated(string WorkflowId, string WorkflowType, string TaskQueue, IReadOnlyList<Payload> Args) : CommandEvent
{
    /// <summary>The run id that the child will have: a repeated start finds itself.</summary>
    public string RunId { get; init; } = "";

    public ParentClosePolicy ParentClosePolicy { get; init; }

    public ChildWorkflowCancellationType CancellationType { get; init; }

    public WorkflowIdReusePolicy IdReusePolicy { get; init; }

    public TimeSpan? ExecutionTimeout { get; init; }

    public TimeSpan? RunTimeout { get; init; }

    public TimeSpan? TaskTimeout { get; init; }

    public RetryPolicy? RetryPolicy { get; init; }

    public string? CronSchedule { get; init; }

    public IReadOnlyDictionary<string, Payload> Memo { get; init; } = WorkflowStarted.Empty;

    public IReadOnlyDictionary<string, Payload> SearchAttributes { get; init; } = WorkflowStarted.Empty;

    public IReadOnlyDictionary<string, Payload> Headers { get; init; } = WorkflowStarted.Empty;

    public string? Summary { get; init; }

    public string? Details { get; init; }

    public PriorityInfo? Priority { get; init; }
}

internal sealed record ChildWorkflowStarted(long InitiatedEventId, string RunId) : InputEvent;

/// <summary>The child could not start: a workflow with its id exists.</summary>
internal sealed record ChildWorkflowStartFailed(long InitiatedEventId, string ExistingRunId) : InputEvent;

/// <summary>The one terminal event of a child that started.</summary>
internal abstract record ChildWorkflowClosed(long InitiatedEventId) : InputEvent;

internal sealed record ChildWorkflowCompleted(long InitiatedEventId, Payload? Result) : ChildWorkflowClosed(InitiatedEventId);

internal sealed record ChildWorkflowFailed(long InitiatedEventId, Failure Failure, RetryState RetryState) : ChildWorkflowClosed(InitiatedEventId);

internal sealed record ChildWorkflowCanceled(long InitiatedEventId, IReadOnlyList<Payload> Details) : ChildWorkflowClosed(InitiatedEventId);

internal sealed record ChildWorkflowTimedOut(long InitiatedEventId, RetryState RetryState) : ChildWorkflowClosed(InitiatedEventId);

internal sealed record ChildWorkflowTerminated(long InitiatedEventId) : ChildWorkflowClosed(InitiatedEventId);

// ---- other workflows ----------------------------------------------------------------------------------------------

/// <summary>A signal to another workflow or to a child, which may start it. Answered by <see cref="ExternalSignalClosed"/>.</summary>
/// <param name="WorkflowId">The target.</param>
/// <param name="RunId">The target's run; null for whichever is current.</param>
/// <param name="SignalName">Name of the signal.</param>
/// <param name="Args">Its arguments.</param>
internal sealed record ExternalSignalInitiated(string WorkflowId, string? RunId, string SignalName, IReadOnlyList<Payload> Args) : CommandEvent
{
    /// <summary>True when the target is a child of this workflow.</summary>
    public bool ChildOnly { get; init; }

    /// <summary>How the target starts where it does not run, with a run id that a repeated start finds; null: then it can't be signalled. Its own id and time say nothing.</summary>
    public WorkflowStarted? Start { get; init; }

    public WorkflowIdReusePolicy IdReusePolicy { get; init; }

    public WorkflowIdConflictPolicy IdConflictPolicy { get; init; }

    public IReadOnlyDictionary<string, Payload> Headers { get; init; } = WorkflowStarted.Empty;
}

/// <summary>The signal was stored at the target, or (failure not null) could not be.</summary>
internal sealed record ExternalSignalClosed(long InitiatedEventId, Failure? Failure) : InputEvent
{
    /// <summary>For a signal that may start its target: the run that has it or, with a failure, that stands in the way. Null otherwise.</summary>
    public string? RunId { get; init; }
}

/// <summary>A cancellation request to another workflow or to a child. Answered by <see cref="ExternalCancelClosed"/>.</summary>
internal sealed record ExternalCancelInitiated(string WorkflowId, string? RunId, string? Reason) : CommandEvent
{
    /// <summary>The <see cref="ChildWorkflowInitiated"/> when the target is a child; 0 otherwise.</summary>
    public long ChildInitiatedEventId { get; init; }
}

/// <summary>The request was stored at the target, or (failure not null) could not be.</summary>
internal sealed record ExternalCancelClosed(long InitiatedEventId, Failure? Failure) : InputEvent;

// ---- notes of the code --------------------------------------------------------------------------------------------

/// <summary>The code passed <c>Workflow.Patched</c> or, deprecated, <c>Workflow.DeprecatePatch</c>.</summary>
internal sealed record PatchMarked(string PatchId, bool Deprecated) : CommandEvent;

/// <summary>Memo and search attribute changes; a null value removes the key.</summary>
internal sealed record PropertiesUpserted(
    IReadOnlyDictionary<string, Payload?> Memo, IReadOnlyDictionary<string, Payload?> SearchAttributes) : CommandEvent;
