using System.Globalization;

namespace Serverless.Storage.Memory;

/// <summary>Tables in memory; see <see cref="MemoryHubStore"/>.</summary>
internal sealed class MemoryRows(HostilePages pages) : IRowStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<(RowTable, string), Partition> _partitions = new(PartitionOrder.Instance);
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
            var from = query.Continuation is { } c && string.CompareOrdinal(c, query.FromKey) > 0 ? c : query.FromKey;
            foreach (var row in partition.From(from))
            {
                if (query.ToKey is { } to && string.CompareOrdinal(row.Key, to) >= 0)
                {
                    break;
                }

                if (rows.Count >= limit)
                {
                    return new(new RowPage(rows, row.Key));
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
                if (!Holds(operation, rows?.Find(operation.Key)))
                {
                    return new(TransactionOutcome.Conflict);
                }
            }

            if (rows is null)
            {
                _partitions[(table, partition)] = rows = new Partition();
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
                .SelectMany(static p => p.Value.From("").Select(row => (Partition: p.Key.Item2, Row: row)))
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

    private string? Apply(Partition rows, RowOperation operation)
    {
        if (operation.Kind == RowOperationKind.Delete)
        {
            rows.Remove(operation.Key);
            return null;
        }

        var version = ++_version;
        var data = operation.Kind == RowOperationKind.Touch ? rows.Find(operation.Key)!.Value.Data : operation.Data.ToArray();
        var tag = version.ToString(CultureInfo.InvariantCulture);
        rows.Put(new Row(operation.Key, data, tag, version));
        return tag;
    }

    /// <summary>Rows by key, and the keys in order.</summary>
    private sealed class Partition
    {
        private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);
        private readonly SortedSet<string> _keys = new(StringComparer.Ordinal);

        public int Count => _rows.Count;

        public Row? Find(string key) => _rows.TryGetValue(key, out var row) ? row : null;

        public void Put(Row row)
        {
            _rows[row.Key] = row;
            _keys.Add(row.Key);
        }

        public void Remove(string key)
        {
            _rows.Remove(key);
            _keys.Remove(key);
        }

        public IEnumerable<Row> From(string key) =>
            _keys.Max is { } last && string.CompareOrdinal(key, last) <= 0 ? _keys.GetViewBetween(key, last).Select(k => _rows[k]) : [];
    }

    private sealed class PartitionOrder : IComparer<(RowTable Table, string Partition)>
    {
        public static PartitionOrder Instance { get; } = new();

        public int Compare((RowTable Table, string Partition) x, (RowTable Table, string Partition) y) =>
            x.Table != y.Table ? x.Table.CompareTo(y.Table) : string.CompareOrdinal(x.Partition, y.Partition);
    }
}
