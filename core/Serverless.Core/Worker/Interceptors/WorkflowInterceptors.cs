using Serverless.Workflows;

namespace Serverless.Worker.Interceptors;

/// <summary>What happens to a workflow. Called on the workflow's own scheduler, also in replay: the rules of workflow code hold.</summary>
public abstract class WorkflowInboundInterceptor
{
    /// <summary>Creates an interceptor.</summary>
    /// <param name="next">The next one towards the workflow.</param>
    protected WorkflowInboundInterceptor(WorkflowInboundInterceptor next) => MaybeNext = next;

    private protected WorkflowInboundInterceptor()
    {
    }

    /// <summary>The next one towards the workflow.</summary>
    protected WorkflowInboundInterceptor Next => MaybeNext ?? throw new InvalidOperationException("This is the last interceptor.");

    private protected WorkflowInboundInterceptor? MaybeNext { get; init; }

    /// <summary>Called first. Give the next one another outbound interceptor to see what the workflow does.</summary>
    /// <param name="outbound">The outbound interceptor.</param>
    public virtual void Init(WorkflowOutboundInterceptor outbound) => Next.Init(outbound);

    /// <summary>Runs the run method.</summary>
    /// <param name="input">The workflow object, the method and its arguments.</param>
    /// <returns>Its result; null for none.</returns>
    public virtual Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input) => Next.ExecuteWorkflowAsync(input);

    /// <summary>Runs a signal's handler.</summary>
    /// <param name="input">The signal.</param>
    /// <returns>Completes with the handler.</returns>
    public virtual Task HandleSignalAsync(HandleSignalInput input) => Next.HandleSignalAsync(input);

    /// <summary>Runs a query's handler. It only looks.</summary>
    /// <param name="input">The query.</param>
    /// <returns>The answer.</returns>
    public virtual object? HandleQuery(HandleQueryInput input) => Next.HandleQuery(input);

    /// <summary>Runs an update's validator, if it has one; an exception rejects the update. It only looks. Not called in replay.</summary>
    /// <param name="input">The update, with arguments of its own.</param>
    public virtual void ValidateUpdate(HandleUpdateInput input) => Next.ValidateUpdate(input);

    /// <summary>Runs an accepted update's handler.</summary>
    /// <param name="input">The update.</param>
    /// <returns>Its result; null for none.</returns>
    public virtual Task<object?> HandleUpdateAsync(HandleUpdateInput input) => Next.HandleUpdateAsync(input);
}

/// <summary>What a workflow asks for. Called on the workflow's own scheduler, also in replay: the rules of workflow code hold.</summary>
public abstract class WorkflowOutboundInterceptor
{
    /// <summary>Creates an interceptor.</summary>
    /// <param name="next">The next one towards the engine.</param>
    protected WorkflowOutboundInterceptor(WorkflowOutboundInterceptor next) => MaybeNext = next;

    private protected WorkflowOutboundInterceptor()
    {
    }

    /// <summary>The next one towards the engine.</summary>
    protected WorkflowOutboundInterceptor Next => MaybeNext ?? throw new InvalidOperationException("This is the last interceptor.");

    private protected WorkflowOutboundInterceptor? MaybeNext { get; init; }

    /// <summary>Asks another workflow to cancel.</summary>
    /// <param name="input">Which one.</param>
    /// <returns>Completes when the request is stored there.</returns>
    public virtual Task CancelExternalWorkflowAsync(CancelExternalWorkflowInput input) => Next.CancelExternalWorkflowAsync(input);

    /// <summary>Makes the exception that continues the workflow as new.</summary>
    /// <param name="input">How it continues.</param>
    /// <returns>The exception, for the code to throw.</returns>
    public virtual ContinueAsNewException CreateContinueAsNewException(CreateContinueAsNewExceptionInput input) => Next.CreateContinueAsNewException(input);

    /// <summary>Starts a timer.</summary>
    /// <param name="input">How long.</param>
    /// <returns>Completes when it fires.</returns>
    public virtual Task DelayAsync(DelayAsyncInput input) => Next.DelayAsync(input);

    /// <summary>Schedules an activity.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="input">The activity.</param>
    /// <returns>Completes with its result.</returns>
    public virtual Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) => Next.ScheduleActivityAsync<TResult>(input);

    /// <summary>Schedules a local activity.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="input">The activity.</param>
    /// <returns>Completes with its result.</returns>
    public virtual Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input) => Next.ScheduleLocalActivityAsync<TResult>(input);

    /// <summary>Sends a signal to a child.</summary>
    /// <param name="input">The signal.</param>
    /// <returns>Completes when it is stored there.</returns>
    public virtual Task SignalChildWorkflowAsync(SignalChildWorkflowInput input) => Next.SignalChildWorkflowAsync(input);

    /// <summary>Sends a signal to another workflow.</summary>
    /// <param name="input">The signal.</param>
    /// <returns>Completes when it is stored there.</returns>
    public virtual Task SignalExternalWorkflowAsync(SignalExternalWorkflowInput input) => Next.SignalExternalWorkflowAsync(input);

    /// <summary>Starts a child.</summary>
    /// <typeparam name="TWorkflow">Its type.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="input">The child.</param>
    /// <returns>Completes when it has started.</returns>
    public virtual Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(StartChildWorkflowInput input) =>
        Next.StartChildWorkflowAsync<TWorkflow, TResult>(input);
}
