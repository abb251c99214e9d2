using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Names of the workflows whose code can't go on, so that they are counted without a scan: a row each, written after the commit that blocks a run and removed after the one that ends
/// that. A crash between leaves one too many or too few, which the doctor mends.
/// </summary>
internal sealed class BlockedList(IRowStore rows, StorageRetry retry)
{
    private const string Partition = "blocked";

    /// <summary>Repeating it is harmless.</summary>
    public Task AddAsync(string workflowId, CancellationToken cancellationToken) => CommitAsync(RowOperation.Upsert(WorkflowKey.Partition(workflowId), default), cancellationToken);

    /// <summary>One that is not there is no error.</summary>
    public Task RemoveAsync(string workflowId, CancellationToken cancellationToken) => CommitAsync(RowOperation.Delete(WorkflowKey.Partition(workflowId), null), cancellationToken);

    /// <summary>The workflow ids.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = new List<string>();
        await foreach (var row in retry.Rows(rows, new RowQuery(RowTable.Visibility, Partition, "", null), cancellationToken))
        {
            if (WorkflowKey.WorkflowId(row.Key) is { } workflowId)
            {
                found.Add(workflowId);
            }
        }

        return found;
    }

    // Both operations may repeat, so an unknown outcome is simply tried again.
    private Task<TransactionOutcome> CommitAsync(RowOperation operation, CancellationToken cancellationToken) =>
        retry.ReadAsync(() => rows.CommitAsync(RowTable.Visibility, Partition, [operation], cancellationToken), cancellationToken);
}
