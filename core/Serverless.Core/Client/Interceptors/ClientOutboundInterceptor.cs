using Serverless.Client.Schedules;

namespace Serverless.Client.Interceptors;

/// <summary>What a client does. Override what is of interest; everything else goes to the next one.</summary>
public abstract class ClientOutboundInterceptor
{
    /// <summary>Creates an interceptor.</summary>
    /// <param name="next">The next one towards the engine.</param>
    protected ClientOutboundInterceptor(ClientOutboundInterceptor next) => MaybeNext = next;

    private protected ClientOutboundInterceptor()
    {
    }

    /// <summary>The next one towards the engine.</summary>
    protected ClientOutboundInterceptor Next => MaybeNext ?? throw new InvalidOperationException("This is the last interceptor.");

    private protected ClientOutboundInterceptor? MaybeNext { get; init; }

    /// <summary>Starts a workflow.</summary>
    /// <typeparam name="TWorkflow">Its class.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="input">The input.</param>
    public virtual Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input) =>
        Next.StartWorkflowAsync<TWorkflow, TResult>(input);

    /// <summary>Starts a workflow, if it does not run, and an update of it.</summary>
    /// <typeparam name="TUpdateResult">Result of the update.</typeparam>
    /// <param name="input">The input.</param>
    public virtual Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateWithStartWorkflowAsync<TUpdateResult>(StartUpdateWithStartWorkflowInput input) =>
        Next.StartUpdateWithStartWorkflowAsync<TUpdateResult>(input);

    /// <summary>Waits for a result.</summary>
    /// <typeparam name="TResult">What to make of it.</typeparam>
    /// <param name="input">The input.</param>
    public virtual Task<TResult> GetWorkflowResultAsync<TResult>(GetWorkflowResultInput input) => Next.GetWorkflowResultAsync<TResult>(input);

    /// <summary>Sends a signal.</summary>
    /// <param name="input">The input.</param>
    public virtual Task SignalWorkflowAsync(SignalWorkflowInput input) => Next.SignalWorkflowAsync(input);

    /// <summary>Asks a query.</summary>
    /// <typeparam name="TResult">What to make of the answer.</typeparam>
    /// <param name="input">The input.</param>
    public virtual Task<TResult> QueryWorkflowAsync<TResult>(QueryWorkflowInput input) => Next.QueryWorkflowAsync<TResult>(input);

    /// <summary>Starts an update.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="input">The input.</param>
    public virtual Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input) =>
        Next.StartWorkflowUpdateAsync<TResult>(input);

    /// <summary>Waits for the result of an update.</summary>
    /// <typeparam name="TResult">What to make of it.</typeparam>
    /// <param name="update">The update.</param>
    /// <param name="rpcOptions">How long to wait.</param>
    public virtual Task<TResult> GetUpdateResultAsync<TResult>(WorkflowUpdateHandle update, RpcOptions? rpcOptions) =>
        Next.GetUpdateResultAsync<TResult>(update, rpcOptions);

    /// <summary>Describes a workflow.</summary>
    /// <param name="input">The input.</param>
    public virtual Task<WorkflowExecutionDescription> DescribeWorkflowAsync(DescribeWorkflowInput input) => Next.DescribeWorkflowAsync(input);

    /// <summary>Asks a workflow to cancel.</summary>
    /// <param name="input">The input.</param>
    public virtual Task CancelWorkflowAsync(CancelWorkflowInput input) => Next.CancelWorkflowAsync(input);

    /// <summary>Terminates a workflow.</summary>
    /// <param name="input">The input.</param>
    public virtual Task TerminateWorkflowAsync(TerminateWorkflowInput input) => Next.TerminateWorkflowAsync(input);

    /// <summary>Resets a workflow.</summary>
    /// <param name="input">The input.</param>
    public virtual Task<WorkflowHandle> ResetWorkflowAsync(ResetWorkflowInput input) => Next.ResetWorkflowAsync(input);

    /// <summary>Forks a workflow.</summary>
    /// <param name="input">The input.</param>
    public virtual Task<WorkflowHandle> ForkWorkflowAsync(ForkWorkflowInput input) => Next.ForkWorkflowAsync(input);

    /// <summary>Changes search attributes of a workflow.</summary>
    /// <param name="input">The input.</param>
    public virtual Task UpsertWorkflowSearchAttributesAsync(UpsertWorkflowSearchAttributesInput input) => Next.UpsertWorkflowSearchAttributesAsync(input);

    /// <summary>Lets a blocked workflow try again now.</summary>
    /// <param name="input">The input.</param>
    /// <returns>False when it was not blocked.</returns>
    public virtual Task<bool> ResumeWorkflowAsync(ResumeWorkflowInput input) => Next.ResumeWorkflowAsync(input);

    /// <summary>Reads history.</summary>
    /// <param name="input">The input.</param>
    public virtual Task<WorkflowHistoryEventPage> FetchWorkflowHistoryEventPageAsync(FetchWorkflowHistoryEventPageInput input) =>
        Next.FetchWorkflowHistoryEventPageAsync(input);

    /// <summary>Lists workflows.</summary>
    /// <param name="input">The input.</param>
    public virtual IAsyncEnumerable<WorkflowExecution> ListWorkflowsAsync(ListWorkflowsInput input) => Next.ListWorkflowsAsync(input);

    /// <summary>Gets a page of the list.</summary>
    /// <param name="input">The input.</param>
    public virtual Task<WorkflowListPage> ListWorkflowsPaginatedAsync(ListWorkflowsPaginatedInput input) => Next.ListWorkflowsPaginatedAsync(input);

    /// <summary>Counts workflows.</summary>
    /// <param name="input">The input.</param>
    public virtual Task<WorkflowExecutionCount> CountWorkflowsAsync(CountWorkflowsInput input) => Next.CountWorkflowsAsync(input);

    /// <summary>Heartbeats for an activity.</summary>
    /// <param name="input">The input.</param>
    public virtual Task HeartbeatAsyncActivityAsync(HeartbeatAsyncActivityInput input) => Next.HeartbeatAsyncActivityAsync(input);

    /// <summary>Completes an activity.</summary>
    /// <param name="input">The input.</param>
    public virtual Task CompleteAsyncActivityAsync(CompleteAsyncActivityInput input) => Next.CompleteAsyncActivityAsync(input);

    /// <summary>Fails an attempt of an activity.</summary>
    /// <param name="input">The input.</param>
    public virtual Task FailAsyncActivityAsync(FailAsyncActivityInput input) => Next.FailAsyncActivityAsync(input);

    /// <summary>Reports that an activity has honoured its cancellation.</summary>
    /// <param name="input">The input.</param>
    public virtual Task ReportCancellationAsyncActivityAsync(ReportCancellationAsyncActivityInput input) => Next.ReportCancellationAsyncActivityAsync(input);

    /// <summary>Creates a schedule.</summary>
    /// <param name="input">The input.</param>
    public virtual Task<ScheduleHandle> CreateScheduleAsync(CreateScheduleInput input) => Next.CreateScheduleAsync(input);

    /// <summary>Starts the actions of spans of time.</summary>
    /// <param name="input">The input.</param>
    public virtual Task BackfillScheduleAsync(BackfillScheduleInput input) => Next.BackfillScheduleAsync(input);

    /// <summary>Removes a schedule.</summary>
    /// <param name="input">The input.</param>
    public virtual Task DeleteScheduleAsync(DeleteScheduleInput input) => Next.DeleteScheduleAsync(input);

    /// <summary>Describes a schedule.</summary>
    /// <param name="input">The input.</param>
    public virtual Task<ScheduleDescription> DescribeScheduleAsync(DescribeScheduleInput input) => Next.DescribeScheduleAsync(input);

    /// <summary>Pauses a schedule.</summary>
    /// <param name="input">The input.</param>
    public virtual Task PauseScheduleAsync(PauseScheduleInput input) => Next.PauseScheduleAsync(input);

    /// <summary>Lets a schedule act once.</summary>
    /// <param name="input">The input.</param>
    public virtual Task TriggerScheduleAsync(TriggerScheduleInput input) => Next.TriggerScheduleAsync(input);

    /// <summary>Lets a schedule go on.</summary>
    /// <param name="input">The input.</param>
    public virtual Task UnpauseScheduleAsync(UnpauseScheduleInput input) => Next.UnpauseScheduleAsync(input);

    /// <summary>Changes a schedule.</summary>
    /// <param name="input">The input.</param>
    public virtual Task UpdateScheduleAsync(UpdateScheduleInput input) => Next.UpdateScheduleAsync(input);

    /// <summary>Lists schedules.</summary>
    /// <param name="input">The input.</param>
    public virtual IAsyncEnumerable<ScheduleListDescription> ListSchedulesAsync(ListSchedulesInput input) => Next.ListSchedulesAsync(input);
}
