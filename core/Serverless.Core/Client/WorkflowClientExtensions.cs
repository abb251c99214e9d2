using System.Linq.Expressions;
using Serverless.Common;

namespace Serverless.Client;

/// <summary>Forms of client calls: with lambdas, and to the end.</summary>
public static class WorkflowClientExtensions
{
    /// <summary>Starts a workflow by a call of its run method, which is not run here. On return it is stored.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="workflowRunCall">The call.</param>
    /// <param name="options">Options; the id is required.</param>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id is in use, and the policies refuse.</exception>
    public static Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(
        this IWorkflowClient client, Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, WorkflowOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        var call = CallExpression.OfMethod(workflowRunCall);
        return client.OutboundInterceptor.StartWorkflowAsync<TWorkflow, TResult>(
            new(WorkflowNames.OfRun(typeof(TWorkflow), call.Method), call.Args, options, null));
    }

    /// <summary>Starts a workflow by a call of its run method, which is not run here. On return it is stored.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="workflowRunCall">The call.</param>
    /// <param name="options">Options; the id is required.</param>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id is in use, and the policies refuse.</exception>
    public static async Task<WorkflowHandle<TWorkflow>> StartWorkflowAsync<TWorkflow>(
        this IWorkflowClient client, Expression<Func<TWorkflow, Task>> workflowRunCall, WorkflowOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        var call = CallExpression.OfMethod(workflowRunCall);
        return await client.OutboundInterceptor.StartWorkflowAsync<TWorkflow, ValueTuple>(
            new(WorkflowNames.OfRun(typeof(TWorkflow), call.Method), call.Args, options, null));
    }

    /// <summary>Starts a workflow and waits for its result.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="workflowRunCall">A call of the run method.</param>
    /// <param name="options">Options; the id is required.</param>
    /// <exception cref="Exceptions.WorkflowFailedException">It did not complete.</exception>
    public static async Task<TResult> ExecuteWorkflowAsync<TWorkflow, TResult>(
        this IWorkflowClient client, Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, WorkflowOptions options)
    {
        var handle = await client.StartWorkflowAsync(workflowRunCall, options);
        return await handle.GetResultAsync(rpcOptions: options.Rpc);
    }

    /// <summary>Starts a workflow and waits for its end.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="workflowRunCall">A call of the run method.</param>
    /// <param name="options">Options; the id is required.</param>
    /// <exception cref="Exceptions.WorkflowFailedException">It did not complete.</exception>
    public static async Task ExecuteWorkflowAsync<TWorkflow>(
        this IWorkflowClient client, Expression<Func<TWorkflow, Task>> workflowRunCall, WorkflowOptions options)
    {
        var handle = await client.StartWorkflowAsync(workflowRunCall, options);
        await handle.GetResultAsync(rpcOptions: options.Rpc);
    }

    /// <summary>Starts a workflow by name and waits for its end.</summary>
    /// <param name="client">The client.</param>
    /// <param name="workflow">The workflow type.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options; the id is required.</param>
    /// <exception cref="Exceptions.WorkflowFailedException">It did not complete.</exception>
    public static Task ExecuteWorkflowAsync(this IWorkflowClient client, string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options) =>
        client.ExecuteWorkflowAsync<ValueTuple>(workflow, args, options);

    /// <summary>Starts a workflow by name and waits for its result.</summary>
    /// <typeparam name="TResult">What to make of the result.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="workflow">The workflow type.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options; the id is required.</param>
    /// <exception cref="Exceptions.WorkflowFailedException">It did not complete.</exception>
    public static async Task<TResult> ExecuteWorkflowAsync<TResult>(
        this IWorkflowClient client, string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        var handle = await client.StartWorkflowAsync(workflow, args, options);
        return await handle.GetResultAsync<TResult>(rpcOptions: options.Rpc);
    }

    /// <summary>A handle to a workflow of a known class.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="id">The workflow id.</param>
    /// <param name="runId">A certain run; null for the newest.</param>
    /// <param name="firstExecutionRunId">First run of the chain that may be cancelled and terminated; null for any.</param>
    public static WorkflowHandle<TWorkflow> GetWorkflowHandle<TWorkflow>(
        this IWorkflowClient client, string id, string? runId = null, string? firstExecutionRunId = null) => new(client, id, runId, runId, firstExecutionRunId);

    /// <summary>A handle to a workflow of a known class and result.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="id">The workflow id.</param>
    /// <param name="runId">A certain run; null for the newest.</param>
    /// <param name="firstExecutionRunId">First run of the chain that may be cancelled and terminated; null for any.</param>
    public static WorkflowHandle<TWorkflow, TResult> GetWorkflowHandle<TWorkflow, TResult>(
        this IWorkflowClient client, string id, string? runId = null, string? firstExecutionRunId = null) => new(client, id, runId, runId, firstExecutionRunId);

    /// <summary>A handle to an activity by the token of its attempt.</summary>
    /// <param name="client">The client.</param>
    /// <param name="taskToken">The token.</param>
    public static AsyncActivityHandle GetAsyncActivityHandle(this IWorkflowClient client, byte[] taskToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.GetAsyncActivityHandle(new AsyncActivityHandle.TaskTokenReference(taskToken));
    }

    /// <summary>A handle to an activity by its id.</summary>
    /// <param name="client">The client.</param>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="runId">The run; null for the newest.</param>
    /// <param name="activityId">Id of the activity within the run.</param>
    public static AsyncActivityHandle GetAsyncActivityHandle(this IWorkflowClient client, string workflowId, string? runId, string activityId)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.GetAsyncActivityHandle(new AsyncActivityHandle.IdReference(workflowId, runId, activityId));
    }

    /// <summary>Reads the histories of the workflows that match, newest first. One read for each workflow.</summary>
    /// <param name="client">The client.</param>
    /// <param name="query">The filter; empty for all.</param>
    /// <param name="listOptions">Options of the list.</param>
    /// <param name="historyFetchOptions">Options of each read.</param>
    /// <exception cref="Visibility.FilterSyntaxException">The filter can't be read.</exception>
    public static async IAsyncEnumerable<WorkflowHistory> ListWorkflowHistoriesAsync(
        this IWorkflowClient client, string query, WorkflowListOptions? listOptions = null, WorkflowHistoryEventFetchOptions? historyFetchOptions = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        await foreach (var workflow in client.ListWorkflowsAsync(query, listOptions))
        {
            yield return await client.GetWorkflowHandle(workflow.Id, workflow.RunId).FetchHistoryAsync(historyFetchOptions);
        }
    }
}
