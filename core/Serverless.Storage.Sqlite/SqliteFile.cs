using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Serverless.Storage.Sqlite;

/// <summary>
/// The file: one writing thread that puts all waiting changes into one transaction (one flush to disk for many commits), and readers of their own.
/// A change that finds its condition unmet has changed nothing and disturbs no other. A failed flush fails all changes of its group with an unknown outcome.
/// </summary>
internal sealed class SqliteFile : IDisposable
{
    private const int MaxGroup = 512;
    private const int MaxIdleReaders = 4;
    private const int CannotOpen = 14;
    private const int ReadOnly = 8;
    private const int Full = 13;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;
    private const int Busy = 5;
    private readonly string _path;
    private readonly string _connectionString;
    private readonly BlockingCollection<Change> _changes = new(new ConcurrentQueue<Change>());
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly Thread _writer;
    private readonly SqliteSession _session;

    public SqliteFile(string path)
    {
        _path = path;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();
        _session = Guard(Open);
        _writer = new Thread(WriteLoop) { IsBackground = true, Name = "sqlite-writer" };
        _writer.Start();
    }

    /// <summary>Runs a change in the next group and completes when it is on disk.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> change)
    {
        var item = new Change<T>(change);
        try
        {
            _changes.Add(item);
        }
        catch (InvalidOperationException e)
        {
            throw new StorageException($"The SQLite file '{_path}' is closed.", StorageOutcome.NotApplied, null, e);
        }

        return item.Task;
    }

    /// <summary>Reads what is committed.</summary>
    public T Read<T>(Func<SqliteSession, T> read) => Guard(() =>
    {
        if (!_readers.TryTake(out var session))
        {
            session = new SqliteSession(_connectionString);
        }

        try
        {
            return read(session);
        }
        finally
        {
            if (_readers.Count < MaxIdleReaders)
            {
                _readers.Add(session);
            }
            else
            {
                session.Dispose();
            }
        }
    });

    public void Dispose()
    {
        _changes.CompleteAdding();
        _writer.Join();
        _session.Dispose();
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }

        _changes.Dispose();
    }

    private SqliteSession Open()
    {
        if (Path.GetDirectoryName(Path.GetFullPath(_path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var session = new SqliteSession(_connectionString);
        session.Execute("PRAGMA journal_mode = WAL");
        session.Execute("PRAGMA synchronous = FULL");
        session.Execute("PRAGMA busy_timeout = 30000");
        var version = Convert.ToInt64(session.Scalar("PRAGMA user_version"), System.Globalization.CultureInfo.InvariantCulture);
        if (version > SqliteLayout.SchemaVersion)
        {
            session.Dispose();
            throw new StorageException(
                $"The SQLite file '{_path}' was written by a newer version (schema {version}, this is {SqliteLayout.SchemaVersion}). Update the app, or use another file.",
                StorageOutcome.NotApplied);
        }

        session.Execute(SqliteLayout.Create);
        session.Execute($"PRAGMA user_version = {SqliteLayout.SchemaVersion}");
        return session;
    }

    private void WriteLoop()
    {
        var group = new List<Change>();
        foreach (var first in _changes.GetConsumingEnumerable())
        {
            group.Clear();
            group.Add(first);
            while (group.Count < MaxGroup && _changes.TryTake(out var next))
            {
                group.Add(next);
            }

            WriteGroup(group);
        }
    }

    private void WriteGroup(List<Change> group)
    {
        try
        {
            Guard(() =>
            {
                _session.Execute("BEGIN IMMEDIATE");
                group.ForEach(change => change.Apply(_session));
                _session.Execute("COMMIT");
                return true;
            });
        }
        catch (StorageException e)
        {
            TryRollBack();
            group.ForEach(change => change.Fail(e));
            return;
        }

        group.ForEach(static change => change.Complete());
    }

    private void TryRollBack()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // The failure ended the transaction already.
        }
    }

    private T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (SqliteException e)
        {
            var cure = e.SqliteErrorCode switch
            {
                Full => "the disk is full: free some space",
                ReadOnly => "the file or its folder is read-only: make it writable",
                CannotOpen => "the file can't be opened: check that its folder exists and is writable",
                Corrupt or NotADatabase => "the file is damaged or not an SQLite file: restore a backup or move it away",
                Busy => "another process keeps the file locked: stop it, or use another file",
                _ => e.Message,
            };
            var known = e.SqliteErrorCode is Full or ReadOnly or CannotOpen or Corrupt or NotADatabase or Busy;
            throw new StorageException($"SQLite file '{_path}': {cure}.", known ? StorageOutcome.NotApplied : StorageOutcome.Unknown, null, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"SQLite file '{_path}': {e.Message}", StorageOutcome.NotApplied, null, e);
        }
    }

    private abstract class Change
    {
        public abstract void Apply(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception e);
    }

    private sealed class Change<T>(Func<SqliteSession, T> change) : Change
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;
        private Exception? _refused;

        public Task<T> Task => _done.Task;

        public override void Apply(SqliteSession session)
        {
            try
            {
                _result = change(session);
            }
            catch (StorageException e)
            {
                // A refusal of this change alone, found before anything was written.
                _refused = e;
            }
        }

        public override void Complete()
        {
            if (_refused is null)
            {
                _done.SetResult(_result);
            }
            else
            {
                _done.SetException(_refused);
            }
        }

        public override void Fail(Exception e) => _done.SetException(e);
    }
}
