using Serverless.Storage;

namespace Serverless.Visibility;

/// <summary>Reads of a list's partition.</summary>
internal static class RowRanges
{
    /// <summary>All rows from a key up to another, page by page.</summary>
    public static IAsyncEnumerable<Row> RangeAsync(this IRowStore rows, string partition, string from, string? to, CancellationToken cancellationToken) =>
        rows.RangeAsync(new RowQuery(RowTable.Visibility, partition, from, to), cancellationToken);

    /// <summary>One row, or null.</summary>
    public static Task<Row?> GetAsync(this IRowStore rows, string partition, string key, CancellationToken cancellationToken) =>
        rows.RangeAsync(new RowQuery(RowTable.Visibility, partition, key, key + KeyText.End, 1), cancellationToken).FirstAsync();
}
