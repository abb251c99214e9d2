using Microsoft.Data.Sqlite;

namespace Serverless.Storage.Sqlite;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private long _version;
    private long _savedVersion;

    public SqliteSession(string connectionString)
    {
        _connection = new SqliteConnection(connectionString);
        try
        {
            _connection.Open();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Takes the file's write lock; reads the counter, which another process may have moved.</summary>
    public void BeginGroup()
    {
        Execute("BEGIN IMMEDIATE");
        _version = _savedVersion = (long)Scalar(SqliteLayout.GetVersion)!;
    }

    /// <summary>The next number of the counter that orders all writes of the file. Only between <see cref="BeginGroup"/> and <see cref="CommitGroup"/>.</summary>
    public long NextVersion() => ++_version;

    /// <summary>Flushes the group to disk.</summary>
    public void CommitGroup()
    {
        if (_version != _savedVersion)
        {
            Execute(SqliteLayout.SetVersion, ("$version", _version));
        }

        Execute("COMMIT");
    }

    public void RollBack()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // The failure ended the transaction already, or there was none.
        }
    }

    /// <summary>A statement, prepared once, with these values for its parameters: the same names in the same order each time.</summary>
    public SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in values)
            {
                command.Parameters.Add(new SqliteParameter(name, value ?? DBNull.Value));
            }

            _commands[sql] = command;
            return command;
        }

        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.Parameters[i];
            parameter.ResetSqliteType();
            parameter.Value = values[i].Value ?? DBNull.Value;
        }

        return command;
    }

    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> values) => Command(sql, values).ExecuteNonQuery();

    public object? Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> values) => Command(sql, values).ExecuteScalar();

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }
}
