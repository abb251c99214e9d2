using Azure;
using Azure.Storage.Queues.Models;

namespace Serverless.Storage.Azure;

/// <summary>A hub in an Azure storage account, or in Azurite. Safe for concurrent use; any number of processes may share a hub.</summary>
internal sealed class AzureHubStore : IHubStore
{
    private static readonly RowTable[] _tables = Enum.GetValues<RowTable>();

    private readonly ServiceClients _clients;
    private readonly AzureLayout _layout;
    private readonly AzureQueueStore _queues;

    /// <exception cref="ArgumentException">The options name no account, or the hub's name is not possible.</exception>
    public AzureHubStore(AzureStorageOptions options)
    {
        _layout = new AzureLayout(options.Hub);
        _clients = ServiceClients.Create(options);
        _queues = new AzureQueueStore(_clients.Queues, _layout);
        Rows = new AzureRowStore(_clients.Tables, _layout);
        Blobs = new AzureBlobStore(_clients.Blobs.GetBlobContainerClient(_layout.Container));
        Description = $"Azure storage account {_clients.Tables.AccountName} ({_clients.Tables.Uri.Authority}), hub {_layout.Hub}";
    }

    public IRowStore Rows { get; }

    public IQueueStore Queues => _queues;

    public IBlobStore Blobs { get; }

    public string Description { get; }

    public async ValueTask InitializeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        List<Task> tasks = [CreateContainerAsync(cancellationToken)];
        tasks.AddRange(_tables.Select(table => CreateTableAsync(_layout.Table(table), cancellationToken)));
        tasks.AddRange(queues.Select(queue => _queues.CreateAsync(queue, cancellationToken).AsTask()));
        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    public async ValueTask DestroyAsync(CancellationToken cancellationToken)
    {
        List<Task> tasks = [DeleteContainerAsync(cancellationToken), DeleteQueuesAsync(cancellationToken)];
        tasks.AddRange(_tables.Select(table => DeleteTableAsync(_layout.Table(table), cancellationToken)));
        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task CreateTableAsync(string table, CancellationToken cancellationToken) => await StorageCall.WriteAsync(
        "CreateTable", table, () => _clients.Tables.CreateTableIfNotExistsAsync(table, cancellationToken), cancellationToken).ConfigureAwait(false);

    private async Task DeleteTableAsync(string table, CancellationToken cancellationToken) => await StorageCall.WriteAsync(
        "DeleteTable", table, () => _clients.Tables.DeleteTableAsync(table, cancellationToken), cancellationToken).ConfigureAwait(false);

    private async Task CreateContainerAsync(CancellationToken cancellationToken) => await StorageCall.WriteAsync(
        "CreateContainer",
        _layout.Container,
        () => _clients.Blobs.GetBlobContainerClient(_layout.Container).CreateIfNotExistsAsync(cancellationToken: cancellationToken),
        cancellationToken).ConfigureAwait(false);

    private async Task DeleteContainerAsync(CancellationToken cancellationToken) => await StorageCall.WriteAsync(
        "DeleteContainer",
        _layout.Container,
        () => _clients.Blobs.GetBlobContainerClient(_layout.Container).DeleteIfExistsAsync(cancellationToken: cancellationToken),
        cancellationToken).ConfigureAwait(false);

    private async Task DeleteQueuesAsync(CancellationToken cancellationToken)
    {
        var names = await StorageCall.ReadAsync("ListQueues", _layout.QueuePrefix, () => ListQueuesAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var name in names)
        {
            await StorageCall.WriteAsync(
                "DeleteQueue", name, () => _clients.Queues.GetQueueClient(name).DeleteIfExistsAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<List<string>> ListQueuesAsync(CancellationToken cancellationToken)
    {
        List<string> names = [];
        await foreach (var queue in _clients.Queues.GetQueuesAsync(QueueTraits.None, _layout.QueuePrefix, cancellationToken).ConfigureAwait(false))
        {
            names.Add(queue.Name);
        }

        return names;
    }
}
