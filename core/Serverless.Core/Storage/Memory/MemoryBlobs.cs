namespace Serverless.Storage.Memory;

/// <summary>Blobs in memory; see <see cref="MemoryHubStore"/>.</summary>
internal sealed class MemoryBlobs : IBlobStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, ReadOnlyMemory<byte>> _blobs = new(StringComparer.Ordinal);

    public ValueTask PutAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _blobs.TryAdd(name, data.ToArray());
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(_blobs.TryGetValue(name, out var data) ? data : null);
        }
    }

    public ValueTask<(IReadOnlyList<string> Names, string? Continuation)> ListAsync(
        string prefix, string? continuation, CancellationToken cancellationToken)
    {
        StorageGuard.Prefix(prefix);
        lock (_lock)
        {
            // The first page of a list is always empty here: a continuation must be followed.
            return continuation is null
                ? new(([], "0"))
                : new(([.. _blobs.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal))], null));
        }
    }

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _blobs.Remove(name);
        }

        return ValueTask.CompletedTask;
    }

    public void Clear()
    {
        lock (_lock)
        {
            _blobs.Clear();
        }
    }
}
