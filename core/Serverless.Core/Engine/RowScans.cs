using System.Runtime.CompilerServices;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>Reads all pages of ranges and tables.</summary>
internal static class RowScans
{
    /// <summary>All rows of a table, by partition and key.</summary>
    public static async IAsyncEnumerable<(string Partition, Row Row)> Scan(this EngineServices services, RowTable table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var from = continuation;
            var page = await services.Retry.ReadAsync(() => services.Store.Rows.ScanAsync(table, null, from, cancellationToken), cancellationToken);
            foreach (var row in page.Rows)
            {
                yield return row;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    /// <summary>The rows of a range, in order.</summary>
    public static IAsyncEnumerable<Row> Rows(this EngineServices services, RowQuery query, CancellationToken cancellationToken) =>
        services.Retry.Rows(services.Store.Rows, query, cancellationToken);

    /// <summary>The rows of a range, in order; a page that storage refuses for the moment is asked for again.</summary>
    public static IAsyncEnumerable<Row> Rows(this StorageRetry retry, IRowStore rows, RowQuery query, CancellationToken cancellationToken) =>
        RowPages.RangeAsync(query, page => retry.ReadAsync(() => rows.QueryAsync(page, cancellationToken), cancellationToken));
}
