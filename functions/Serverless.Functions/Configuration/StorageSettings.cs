using Microsoft.Extensions.Configuration;
using Serverless.Storage.Azure;

namespace Serverless.Functions.Configuration;

/// <summary>Which store the configuration selects.</summary>
internal abstract record StorageSettings
{
    /// <summary>No account is configured: one SQLite file.</summary>
    public sealed record Embedded(string Path) : StorageSettings;

    /// <summary>An account by connection string; also "UseDevelopmentStorage=true".</summary>
    public sealed record Account(string ConnectionString) : StorageSettings
    {
        /// <summary>Nothing that prints the settings shows the account's key.</summary>
        public override string ToString() => nameof(Account);
    }

    /// <summary>An account by its service addresses, entered with the identity of this process.</summary>
    /// <param name="Tables">Address of the table service.</param>
    /// <param name="Queues">Address of the queue service.</param>
    /// <param name="Blobs">Address of the blob service.</param>
    /// <param name="ManagedIdentity">True: managed identity only. False: whatever credential is found, a developer's sign-in included.</param>
    /// <param name="ClientId">Which user-assigned identity; null for the system-assigned one.</param>
    public sealed record Identity(Uri Tables, Uri Queues, Uri Blobs, bool ManagedIdentity, string? ClientId) : StorageSettings;

    /// <summary>Reads <c>AzureWebJobsStorage</c> with the meaning it has for the Functions host.</summary>
    /// <exception cref="ServerlessConfigurationException">The keys contradict each other or can't be read.</exception>
    public static StorageSettings Read(IConfiguration configuration, ServerlessWorkflowsOptions options)
    {
        var connectionString = configuration[SettingKeys.Storage];
        if (!string.IsNullOrWhiteSpace(connectionString))
        {
            return ReadAccount(connectionString.Trim());
        }

        var section = configuration.GetSection(SettingKeys.Storage);
        return section.GetChildren().Any()
            ? ReadIdentity(section)
            : new Embedded(Path.Combine(options.DataDirectory, $"{options.Hub}.db"));
    }

    private static Account ReadAccount(string connectionString)
    {
        try
        {
            _ = ServiceClients.Create(AzureStorageOptions.ForConnectionString("default", connectionString));
            return new Account(connectionString);
        }
        catch (ArgumentException e)
        {
            throw new ServerlessConfigurationException(SettingKeys.Storage, e.Message);
        }
    }

    private static Identity ReadIdentity(IConfigurationSection section)
    {
        string[] known = ["accountName", "tableServiceUri", "queueServiceUri", "blobServiceUri", "credential", "clientId"];
        foreach (var child in section.GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                throw new ServerlessConfigurationException(Key(child.Key), $"there is no such setting. Known are: {string.Join(", ", known.Select(Key))}.");
            }
        }

        var credential = section["credential"];
        if (credential is not null && !credential.Equals("managedidentity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ServerlessConfigurationException(Key("credential"), $"'{credential}' is not supported. Write 'managedidentity' or leave the key out.");
        }

        return new Identity(
            Address(section, "tableServiceUri", "table"),
            Address(section, "queueServiceUri", "queue"),
            Address(section, "blobServiceUri", "blob"),
            credential is not null,
            section["clientId"]);
    }

    private static Uri Address(IConfigurationSection section, string key, string service)
    {
        var text = section[key] ?? (section["accountName"] is { } account ? $"https://{account}.{service}.core.windows.net" : null)
            ?? throw new ServerlessConfigurationException(Key(key), $"the address of the {service} service is missing. Set it, or set {Key("accountName")}.");
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme is "https" or "http")
            ? address
            : throw new ServerlessConfigurationException(Key(key), $"'{text}' is not an address. Write it like https://myaccount.{service}.core.windows.net.");
    }

    private static string Key(string name) => $"{SettingKeys.Storage}__{name}";
}
