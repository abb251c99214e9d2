using System.Runtime.CompilerServices;
using Serverless.Storage;

namespace Serverless.Visibility;

/// <summary>Reads of a list's partition.</summary>
internal static class RowRanges
{
    /// <summary>All rows from a key up to another, page by page.</summary>
    public static async IAsyncEnumerable<Row> RangeAsync(
        this IRowStore rows, string partition, string from, string? to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new RowQuery(RowTable.Visibility, partition, from, to);
        do
        {
            var page = await rows.QueryAsync(query, cancellationToken);
            foreach (var row in page.Rows)
            {
                yield return row;
            }

            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);
    }

    /// <summary>One row, or null.</summary>
    public static async Task<Row?> GetAsync(this IRowStore rows, string partition, string key, CancellationToken cancellationToken)
    {
        var query = new RowQuery(RowTable.Visibility, partition, key, key + KeyText.End, 1);
        do
        {
            var page = await rows.QueryAsync(query, cancellationToken);
            if (page.Rows.Count > 0)
            {
                return page.Rows[0];
            }

            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);
        return null;
    }
}
