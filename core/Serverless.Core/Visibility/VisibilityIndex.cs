using System.Globalization;
using Serverless.Client;
using Serverless.Storage;

namespace Serverless.Visibility;

/// <summary>
/// The list of workflows: one row per run, newest first, derived from commits. Rows are written in groups, off the path of any step; a row that a crash lost is
/// written again by the redelivered nudge or by the next commit of its run.
/// </summary>
internal sealed class VisibilityIndex(IRowStore rows, TimeProvider time)
{
    private const string Partition = "list";
    private static readonly TimeSpan GroupDelay = TimeSpan.FromMilliseconds(20);
    private readonly Lock _lock = new();
    private SortedDictionary<string, ReadOnlyMemory<byte>> _waiting = new(StringComparer.Ordinal);
    private Task? _flush;

    /// <summary>Writes a row with the next group; completes when it is stored.</summary>
    public Task ProjectAsync(WorkflowSummary summary)
    {
        lock (_lock)
        {
            _waiting[Key(summary)] = VisibilityRow.Encode(summary);
            return _flush ??= FlushSoonAsync();
        }
    }

    /// <summary>Removes a run's row.</summary>
    public async Task RemoveAsync(WorkflowSummary summary, CancellationToken cancellationToken) =>
        await rows.CommitAsync(RowTable.Visibility, Partition, [RowOperation.Delete(Key(summary), null)], cancellationToken);

    /// <summary>A page of rows, newest first, from after a key. A null next key ends the list.</summary>
    public async Task<(IReadOnlyList<(string Key, WorkflowSummary Summary)> Rows, string? NextKey)> ReadAsync(
        string? afterKey, int limit, CancellationToken cancellationToken)
    {
        var found = new List<(string, WorkflowSummary)>();
        var query = new RowQuery(RowTable.Visibility, Partition, afterKey is null ? "" : afterKey + "\0", null, limit);
        do
        {
            var page = await rows.QueryAsync(query, cancellationToken);
            foreach (var row in page.Rows)
            {
                found.Add((row.Key, VisibilityRow.Decode(row.Data)));
            }

            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null && found.Count < limit);

        return (found, query.Continuation is null ? null : found[^1].Item1);
    }

    private static string Key(WorkflowSummary summary) =>
        string.Create(CultureInfo.InvariantCulture, $"{long.MaxValue - summary.StartTime.UtcTicks:x16}-{summary.RunId}");

    private async Task FlushSoonAsync()
    {
        await Task.Delay(GroupDelay, time);
        SortedDictionary<string, ReadOnlyMemory<byte>> group;
        lock (_lock)
        {
            group = _waiting;
            _waiting = new(StringComparer.Ordinal);
            _flush = null;
        }

        foreach (var slice in group.Chunk(StorageLimits.MaxOperations))
        {
            await rows.CommitAsync(
                RowTable.Visibility, Partition, [.. slice.Select(static r => RowOperation.Upsert(r.Key, r.Value))], CancellationToken.None);
        }
    }
}
