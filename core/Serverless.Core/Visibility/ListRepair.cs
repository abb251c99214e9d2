using System.Runtime.CompilerServices;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Storage;

namespace Serverless.Visibility;

/// <summary>A key of a list that belongs to no row there, or a row that can't be read.</summary>
internal sealed record StrayListKey(ListDivision Division, string Key);

/// <summary>Finds and mends what a list should not be. Every part may run while workflows run.</summary>
internal sealed class ListRepair(VisibilityIndex index)
{
    private const int KeysAtOnce = 16;
    private const int MaxRecounts = 5;

    /// <summary>The keys of a run that are missing, or hold something else than they should; empty when all is right. A row of a later moment than the summary's is right.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(WorkflowSummary summary, CancellationToken cancellationToken)
    {
        var partition = ListDivisions.Of(summary.WorkflowType).Partition();
        var rowKey = ListKeys.Row(ListKeys.Suffix(summary));
        var main = await index.Rows.GetAsync(partition, rowKey, cancellationToken);
        var stored = main is { } found ? new StoredRow(VisibilityRow.Decode(found.Data), found.Tag, []) : StoredRow.None;
        var step = ListStep.Of(new ListChange(ListChangeKind.Repair, summary), stored, index.SearchAttributes);
        var wrong = new List<string>();
        foreach (var part in (step?.Operations ?? []).Chunk(KeysAtOnce))
        {
            var rows = await Task.WhenAll(part.Select(o => index.Rows.GetAsync(partition, o.Key, cancellationToken)));
            wrong.AddRange(part.Zip(rows).Where(static p => p.Second is not { } row || !row.Data.Span.SequenceEqual(p.First.Data.Span)).Select(static p => p.First.Key));
        }

        return wrong;
    }

    /// <summary>Writes a run's row and keys again, unless what is stored is of a later moment.</summary>
    public Task RepairAsync(WorkflowSummary summary, CancellationToken cancellationToken) => index.RepairAsync(summary, cancellationToken);

    /// <summary>The runs in the list, for a look whether they exist, newest first. Removing one that does not is <see cref="VisibilityIndex.RemoveAsync"/>.</summary>
    public Task<(IReadOnlyList<(string Key, WorkflowSummary Summary)> Rows, string? NextKey)> RunsAsync(
        ListDivision division, string? afterKey, int limit, CancellationToken cancellationToken) => index.ReadAsync(division, afterKey, limit, cancellationToken);

    /// <summary>Keys that belong to no row, and rows that can't be read. Two scans of the list; a few bytes of memory for each key.</summary>
    public async IAsyncEnumerable<StrayListKey> StrayKeysAsync(ListDivision division, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var partition = division.Partition();
        var known = new HashSet<ulong>();
        await foreach (var row in index.Rows.RangeAsync(partition, ListKeys.RowPrefix, ListKeys.EndOf(ListKeys.RowPrefix), cancellationToken))
        {
            if (Decode(row.Data) is { } decoded && ListKeys.Row(ListKeys.Suffix(decoded.Summary)) == row.Key)
            {
                known.Add(Hash(row.Key));
                known.UnionWith(ListKeys.Of(decoded).Select(Hash));
            }
        }

        await foreach (var row in index.Rows.RangeAsync(partition, "", null, cancellationToken))
        {
            if (!ListCounters.IsCounter(row) && !known.Contains(Hash(row.Key)) && (await OwnerAsync(partition, row.Key, cancellationToken)).IsStray)
            {
                yield return new StrayListKey(division, row.Key);
            }
        }
    }

    /// <summary>Deletes a key that was found stray, unless it has come to belong to a row since. It is not counted: see <see cref="RecountAsync"/>.</summary>
    public async Task RemoveStrayAsync(StrayListKey stray, CancellationToken cancellationToken)
    {
        var partition = stray.Division.Partition();
        var (isStray, owner) = await OwnerAsync(partition, stray.Key, cancellationToken);
        if (isStray)
        {
            // Under the tag of the row that does not own it: a change of that row in between is a conflict.
            IReadOnlyList<RowOperation> condition = owner is { } row && row.Key != stray.Key ? [RowOperation.Replace(row.Key, row.Data, row.Tag)] : [];
            await index.Rows.CommitAsync(RowTable.Visibility, partition, [.. condition, RowOperation.Delete(stray.Key, null)], cancellationToken);
        }
    }

    /// <summary>
    /// Counts the rows and mends the counters. The counters that were wrong by then are answered, with what they are wrong by; null when the list changed so often that
    /// no count was one of a single moment.
    /// </summary>
    /// <param name="division">The list.</param>
    /// <param name="mends">False: only looks.</param>
    /// <param name="cancellationToken">Ends the counting.</param>
    public async Task<IReadOnlyList<ListCount>?> RecountAsync(ListDivision division, bool mends, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MaxRecounts; tries++)
        {
            var before = await CountersAsync(division, cancellationToken);
            var wrong = Negated(await ListCounters.TotalsAsync(index.Rows, division.Partition(), cancellationToken));
            await foreach (var row in index.Rows.RangeAsync(division.Partition(), ListKeys.RowPrefix, ListKeys.EndOf(ListKeys.RowPrefix), cancellationToken))
            {
                if (Decode(row.Data) is { } decoded)
                {
                    var key = (decoded.Summary.Status, decoded.Summary.WorkflowType);
                    wrong[key] = wrong.GetValueOrDefault(key) + 1;
                }
            }

            if ((await CountersAsync(division, cancellationToken)).SequenceEqual(before))
            {
                var changes = wrong.Where(static w => w.Value != 0).Select(static w => new ListCount(w.Key.Item1, w.Key.Item2, w.Value))
                    .OrderBy(static c => c.Status).ThenBy(static c => c.WorkflowType, StringComparer.Ordinal).ToList();
                if (mends)
                {
                    await CorrectAsync(division.Partition(), changes, cancellationToken);
                }

                return changes;
            }
        }

        return null;
    }

    private static Dictionary<(WorkflowExecutionStatus, string), long> Negated(IReadOnlyList<ListCount> counts) =>
        counts.ToDictionary(static c => (c.Status, c.WorkflowType), static c => -c.Count);

    private static ListRow? Decode(ReadOnlyMemory<byte> data)
    {
        try
        {
            return VisibilityRow.Decode(data);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>FNV-1a over the characters: two keys with the same hash would hide a stray one, and do no other harm.</summary>
    private static ulong Hash(string key)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in key)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return hash;
    }

    /// <summary>Changes counters by so much: whatever others add to them meanwhile stays.</summary>
    private async Task CorrectAsync(string partition, IReadOnlyList<ListCount> changes, CancellationToken cancellationToken)
    {
        foreach (var part in changes.Chunk(StorageLimits.MaxOperations))
        {
            bool committed;
            do
            {
                var counters = new ListCounters(index.Rows, partition, 0);
                await counters.LoadAsync(cancellationToken);
                committed = (await index.Rows.CommitAsync(RowTable.Visibility, partition, counters.Change(part), cancellationToken)).Committed;
            }
            while (!committed);
        }
    }

    private async Task<List<(string, string)>> CountersAsync(ListDivision division, CancellationToken cancellationToken)
    {
        var tags = new List<(string, string)>();
        await foreach (var row in index.Rows.RangeAsync(
            division.Partition(), ListKeys.CounterPrefix, ListKeys.EndOf(ListKeys.CounterPrefix), cancellationToken))
        {
            tags.Add((row.Key, row.Tag));
        }

        return tags;
    }

    private async Task<(bool IsStray, Row? Owner)> OwnerAsync(string partition, string key, CancellationToken cancellationToken)
    {
        var owner = await index.Rows.GetAsync(partition, ListKeys.Row(ListKeys.SuffixIn(key)), cancellationToken);
        return owner is { } row && Decode(row.Data) is { } decoded
            ? (key != ListKeys.Row(ListKeys.Suffix(decoded.Summary)) && !ListKeys.Of(decoded).Contains(key), owner)
            : (true, owner);
    }
}
