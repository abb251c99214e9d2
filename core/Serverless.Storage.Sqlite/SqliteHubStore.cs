namespace Serverless.Storage.Sqlite;

/// <summary>A hub in one SQLite file (WAL, every commit flushed): the embedded, single-node store.</summary>
internal sealed class SqliteHubStore : IHubStore
{
    private readonly SqliteFile _file;
    private readonly string _path;

    /// <param name="path">The file; created with its folder when missing.</param>
    /// <param name="time">For delays and leases.</param>
    /// <exception cref="StorageException">The file can't be opened; the message says why and what to do.</exception>
    public SqliteHubStore(string path, TimeProvider time)
    {
        _path = path;
        _file = new SqliteFile(path);
        Rows = new SqliteRows(_file);
        Queues = new SqliteQueues(_file, time);
        Blobs = new SqliteBlobs(_file);
    }

    public IRowStore Rows { get; }

    public IQueueStore Queues { get; }

    public IBlobStore Blobs { get; }

    /// <summary>Transactions of the file so far: many commits share one, and its flush to disk.</summary>
    public long Groups => _file.Groups;

    public string Description => $"SQLite {_path}";

    public async ValueTask InitializeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        await _file.WriteAsync(static session => session.Execute(SqliteLayout.CreateHub), cancellationToken);
        foreach (var queue in queues)
        {
            await Queues.CreateAsync(queue, cancellationToken);
        }
    }

    public async ValueTask DestroyAsync(CancellationToken cancellationToken) => await _file.WriteAsync(static session => session.Execute(SqliteLayout.DropHub), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
