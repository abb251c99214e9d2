using System.Globalization;

namespace Serverless.Storage.Memory;

/// <summary>Tables in memory; see <see cref="MemoryHubStore"/>.</summary>
internal sealed class MemoryRows(HostilePages pages) : IRowStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<(RowTable, string), SortedDictionary<string, Row>> _partitions = new(PartitionOrder.Instance);
    private long _version;
    private bool _exists;

    public ValueTask<RowPage> QueryAsync(RowQuery query, CancellationToken cancellationToken)
    {
        StorageGuard.Query(query);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            RequireTables();
            var rows = new List<Row>();
            if (!_partitions.TryGetValue((query.Table, query.Partition), out var partition))
            {
                return new(new RowPage(rows, null));
            }

            var limit = pages.Next(query.Limit);
            foreach (var (key, row) in partition)
            {
                if (string.CompareOrdinal(key, query.FromKey) < 0 || (query.Continuation is { } from && string.CompareOrdinal(key, from) < 0))
                {
                    continue;
                }

                if (query.ToKey is { } to && string.CompareOrdinal(key, to) >= 0)
                {
                    break;
                }

                if (rows.Count >= limit)
                {
                    return new(new RowPage(rows, key));
                }

                rows.Add(row);
            }

            return new(new RowPage(rows, null));
        }
    }

    public ValueTask<TransactionOutcome> CommitAsync(
        RowTable table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken)
    {
        StorageGuard.Transaction(partition, operations);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            RequireTables();
            _partitions.TryGetValue((table, partition), out var rows);
            foreach (var operation in operations)
            {
                var existing = rows is not null && rows.TryGetValue(operation.Key, out var row) ? row : (Row?)null;
                if (!Holds(operation, existing))
                {
                    return new(TransactionOutcome.Conflict);
                }
            }

            if (rows is null)
            {
                _partitions[(table, partition)] = rows = new(StringComparer.Ordinal);
            }

            var tags = operations.Select(operation => Apply(rows, operation)).ToList();
            if (rows.Count == 0)
            {
                _partitions.Remove((table, partition));
            }

            return new(new TransactionOutcome(true, tags));
        }
    }

    public ValueTask<RowScanPage> ScanAsync(RowTable table, string? fromPartition, string? continuation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            RequireTables();
            var all = _partitions
                .Where(p => p.Key.Item1 == table && string.CompareOrdinal(p.Key.Item2, fromPartition ?? "") >= 0)
                .SelectMany(static p => p.Value.Values.Select(row => (Partition: p.Key.Item2, Row: row)))
                .SkipWhile(r => continuation is not null && string.CompareOrdinal($"{r.Partition}\n{r.Row.Key}", continuation) < 0)
                .ToList();
            var limit = pages.Next(StorageLimits.MaxPageRows);
            return new(new RowScanPage([.. all.Take(limit)], all.Count > limit ? $"{all[limit].Partition}\n{all[limit].Row.Key}" : null));
        }
    }

    public void Create()
    {
        lock (_lock)
        {
            _exists = true;
        }
    }

    public void Destroy()
    {
        lock (_lock)
        {
            _exists = false;
            _partitions.Clear();
        }
    }

    private void RequireTables()
    {
        if (!_exists)
        {
            throw MemoryHubStore.NotInitialized("tables");
        }
    }

    private static bool Holds(RowOperation operation, Row? existing) => operation.Kind switch
    {
        RowOperationKind.Insert => existing is null,
        RowOperationKind.Upsert => true,
        RowOperationKind.Touch => existing is not null,
        RowOperationKind.Replace => existing is { } row && row.Tag == operation.Tag,
        RowOperationKind.Delete => existing is { } row && (operation.Tag is null || row.Tag == operation.Tag),
        _ => throw new ArgumentException($"Unknown operation {operation.Kind}."),
    };

    private string? Apply(SortedDictionary<string, Row> rows, RowOperation operation)
    {
        if (operation.Kind == RowOperationKind.Delete)
        {
            rows.Remove(operation.Key);
            return null;
        }

        var version = ++_version;
        var data = operation.Kind == RowOperationKind.Touch ? rows[operation.Key].Data : operation.Data.ToArray();
        var tag = version.ToString(CultureInfo.InvariantCulture);
        rows[operation.Key] = new Row(operation.Key, data, tag, version);
        return tag;
    }

    private sealed class PartitionOrder : IComparer<(RowTable Table, string Partition)>
    {
        public static PartitionOrder Instance { get; } = new();

        public int Compare((RowTable Table, string Partition) x, (RowTable Table, string Partition) y) =>
            x.Table != y.Table ? x.Table.CompareTo(y.Table) : string.CompareOrdinal(x.Partition, y.Partition);
    }
}
