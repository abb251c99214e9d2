using System.Linq.Expressions;
using Serverless.Client;
using Serverless.Common;

namespace Serverless.Workflows;

public static partial class Workflow
{
    /// <summary>Starts a child workflow and waits for its result.</summary>
    /// <typeparam name="TWorkflow">The workflow type.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="workflowRunCall">The call of its run method; it is read, not run.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>Completes with its result.</returns>
    public static async Task<TResult> ExecuteChildWorkflowAsync<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, ChildWorkflowOptions? options = null)
    {
        var handle = await StartChildWorkflowAsync(workflowRunCall, options);
        return await handle.GetResultAsync();
    }

    /// <summary>Starts a child workflow and waits for its end.</summary>
    /// <typeparam name="TWorkflow">The workflow type.</typeparam>
    /// <param name="workflowRunCall">The call of its run method; it is read, not run.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>Completes with it.</returns>
    public static async Task ExecuteChildWorkflowAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> workflowRunCall, ChildWorkflowOptions? options = null)
    {
        var handle = await StartChildWorkflowAsync(workflowRunCall, options);
        await handle.GetResultAsync();
    }

    /// <summary>Starts a child workflow and waits for its end.</summary>
    /// <param name="workflow">Name of the workflow type.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>Completes with it.</returns>
    public static async Task ExecuteChildWorkflowAsync(string workflow, IReadOnlyCollection<object?> args, ChildWorkflowOptions? options = null)
    {
        var handle = await StartChildWorkflowAsync(workflow, args, options);
        await handle.GetResultAsync();
    }

    /// <summary>Starts a child workflow and waits for its result.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="workflow">Name of the workflow type.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>Completes with its result.</returns>
    public static async Task<TResult> ExecuteChildWorkflowAsync<TResult>(
        string workflow, IReadOnlyCollection<object?> args, ChildWorkflowOptions? options = null)
    {
        var handle = await StartChildWorkflowAsync(workflow, args, options);
        return await handle.GetResultAsync<TResult>();
    }

    /// <summary>Starts a child workflow. Completes when it has started.</summary>
    /// <typeparam name="TWorkflow">The workflow type.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="workflowRunCall">The call of its run method; it is read, not run.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>The child.</returns>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">Its id is in use.</exception>
    public static async Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, ChildWorkflowOptions? options = null)
    {
        var call = CallExpression.OfMethod(workflowRunCall);
        return await Run.Outbound.StartChildWorkflowAsync<TWorkflow, TResult>(
            new(WorkflowNames.OfRun(typeof(TWorkflow), call.Method), call.Args, options ?? new(), null));
    }

    /// <summary>Starts a child workflow. Completes when it has started.</summary>
    /// <typeparam name="TWorkflow">The workflow type.</typeparam>
    /// <param name="workflowRunCall">The call of its run method; it is read, not run.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>The child.</returns>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">Its id is in use.</exception>
    public static async Task<ChildWorkflowHandle<TWorkflow>> StartChildWorkflowAsync<TWorkflow>(
        Expression<Func<TWorkflow, Task>> workflowRunCall, ChildWorkflowOptions? options = null)
    {
        var call = CallExpression.OfMethod(workflowRunCall);
        return await Run.Outbound.StartChildWorkflowAsync<TWorkflow, ValueTuple>(
            new(WorkflowNames.OfRun(typeof(TWorkflow), call.Method), call.Args, options ?? new(), null));
    }

    /// <summary>Starts a child workflow. Completes when it has started.</summary>
    /// <param name="workflow">Name of the workflow type.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>The child.</returns>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">Its id is in use.</exception>
    public static async Task<ChildWorkflowHandle> StartChildWorkflowAsync(
        string workflow, IReadOnlyCollection<object?> args, ChildWorkflowOptions? options = null)
    {
        return await Run.Outbound.StartChildWorkflowAsync<object, ValueTuple>(new(workflow, args, options ?? new(), null));
    }

    /// <summary>Another workflow, to signal or cancel it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="runId">A certain run. Null (default): whichever is current.</param>
    /// <returns>The handle.</returns>
    public static ExternalWorkflowHandle GetExternalWorkflowHandle(string id, string? runId = null) => GetExternalWorkflowHandle<object>(id, runId);

    /// <summary>Another workflow, to signal or cancel it.</summary>
    /// <typeparam name="TWorkflow">Its type.</typeparam>
    /// <param name="id">Its id.</param>
    /// <param name="runId">A certain run. Null (default): whichever is current.</param>
    /// <returns>The handle.</returns>
    public static ExternalWorkflowHandle<TWorkflow> GetExternalWorkflowHandle<TWorkflow>(string id, string? runId = null) =>
        new AddressedWorkflow<TWorkflow>(Run, id, runId);

    /// <summary>An exception to throw, which ends this run and starts the next one of the same workflow id.</summary>
    /// <typeparam name="TWorkflow">Type of the next run.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="workflowRunCall">The call of its run method; it is read, not run.</param>
    /// <param name="options">Null: all is carried over.</param>
    /// <returns>The exception.</returns>
    public static ContinueAsNewException CreateContinueAsNewException<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, ContinueAsNewOptions? options = null) =>
        Continuation(typeof(TWorkflow), CallExpression.OfMethod(workflowRunCall), options);

    /// <summary>An exception to throw, which ends this run and starts the next one of the same workflow id.</summary>
    /// <typeparam name="TWorkflow">Type of the next run.</typeparam>
    /// <param name="workflowRunCall">The call of its run method; it is read, not run.</param>
    /// <param name="options">Null: all is carried over.</param>
    /// <returns>The exception.</returns>
    public static ContinueAsNewException CreateContinueAsNewException<TWorkflow>(
        Expression<Func<TWorkflow, Task>> workflowRunCall, ContinueAsNewOptions? options = null) =>
        Continuation(typeof(TWorkflow), CallExpression.OfMethod(workflowRunCall), options);

    /// <summary>An exception to throw, which ends this run and starts the next one of the same workflow id.</summary>
    /// <param name="workflow">Name of the type of the next run.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Null: all is carried over.</param>
    /// <returns>The exception.</returns>
    public static ContinueAsNewException CreateContinueAsNewException(
        string workflow, IReadOnlyCollection<object?> args, ContinueAsNewOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        return Run.Outbound.CreateContinueAsNewException(new(workflow, args, options, null));
    }

    private static ContinueAsNewException Continuation(Type workflow, CallExpression call, ContinueAsNewOptions? options) =>
        CreateContinueAsNewException(WorkflowNames.OfRun(workflow, call.Method), call.Args, options);
}
