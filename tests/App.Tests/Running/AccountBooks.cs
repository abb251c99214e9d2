using Microsoft.Data.Sqlite;

namespace App.Tests.Running;

/// <summary>The books of the sample bank, read from outside.</summary>
internal sealed class AccountBooks(string folder)
{
    private readonly string _connection = $"Data Source={Path.Combine(folder, ".data", "accounts.db")};Pooling=False";

    /// <summary>Cents over all accounts, less the opening balances.</summary>
    public long Drift() => Number("SELECT coalesce(sum(cents), 0) - 100000 * count(*) FROM accounts");

    /// <summary>Accounts whose balance is not their opening balance plus their effects.</summary>
    public long Unexplained() => Number(
        "SELECT count(*) FROM accounts a WHERE a.cents <> 100000 + coalesce((SELECT sum(e.cents) FROM effects e WHERE e.account = a.name), 0)");

    public long Effects() => Number("SELECT count(*) FROM effects");

    private long Number(string sql)
    {
        using var connection = new SqliteConnection(_connection);
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
