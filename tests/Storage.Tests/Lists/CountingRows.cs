namespace Serverless.Storage.Tests.Lists;

/// <summary>Counts the requests that reach a store, and the rows that it answers with.</summary>
internal sealed class CountingRows(IRowStore inner) : IRowStore
{
    private int _requests;
    private int _rows;

    public async ValueTask<RowPage> QueryAsync(RowQuery query, CancellationToken cancellationToken)
    {
        var page = await inner.QueryAsync(query, cancellationToken);
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _rows, page.Rows.Count);
        return page;
    }

    public ValueTask<TransactionOutcome> CommitAsync(
        RowTable table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken) =>
        inner.CommitAsync(table, partition, operations, cancellationToken);

    public ValueTask<RowScanPage> ScanAsync(RowTable table, string? fromPartition, string? continuation, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A list is never answered by a scan of the table.");

    /// <summary>Requests and rows since the last call.</summary>
    public (int Requests, int Rows) Take() => (Interlocked.Exchange(ref _requests, 0), Interlocked.Exchange(ref _rows, 0));
}
