namespace Serverless.Storage;

/// <summary>Ranges of rows, read page by page. A page is read when a row of it is asked for.</summary>
internal static class RowPages
{
    /// <summary>The rows of a range, in order.</summary>
    public static IAsyncEnumerable<Row> RangeAsync(this IRowStore rows, RowQuery query, CancellationToken cancellationToken) =>
        RangeAsync(query, page => rows.QueryAsync(page, cancellationToken).AsTask());

    /// <summary>The rows of a range, in order.</summary>
    /// <param name="query">The range, from its first page.</param>
    /// <param name="readAsync">Reads a page.</param>
    public static async IAsyncEnumerable<Row> RangeAsync(RowQuery query, Func<RowQuery, Task<RowPage>> readAsync)
    {
        do
        {
            var page = await readAsync(query);
            foreach (var row in page.Rows)
            {
                yield return row;
            }

            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);
    }

    /// <summary>The first of some rows, or null.</summary>
    public static async Task<Row?> FirstAsync(this IAsyncEnumerable<Row> rows)
    {
        await foreach (var row in rows)
        {
            return row;
        }

        return null;
    }
}
