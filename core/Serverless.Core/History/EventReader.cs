using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Workflows;

namespace Serverless.History;

/// <summary>Makes an event of its fields.</summary>
internal static class EventReader
{
    /// <summary>Null when the kind is unknown.</summary>
    public static HistoryEvent? Create(EventKind kind, in EventFields f) => kind switch
    {
        EventKind.WorkflowTaskCompleted => new WorkflowTaskCompleted(f.Identity, f.BuildId) { Id = f.EventId, Time = f.Time, Flags = f.ExecutorFlags, HistoryBytes = f.HistoryBytes },
        EventKind.ActivityScheduled => ActivityScheduled(f),
        EventKind.ActivityCancelRequested => new ActivityCancelRequested(f.Event) { Id = f.EventId, Time = f.Time },
        EventKind.TimerStarted => new TimerStarted(f.Id ?? "", f.Delay ?? default) { Id = f.EventId, Time = f.Time, Summary = f.Summary },
        EventKind.TimerFired => new TimerFired(f.Event) { Id = f.EventId, Time = f.Time },
        EventKind.TimerCanceled => new TimerCanceled(f.Event) { Id = f.EventId, Time = f.Time },
        EventKind.PatchMarked => new PatchMarked(f.Id ?? "", f.Flag) { Id = f.EventId, Time = f.Time },
        EventKind.PropertiesUpserted => new PropertiesUpserted(f.Memo ?? WorkflowStarted.Empty!, f.SearchAttributes ?? WorkflowStarted.Empty!) { Id = f.EventId, Time = f.Time },
        < (EventKind)20 => Run(kind, f),
        < (EventKind)30 => Message(kind, f),
        < (EventKind)40 => ActivityClosed(kind, f),
        < (EventKind)70 => Child(kind, f),
        _ => External(kind, f),
    };

    public static WorkflowStarted Started(in EventFields f) => new(f.Name ?? "", f.TaskQueue ?? "", f.Values.OrEmpty())
    {
        Id = f.EventId,
        Time = f.Time,
        RunId = f.RunId ?? "",
        FirstRunId = f.FirstRunId ?? "",
        ContinuedFromRunId = f.ContinuedFromRunId,
        Initiator = (ContinueAsNewInitiator)f.Initiator,
        Attempt = f.Attempt,
        FirstRunStarted = f.FirstRunStarted,
        ExecutionTimeout = f.ExecutionTimeout,
        RunTimeout = f.RunTimeout,
        TaskTimeout = f.TaskTimeout,
        RetryPolicy = f.RetryPolicy,
        CronSchedule = f.CronSchedule,
        FirstTaskDelay = f.Delay,
        Memo = Whole(f.Memo) ?? WorkflowStarted.Empty,
        SearchAttributes = Whole(f.SearchAttributes) ?? WorkflowStarted.Empty,
        Headers = f.Headers ?? WorkflowStarted.Empty,
        Parent = f.Parent,
        Root = f.Root,
        LastResult = f.LastResult,
        LastFailure = f.LastFailure,
        RandomSeed = f.RandomSeed,
        Summary = f.Summary,
        Details = f.Details,
        Priority = f.Priority,
        PinnedBuildId = f.BuildId,
        VersioningOverride = (VersioningBehavior)f.VersioningOverride,
        RequestId = f.RequestId,
        Identity = f.Identity,
        OnClose = f.OnClose,
    };

    private static HistoryEvent? Run(EventKind kind, in EventFields f) => kind switch
    {
        EventKind.WorkflowStarted => Started(f),
        EventKind.WorkflowCompleted => new WorkflowCompleted(f.Result) { Id = f.EventId, Time = f.Time },
        EventKind.WorkflowFailed => new WorkflowFailed(Required(f.Failure), (RetryState)f.RetryState) { Id = f.EventId, Time = f.Time, WithoutTask = f.Flag },
        EventKind.WorkflowCanceled => new WorkflowCanceled(f.Values.OrEmpty()) { Id = f.EventId, Time = f.Time },
        EventKind.WorkflowContinuedAsNew => ContinuedAsNew(f),
        EventKind.WorkflowTerminated => new WorkflowTerminated(f.Reason, f.Values.OrEmpty(), f.Identity) { Id = f.EventId, Time = f.Time, KeptEventId = f.Event },
        EventKind.WorkflowTimedOut => new WorkflowTimedOut((TimeoutType)f.TimeoutType, (RetryState)f.RetryState) { Id = f.EventId, Time = f.Time },
        EventKind.WorkflowResetMarked => ResetMarked(f),
        _ => null,
    };

    private static WorkflowResetMarked ResetMarked(in EventFields f) => new(f.RunId ?? "", f.Event, f.RandomSeed, f.Reason)
    {
        Id = f.EventId,
        Time = f.Time,
        FromWorkflowId = f.Id ?? "",
        Into = f.Into,
        FirstRunId = f.FirstRunId ?? "",
        Aliases = f.Aliases ?? [],
        Ended = f.Ended ?? [],
    };

    private static HistoryEvent? Message(EventKind kind, in EventFields f) => kind switch
    {
        EventKind.WorkflowSignaled => new WorkflowSignaled(f.Name ?? "", f.Values.OrEmpty())
        {
            Id = f.EventId,
            Time = f.Time,
            Headers = f.Headers ?? WorkflowStarted.Empty,
            Identity = f.Identity,
            RequestId = f.RequestId,
        },
        EventKind.WorkflowCancelRequested => new WorkflowCancelRequested(f.Reason, f.Identity) { Id = f.EventId, Time = f.Time },
        EventKind.WorkflowPropertiesModified => new WorkflowPropertiesModified(f.Memo ?? WorkflowStarted.Empty!, f.SearchAttributes ?? WorkflowStarted.Empty!)
        {
            Id = f.EventId,
            Time = f.Time,
            Identity = f.Identity,
        },
        EventKind.WorkflowUpdateAccepted => new WorkflowUpdateAccepted(f.Id ?? "", f.Name ?? "", f.Values.OrEmpty())
        {
            Id = f.EventId,
            Time = f.Time,
            Headers = f.Headers ?? WorkflowStarted.Empty,
            Identity = f.Identity,
        },
        EventKind.WorkflowUpdateCompleted => new WorkflowUpdateCompleted(f.Id ?? "", f.Event, f.Result, f.Failure) { Id = f.EventId, Time = f.Time },
        _ => null,
    };

    private static HistoryEvent? ActivityClosed(EventKind kind, in EventFields f) => kind switch
    {
        EventKind.ActivityCompleted => new ActivityCompleted(f.Event, f.Result)
        {
            Id = f.EventId,
            Time = f.Time,
            Attempt = f.Attempt,
            Started = f.Started,
            Identity = f.Identity,
        },
        EventKind.ActivityFailed => new ActivityFailed(f.Event, Required(f.Failure), (RetryState)f.RetryState)
        {
            Id = f.EventId,
            Time = f.Time,
            Attempt = f.Attempt,
            Started = f.Started,
            Identity = f.Identity,
        },
        EventKind.ActivityTimedOut => new ActivityTimedOut(f.Event, Required(f.Failure), (RetryState)f.RetryState)
        {
            Id = f.EventId,
            Time = f.Time,
            Attempt = f.Attempt,
            Started = f.Started,
            Identity = f.Identity,
        },
        EventKind.ActivityCanceled => new ActivityCanceled(f.Event, f.Values.OrEmpty())
        {
            Id = f.EventId,
            Time = f.Time,
            Attempt = f.Attempt,
            Started = f.Started,
            Identity = f.Identity,
        },
        _ => null,
    };

    private static HistoryEvent? Child(EventKind kind, in EventFields f) => kind switch
    {
        EventKind.ChildWorkflowInitiated => ChildInitiated(f),
        EventKind.ChildWorkflowStarted => new ChildWorkflowStarted(f.Event, f.RunId ?? "") { Id = f.EventId, Time = f.Time },
        EventKind.ChildWorkflowStartFailed => new ChildWorkflowStartFailed(f.Event, f.RunId ?? "") { Id = f.EventId, Time = f.Time },
        EventKind.ChildWorkflowCompleted => new ChildWorkflowCompleted(f.Event, f.Result) { Id = f.EventId, Time = f.Time },
        EventKind.ChildWorkflowFailed => new ChildWorkflowFailed(f.Event, Required(f.Failure), (RetryState)f.RetryState) { Id = f.EventId, Time = f.Time },
        EventKind.ChildWorkflowCanceled => new ChildWorkflowCanceled(f.Event, f.Values.OrEmpty()) { Id = f.EventId, Time = f.Time },
        EventKind.ChildWorkflowTimedOut => new ChildWorkflowTimedOut(f.Event, (RetryState)f.RetryState) { Id = f.EventId, Time = f.Time },
        EventKind.ChildWorkflowTerminated => new ChildWorkflowTerminated(f.Event) { Id = f.EventId, Time = f.Time },
        _ => null,
    };

    private static HistoryEvent? External(EventKind kind, in EventFields f) => kind switch
    {
        EventKind.ExternalSignalInitiated => new ExternalSignalInitiated(f.Id ?? "", f.RunId, f.Name ?? "", f.Values.OrEmpty())
        {
            Id = f.EventId,
            Time = f.Time,
            ChildOnly = f.Flag,
            Headers = f.Headers ?? WorkflowStarted.Empty,
            Start = f.Start,
            IdReusePolicy = (WorkflowIdReusePolicy)f.IdReusePolicy,
            IdConflictPolicy = (WorkflowIdConflictPolicy)f.IdConflictPolicy,
        },
        EventKind.ExternalSignalClosed => new ExternalSignalClosed(f.Event, f.Failure) { Id = f.EventId, Time = f.Time, RunId = f.RunId },
        EventKind.ExternalCancelInitiated => new ExternalCancelInitiated(f.Id ?? "", f.RunId, f.Reason)
        {
            Id = f.EventId,
            Time = f.Time,
            ChildInitiatedEventId = f.Event,
        },
        EventKind.ExternalCancelClosed => new ExternalCancelClosed(f.Event, f.Failure) { Id = f.EventId, Time = f.Time },
        _ => null,
    };

    private static WorkflowContinuedAsNew ContinuedAsNew(in EventFields f) => new(f.Name ?? "", f.TaskQueue ?? "", f.Values.OrEmpty())
    {
        Id = f.EventId,
        Time = f.Time,
        NewRunId = f.RunId ?? "",
        RunTimeout = f.RunTimeout,
        TaskTimeout = f.TaskTimeout,
        RetryPolicy = f.RetryPolicy,
        BackoffStartInterval = f.Delay,
        InitialVersioning = (InitialVersioningBehavior)f.InitialVersioning,
        Memo = Whole(f.Memo),
        SearchAttributes = Whole(f.SearchAttributes),
        Headers = f.Headers ?? WorkflowStarted.Empty,
    };

    private static ActivityScheduled ActivityScheduled(in EventFields f) => new(f.Id ?? "", f.Name ?? "", f.TaskQueue ?? "", f.Values.OrEmpty())
    {
        Id = f.EventId,
        Time = f.Time,
        ScheduleToCloseTimeout = f.ScheduleToClose,
        ScheduleToStartTimeout = f.ScheduleToStart,
        StartToCloseTimeout = f.StartToClose,
        HeartbeatTimeout = f.Heartbeat,
        RetryPolicy = f.RetryPolicy,
        CancellationType = (ActivityCancellationType)f.CancellationType,
        Headers = f.Headers ?? WorkflowStarted.Empty,
        Summary = f.Summary,
        IsLocal = f.Flag,
        GoesToQueue = f.GoesToQueue,
        Priority = f.Priority,
    };

    private static ChildWorkflowInitiated ChildInitiated(in EventFields f) => new(f.Id ?? "", f.Name ?? "", f.TaskQueue ?? "", f.Values.OrEmpty())
    {
        Id = f.EventId,
        Time = f.Time,
        RunId = f.RunId ?? "",
        ParentClosePolicy = (ParentClosePolicy)f.ParentClosePolicy,
        CancellationType = (ChildWorkflowCancellationType)f.CancellationType,
        IdReusePolicy = (WorkflowIdReusePolicy)f.IdReusePolicy,
        ExecutionTimeout = f.ExecutionTimeout,
        RunTimeout = f.RunTimeout,
        TaskTimeout = f.TaskTimeout,
        RetryPolicy = f.RetryPolicy,
        CronSchedule = f.CronSchedule,
        Memo = Whole(f.Memo) ?? WorkflowStarted.Empty,
        SearchAttributes = Whole(f.SearchAttributes) ?? WorkflowStarted.Empty,
        Headers = f.Headers ?? WorkflowStarted.Empty,
        Summary = f.Summary,
        Details = f.Details,
        Priority = f.Priority,
    };

    private static Failure Required(Failure? failure) => failure ?? throw WireReader.Damaged("lacks the failure of an event that has one");

    private static IReadOnlyDictionary<string, Payload>? Whole(IReadOnlyDictionary<string, Payload?>? map) => map is null ? null : PayloadCodec.Whole(map);
}
