using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.Storage.Azure;

/// <summary>Which storage account holds a hub, and how to enter it: by connection string, or by addresses and an identity.</summary>
internal sealed record AzureStorageOptions
{
    /// <summary>Name of the hub, 3 to 30 lower-case letters and digits. Default: "default".</summary>
    public string Hub { get; init; } = "default";

    /// <summary>Connection string of the account; <c>UseDevelopmentStorage=true</c> is Azurite on its usual ports. Null: an identity is used.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Address of the table service.</summary>
    public Uri? TableServiceUri { get; init; }

    /// <summary>Address of the queue service.</summary>
    public Uri? QueueServiceUri { get; init; }

    /// <summary>Address of the blob service.</summary>
    public Uri? BlobServiceUri { get; init; }

    /// <summary>True: managed identity only. False (default): whatever is found, a developer's sign-in included.</summary>
    public bool ManagedIdentity { get; init; }

    /// <summary>Client id of a user-assigned identity; null (default) for the system-assigned one.</summary>
    public string? ClientId { get; init; }

    /// <summary>How long one request may take before its outcome counts as unknown. Default 30 s, as long as the services work on one.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Counts every request that is sent; null (default) counts nothing.</summary>
    public RequestCounters? Counters { get; init; }

    /// <summary>Replaces the network, for tests. Null: HTTP.</summary>
    public HttpPipelineTransport? Transport { get; init; }

    /// <summary>Replaces the identity, for tests and hosts that have one of their own. Null: see <see cref="ManagedIdentity"/>.</summary>
    public TokenCredential? Credential { get; init; }

    public static AzureStorageOptions ForConnectionString(string hub, string connectionString) => new() { Hub = hub, ConnectionString = connectionString };

    /// <summary>An account of the public cloud by its name. In other clouds, set the three addresses.</summary>
    public static AzureStorageOptions ForAccount(string hub, string accountName) => new()
    {
        Hub = hub,
        TableServiceUri = new Uri($"https://{accountName}.table.core.windows.net"),
        QueueServiceUri = new Uri($"https://{accountName}.queue.core.windows.net"),
        BlobServiceUri = new Uri($"https://{accountName}.blob.core.windows.net"),
    };
}
