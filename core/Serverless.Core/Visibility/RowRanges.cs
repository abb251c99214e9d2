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
        await foreach (var row in rows.RangeAsync(partition, key, key + KeyText.End, cancellationToken))
        {
            return row;
        }

        return null;
    }
}
