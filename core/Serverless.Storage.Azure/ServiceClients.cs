using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Serverless.Storage.Azure;

/// <summary>
/// The three clients of one account. None of them repeats a request: a write that is sent again after a lost answer would
/// report a conflict with itself, and only the engine knows how to find out whose write it was.
/// </summary>
internal sealed record ServiceClients(TableServiceClient Tables, QueueServiceClient Queues, BlobServiceClient Blobs)
{
    /// <exception cref="ArgumentException">The options name no account, or contradict each other.</exception>
    public static ServiceClients Create(AzureStorageOptions options)
    {
        var tables = Configure(new TableClientOptions(), options, StorageService.Table);
        var queues = Configure(new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None }, options, StorageService.Queue);
        var blobs = Configure(new BlobClientOptions(), options, StorageService.Blob);
        if (options.ConnectionString is { } connectionString)
        {
            return FromConnectionString(connectionString, tables, queues, blobs);
        }

        var credential = options.Credential ?? CreateCredential(options);
        return new ServiceClients(
            new TableServiceClient(Required(options.TableServiceUri, "TableServiceUri"), credential, tables),
            new QueueServiceClient(Required(options.QueueServiceUri, "QueueServiceUri"), credential, queues),
            new BlobServiceClient(Required(options.BlobServiceUri, "BlobServiceUri"), credential, blobs));
    }

    private static ServiceClients FromConnectionString(
        string connectionString, TableClientOptions tables, QueueClientOptions queues, BlobClientOptions blobs)
    {
        try
        {
            return new ServiceClients(
                new TableServiceClient(connectionString, tables),
                new QueueServiceClient(connectionString, queues),
                new BlobServiceClient(connectionString, blobs));
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or ArgumentException)
        {
            // The parsers' messages may quote the text, and with it the key.
            throw new ArgumentException(
                "The storage connection string can't be read. Copy it again from the storage account, or use 'UseDevelopmentStorage=true' for Azurite.");
        }
    }

    private static TokenCredential CreateCredential(AzureStorageOptions options)
    {
        if (options.ManagedIdentity)
        {
            return new ManagedIdentityCredential(
                options.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned);
        }

        return new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = options.ClientId });
    }

    private static T Configure<T>(T client, AzureStorageOptions options, StorageService service)
        where T : ClientOptions
    {
        client.Retry.MaxRetries = 0;
        client.Retry.NetworkTimeout = options.RequestTimeout;
        client.Diagnostics.IsLoggingEnabled = false;
        client.Diagnostics.IsDistributedTracingEnabled = false;
        if (options.Transport is { } transport)
        {
            client.Transport = transport;
        }

        if (options.Counters is { } counters)
        {
            client.AddPolicy(new RequestCountingPolicy(service, counters), HttpPipelinePosition.PerRetry);
        }

        return client;
    }

    private static Uri Required(Uri? uri, string name) => uri
        ?? throw new ArgumentException($"No storage account is named: neither a connection string nor {name} is set. Set one of them.");
}
