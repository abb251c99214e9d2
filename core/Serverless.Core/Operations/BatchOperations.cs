using Serverless.Client;
using Serverless.Converters;
using Serverless.History;

namespace Serverless.Operations;

/// <summary>The operations of batches. Each may be repeated: what the batch did to a target before counts as done and is not done again.</summary>
internal sealed class BatchOperations(SystemServices services)
{
    /// <exception cref="WorkflowServiceException">It can't be done to this target.</exception>
    public async Task ApplyAsync(BatchChunk chunk, BatchTarget target)
    {
        var run = new WorkflowRef(target.WorkflowId, target.RunId);
        var operation = chunk.Request.Operation;
        var requestId = chunk.RequestIdOf(target);
        switch (operation.Action)
        {
            case BatchAction.SignalName:
                var args = await services.ConverterOf(target.WorkflowId).PayloadCodec.EncodeAllAsync([.. operation.Args.Select(PayloadTexts.Read)]);
                await services.Service.SignalAsync(run, new WorkflowSignaled(operation.Signal!, args) { Identity = chunk.Identity() }, requestId, default);
                break;
            case BatchAction.CancelName:
                await services.Service.CancelAsync(run, chunk.Request.Reason, requestId, default);
                break;
            case BatchAction.TerminateName:
                await TerminateAsync(run, chunk);
                break;
            case BatchAction.DeleteName:
                await DeleteAsync(run);
                break;
            case BatchAction.UpsertName:
                var attributes = operation.SearchAttributes.ToDictionary(static a => a.Key, static a => a.Value is { } value ? PayloadTexts.Read(value) : null);
                var change = new WorkflowPropertiesModified(WorkflowStarted.Empty!, attributes) { Identity = chunk.Identity() };
                await services.Steering.ModifyAsync(run, change, requestId, default);
                break;
            case BatchAction.ResumeName:
                await services.Steering.ResumeAsync(run, default);
                break;
            case BatchAction.ResetName:
                await services.Resets.ResetAsync(run, operation.Reset!.ToRequest() with { Reason = chunk.Request.Reason, RequestId = requestId }, default);
                break;
            default:
                throw new WorkflowServiceException(
                    WorkflowServiceError.InvalidArgument, $"This process does not know the batch action '{operation.Action}': a newer release started the batch.");
        }
    }

    private async Task TerminateAsync(WorkflowRef run, BatchChunk chunk)
    {
        try
        {
            await services.Service.TerminateAsync(run, chunk.Request.Reason, [], chunk.Identity(), default);
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.Closed)
        {
            var closed = (await services.Reader.DescribeAsync(run, default)).State.Closed;
            if (closed is not WorkflowTerminated { Identity: var identity } || identity != chunk.Identity())
            {
                throw;
            }
        }
    }

    private async Task DeleteAsync(WorkflowRef run)
    {
        try
        {
            if (await ExistsAsync(run))
            {
                await services.Service.DeleteAsync(run.WorkflowId, default);
            }
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.NotFound)
        {
            // Deleted meanwhile, by others.
        }
    }

    /// <summary>False for a run that was deleted: by this batch, with another run of its id, or by others. The id may have been used anew since.</summary>
    private async Task<bool> ExistsAsync(WorkflowRef run)
    {
        try
        {
            await services.Reader.DescribeAsync(run, default);
            return true;
        }
        catch (WorkflowServiceException e) when (e.Code is WorkflowServiceError.NotFound or WorkflowServiceError.CodeUnavailable)
        {
            // Half of it is gone when a deletion was cut short: that is to be finished.
            return e.Code == WorkflowServiceError.CodeUnavailable;
        }
    }
}
