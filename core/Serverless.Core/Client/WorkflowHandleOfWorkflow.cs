using System.Linq.Expressions;

namespace Serverless.Client;

/// <summary>A workflow of a known class. See <see cref="WorkflowHandle"/>.</summary>
/// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
/// <param name="Client">The client.</param>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run that messages go to; null for the newest.</param>
/// <param name="ResultRunId">The run whose result is waited for; null for the newest.</param>
/// <param name="FirstExecutionRunId">First run of the chain; null for any.</param>
public record WorkflowHandle<TWorkflow>(
    IWorkflowClient Client, string Id, string? RunId = null, string? ResultRunId = null, string? FirstExecutionRunId = null)
    : WorkflowHandle(Client, Id, RunId, ResultRunId, FirstExecutionRunId)
{
    /// <summary>Sends a signal.</summary>
    /// <param name="signalCall">A call of the signal method.</param>
    /// <param name="options">Options.</param>
    public Task SignalAsync(Expression<Func<TWorkflow, Task>> signalCall, WorkflowSignalOptions? options = null) =>
        SignalAsync<TWorkflow>(signalCall, options);

    /// <summary>Asks a query.</summary>
    /// <typeparam name="TQueryResult">What to make of the answer.</typeparam>
    /// <param name="queryCall">A call of the query method, or the query property.</param>
    /// <param name="options">Options.</param>
    public Task<TQueryResult> QueryAsync<TQueryResult>(Expression<Func<TWorkflow, TQueryResult>> queryCall, WorkflowQueryOptions? options = null) =>
        QueryAsync<TWorkflow, TQueryResult>(queryCall, options);

    /// <summary>Starts an update, and waits for the stage that the options name.</summary>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options.</param>
    public Task<WorkflowUpdateHandle> StartUpdateAsync(Expression<Func<TWorkflow, Task>> updateCall, WorkflowUpdateStartOptions options) =>
        StartUpdateAsync<TWorkflow>(updateCall, options);

    /// <summary>Starts an update, and waits for the stage that the options name.</summary>
    /// <typeparam name="TUpdateResult">Its result.</typeparam>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options.</param>
    public Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateAsync<TUpdateResult>(
        Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowUpdateStartOptions options) =>
        StartUpdateAsync<TWorkflow, TUpdateResult>(updateCall, options);

    /// <summary>Runs an update to its end.</summary>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options.</param>
    public Task ExecuteUpdateAsync(Expression<Func<TWorkflow, Task>> updateCall, WorkflowUpdateOptions? options = null) =>
        ExecuteUpdateAsync<TWorkflow>(updateCall, options);

    /// <summary>Runs an update to its end, and gets its result.</summary>
    /// <typeparam name="TUpdateResult">Its result.</typeparam>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options.</param>
    public Task<TUpdateResult> ExecuteUpdateAsync<TUpdateResult>(
        Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowUpdateOptions? options = null) =>
        ExecuteUpdateAsync<TWorkflow, TUpdateResult>(updateCall, options);
}

/// <summary>A workflow of a known class and result. See <see cref="WorkflowHandle"/>.</summary>
/// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
/// <typeparam name="TResult">Its result.</typeparam>
/// <param name="Client">The client.</param>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run that messages go to; null for the newest.</param>
/// <param name="ResultRunId">The run whose result is waited for; null for the newest.</param>
/// <param name="FirstExecutionRunId">First run of the chain; null for any.</param>
public record WorkflowHandle<TWorkflow, TResult>(
    IWorkflowClient Client, string Id, string? RunId = null, string? ResultRunId = null, string? FirstExecutionRunId = null)
    : WorkflowHandle<TWorkflow>(Client, Id, RunId, ResultRunId, FirstExecutionRunId)
{
    /// <summary>Waits until the workflow completes, and gets its result.</summary>
    /// <param name="followRuns">False: waits for the one run only, not for those that continue it.</param>
    /// <param name="rpcOptions">How long to wait.</param>
    /// <exception cref="Exceptions.WorkflowFailedException">It closed in another way.</exception>
    public new Task<TResult> GetResultAsync(bool followRuns = true, RpcOptions? rpcOptions = null) => GetResultAsync<TResult>(followRuns, rpcOptions);
}
