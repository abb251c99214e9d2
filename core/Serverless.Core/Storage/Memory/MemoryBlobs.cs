namespace Serverless.Storage.Memory;

/// <summary>Blobs in memory; see <see cref="MemoryHubStore"/>.</summary>
internal sealed class MemoryBlobs(HostilePages pages) : IBlobStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);
    private bool _exists;

    public ValueTask PutAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        StorageGuard.Blob(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Existing().TryAdd(name, data.ToArray());
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken)
    {
        StorageGuard.Blob(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return new(Existing().TryGetValue(name, out var data) ? new ReadOnlyMemory<byte>(data) : (ReadOnlyMemory<byte>?)null);
        }
    }

    public ValueTask<(IReadOnlyList<string> Names, string? Continuation)> ListAsync(
        string prefix, string? continuation, CancellationToken cancellationToken)
    {
        StorageGuard.Prefix(prefix);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var from = continuation ?? prefix;
            var limit = pages.Next(StorageLimits.MaxPageRows);
            var names = Existing().Keys
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(name, from) >= 0)
                .Take(limit + 1)
                .ToList();
            return names.Count > limit ? new(([.. names.Take(limit)], names[limit])) : new((names, null));
        }
    }

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        StorageGuard.Blob(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Existing().Remove(name);
        }

        return ValueTask.CompletedTask;
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
            _blobs.Clear();
        }
    }

    private SortedDictionary<string, byte[]> Existing() => _exists ? _blobs : throw MemoryHubStore.NotInitialized("container");
}
