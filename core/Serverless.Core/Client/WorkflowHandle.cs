using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Serverless.Api.Enums.V1;
using Serverless.Client.Interceptors;
using Serverless.Common;
using Serverless.Workflows;

namespace Serverless.Client;

/// <summary>
/// A workflow, by its id. Messages go to <paramref name="RunId"/> or, when that is null, to the newest run. A handle from a start has no run id, so that its
/// messages reach later runs, but waits for the run it started, and cancels and terminates only runs of the same chain.
/// </summary>
/// <param name="Client">The client.</param>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run that messages go to; null for the newest.</param>
/// <param name="ResultRunId">The run whose result is waited for; null for the newest.</param>
/// <param name="FirstExecutionRunId">First run of the chain; null for any.</param>
public record WorkflowHandle(
    IWorkflowClient Client, string Id, string? RunId = null, string? ResultRunId = null, string? FirstExecutionRunId = null)
{
    /// <summary>Waits until the workflow completes.</summary>
    /// <param name="followRuns">False: waits for the one run only, not for those that continue it.</param>
    /// <param name="rpcOptions">How long to wait.</param>
    /// <exception cref="Exceptions.WorkflowFailedException">It closed in another way.</exception>
    /// <exception cref="Exceptions.WorkflowContinuedAsNewException">It was continued, and is not followed.</exception>
    public Task GetResultAsync(bool followRuns = true, RpcOptions? rpcOptions = null) => GetResultAsync<ValueTuple>(followRuns, rpcOptions);

    /// <summary>Waits until the workflow completes, and gets its result.</summary>
    /// <typeparam name="TResult">What to make of the result.</typeparam>
    /// <param name="followRuns">False: waits for the one run only, not for those that continue it.</param>
    /// <param name="rpcOptions">How long to wait.</param>
    /// <exception cref="Exceptions.WorkflowFailedException">It closed in another way.</exception>
    /// <exception cref="Exceptions.WorkflowContinuedAsNewException">It was continued, and is not followed.</exception>
    public virtual Task<TResult> GetResultAsync<TResult>(bool followRuns = true, RpcOptions? rpcOptions = null) =>
        Client.OutboundInterceptor.GetWorkflowResultAsync<TResult>(new(Id, ResultRunId, followRuns, rpcOptions));

    /// <summary>Sends a signal.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="signalCall">A call of the signal method.</param>
    /// <param name="options">Options.</param>
    public Task SignalAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> signalCall, WorkflowSignalOptions? options = null)
    {
        var call = CallExpression.OfMethod(signalCall);
        return SignalAsync(WorkflowNames.OfSignal(typeof(TWorkflow), call.Method), call.Args, options);
    }

    /// <summary>Sends a signal. On return it is stored, and will be applied once.</summary>
    /// <param name="signal">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options.</param>
    public virtual Task SignalAsync(string signal, IReadOnlyCollection<object?> args, WorkflowSignalOptions? options = null) =>
        Client.OutboundInterceptor.SignalWorkflowAsync(new(Id, RunId, signal, args, options, null));

    /// <summary>Asks a query.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <typeparam name="TQueryResult">What to make of the answer.</typeparam>
    /// <param name="queryCall">A call of the query method, or the query property.</param>
    /// <param name="options">Options.</param>
    public Task<TQueryResult> QueryAsync<TWorkflow, TQueryResult>(Expression<Func<TWorkflow, TQueryResult>> queryCall, WorkflowQueryOptions? options = null)
    {
        var call = CallExpression.OfMethodOrProperty(queryCall);
        return QueryAsync<TQueryResult>(WorkflowNames.OfQuery(typeof(TWorkflow), call.Member), call.Args, options);
    }

    /// <summary>Asks a query. Works on closed workflows too.</summary>
    /// <typeparam name="TQueryResult">What to make of the answer.</typeparam>
    /// <param name="query">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options.</param>
    public virtual Task<TQueryResult> QueryAsync<TQueryResult>(string query, IReadOnlyCollection<object?> args, WorkflowQueryOptions? options = null) =>
        Client.OutboundInterceptor.QueryWorkflowAsync<TQueryResult>(new(Id, RunId, query, args, options, null));

    /// <summary>Starts an update, and waits for the stage that the options name.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options.</param>
    public async Task<WorkflowUpdateHandle> StartUpdateAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> updateCall, WorkflowUpdateStartOptions options)
    {
        var call = CallExpression.OfMethod(updateCall);
        return await StartUpdateAsync<ValueTuple>(WorkflowNames.OfUpdate(typeof(TWorkflow), call.Method), call.Args, options);
    }

    /// <summary>Starts an update, and waits for the stage that the options name.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <typeparam name="TUpdateResult">Its result.</typeparam>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options.</param>
    public Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateAsync<TWorkflow, TUpdateResult>(
        Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowUpdateStartOptions options)
    {
        var call = CallExpression.OfMethod(updateCall);
        return StartUpdateAsync<TUpdateResult>(WorkflowNames.OfUpdate(typeof(TWorkflow), call.Method), call.Args, options);
    }

    /// <summary>Starts an update, and waits for the stage that the options name.</summary>
    /// <param name="update">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options.</param>
    public async Task<WorkflowUpdateHandle> StartUpdateAsync(string update, IReadOnlyCollection<object?> args, WorkflowUpdateStartOptions options) =>
        await StartUpdateAsync<ValueTuple>(update, args, options);

    /// <summary>Starts an update, and waits for the stage that the options name.</summary>
    /// <typeparam name="TUpdateResult">What to make of its result.</typeparam>
    /// <param name="update">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="Exceptions.WorkflowUpdateFailedException">It was rejected (or failed, when its completion is waited for, from the handle).</exception>
    public virtual Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateAsync<TUpdateResult>(
        string update, IReadOnlyCollection<object?> args, WorkflowUpdateStartOptions options) =>
        Client.OutboundInterceptor.StartWorkflowUpdateAsync<TUpdateResult>(new(Id, RunId, FirstExecutionRunId, update, args, options, null));

    /// <summary>Runs an update to its end.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="Exceptions.WorkflowUpdateFailedException">It was rejected or failed.</exception>
    public async Task ExecuteUpdateAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> updateCall, WorkflowUpdateOptions? options = null)
    {
        var handle = await StartUpdateAsync(updateCall, ToCompletion(options));
        await handle.GetResultAsync(options?.Rpc);
    }

    /// <summary>Runs an update to its end, and gets its result.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <typeparam name="TUpdateResult">Its result.</typeparam>
    /// <param name="updateCall">A call of the update method.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="Exceptions.WorkflowUpdateFailedException">It was rejected or failed.</exception>
    public async Task<TUpdateResult> ExecuteUpdateAsync<TWorkflow, TUpdateResult>(
        Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowUpdateOptions? options = null)
    {
        var handle = await StartUpdateAsync(updateCall, ToCompletion(options));
        return await handle.GetResultAsync(options?.Rpc);
    }

    /// <summary>Runs an update to its end.</summary>
    /// <param name="update">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="Exceptions.WorkflowUpdateFailedException">It was rejected or failed.</exception>
    public async Task ExecuteUpdateAsync(string update, IReadOnlyCollection<object?> args, WorkflowUpdateOptions? options = null)
    {
        var handle = await StartUpdateAsync(update, args, ToCompletion(options));
        await handle.GetResultAsync(options?.Rpc);
    }

    /// <summary>Runs an update to its end, and gets its result.</summary>
    /// <typeparam name="TUpdateResult">What to make of its result.</typeparam>
    /// <param name="update">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="Exceptions.WorkflowUpdateFailedException">It was rejected or failed.</exception>
    public async Task<TUpdateResult> ExecuteUpdateAsync<TUpdateResult>(string update, IReadOnlyCollection<object?> args, WorkflowUpdateOptions? options = null)
    {
        var handle = await StartUpdateAsync<TUpdateResult>(update, args, ToCompletion(options));
        return await handle.GetResultAsync(options?.Rpc);
    }

    /// <summary>A handle to an update that was started before.</summary>
    /// <param name="id">Id of the update.</param>
    public WorkflowUpdateHandle GetUpdateHandle(string id) => new(Client, id, Id, RunId);

    /// <summary>A handle to an update that was started before.</summary>
    /// <typeparam name="TUpdateResult">What to make of its result.</typeparam>
    /// <param name="id">Id of the update.</param>
    public WorkflowUpdateHandle<TUpdateResult> GetUpdateHandle<TUpdateResult>(string id) => new(Client, id, Id, RunId);

    /// <summary>The workflow as it stands.</summary>
    /// <param name="options">Options.</param>
    public virtual Task<WorkflowExecutionDescription> DescribeAsync(WorkflowDescribeOptions? options = null) =>
        Client.OutboundInterceptor.DescribeWorkflowAsync(new(Id, RunId, options));

    /// <summary>Asks the workflow to cancel: its cancellation token is cancelled. What it does about it is its own affair. A closed workflow is left as it is.</summary>
    /// <param name="options">Options.</param>
    public virtual Task CancelAsync(WorkflowCancelOptions? options = null) =>
        Client.OutboundInterceptor.CancelWorkflowAsync(new(Id, RunId, FirstExecutionRunId, options));

    /// <summary>Ends the workflow at once, without running its code.</summary>
    /// <param name="reason">Why; recorded.</param>
    /// <param name="options">Options.</param>
    public virtual Task TerminateAsync(string? reason = null, WorkflowTerminateOptions? options = null) =>
        Client.OutboundInterceptor.TerminateWorkflowAsync(new(Id, RunId, FirstExecutionRunId, reason, options));

    /// <summary>
    /// Ends the newest run, if it is open, and lets the workflow go on in a new one from a point of the history of this handle's run. Works on closed workflows and on older runs,
    /// and on those whose code can't go on. On return the new run is the newest one.
    /// </summary>
    /// <param name="options">The point, and what becomes of messages and children that came after it.</param>
    /// <returns>A handle that waits for the new run.</returns>
    /// <exception cref="Exceptions.RpcException">There is no such workflow, run or point.</exception>
    public virtual Task<WorkflowHandle> ResetAsync(WorkflowResetOptions options) =>
        Client.OutboundInterceptor.ResetWorkflowAsync(new(Id, RunId, FirstExecutionRunId, options));

    /// <summary>
    /// Starts a workflow of another id that goes on from a point of the history of this handle's run, which stays as it is. The new one is nobody's child.
    /// </summary>
    /// <param name="options">The point, the new id, and what becomes of messages and children that came after the point.</param>
    /// <returns>A handle to the new workflow.</returns>
    /// <exception cref="Exceptions.RpcException">There is no such workflow, run or point, or the new id is in use.</exception>
    public virtual Task<WorkflowHandle> ForkAsync(WorkflowForkOptions options) =>
        Client.OutboundInterceptor.ForkWorkflowAsync(new(Id, RunId, FirstExecutionRunId, options));

    /// <summary>
    /// Sets and removes search attributes of the open workflow from outside. On return the change is stored; the list shows it a moment later. Its code sees the new values
    /// when it looks.
    /// </summary>
    /// <param name="updates">The changes; at least one.</param>
    /// <param name="options">Options.</param>
    public virtual Task UpsertSearchAttributesAsync(IReadOnlyCollection<SearchAttributeUpdate> updates, WorkflowUpsertSearchAttributesOptions? options = null) =>
        Client.OutboundInterceptor.UpsertWorkflowSearchAttributesAsync(new(Id, RunId, updates, options));

    /// <summary>Lets the code of the workflow, which is blocked, try again now, as after a deployment that mends it.</summary>
    /// <param name="options">Options.</param>
    /// <returns>False when it was not blocked: nothing happened then.</returns>
    public virtual Task<bool> ResumeAsync(WorkflowResumeOptions? options = null) => Client.OutboundInterceptor.ResumeWorkflowAsync(new(Id, RunId, options));

    /// <summary>Reads the history.</summary>
    /// <param name="options">Options.</param>
    public virtual async Task<WorkflowHistory> FetchHistoryAsync(WorkflowHistoryEventFetchOptions? options = null)
    {
        var events = new List<WorkflowHistoryEvent>();
        await foreach (var e in FetchHistoryEventsAsync(options))
        {
            events.Add(e);
        }

        return new(Id, events);
    }

    /// <summary>Reads the history, event by event.</summary>
    /// <param name="options">Options.</param>
    public virtual IAsyncEnumerable<WorkflowHistoryEvent> FetchHistoryEventsAsync(WorkflowHistoryEventFetchOptions? options = null) => ReadAsync(options);

    /// <summary>Options of an update that runs to its end.</summary>
    private protected static WorkflowUpdateStartOptions ToCompletion(WorkflowUpdateOptions? options) => new(WorkflowUpdateStage.Completed)
    {
        Id = options?.Id,
        Rpc = options?.Rpc,
    };

    private async IAsyncEnumerable<WorkflowHistoryEvent> ReadAsync(
        WorkflowHistoryEventFetchOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (after, runId) = (0L, RunId);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = await Client.OutboundInterceptor.FetchWorkflowHistoryEventPageAsync(new(
                Id, runId, after, options?.WaitNewEvent ?? false, options?.EventFilterType ?? HistoryEventFilterType.AllEvent, options?.Rpc));
            foreach (var e in page.Events)
            {
                yield return e;
                after = e.EventId;
            }

            // The newest run may change between two pages: stay with the first one.
            runId ??= page.RunId;
            if (page.IsLast)
            {
                yield break;
            }
        }
    }
}
