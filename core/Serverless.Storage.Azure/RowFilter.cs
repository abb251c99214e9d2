namespace Serverless.Storage.Azure;

/// <summary>Filters in the table service's language.</summary>
internal static class RowFilter
{
    public static string Range(string partition, string fromKey, string? toKey)
    {
        var filter = $"PartitionKey eq {Quote(partition)}";
        if (fromKey.Length > 0)
        {
            filter += $" and RowKey ge {Quote(fromKey)}";
        }

        return toKey is null ? filter : filter + $" and RowKey lt {Quote(toKey)}";
    }

    public static string FromPartition(string partition) => $"PartitionKey ge {Quote(partition)}";

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
