using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Serverless.Storage.Sqlite;

/// <summary>Tables in the file. Text compares by bytes of its UTF-8, which for the ASCII keys in use is ordinal order.</summary>
internal sealed class SqliteRows(SqliteFile file) : IRowStore
{
    public ValueTask<RowPage> QueryAsync(RowQuery query, CancellationToken cancellationToken)
    {
        StorageGuard.Query(query);
        return new(file.Read(session =>
        {
            var from = query.Continuation is { } c && string.CompareOrdinal(c, query.FromKey) > 0 ? c : query.FromKey;
            using var reader = session.Command(
                SqliteLayout.SelectRange,
                ("$tbl", (int)query.Table), ("$part", query.Partition), ("$from", from), ("$to", query.ToKey), ("$limit", query.Limit + 1)).ExecuteReader();
            var rows = new List<Row>();
            while (reader.Read())
            {
                if (rows.Count == query.Limit)
                {
                    return new RowPage(rows, reader.GetString(0));
                }

                rows.Add(Read(reader, 0));
            }

            return new RowPage(rows, null);
        }, cancellationToken));
    }

    public async ValueTask<TransactionOutcome> CommitAsync(
        RowTable table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken)
    {
        StorageGuard.Transaction(partition, operations);
        return await file.WriteAsync(session => Commit(session, (int)table, partition, operations), cancellationToken);
    }

    public ValueTask<RowScanPage> ScanAsync(RowTable table, string? fromPartition, string? continuation, CancellationToken cancellationToken) =>
        new(file.Read(session =>
        {
            var split = continuation?.Split('\n');
            using var reader = session.Command(
                SqliteLayout.SelectAll,
                ("$tbl", (int)table), ("$part", split?[0] ?? fromPartition ?? ""), ("$key", split?[1] ?? ""), ("$limit", StorageLimits.MaxPageRows + 1)).ExecuteReader();
            var rows = new List<(string, Row)>();
            while (reader.Read())
            {
                if (rows.Count == StorageLimits.MaxPageRows)
                {
                    return new RowScanPage(rows, $"{reader.GetString(0)}\n{reader.GetString(1)}");
                }

                rows.Add((reader.GetString(0), Read(reader, 1)));
            }

            return new RowScanPage(rows, null);
        }, cancellationToken));

    private static Row Read(SqliteDataReader reader, int offset)
    {
        var version = reader.GetInt64(offset + 2);
        return new Row(reader.GetString(offset), (byte[])reader.GetValue(offset + 1), version.ToString(CultureInfo.InvariantCulture), version);
    }

    // All conditions are checked before anything is written: a conflict leaves no trace in the group's transaction.
    private static TransactionOutcome Commit(SqliteSession session, int table, string partition, IReadOnlyList<RowOperation> operations)
    {
        foreach (var operation in operations)
        {
            if (operation.Kind != RowOperationKind.Upsert && !Holds(session, table, partition, operation))
            {
                return TransactionOutcome.Conflict;
            }
        }

        var version = session.NextVersion();
        var tag = version.ToString(CultureInfo.InvariantCulture);
        var tags = new string?[operations.Count];
        for (var i = 0; i < tags.Length; i++)
        {
            var operation = operations[i];
            switch (operation.Kind)
            {
                case RowOperationKind.Delete:
                    session.Execute(SqliteLayout.DeleteRow, ("$tbl", table), ("$part", partition), ("$key", operation.Key));
                    continue;
                case RowOperationKind.Touch:
                    session.Execute(SqliteLayout.TouchRow, ("$version", version), ("$tbl", table), ("$part", partition), ("$key", operation.Key));
                    break;
                default:
                    session.Execute(
                        SqliteLayout.WriteRow,
                        ("$tbl", table), ("$part", partition), ("$key", operation.Key), ("$data", operation.Data.ToArray()), ("$version", version));
                    break;
            }

            tags[i] = tag;
        }

        return new TransactionOutcome(true, tags);
    }

    private static bool Holds(SqliteSession session, int table, string partition, RowOperation operation)
    {
        var version = session.Scalar(SqliteLayout.SelectVersion, ("$tbl", table), ("$part", partition), ("$key", operation.Key)) as long?;
        return operation.Kind == RowOperationKind.Insert
            ? version is null
            : version is { } existing && (operation.Tag is null || operation.Tag == existing.ToString(CultureInfo.InvariantCulture));
    }
}
