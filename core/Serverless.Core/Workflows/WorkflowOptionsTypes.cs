using Serverless.Api.Enums.V1;
using Serverless.Common;

namespace Serverless.Workflows;

/// <summary>How an activity is run. One of <see cref="ScheduleToCloseTimeout"/> and <see cref="StartToCloseTimeout"/> is required.</summary>
public class ActivityOptions : ICloneable
{
    /// <summary>From scheduling to the end, retries included. Null (default): no limit.</summary>
    public TimeSpan? ScheduleToCloseTimeout { get; set; }

    /// <summary>From scheduling to the start of an attempt; never retried. Null (default): no limit.</summary>
    public TimeSpan? ScheduleToStartTimeout { get; set; }

    /// <summary>From the start of an attempt to its end; retried. Null (default): no limit.</summary>
    public TimeSpan? StartToCloseTimeout { get; set; }

    /// <summary>Longest silence between heartbeats; retried. Null (default): no heartbeats are needed.</summary>
    public TimeSpan? HeartbeatTimeout { get; set; }

    /// <summary>When failed attempts are repeated. Null (default): for ever, with the policy's defaults.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    /// <summary>What cancelling it does. Default <see cref="ActivityCancellationType.TryCancel"/>.</summary>
    public ActivityCancellationType CancellationType { get; set; } = ActivityCancellationType.TryCancel;

    /// <summary>Cancels the activity. Null (default): the workflow's token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <summary>The task queue it runs on. Null (default): the workflow's.</summary>
    public string? TaskQueue { get; set; }

    /// <summary>A line for people. Null (default): none.</summary>
    public string? Summary { get; set; }

    /// <summary>Its id within the workflow. Null (default): a number. Rarely needed.</summary>
    public string? ActivityId { get; set; }

    /// <summary>
    /// True: it does not run at once in the process that runs the workflow, but goes to its queue, where any process that serves it takes it. Default false.
    /// </summary>
    public bool DisableEagerActivityExecution { get; set; }

    /// <summary>Order among attempts that wait for a place in the same process. Null (default): the workflow's.</summary>
    public Priority? Priority { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}

/// <summary>How a local activity is run: in the process and task of the workflow.</summary>
public class LocalActivityOptions : ICloneable
{
    /// <summary>From scheduling to the end, retries included. Null (default): no limit.</summary>
    public TimeSpan? ScheduleToCloseTimeout { get; set; }

    /// <summary>From scheduling to the start of an attempt. Null (default): no limit.</summary>
    public TimeSpan? ScheduleToStartTimeout { get; set; }

    /// <summary>From the start of an attempt to its end. Null (default): no limit.</summary>
    public TimeSpan? StartToCloseTimeout { get; set; }

    /// <summary>When failed attempts are repeated. Null (default): for ever, with the policy's defaults.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    /// <summary>Back-offs longer than this wait as durable timers. Here all back-offs do. Null (default): 1 minute.</summary>
    public TimeSpan? LocalRetryThreshold { get; set; }

    /// <summary>What cancelling it does. Default <see cref="ActivityCancellationType.TryCancel"/>.</summary>
    public ActivityCancellationType CancellationType { get; set; } = ActivityCancellationType.TryCancel;

    /// <summary>Cancels the activity. Null (default): the workflow's token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <summary>A line for people. Null (default): none.</summary>
    public string? Summary { get; set; }

    /// <summary>Its id within the workflow. Null (default): a number.</summary>
    public string? ActivityId { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}

/// <summary>How a child workflow is started.</summary>
public class ChildWorkflowOptions : ICloneable
{
    /// <summary>Its workflow id. Null (default): a random one, the same on replay.</summary>
    public string? Id { get; set; }

    /// <summary>Its task queue. Null (default): the parent's.</summary>
    public string? TaskQueue { get; set; }

    /// <summary>A line for people. Null (default): none.</summary>
    public string? StaticSummary { get; set; }

    /// <summary>Lines for people. Null (default): none.</summary>
    public string? StaticDetails { get; set; }

    /// <summary>When a failed run is repeated. Null (default): never.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    /// <summary>What cancelling it does. Default <see cref="ChildWorkflowCancellationType.WaitCancellationCompleted"/>.</summary>
    public ChildWorkflowCancellationType CancellationType { get; set; } = ChildWorkflowCancellationType.WaitCancellationCompleted;

    /// <summary>Cancels the child. Null (default): the workflow's token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <summary>What happens to it when the parent closes. Default <see cref="ParentClosePolicy.Terminate"/>.</summary>
    public ParentClosePolicy ParentClosePolicy { get; set; } = ParentClosePolicy.Terminate;

    /// <summary>Limit for all its runs together from its start, waits included. Null (default): none.</summary>
    public TimeSpan? ExecutionTimeout { get; set; }

    /// <summary>Limit for one run, from when its first task is due. Null (default): none.</summary>
    public TimeSpan? RunTimeout { get; set; }

    /// <summary>Limit for one workflow task. Null (default): 10 s. More than 2 min counts as 2 min.</summary>
    public TimeSpan? TaskTimeout { get; set; }

    /// <summary>Whether the id of a closed workflow may be used again. Default <see cref="WorkflowIdReusePolicy.AllowDuplicate"/>.</summary>
    public WorkflowIdReusePolicy IdReusePolicy { get; set; } = WorkflowIdReusePolicy.AllowDuplicate;

    /// <summary>Starts it again and again, by a schedule as in <see cref="Client.WorkflowOptions.CronSchedule"/>. Null (default): once.</summary>
    public string? CronSchedule { get; set; }

    /// <summary>Its memo, at most 256 KiB. Null (default): none.</summary>
    public IReadOnlyDictionary<string, object>? Memo { get; set; }

    /// <summary>Its search attributes, at most 40 KiB. Null (default): none.</summary>
    public SearchAttributeCollection? TypedSearchAttributes { get; set; }

    /// <summary>Order among waiting work.</summary>
    public Priority? Priority { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}

/// <summary>How a run continues as new. What is null is carried over.</summary>
public class ContinueAsNewOptions : ICloneable
{
    /// <summary>Task queue of the next run.</summary>
    public string? TaskQueue { get; set; }

    /// <summary>Limit for the next run.</summary>
    public TimeSpan? RunTimeout { get; set; }

    /// <summary>Limit for one workflow task of it. More than 2 min counts as 2 min.</summary>
    public TimeSpan? TaskTimeout { get; set; }

    /// <summary>Wait before its first task.</summary>
    public TimeSpan? BackoffStartInterval { get; set; }

    /// <summary>When it is repeated after a failure.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    /// <summary>Which build runs its first task. Null (default): as this run, see <see cref="InitialVersioningBehavior.Unspecified"/>.</summary>
    public InitialVersioningBehavior? InitialVersioningBehavior { get; set; }

    /// <summary>Its memo.</summary>
    public IReadOnlyDictionary<string, object>? Memo { get; set; }

    /// <summary>Its search attributes.</summary>
    public SearchAttributeCollection? TypedSearchAttributes { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}
