namespace Serverless.Client;

/// <summary>Does something to all workflows that a filter finds.</summary>
public interface IBatchClient
{
    /// <summary>Starts a batch. On return it is stored, and will be carried out whatever happens to this process.</summary>
    /// <param name="options">What it does, and to which workflows.</param>
    /// <exception cref="ArgumentException">The query or the action is missing.</exception>
    /// <exception cref="Visibility.FilterSyntaxException">The query can't be read.</exception>
    /// <exception cref="Exceptions.RpcException">An option is out of its range, or the id was used before.</exception>
    Task<BatchHandle> StartBatchAsync(BatchOptions options);

    /// <summary>A handle to a batch; nothing is looked up.</summary>
    /// <param name="id">Its id.</param>
    BatchHandle GetBatchHandle(string id);

    /// <summary>Lists batches, newest first, without their failures.</summary>
    /// <param name="rpcOptions">How long a page may take.</param>
    IAsyncEnumerable<BatchDescription> ListBatchesAsync(RpcOptions? rpcOptions = null);
}
