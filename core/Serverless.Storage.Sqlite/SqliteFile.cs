using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Serverless.Storage.Sqlite;

/// <summary>
/// The file: one writing thread that puts all waiting changes into one transaction (one flush to disk for many commits), and readers of their own.
/// A change that finds its condition unmet has changed nothing and disturbs no other; one that SQLite refuses is taken out of its group, and the others are made
/// without it. A failed flush fails all changes of its group. Other processes may use the same file: SQLite's lock is taken per group.
/// </summary>
internal sealed class SqliteFile : IDisposable
{
    /// <summary>Most changes in one transaction: bounds the wait of the first for the last.</summary>
    private const int MaxGroup = 512;
    private const int MaxIdleReaders = 4;

    /// <summary>How long a group waits for another process to release the file.</summary>
    private const int BusySeconds = 15;

    private readonly SqliteFailures _failures;
    private readonly string _connectionString;
    private readonly BlockingCollection<SqliteChange> _changes = new(new ConcurrentQueue<SqliteChange>());
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly Thread _writer;
    private readonly SqliteSession _session;
    private bool _closed;

    /// <exception cref="StorageException">The file can't be opened; the message says why and what to do.</exception>
    public SqliteFile(string path)
    {
        _failures = new SqliteFailures(path);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = BusySeconds }.ToString();
        try
        {
            _session = Open(path);
        }
        catch (Exception e) when (SqliteFailures.IsKnown(e))
        {
            throw _failures.Translate(e);
        }

        _writer = new Thread(WriteLoop) { IsBackground = true, Name = "sqlite-writer" };
        _writer.Start();
    }

    /// <summary>Groups written so far.</summary>
    public long Groups { get; private set; }

    /// <summary>Runs a change in the next group and completes when it is on disk.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var item = new SqliteChange<T>(change);
        try
        {
            _changes.Add(item, CancellationToken.None);
        }
        catch (InvalidOperationException e)
        {
            throw _failures.NotApplied("the store is closed", e);
        }

        return item.Task;
    }

    /// <summary>Reads what is committed, on the caller's thread.</summary>
    public T Read<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_closed)
        {
            throw _failures.NotApplied("the store is closed");
        }

        try
        {
            if (!_readers.TryTake(out var session))
            {
                session = new SqliteSession(_connectionString);
            }

            var result = read(session);
            Return(session);
            return result;
        }
        catch (Exception e) when (SqliteFailures.IsKnown(e))
        {
            var failure = _failures.Translate(e);
            throw new StorageException(failure.Message, StorageOutcome.NotApplied, null, e);
        }
    }

    public void Dispose()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _changes.CompleteAdding();
        _writer.Join();
        _session.Dispose();
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }

        _changes.Dispose();
    }

    private SqliteSession Open(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var session = new SqliteSession(_connectionString);
        try
        {
            session.Execute("PRAGMA journal_mode = WAL");
            session.Execute("PRAGMA synchronous = FULL");
            var version = Convert.ToInt64(session.Scalar("PRAGMA user_version"), CultureInfo.InvariantCulture);
            if (version > SqliteLayout.SchemaVersion)
            {
                throw _failures.NotApplied(
                    $"it was written by a newer version (schema {version}, this is {SqliteLayout.SchemaVersion}): update the app, or use another file");
            }

            session.Execute("BEGIN IMMEDIATE");
            session.Execute(SqliteLayout.CreateFile);
            session.Execute($"PRAGMA user_version = {SqliteLayout.SchemaVersion}");
            session.Execute("COMMIT");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private void Return(SqliteSession session)
    {
        if (!_closed && _readers.Count < MaxIdleReaders)
        {
            _readers.Add(session);
        }
        else
        {
            session.Dispose();
        }
    }

    private void WriteLoop()
    {
        var group = new List<SqliteChange>();
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

    // Whatever is thrown here has a caller to go to: an exception that left this method would end the process.
    private void WriteGroup(List<SqliteChange> group)
    {
        SqliteChange? applying = null;
        try
        {
            _session.BeginGroup();
            foreach (var change in group)
            {
                applying = change;
                change.Apply(_session);
            }

            applying = null;
            _session.CommitGroup();
        }
        catch (Exception e)
        {
            _session.RollBack();
            var failure = _failures.Translate(e);
            if (applying is not null && group.Count > 1)
            {
                WriteOneByOne(group);
                return;
            }

            foreach (var change in group)
            {
                change.Fail(failure);
            }

            return;
        }

        Groups++;
        foreach (var change in group)
        {
            change.Complete();
        }
    }

    private void WriteOneByOne(List<SqliteChange> group)
    {
        foreach (var change in group)
        {
            WriteGroup([change]);
        }
    }
}
