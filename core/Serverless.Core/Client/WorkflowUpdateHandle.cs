namespace Serverless.Client;

/// <summary>An update of a workflow.</summary>
/// <param name="Client">The client.</param>
/// <param name="Id">Id of the update.</param>
/// <param name="WorkflowId">The workflow.</param>
/// <param name="WorkflowRunId">The run; null for the newest.</param>
public record WorkflowUpdateHandle(IWorkflowClient Client, string Id, string WorkflowId, string? WorkflowRunId = null)
{
    /// <summary>The outcome, once it is known.</summary>
    internal UpdateOutcome? KnownOutcome { get; set; }

    /// <summary>Waits until the update is done.</summary>
    /// <param name="rpcOptions">How long to wait.</param>
    /// <exception cref="Exceptions.WorkflowUpdateFailedException">It was rejected or failed.</exception>
    /// <exception cref="Exceptions.WorkflowUpdateRpcTimeoutOrCanceledException">The wait was given up.</exception>
    public Task GetResultAsync(RpcOptions? rpcOptions = null) => GetResultAsync<ValueTuple>(rpcOptions);

    /// <summary>Waits until the update is done, and gets its result.</summary>
    /// <typeparam name="TResult">What to make of the result.</typeparam>
    /// <param name="rpcOptions">How long to wait.</param>
    /// <exception cref="Exceptions.WorkflowUpdateFailedException">It was rejected or failed.</exception>
    /// <exception cref="Exceptions.WorkflowUpdateRpcTimeoutOrCanceledException">The wait was given up.</exception>
    public virtual Task<TResult> GetResultAsync<TResult>(RpcOptions? rpcOptions = null) => Client.OutboundInterceptor.GetUpdateResultAsync<TResult>(this, rpcOptions);
}

/// <summary>An update of a workflow with a known result.</summary>
/// <typeparam name="TResult">Its result.</typeparam>
/// <param name="Client">The client.</param>
/// <param name="Id">Id of the update.</param>
/// <param name="WorkflowId">The workflow.</param>
/// <param name="WorkflowRunId">The run; null for the newest.</param>
public record WorkflowUpdateHandle<TResult>(IWorkflowClient Client, string Id, string WorkflowId, string? WorkflowRunId = null)
    : WorkflowUpdateHandle(Client, Id, WorkflowId, WorkflowRunId)
{
    /// <summary>Waits until the update is done, and gets its result.</summary>
    /// <param name="rpcOptions">How long to wait.</param>
    /// <exception cref="Exceptions.WorkflowUpdateFailedException">It was rejected or failed.</exception>
    public new Task<TResult> GetResultAsync(RpcOptions? rpcOptions = null) => GetResultAsync<TResult>(rpcOptions);
}
