using Serverless.Api.Enums.V1;
using Serverless.Converters;
using Serverless.History;
using Serverless.Visibility;

namespace Serverless.Client;

/// <summary>
/// What can be done to workflows, in stored terms (payloads, events). The public client and the HTTP API are built on it. Every method that changes something
/// has changed it durably when it returns. Throws <see cref="WorkflowServiceException"/> for what the caller must handle, and
/// <see cref="Storage.StorageException"/> when storage fails.
/// </summary>
internal interface IWorkflowService
{
    /// <summary>
    /// Starts a run, or refuses or joins as the policies say. One transaction decides races. A start with the request id that began the newest chain of runs
    /// gets that chain's first run, whatever the policies say. A signal with a request id is stored once, however often the request is repeated.
    /// </summary>
    Task<StartResult> StartAsync(StartRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a signal. On return it will be applied exactly once. A repeated <paramref name="requestId"/> is the same signal until the workflow id is deleted.
    /// </summary>
    Task SignalAsync(WorkflowRef workflow, WorkflowSignaled signal, string? requestId, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a request to cancel. Repeating it is harmless; a repeated <paramref name="requestId"/> is the same request until the workflow id is deleted, also when the
    /// run has closed since.
    /// </summary>
    Task CancelAsync(WorkflowRef workflow, string? reason, string? requestId, CancellationToken cancellationToken);

    /// <summary>Closes the run without running its code. On return it is closed. Recorded is <paramref name="identity"/>; null: this process.</summary>
    Task TerminateAsync(WorkflowRef workflow, string? reason, IReadOnlyList<Payload> details, string? identity, CancellationToken cancellationToken);

    /// <summary>Runs a query handler on the present state, open or closed, in this process.</summary>
    Task<Payload?> QueryAsync(
        WorkflowRef workflow, string name, IReadOnlyList<Payload> args, IReadOnlyDictionary<string, Payload> headers, CancellationToken cancellationToken);

    /// <summary>
    /// Stores an update and waits until it is rejected, accepted or completed as asked; null when <paramref name="wait"/> passed first.
    /// A repeated update id is the same update as long as the run that decided on it is the newest; a later run takes it as another. An update on which
    /// no run has decided goes on to the next one.
    /// </summary>
    Task<UpdateOutcome?> UpdateAsync(
        WorkflowRef workflow, WorkflowUpdateAccepted update, bool untilCompleted, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>Waits up to <paramref name="wait"/> for the run (or, following, the last run of its chain) to close. Null when it is still open then.</summary>
    Task<CloseResult?> WaitForCloseAsync(WorkflowRef workflow, bool followRuns, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>Deletes a closed workflow id with all its runs, rows and blobs. An open one is refused.</summary>
    Task DeleteAsync(string workflowId, CancellationToken cancellationToken);
}

/// <summary>Requests that need no name of their own.</summary>
internal static class WorkflowServiceRequests
{
    /// <summary>Stores a request to cancel.</summary>
    public static Task CancelAsync(this IWorkflowService service, WorkflowRef workflow, string? reason, CancellationToken cancellationToken) =>
        service.CancelAsync(workflow, reason, null, cancellationToken);

    /// <summary>Closes the run in the name of this process.</summary>
    public static Task TerminateAsync(
        this IWorkflowService service, WorkflowRef workflow, string? reason, IReadOnlyList<Payload> details, CancellationToken cancellationToken) =>
        service.TerminateAsync(workflow, reason, details, null, cancellationToken);
}

/// <summary>Reads that change nothing.</summary>
internal interface IWorkflowReader
{
    /// <summary>One run as it stands.</summary>
    Task<WorkflowDescription> DescribeAsync(WorkflowRef workflow, CancellationToken cancellationToken);

    /// <summary>Events after <paramref name="afterEventId"/>; waits up to <paramref name="wait"/> for a first one while the run is open. Empty when there is none.</summary>
    Task<IReadOnlyList<HistoryEvent>> ReadHistoryAsync(WorkflowRef workflow, long afterEventId, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>
    /// Newest first, or as the filter orders. A page is what matches when it is read, strictly after the page before. A token of another filter is
    /// <see cref="WorkflowServiceError.InvalidArgument"/>.
    /// </summary>
    /// <exception cref="FilterSyntaxException">The filter can't be read; the message shows where.</exception>
    Task<WorkflowPage> ListAsync(
        string? filter, int pageSize, string? pageToken, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows);

    /// <summary>Number of workflows that match; grouped when the filter ends with GROUP BY ExecutionStatus (keys are status names), else one entry with key "".</summary>
    /// <exception cref="FilterSyntaxException">The filter can't be read; the message shows where.</exception>
    Task<IReadOnlyDictionary<string, long>> CountAsync(string? filter, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows);

    /// <summary>How a filter would be answered: by which index, how many rows are read, what is checked afterwards.</summary>
    /// <exception cref="FilterSyntaxException">The filter can't be read; the message shows where.</exception>
    Task<ListExplanation> ExplainAsync(string? filter, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows);
}

/// <summary>Which workflow is meant.</summary>
/// <param name="WorkflowId">Its id.</param>
/// <param name="RunId">A certain run; null for the newest.</param>
/// <param name="FirstRunId">When set, refuse if the newest run belongs to another chain.</param>
internal sealed record WorkflowRef(string WorkflowId, string? RunId = null, string? FirstRunId = null)
{
    /// <summary>True when a certain run or chain of runs is meant.</summary>
    public bool IsCertain => RunId is not null || FirstRunId is not null;
}

/// <summary>A start.</summary>
/// <param name="WorkflowId">The id, checked already.</param>
/// <param name="Started">The first event; run ids, seed and times are filled in by the service.</param>
internal sealed record StartRequest(string WorkflowId, WorkflowStarted Started)
{
    public WorkflowIdReusePolicy ReusePolicy { get; init; } = WorkflowIdReusePolicy.AllowDuplicate;

    public WorkflowIdConflictPolicy ConflictPolicy { get; init; } = WorkflowIdConflictPolicy.Fail;

    /// <summary>Delivered with the start, or to the running workflow.</summary>
    public WorkflowSignaled? Signal { get; init; }

    /// <summary>Run the first task here and now, before answering, where that is possible.</summary>
    public bool Eager { get; init; }

    /// <summary>Wait this long for the result (0: do not wait); the result is then in <see cref="StartResult.Close"/>.</summary>
    public TimeSpan Wait { get; init; }
}

/// <param name="RunId">The run that was started or joined.</param>
/// <param name="FirstRunId">First run of its chain.</param>
/// <param name="Started">False when a running workflow was joined.</param>
/// <param name="Status">How the newest run stands: a repeated start may find it closed.</param>
/// <param name="Close">How it ended, if it did within the wait.</param>
internal sealed record StartResult(string RunId, string FirstRunId, bool Started, WorkflowExecutionStatus Status, CloseResult? Close);

/// <summary>How a run ended.</summary>
/// <param name="RunId">The run that closed (following: the last of the chain).</param>
/// <param name="Status">How.</param>
/// <param name="Closed">The closing event.</param>
internal sealed record CloseResult(string RunId, WorkflowExecutionStatus Status, HistoryEvent Closed);

/// <summary>State of an update: rejected (failure, not accepted), accepted, or completed with result or failure.</summary>
internal sealed record UpdateOutcome(string UpdateId, bool Accepted, bool Completed, Payload? Result, Failure? Failure)
{
    /// <summary>The run that decided on it; null when that is not known.</summary>
    public string? RunId { get; init; }
}

/// <summary>A page of the list. <paramref name="NextPageToken"/> null: the last.</summary>
internal sealed record WorkflowPage(IReadOnlyList<WorkflowSummary> Workflows, string? NextPageToken);

/// <summary>A row of the list.</summary>
internal sealed record WorkflowSummary(string WorkflowId, string RunId, string WorkflowType, string TaskQueue, WorkflowExecutionStatus Status)
{
    public DateTimeOffset StartTime { get; init; }

    public DateTimeOffset? CloseTime { get; init; }

    /// <summary>When its first task was or will be due: later than the start for delayed and cron runs.</summary>
    public DateTimeOffset ExecutionTime { get; init; }

    public long HistoryLength { get; init; }

    public long HistoryBytes { get; init; }

    public string? ParentWorkflowId { get; init; }

    public string? ParentRunId { get; init; }

    public string? RootWorkflowId { get; init; }

    public IReadOnlyDictionary<string, Payload> Memo { get; init; } = WorkflowStarted.Empty;

    public IReadOnlyDictionary<string, Payload> SearchAttributes { get; init; } = WorkflowStarted.Empty;
}

/// <summary>A run with all that is pending in it.</summary>
internal sealed record WorkflowDescription(WorkflowSummary Summary, RunState State)
{
    /// <summary>Why its code can't go on, since when, how often tried; null when it is not blocked.</summary>
    public BlockedNote? Blocked { get; init; }

    /// <summary>Attempts of pending activities that have failed before or are waiting, by scheduled event id.</summary>
    public IReadOnlyDictionary<long, ActivityAttempts> Attempts { get; init; } = new Dictionary<long, ActivityAttempts>();

    /// <summary>Messages that arrived and are not yet applied.</summary>
    public int InboxCount { get; init; }
}

/// <summary>Why a run's code can't go on.</summary>
internal sealed record BlockedNote(string Cause, string Message, DateTimeOffset Since, int Attempts, DateTimeOffset NextAttempt)
{
    /// <summary>The message, when the application's failure messages are encoded: <see cref="Message"/> then says only that. Null otherwise.</summary>
    public Payload? Encoded { get; init; }
}

/// <summary>What a pending activity went through.</summary>
/// <param name="Attempt">The attempt that is running or due next, from 1.</param>
/// <param name="LastFailure">Failure of the attempt before.</param>
/// <param name="NextAttempt">When it is due; null while it runs.</param>
/// <param name="HeartbeatDetails">What the last heartbeat said.</param>
internal sealed record ActivityAttempts(int Attempt, Failure? LastFailure, DateTimeOffset? NextAttempt, IReadOnlyList<Payload> HeartbeatDetails);

/// <summary>The request can't be carried out as things are. <see cref="Code"/> is stable and documented.</summary>
internal sealed class WorkflowServiceException(WorkflowServiceError code, string message, string? runId = null) : Exception(message)
{
    public WorkflowServiceError Code { get; } = code;

    /// <summary>The run that stands in the way, if one does.</summary>
    public string? RunId { get; } = runId;

    public static WorkflowServiceException Closed(string workflowId) => new(WorkflowServiceError.Closed, $"Workflow '{workflowId}' is closed.");

    public static WorkflowServiceException NotFound(string workflowId) =>
        new(WorkflowServiceError.NotFound, $"There is no workflow '{workflowId}', or not that run of it.");
}

/// <summary>Why a request was refused.</summary>
internal enum WorkflowServiceError
{
    /// <summary>No such workflow id or run.</summary>
    NotFound,

    /// <summary>A start: the id is in use, and the policies refuse. <c>RunId</c> is the one in the way.</summary>
    AlreadyStarted,

    /// <summary>A message or request for a run that is closed.</summary>
    Closed,

    /// <summary>A delete: the run is open.</summary>
    StillOpen,

    /// <summary>The request is wrong in itself: id, size, name, option.</summary>
    InvalidArgument,

    /// <summary>A query: unknown, or its handler failed.</summary>
    QueryFailed,

    /// <summary>A limit was passed.</summary>
    LimitExceeded,

    /// <summary>A message: so many wait that the workflow takes no more for now.</summary>
    InboxFull,

    /// <summary>An update: the run has accepted as many as it may.</summary>
    TooManyUpdates,

    /// <summary>A reset or fork: the run has no such point, or its history can't be used from there.</summary>
    BadResetPoint,

    /// <summary>The run's code can't be run here: blocked, or its type is unknown to this process.</summary>
    CodeUnavailable,
}
