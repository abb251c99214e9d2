using Microsoft.Data.Sqlite;

namespace Serverless.App.Accounts;

/// <summary>The books in one SQLite file, shared by all processes of a machine. Amounts are whole cents.</summary>
internal sealed class SqliteAccountStore : IAccountStore
{
    private readonly string _connection;

    public SqliteAccountStore(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        _connection = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        using var connection = Open();
        Execute(connection, null, "PRAGMA journal_mode = WAL");
        Execute(connection, null, "CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, cents INTEGER NOT NULL) WITHOUT ROWID");
        Execute(connection, null, "CREATE TABLE IF NOT EXISTS effects (key TEXT PRIMARY KEY, account TEXT NOT NULL, cents INTEGER NOT NULL, applied INTEGER NOT NULL) WITHOUT ROWID");
    }

    public decimal Apply(string account, decimal amount, string key)
    {
        var cents = (long)decimal.Round(amount * 100);
        using var connection = Open();
        using var transaction = connection.BeginTransaction(deferred: false);
        Execute(connection, transaction, "INSERT OR IGNORE INTO accounts VALUES ($p0, $p1)", account, (long)(IAccountStore.OpeningBalance * 100));
        var before = Balance(connection, transaction, account);
        if (Execute(connection, transaction, "INSERT OR IGNORE INTO effects VALUES ($p0, $p1, $p2, 1)", key, account, cents) == 0)
        {
            return before / 100m;
        }

        if (before + cents < 0)
        {
            throw new InsufficientFundsException(account, before / 100m, -amount);
        }

        Execute(connection, transaction, "UPDATE accounts SET cents = cents + $p1 WHERE name = $p0", account, cents);
        transaction.Commit();
        return (before + cents) / 100m;
    }

    public IReadOnlyDictionary<string, decimal> Balances()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name, cents FROM accounts";
        using var reader = command.ExecuteReader();
        var balances = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        while (reader.Read())
        {
            balances[reader.GetString(0)] = reader.GetInt64(1) / 100m;
        }

        return balances;
    }

    private static long Balance(SqliteConnection connection, SqliteTransaction transaction, string account)
    {
        using var command = Command(connection, transaction, "SELECT cents FROM accounts WHERE name = $p0", account);
        return (long)command.ExecuteScalar()!;
    }

    private static int Execute(SqliteConnection connection, SqliteTransaction? transaction, string sql, params object[] values)
    {
        using var command = Command(connection, transaction, sql, values);
        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, SqliteTransaction? transaction, string sql, params object[] values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Every text is a constant of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"$p{i}", values[i]);
        }

        return command;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        return connection;
    }
}
