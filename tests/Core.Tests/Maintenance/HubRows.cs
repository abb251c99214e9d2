using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;
using Serverless.Visibility;

namespace Serverless.Tests.Maintenance;

/// <summary>What is in a store.</summary>
internal static class HubRows
{
    /// <summary>Everything but the counters of lists, for messages of tests: table, partition and key of rows, names of blobs.</summary>
    public static async Task<IReadOnlyList<string>> AllAsync(IHubStore store)
    {
        var all = new List<string>();
        foreach (var table in Enum.GetValues<RowTable>())
        {
            await foreach (var (partition, row) in RowsAsync(store, table))
            {
                if (table != RowTable.Visibility || !row.Key.StartsWith(ListKeys.CounterPrefix, StringComparison.Ordinal))
                {
                    all.Add($"{table} {partition} {row.Key}");
                }
            }
        }

        all.AddRange((await BlobsAsync(store)).Select(static name => $"blob {name}"));
        return all;
    }

    public static async IAsyncEnumerable<(string Partition, Row Row)> RowsAsync(IHubStore store, RowTable table)
    {
        string? continuation = null;
        do
        {
            var page = await store.Rows.ScanAsync(table, null, continuation, default);
            foreach (var row in page.Rows)
            {
                yield return row;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    public static async Task<IReadOnlyList<string>> BlobsAsync(IHubStore store)
    {
        var names = new List<string>();
        string? continuation = null;
        do
        {
            var (page, next) = await store.Blobs.ListAsync("", continuation, default);
            names.AddRange(page);
            continuation = next;
        }
        while (continuation is not null);

        return names;
    }

    public static async Task<IReadOnlyList<T>> ListAsync<T>(IAsyncEnumerable<HubReport> reports)
        where T : HubReport
    {
        var found = new List<T>();
        await foreach (var report in reports)
        {
            if (report is T wanted)
            {
                found.Add(wanted);
            }
        }

        return found;
    }

    /// <summary>The partition of a workflow id.</summary>
    public static string Of(string workflowId) => WorkflowKey.Partition(workflowId);
}
