using System.Linq.Expressions;
using Serverless.Common;

namespace Serverless.Client;

/// <summary>
/// Updates that start their workflow if it does not run. No transaction: the start may succeed although the update is rejected or fails.
/// </summary>
public static class UpdateWithStartExtensions
{
    /// <summary>Starts the workflow and the update, and waits for the stage that the options name.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options; start and stage are required.</param>
    public static async Task<WorkflowUpdateHandle> StartUpdateWithStartWorkflowAsync<TWorkflow>(
        this IWorkflowClient client, Expression<Func<TWorkflow, Task>> updateCall, WorkflowStartUpdateWithStartOptions options)
    {
        var call = CallExpression.OfMethod(updateCall);
        return await client.StartUpdateWithStartWorkflowAsync<ValueTuple>(WorkflowNames.OfUpdate(typeof(TWorkflow), call.Method), call.Args, options);
    }

    /// <summary>Starts the workflow and the update, and waits for the stage that the options name.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <typeparam name="TUpdateResult">Result of the update.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options; start and stage are required.</param>
    public static Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateWithStartWorkflowAsync<TWorkflow, TUpdateResult>(
        this IWorkflowClient client, Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowStartUpdateWithStartOptions options)
    {
        var call = CallExpression.OfMethod(updateCall);
        return client.StartUpdateWithStartWorkflowAsync<TUpdateResult>(WorkflowNames.OfUpdate(typeof(TWorkflow), call.Method), call.Args, options);
    }

    /// <summary>Starts the workflow and the update, and waits for the stage that the options name.</summary>
    /// <param name="client">The client.</param>
    /// <param name="update">Name of the update.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options; start and stage are required.</param>
    public static async Task<WorkflowUpdateHandle> StartUpdateWithStartWorkflowAsync(
        this IWorkflowClient client, string update, IReadOnlyCollection<object?> args, WorkflowStartUpdateWithStartOptions options) =>
        await client.StartUpdateWithStartWorkflowAsync<ValueTuple>(update, args, options);

    /// <summary>Starts the workflow and the update, and waits for the stage that the options name.</summary>
    /// <typeparam name="TUpdateResult">What to make of the update's result.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="update">Name of the update.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options; start and stage are required.</param>
    public static Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateWithStartWorkflowAsync<TUpdateResult>(
        this IWorkflowClient client, string update, IReadOnlyCollection<object?> args, WorkflowStartUpdateWithStartOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.OutboundInterceptor.StartUpdateWithStartWorkflowAsync<TUpdateResult>(new(update, args, options, null));
    }

    /// <summary>Starts the workflow, and runs the update to its end.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options; the start is required.</param>
    public static async Task ExecuteUpdateWithStartWorkflowAsync<TWorkflow>(
        this IWorkflowClient client, Expression<Func<TWorkflow, Task>> updateCall, WorkflowUpdateWithStartOptions options)
    {
        var handle = await client.StartUpdateWithStartWorkflowAsync(updateCall, ToCompletion(options));
        await handle.GetResultAsync(options.Rpc);
    }

    /// <summary>Starts the workflow, runs the update to its end, and gets its result.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <typeparam name="TUpdateResult">Result of the update.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options; the start is required.</param>
    public static async Task<TUpdateResult> ExecuteUpdateWithStartWorkflowAsync<TWorkflow, TUpdateResult>(
        this IWorkflowClient client, Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowUpdateWithStartOptions options)
    {
        var handle = await client.StartUpdateWithStartWorkflowAsync(updateCall, ToCompletion(options));
        return await handle.GetResultAsync(options.Rpc);
    }

    /// <summary>Starts the workflow, and runs the update to its end.</summary>
    /// <param name="client">The client.</param>
    /// <param name="update">Name of the update.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options; the start is required.</param>
    public static Task ExecuteUpdateWithStartWorkflowAsync(
        this IWorkflowClient client, string update, IReadOnlyCollection<object?> args, WorkflowUpdateWithStartOptions options) =>
        client.ExecuteUpdateWithStartWorkflowAsync<ValueTuple>(update, args, options);

    /// <summary>Starts the workflow, runs the update to its end, and gets its result.</summary>
    /// <typeparam name="TUpdateResult">What to make of the update's result.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="update">Name of the update.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options; the start is required.</param>
    public static async Task<TUpdateResult> ExecuteUpdateWithStartWorkflowAsync<TUpdateResult>(
        this IWorkflowClient client, string update, IReadOnlyCollection<object?> args, WorkflowUpdateWithStartOptions options)
    {
        var handle = await client.StartUpdateWithStartWorkflowAsync<TUpdateResult>(update, args, ToCompletion(options));
        return await handle.GetResultAsync(options.Rpc);
    }

    private static WorkflowStartUpdateWithStartOptions ToCompletion(WorkflowUpdateWithStartOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new()
        {
            Id = options.Id,
            StartWorkflowOperation = options.StartWorkflowOperation,
            Rpc = options.Rpc,
            WaitForStage = WorkflowUpdateStage.Completed,
        };
    }
}
