using System.Linq.Expressions;
using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Client.Schedules;

/// <summary>What a schedule does. The one kind is <see cref="ScheduleActionStartWorkflow"/>.</summary>
public abstract record ScheduleAction
{
    private protected ScheduleAction()
    {
    }
}

/// <summary>Starts a workflow.</summary>
/// <param name="Workflow">The workflow type.</param>
/// <param name="Args">Its arguments. Those of a description are <see cref="IEncodedRawValue"/>.</param>
/// <param name="Options">
/// Its options. The id is required: the time of the action is put behind it, as in <c>report-2026-11-24T09:00:00Z</c>. Policies about ids, a cron schedule, a start delay, a start
/// signal, a request id and options of the call can't be set.
/// </param>
/// <param name="Headers">Headers to start it with; null for none.</param>
public record ScheduleActionStartWorkflow(
    string Workflow, IReadOnlyCollection<object?> Args, WorkflowOptions Options, IReadOnlyDictionary<string, IEncodedRawValue>? Headers = null) : ScheduleAction
{
    /// <summary>Starts a workflow with a result.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="workflowRunCall">A call of the run method.</param>
    /// <param name="options">Options; the id is required.</param>
    public static ScheduleActionStartWorkflow Create<TWorkflow, TResult>(Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, WorkflowOptions options)
    {
        var call = CallExpression.OfMethod(workflowRunCall);
        return Create(WorkflowNames.OfRun(typeof(TWorkflow), call.Method), call.Args, options);
    }

    /// <summary>Starts a workflow without a result.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="workflowRunCall">A call of the run method.</param>
    /// <param name="options">Options; the id is required.</param>
    public static ScheduleActionStartWorkflow Create<TWorkflow>(Expression<Func<TWorkflow, Task>> workflowRunCall, WorkflowOptions options)
    {
        var call = CallExpression.OfMethod(workflowRunCall);
        return Create(WorkflowNames.OfRun(typeof(TWorkflow), call.Method), call.Args, options);
    }

    /// <summary>Starts a workflow by name.</summary>
    /// <param name="workflow">The workflow type.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options; the id is required.</param>
    public static ScheduleActionStartWorkflow Create(string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options) => new(workflow, args, options);
}
