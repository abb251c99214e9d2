using Serverless.Exceptions;
using Serverless.Storage;

namespace Serverless.Client;

/// <summary>Runs calls of the services under the caller's time-out and token, and turns their errors into the public ones.</summary>
internal sealed class ClientCalls(TimeProvider time)
{
    public Task RunAsync(RpcOptions? rpc, Func<CancellationToken, Task> call) =>
        RunAsync(rpc, async token =>
        {
            await call(token);
            return true;
        });

    public async Task<T> RunAsync<T>(RpcOptions? rpc, Func<CancellationToken, Task<T>> call)
    {
        var asked = rpc?.CancellationToken ?? CancellationToken.None;
        using var timeout = rpc?.Timeout is { } limit ? new CancellationTokenSource(limit, time) : null;
        using var both = timeout is null ? null : CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, asked);
        try
        {
            return await call(both?.Token ?? asked);
        }
        catch (OperationCanceledException e) when (timeout?.IsCancellationRequested == true && !asked.IsCancellationRequested)
        {
            throw new RpcTimeoutOrCanceledException($"The call was given up after {rpc!.Timeout}. Whether it took effect is not known.", e);
        }
        catch (WorkflowServiceException e)
        {
            throw Public(e);
        }
        catch (StorageException e)
        {
            throw new RpcException(RpcException.StatusCode.Unavailable, e.Message, e);
        }
    }

    private static TemporalException Public(WorkflowServiceException e) => e.Code == WorkflowServiceError.QueryFailed
        ? new WorkflowQueryFailedException(e.Message)
        : new RpcException(
            e.Code switch
            {
                // A closed workflow takes no messages: to its sender it is gone.
                WorkflowServiceError.NotFound or WorkflowServiceError.Closed => RpcException.StatusCode.NotFound,
                WorkflowServiceError.AlreadyStarted => RpcException.StatusCode.AlreadyExists,
                WorkflowServiceError.StillOpen or WorkflowServiceError.CodeUnavailable => RpcException.StatusCode.FailedPrecondition,
                WorkflowServiceError.InvalidArgument or WorkflowServiceError.BadResetPoint => RpcException.StatusCode.InvalidArgument,
                WorkflowServiceError.LimitExceeded or WorkflowServiceError.TooManyUpdates or WorkflowServiceError.InboxFull => RpcException.StatusCode.ResourceExhausted,
                _ => RpcException.StatusCode.Internal,
            },
            e.Message,
            e);
}
