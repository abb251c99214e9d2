using System.Collections.Concurrent;

namespace Serverless.Storage.Azure;

/// <summary>The services of a storage account.</summary>
internal enum StorageService
{
    Table,
    Queue,
    Blob,
}

/// <summary>How many requests were sent, by service and operation (named as in the REST API). Safe for concurrent use; may be shared by stores.</summary>
internal sealed class RequestCounters
{
    private readonly ConcurrentDictionary<(StorageService Service, string Operation), long> _counts = new();

    /// <summary>Requests of all services.</summary>
    public long Total => _counts.Values.Sum();

    public void Add(StorageService service, string operation) => _counts.AddOrUpdate((service, operation), 1, static (_, count) => count + 1);

    public long Count(StorageService service, string operation) => _counts.GetValueOrDefault((service, operation));

    /// <summary>The counts so far, ordered by service and operation.</summary>
    public IReadOnlyList<(StorageService Service, string Operation, long Count)> Snapshot() =>
    [
        .. _counts.Select(entry => (entry.Key.Service, entry.Key.Operation, entry.Value))
            .OrderBy(entry => entry.Service).ThenBy(entry => entry.Operation, StringComparer.Ordinal),
    ];

    public void Reset() => _counts.Clear();
}
