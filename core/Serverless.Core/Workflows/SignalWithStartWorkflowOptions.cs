using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;

namespace Serverless.Workflows;

/// <summary>Which workflow a signal goes to, and how it starts if it does not run.</summary>
/// <param name="id">The workflow id.</param>
/// <param name="taskQueue">The task queue it starts on.</param>
public class SignalWithStartWorkflowOptions(string id, string taskQueue)
{
    /// <summary>The workflow id.</summary>
    public string Id { get; set; } = id;

    /// <summary>The task queue it starts on.</summary>
    public string TaskQueue { get; set; } = taskQueue;

    /// <summary>Time for the whole chain: retries and continued runs included. Above zero. Null (default): no limit.</summary>
    public TimeSpan? ExecutionTimeout { get; set; }

    /// <summary>Time for one run. Above zero. Null (default): no limit.</summary>
    public TimeSpan? RunTimeout { get; set; }

    /// <summary>Time for one workflow task. Above zero. Null (default): 10 s.</summary>
    public TimeSpan? TaskTimeout { get; set; }

    /// <summary>Calls with the same request id send one signal to the workflow id, until that is deleted. Null (default): every call sends its own.</summary>
    public string? RequestId { get; set; }

    /// <summary>
    /// Whether the id of a closed workflow may be used again. Null (default): <see cref="WorkflowIdReusePolicy.AllowDuplicate"/>.
    /// <see cref="WorkflowIdReusePolicy.TerminateIfRunning"/> is not possible from workflow code.
    /// </summary>
    public WorkflowIdReusePolicy? IdReusePolicy { get; set; }

    /// <summary>
    /// What happens if a workflow with the id runs. Null (default): <see cref="WorkflowIdConflictPolicy.UseExisting"/>, it gets the signal.
    /// <see cref="WorkflowIdConflictPolicy.Fail"/>: the call fails. <see cref="WorkflowIdConflictPolicy.TerminateExisting"/> is not possible from workflow code.
    /// </summary>
    public WorkflowIdConflictPolicy? IdConflictPolicy { get; set; }

    /// <summary>When a failed run is repeated. Null (default): never.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    /// <summary>Starts it again and again. Null (default): once.</summary>
    public string? CronSchedule { get; set; }

    /// <summary>Its memo. Null (default): none.</summary>
    public IReadOnlyDictionary<string, object?>? Memo { get; set; }

    /// <summary>Its search attributes. Null (default): none.</summary>
    public SearchAttributeCollection? SearchAttributes { get; set; }

    /// <summary>Order among waiting work. Null (default): none.</summary>
    public Priority? Priority { get; set; }

    /// <summary>Which builds may run it. Null (default): what the workflow says.</summary>
    public VersioningOverride? VersioningOverride { get; set; }

    /// <summary>Wait before the first task. The signal that comes with the start ends it. Not with <see cref="CronSchedule"/>. Zero or more; null (default): none.</summary>
    public TimeSpan? StartDelay { get; set; }

    /// <summary>A line for people. Null (default): none.</summary>
    public string? StaticSummary { get; set; }

    /// <summary>Lines for people. Null (default): none.</summary>
    public string? StaticDetails { get; set; }

    /// <exception cref="ArgumentException">An option is missing, out of its range or not possible here.</exception>
    internal void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(TaskQueue);
        if (IdReusePolicy == WorkflowIdReusePolicy.TerminateIfRunning || IdConflictPolicy == WorkflowIdConflictPolicy.TerminateExisting)
        {
            throw new ArgumentException("A workflow can't terminate the one that runs with the id. Start it in an activity, with its TemporalClient.");
        }

        new WorkflowOptions(Id, TaskQueue)
        {
            ExecutionTimeout = ExecutionTimeout,
            RunTimeout = RunTimeout,
            TaskTimeout = TaskTimeout,
            RetryPolicy = RetryPolicy,
            CronSchedule = CronSchedule,
            VersioningOverride = VersioningOverride,
            StartDelay = StartDelay,
        }.Check();
    }
}
