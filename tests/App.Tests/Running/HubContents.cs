using Serverless.Storage;

namespace App.Tests.Running;

/// <summary>What is left in a hub's storage.</summary>
internal static class HubContents
{
    private static readonly string[] _queues = ["workflows", "activities", "timers", "workflows-poison", "activities-poison", "timers-poison"];

    /// <summary>
    /// One line per row, queue with messages, and blob. Counters of the list stay: those of one slot may be outweighed by another's. So do, for some minutes, the heads of ids that were removed soon
    /// after their end, each with a message.
    /// </summary>
    public static async Task<List<string>> ReadAsync(IHubStore store, IEnumerable<string> workflowIds)
    {
        List<string> found = [];
        var waits = false;
        foreach (var table in Enum.GetValues<RowTable>())
        {
            string? continuation = null;
            do
            {
                var page = await store.Rows.ScanAsync(table, null, continuation, CancellationToken.None);
                waits |= page.Rows.Any(static row => IsGone(row.Row));
                found.AddRange(page.Rows.Where(row => !IsGone(row.Row) && (table != RowTable.Visibility || !row.Row.Key.StartsWith("n:", StringComparison.Ordinal))).Select(row => $"{table} {row.Partition} {row.Row.Key}"));
                continuation = page.Continuation;
            }
            while (continuation is not null);
        }

        foreach (var queue in _queues)
        {
            if (!(waits && queue == "timers") && await store.Queues.CountAsync(queue, CancellationToken.None) is > 0 and var count)
            {
                found.Add($"queue {queue}: {count} messages");
            }
        }

        foreach (var id in workflowIds)
        {
            var (names, _) = await store.Blobs.ListAsync($"{Serverless.Engine.WorkflowKey.Partition(id)}/", null, CancellationToken.None);
            found.AddRange(names.Select(name => $"blob {name}"));
        }

        return found;
    }

    private static bool IsGone(Row row) => row.Key == Serverless.Engine.JournalKeys.Head && Serverless.Engine.WorkflowHead.TryDecode(row.Data) is { IsGone: true };

    /// <summary>The same once nothing changes any more, or the time is over: messages about what is gone leave one by one.</summary>
    public static async Task<List<string>> SettleAsync(IHubStore store, IReadOnlyList<string> workflowIds, TimeSpan limit)
    {
        var end = DateTimeOffset.UtcNow + limit;
        while (true)
        {
            var found = await ReadAsync(store, workflowIds);
            if (found.Count == 0 || DateTimeOffset.UtcNow > end)
            {
                return found;
            }

            await Task.Delay(500);
        }
    }
}
