using System.Linq.Expressions;
using Serverless.Api.Enums.V1;
using Serverless.Common;

namespace Serverless.Client;

/// <summary>Options of a start.</summary>
public class WorkflowOptions : CallOptions
{
    /// <summary>Uses the defaults; <see cref="Id"/> must be set.</summary>
    public WorkflowOptions()
    {
    }

    /// <summary>Gives the id; the task queue is the hub's default.</summary>
    /// <param name="id">The workflow id.</param>
    public WorkflowOptions(string id) => Id = id;

    /// <summary>Gives id and task queue.</summary>
    /// <param name="id">The workflow id.</param>
    /// <param name="taskQueue">The task queue.</param>
    public WorkflowOptions(string id, string taskQueue)
    {
        Id = id;
        TaskQueue = taskQueue;
    }

    /// <summary>The workflow id. Required.</summary>
    public string? Id { get; set; }

    /// <summary>The task queue of the workflow and, unless they name another, of its activities. Null (default): the client's default.</summary>
    public string? TaskQueue { get; set; }

    /// <summary>One line about this workflow, for people.</summary>
    public string? StaticSummary { get; set; }

    /// <summary>More about this workflow, for people.</summary>
    public string? StaticDetails { get; set; }

    /// <summary>Time for the whole chain from its start: waits, retries, cron and continued runs included. Above zero; default no limit.</summary>
    public TimeSpan? ExecutionTimeout { get; set; }

    /// <summary>Time for one run, from when its first task is due. Above zero; default <see cref="ExecutionTimeout"/>.</summary>
    public TimeSpan? RunTimeout { get; set; }

    /// <summary>
    /// Time for one task: the code must give control back within it, the replay of its history included, or the workflow is blocked and tried again.
    /// Above zero; default 10 s; more than 2 min counts as 2 min.
    /// </summary>
    public TimeSpan? TaskTimeout { get; set; }

    /// <summary>What to do about a closed workflow with the id.</summary>
    public WorkflowIdReusePolicy IdReusePolicy { get; set; } = WorkflowIdReusePolicy.AllowDuplicate;

    /// <summary>What to do about a running workflow with the id. Unspecified (default) refuses; a start with a signal then joins.</summary>
    public WorkflowIdConflictPolicy IdConflictPolicy { get; set; } = WorkflowIdConflictPolicy.Unspecified;

    /// <summary>Repeats a failed run. Default: no retry.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    /// <summary>
    /// Repeats the workflow: each run begins at the first time of this schedule after the end of the one before. A schedule of its own is easier to steer. Default: none.
    /// </summary>
    /// <remarks>
    /// Five fields: minute, hour, day of month, month, day of week; or six, with seconds in front. Each is <c>*</c> or <c>?</c>, a number, a range, a list, with a step
    /// (<c>*/15</c>) if need be; months and days may have their English names, Sunday is 0 or 7; <c>L</c>, <c>W</c> and <c>#</c> are the last day, the nearest weekday, and the
    /// n-th day of its kind in the month. All fields must match. Or a name: <c>@every_second</c>, <c>@every_minute</c>, <c>@hourly</c>, <c>@daily</c>, <c>@midnight</c>, <c>@weekly</c>,
    /// <c>@monthly</c>, <c>@yearly</c>, <c>@annually</c>. Or <c>@every</c> and a duration of at least 1 s, such as <c>@every 1h30m</c>, counted from when the run before was due.
    /// Times are UTC, or those of the time zone in front: <c>CRON_TZ=Europe/Berlin 0 9 * * *</c> (<c>TZ=</c> is the same). They are taken literally: a time that
    /// the clock skips does not come, one that it repeats comes twice. A schedule that can't be read, or has no time, is refused at the start.
    /// </remarks>
    public string? CronSchedule { get; set; }

    /// <summary>Values to show with the workflow; not searchable. At most 256 KiB together.</summary>
    public IReadOnlyDictionary<string, object>? Memo { get; set; }

    /// <summary>Values to search by. At most 40 KiB together.</summary>
    public SearchAttributeCollection? TypedSearchAttributes { get; set; }

    /// <summary>Wait before the first task; a signal ends the wait. Not with <see cref="CronSchedule"/>. Zero or more; default none.</summary>
    public TimeSpan? StartDelay { get; set; }

    /// <summary>Signal to send together with the start, or to the running workflow. See <see cref="SignalWithStart{TWorkflow}"/>.</summary>
    public string? StartSignal { get; set; }

    /// <summary>Arguments of the signal.</summary>
    public IReadOnlyCollection<object?>? StartSignalArgs { get; set; }

    /// <summary>True: run the first task here and now, where that is possible. Default false.</summary>
    public bool RequestEagerStart { get; set; }

    /// <summary>Priority of its activities that name none. Null (default): 3, in the middle.</summary>
    public Priority? Priority { get; set; }

    /// <summary>Which builds may run it; null for what the workflow says.</summary>
    public VersioningOverride? VersioningOverride { get; set; }

    /// <summary>
    /// Makes a repeated start the same start: while the newest workflow of the id is the one that the first start began, the repeated one gives its run, open
    /// or closed, whatever the policies say, and sends no second signal. Default: a new one for each call.
    /// </summary>
    public string? RequestId { get; set; }

    /// <summary>Sends a signal together with the start.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="signalCall">A call of the signal method.</param>
    public void SignalWithStart<TWorkflow>(Expression<Func<TWorkflow, Task>> signalCall)
    {
        var call = CallExpression.OfMethod(signalCall);
        SignalWithStart(WorkflowNames.OfSignal(typeof(TWorkflow), call.Method), call.Args);
    }

    /// <summary>Sends a signal together with the start.</summary>
    /// <param name="signal">Name of the signal.</param>
    /// <param name="args">Its arguments.</param>
    public void SignalWithStart(string signal, IReadOnlyCollection<object?> args)
    {
        StartSignal = signal;
        StartSignalArgs = args;
    }

    internal void Check()
    {
        if (string.IsNullOrEmpty(Id))
        {
            throw new ArgumentException("The start needs an id: set WorkflowOptions.Id.");
        }

        if (StartDelay is not null && CronSchedule is not null)
        {
            throw new ArgumentException("StartDelay and CronSchedule can't be combined. Keep one.");
        }

        if (StartDelay < TimeSpan.Zero)
        {
            throw new ArgumentException($"StartDelay is {StartDelay}; it must be zero or more.");
        }

        if (IdReusePolicy == WorkflowIdReusePolicy.TerminateIfRunning && IdConflictPolicy != WorkflowIdConflictPolicy.Unspecified)
        {
            throw new ArgumentException("IdReusePolicy TerminateIfRunning can't be combined with an IdConflictPolicy. Use IdConflictPolicy TerminateExisting alone.");
        }

        if (VersioningOverride is VersioningOverride.Pinned { Version.BuildId: var build } && build is not { Length: > 0 and <= 100 })
        {
            throw new ArgumentException($"The build to pin to is '{build}'; a build id has 1 to 100 characters.");
        }

        CheckTimeout(nameof(ExecutionTimeout), ExecutionTimeout);
        CheckTimeout(nameof(RunTimeout), RunTimeout);
        CheckTimeout(nameof(TaskTimeout), TaskTimeout);
        Check(RetryPolicy);
    }

    private static void CheckTimeout(string name, TimeSpan? value)
    {
        if (value <= TimeSpan.Zero)
        {
            throw new ArgumentException($"{name} is {value}; it must be above zero, or null for the default.");
        }
    }

    private static void Check(RetryPolicy? policy)
    {
        if (policy is not null && (policy.InitialInterval <= TimeSpan.Zero || !(policy.BackoffCoefficient >= 1)
            || policy.MaximumInterval < policy.InitialInterval || policy.MaximumAttempts < 0))
        {
            throw new ArgumentException(
                "The retry policy is not valid: InitialInterval must be above zero, BackoffCoefficient at least 1, MaximumInterval at least InitialInterval, MaximumAttempts 0 or more.");
        }
    }
}
