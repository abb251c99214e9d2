namespace Serverless.Client;

/// <summary>A batch, by its id.</summary>
public sealed class BatchHandle
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(30);
    private readonly IBatchService _batches;
    private readonly ClientCalls _calls;

    internal BatchHandle(string id, IBatchService batches, ClientCalls calls) => (Id, _batches, _calls) = (id, batches, calls);

    /// <summary>The batch id.</summary>
    public string Id { get; }

    /// <summary>The batch as it stands.</summary>
    /// <param name="rpcOptions">How long to wait for the answer.</param>
    /// <exception cref="Exceptions.RpcException">There is no such batch.</exception>
    public Task<BatchDescription> DescribeAsync(RpcOptions? rpcOptions = null) => _calls.RunAsync(rpcOptions, token => _batches.DescribeAsync(Id, token));

    /// <summary>Asks the batch to stop before its next operation. What it did stays done. A closed batch is left as it is.</summary>
    /// <param name="reason">Why; recorded. Null (default): none.</param>
    /// <param name="rpcOptions">How long the call may take.</param>
    /// <exception cref="Exceptions.RpcException">There is no such batch.</exception>
    public Task CancelAsync(string? reason = null, RpcOptions? rpcOptions = null) => _calls.RunAsync(rpcOptions, token => _batches.CancelAsync(Id, reason, token));

    /// <summary>Waits until the batch has ended, completed or canceled, and tells how it stands then.</summary>
    /// <param name="rpcOptions">How long to wait.</param>
    /// <exception cref="Exceptions.RpcException">There is no such batch.</exception>
    public Task<BatchDescription> GetResultAsync(RpcOptions? rpcOptions = null) => _calls.RunAsync(rpcOptions, async token =>
    {
        while (!await _batches.WaitAsync(Id, s_wait, token))
        {
            token.ThrowIfCancellationRequested();
        }

        return await _batches.DescribeAsync(Id, token);
    });
}
