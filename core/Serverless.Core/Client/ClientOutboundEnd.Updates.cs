using Serverless.Api.Enums.V1;
using Serverless.Client.Interceptors;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;

namespace Serverless.Client;

internal sealed partial class ClientOutboundEnd
{
    /// <summary>How often an update with a start begins anew when its workflow closes in between.</summary>
    private const int StartsPerUpdate = 5;

    /// <summary>For ever: an update that is asked for anew would be another one where a later run has begun meanwhile.</summary>
    private static readonly TimeSpan s_waitForUpdate = TimeSpan.FromDays(3650);

    public override async Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input)
    {
        CheckStage(input.Options.WaitForStage);
        var update = await UpdateAsync(input.Id, input.Options.Id, input.Update, input.Args, input.Headers);
        var workflow = new WorkflowRef(input.Id, input.RunId, input.FirstExecutionRunId);
        return await RunUpdateAsync<TResult>(workflow, update, input.Options.WaitForStage, input.Options.Rpc);
    }

    public override async Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateWithStartWorkflowAsync<TUpdateResult>(StartUpdateWithStartWorkflowInput input)
    {
        var options = input.Options;
        CheckStage(options.WaitForStage);
        var operation = options.StartWorkflowOperation
            ?? throw new ArgumentException("The update needs a start: set StartWorkflowOperation.");
        if (operation.Options.IdConflictPolicy == WorkflowIdConflictPolicy.Unspecified)
        {
            throw new ArgumentException("An update with a start needs an IdConflictPolicy in the options of its start, as in UseExisting.");
        }

        if (!operation.TryMarkUsed())
        {
            throw new ArgumentException("The start operation was used before. Make a new one for each call.");
        }

        try
        {
            return await StartAndUpdateAsync<TUpdateResult>(input, operation);
        }
        catch (Exception e)
        {
            operation.SetException(e);
            throw;
        }
    }

    public override async Task<TResult> GetUpdateResultAsync<TResult>(WorkflowUpdateHandle update, RpcOptions? rpcOptions)
    {
        if (update.KnownOutcome is null)
        {
            var updates = services.Updates ?? throw new NotSupportedException("This client can't look for updates that were started elsewhere.");
            var workflow = new WorkflowRef(update.WorkflowId, update.WorkflowRunId);
            update.KnownOutcome = await WaitForUpdateAsync(
                rpcOptions, token => updates.WaitForUpdateAsync(workflow, update.Id, s_wait, token));
        }

        return await RunResults.OfAsync<TResult>(update.KnownOutcome, Converter(update.WorkflowId));
    }

    private static void CheckStage(WorkflowUpdateStage stage)
    {
        if (stage is not (WorkflowUpdateStage.Accepted or WorkflowUpdateStage.Completed))
        {
            throw new ArgumentException($"WaitForStage is {stage}; it must be Accepted or Completed.");
        }
    }

    private async Task<WorkflowUpdateHandle<T>> StartAndUpdateAsync<T>(StartUpdateWithStartWorkflowInput input, WithStartWorkflowOperation operation)
    {
        var workflowId = operation.Options.Id ?? "";
        var start = new StartWorkflowInput(operation.Workflow, operation.Args, operation.Options, operation.Headers);
        for (var attempt = 1; ; attempt++)
        {
            var started = await StartAsync(start);
            var update = await UpdateAsync(workflowId, input.Options.Id, input.Update, input.Args, input.Headers);
            try
            {
                var workflow = new WorkflowRef(workflowId, FirstRunId: started.FirstRunId);
                var handle = await RunUpdateAsync<T>(workflow, update, input.Options.WaitForStage, input.Options.Rpc);
                operation.SetHandle(client, workflowId, started.RunId, started.FirstRunId);
                return handle;
            }
            catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound && !started.Started && attempt < StartsPerUpdate)
            {
                // The workflow that was joined has closed since: the update was not stored, so another start is the right answer.
            }
            catch (TemporalException)
            {
                operation.SetHandle(client, workflowId, started.RunId, started.FirstRunId);
                throw;
            }
        }
    }

    private async Task<WorkflowUpdateAccepted> UpdateAsync(
        string workflowId, string? updateId, string name, IReadOnlyCollection<object?> args, IDictionary<string, Payload>? headers)
    {
        var converter = Converter(workflowId);
        return new WorkflowUpdateAccepted(updateId ?? services.NewId(), name, await converter.EncodeAsync(args))
        {
            Headers = await StartRequests.HeadersAsync(headers, converter),
            Identity = client.Options.Identity,
        };
    }

    private async Task<WorkflowUpdateHandle<T>> RunUpdateAsync<T>(
        WorkflowRef workflow, WorkflowUpdateAccepted update, WorkflowUpdateStage stage, RpcOptions? rpc)
    {
        var untilCompleted = stage == WorkflowUpdateStage.Completed;
        var outcome = await WaitForUpdateAsync(
            rpc, token => services.Service.UpdateAsync(workflow, update, untilCompleted, s_waitForUpdate, token));
        return new(client, update.UpdateId, workflow.WorkflowId, outcome.RunId ?? workflow.RunId)
        {
            // A rejection is the outcome too: nothing will follow it.
            KnownOutcome = outcome.Completed || !outcome.Accepted ? outcome : null,
        };
    }

    private async Task<UpdateOutcome> WaitForUpdateAsync(RpcOptions? rpc, Func<CancellationToken, Task<UpdateOutcome?>> look)
    {
        try
        {
            return await _calls.RunAsync(rpc, async token =>
            {
                while (true)
                {
                    if (await look(token) is { } outcome)
                    {
                        return outcome;
                    }
                }
            });
        }
        catch (Exception e) when (e is OperationCanceledException or RpcTimeoutOrCanceledException)
        {
            throw new WorkflowUpdateRpcTimeoutOrCanceledException(e);
        }
    }
}
