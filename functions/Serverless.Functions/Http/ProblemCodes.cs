namespace Serverless.Functions.Http;

/// <summary>The stable codes of problem details. Documented in docs/errors.md; never renamed.</summary>
internal static class ProblemCodes
{
    public const string InvalidJson = "invalid-json";
    public const string InvalidRequest = "invalid-request";
    public const string InvalidFilter = "invalid-filter";
    public const string UnknownWorkflowType = "unknown-workflow-type";
    public const string TooLarge = "too-large";
    public const string Unauthorized = "unauthorized";
    public const string Forbidden = "forbidden";
    public const string CrossOrigin = "cross-origin";
    public const string NoSuchRoute = "no-such-route";
    public const string WorkflowNotFound = "workflow-not-found";
    public const string WorkflowAlreadyStarted = "workflow-already-started";
    public const string WorkflowClosed = "workflow-closed";
    public const string WorkflowStillOpen = "workflow-still-open";
    public const string WorkflowFailed = "workflow-failed";
    public const string WorkflowCanceled = "workflow-canceled";
    public const string WorkflowTerminated = "workflow-terminated";
    public const string WorkflowTimedOut = "workflow-timed-out";
    public const string BatchNotFound = "batch-not-found";
    public const string BatchAlreadyExists = "batch-already-exists";
    public const string ScheduleNotFound = "schedule-not-found";
    public const string ScheduleAlreadyExists = "schedule-already-exists";
    public const string ScheduleChanged = "schedule-changed";
    public const string QueryFailed = "query-failed";
    public const string UpdateRejected = "update-rejected";
    public const string UpdateFailed = "update-failed";
    public const string TooManyWaits = "too-many-waits";
    public const string InboxFull = "inbox-full";
    public const string TooManyUpdates = "too-many-updates";
    public const string BadResetPoint = "bad-reset-point";
    public const string CodeUnavailable = "code-unavailable";
    public const string NotReady = "not-ready";
    public const string StorageUnavailable = "storage-unavailable";
    public const string Stopping = "stopping";
    public const string Internal = "internal";
}
