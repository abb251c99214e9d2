namespace Serverless.Client;

public sealed partial class WorkflowClient
{
    private const int PageSize = 100;

    private IBatchService Batches => _services.Batches ?? throw new NotSupportedException("This client can't reach batches.");

    /// <inheritdoc/>
    public async Task<BatchHandle> StartBatchAsync(BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var action = options.Action ?? throw new ArgumentException("A batch needs an action.", nameof(options));
        var request = new BatchRequest
        {
            Id = options.Id ?? _services.NewId(),
            Query = options.Query ?? throw new ArgumentException("A batch needs a query.", nameof(options)),
            Operation = action.ToOperation(Options.DataConverter.PayloadConverter),
            Reason = options.Reason,
            OperationsPerSecond = options.OperationsPerSecond,
        };
        await _calls.RunAsync(options.Rpc, token => Batches.StartAsync(request, token));
        return GetBatchHandle(request.Id);
    }

    /// <inheritdoc/>
    public BatchHandle GetBatchHandle(string id) => new(id, Batches, _calls);

    /// <inheritdoc/>
    public async IAsyncEnumerable<BatchDescription> ListBatchesAsync(RpcOptions? rpcOptions = null)
    {
        string? next = null;
        do
        {
            var page = await _calls.RunAsync(rpcOptions, token => Batches.ListAsync(PageSize, next, token));
            foreach (var batch in page.Batches)
            {
                yield return batch;
            }

            next = page.NextPageToken;
        }
        while (next is not null);
    }
}
