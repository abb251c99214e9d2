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
    private SortedDictionary<string, WorkflowSummary> _waiting = new(StringComparer.Ordinal);
    private Task? _nextFlush;
    private Task _lastFlush = Task.CompletedTask;

    /// <summary>Writes a row with the next group; completes when it is stored. A closed run's row is final: an open one never replaces it.</summary>
    public Task ProjectAsync(WorkflowSummary summary)
    {
        lock (_lock)
        {
            _waiting[Key(summary)] = summary;
            return _nextFlush ??= FlushSoonAsync(_lastFlush);
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

    private async Task FlushSoonAsync(Task before)
    {
        await Task.Delay(GroupDelay, time);

        // One group at a time, so that a slow older one can't overtake a newer one.
        await before.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Current);
        SortedDictionary<string, WorkflowSummary> group;
        lock (_lock)
        {
            group = _waiting;
            _waiting = new(StringComparer.Ordinal);
            _lastFlush = _nextFlush ?? Task.CompletedTask;
            _nextFlush = null;
        }

        foreach (var slice in Slices(group.Select(static r => Operation(r.Key, r.Value))))
        {
            if (!(await CommitAsync(slice)).Committed)
            {
                foreach (var operation in slice)
                {
                    await WriteOneAsync(operation.Key, group[operation.Key]);
                }
            }
        }
    }

    /// <summary>As many as one transaction takes, by number and by size.</summary>
    private static IEnumerable<IReadOnlyList<RowOperation>> Slices(IEnumerable<RowOperation> operations)
    {
        var slice = new List<RowOperation>();
        var bytes = 0;
        foreach (var operation in operations)
        {
            var size = operation.Data.Length + operation.Key.Length;
            if (slice.Count == StorageLimits.MaxOperations || (slice.Count > 0 && bytes + size > StorageLimits.MaxTransactionBytes))
            {
                yield return slice;
                slice = [];
                bytes = 0;
            }

            slice.Add(operation);
            bytes += size;
        }

        if (slice.Count > 0)
        {
            yield return slice;
        }
    }

    private static RowOperation Operation(string key, WorkflowSummary summary) => summary.CloseTime is null
        ? RowOperation.Insert(key, VisibilityRow.EncodeToFit(summary))
        : RowOperation.Upsert(key, VisibilityRow.EncodeToFit(summary));

    private async Task WriteOneAsync(string key, WorkflowSummary summary)
    {
        while (!(await CommitAsync([Operation(key, summary)])).Committed)
        {
            var existing = (await rows.QueryAsync(new RowQuery(RowTable.Visibility, Partition, key, key + "\0"), CancellationToken.None)).Rows;
            if (existing.Count > 0)
            {
                var known = VisibilityRow.Decode(existing[0].Data);
                if (known.CloseTime is not null
                    || known.HistoryLength >= summary.HistoryLength
                    || (await CommitAsync([RowOperation.Replace(key, VisibilityRow.EncodeToFit(summary), existing[0].Tag)])).Committed)
                {
                    return;
                }
            }
        }
    }

    private ValueTask<TransactionOutcome> CommitAsync(IReadOnlyList<RowOperation> operations) =>
        rows.CommitAsync(RowTable.Visibility, Partition, operations, CancellationToken.None);
}
