using Serverless.Engine;
using Serverless.Functions.Configuration;
using Serverless.Storage;
using Serverless.Storage.Azure;
using Serverless.Storage.Sqlite;

namespace Serverless.Functions.Hosting;

/// <summary>Opens the store that the configuration selects.</summary>
internal sealed class StoreFactory(StorageSettings settings, ServerlessWorkflowsOptions options, TimeProvider time)
{
    private static readonly TimeSpan _embeddedPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _accountPause = TimeSpan.FromSeconds(10);

    /// <summary>Longest pause between looks at an idle queue: looking costs money on an account, and nothing in a file.</summary>
    public TimeSpan MaxPollPause => options.MaxPollInterval ?? (settings is StorageSettings.Embedded ? _embeddedPause : _accountPause);

    /// <summary>Whether the hub is there. Creates nothing.</summary>
    /// <exception cref="StorageException">The store can't be reached now.</exception>
    public async Task<bool> HasHubAsync(CancellationToken cancellationToken)
    {
        if (settings is StorageSettings.Embedded embedded)
        {
            return File.Exists(embedded.Path);
        }

        await using var store = Open();
        return await store.Queues.CountAsync(QueueNames.Workflows, cancellationToken) is not null;
    }

    /// <exception cref="StorageException">The store can't be opened now.</exception>
    /// <exception cref="ServerlessConfigurationException">The file can't be used before somebody does something about it.</exception>
    public IHubStore Open()
    {
        switch (settings)
        {
            case StorageSettings.Account account:
                return new AzureHubStore(AzureStorageOptions.ForConnectionString(options.Hub, account.ConnectionString));
            case StorageSettings.Identity identity:
                return new AzureHubStore(new AzureStorageOptions
                {
                    Hub = options.Hub,
                    TableServiceUri = identity.Tables,
                    QueueServiceUri = identity.Queues,
                    BlobServiceUri = identity.Blobs,
                    ManagedIdentity = identity.ManagedIdentity,
                    ClientId = identity.ClientId,
                });
            default:
                return OpenFile(((StorageSettings.Embedded)settings).Path);
        }
    }

    private SqliteHubStore OpenFile(string path)
    {
        try
        {
            return new SqliteHubStore(path, time);
        }
        catch (StorageException e) when (SqliteFailures.IsLasting(e))
        {
            throw new ServerlessConfigurationException(SettingKeys.DataDirectory, e.Message);
        }
    }
}
