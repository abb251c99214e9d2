namespace Serverless.Storage.Sqlite;

/// <summary>A change that waits for its group, and its caller.</summary>
internal abstract class SqliteChange
{
    /// <summary>Makes the change in the open transaction. A change that fails before it was on disk may be made again.</summary>
    public abstract void Apply(SqliteSession session);

    /// <summary>Tells the caller the result: the change is on disk.</summary>
    public abstract void Complete();

    public abstract void Fail(StorageException failure);
}

/// <inheritdoc/>
internal sealed class SqliteChange<T>(Func<SqliteSession, T> change) : SqliteChange
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;
    private StorageException? _refused;

    public Task<T> Task => _done.Task;

    public override void Apply(SqliteSession session)
    {
        _refused = null;
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

    public override void Fail(StorageException failure) => _done.SetException(failure);
}
