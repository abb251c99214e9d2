using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions;
using Serverless.Functions.Configuration;

namespace Serverless.Cli.Api;

/// <summary>
/// The HTTP API over a store, in this process and without a port: requests go from memory to memory. It has no workflows, so it takes no work: it asks, steers, and
/// leaves the running to the applications of the hub.
/// </summary>
internal sealed class DirectHost : IAsyncDisposable
{
    /// <summary>Before the name of a storage account that is entered with the caller's identity.</summary>
    public const string AccountPrefix = "account:";

    private readonly WebApplication _app;

    private DirectHost(WebApplication app) => _app = app;

    /// <exception cref="CliException">The store does not exist, or its name or the hub's can't be one.</exception>
    public static async Task<DirectHost> StartAsync(string storage, string hub, bool mayCreate, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(Settings(storage, hub, mayCreate));
        builder.Services.AddRoutingCore();
        builder.WebHost.UseTestServer();
        try
        {
            builder.AddServerlessWorkflows(static options => options.MaxRequestBytes = 100 * 1024 * 1024);
            var app = builder.Build();
            app.MapServerlessWorkflows();
            await app.StartAsync(cancellationToken);
            return new DirectHost(app);
        }
        catch (ServerlessConfigurationException e)
        {
            throw new CliException(ExitCode.Usage, e.Message);
        }
    }

    public HttpClient CreateClient() => _app.GetTestClient();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static Dictionary<string, string?> Settings(string storage, string hub, bool mayCreate)
    {
        var settings = new Dictionary<string, string?> { [SettingKeys.Hub] = hub };
        if (storage.StartsWith(AccountPrefix, StringComparison.Ordinal))
        {
            settings[$"{SettingKeys.Storage}:accountName"] = storage[AccountPrefix.Length..];
        }
        else if (storage.Contains('=', StringComparison.Ordinal) && !Directory.Exists(storage))
        {
            settings[SettingKeys.Storage] = storage;
        }
        else
        {
            RequireHub(storage, hub, mayCreate);
            settings[SettingKeys.DataDirectory] = storage;
        }

        return settings;
    }

    /// <summary>A folder that was misspelt must not become an empty store.</summary>
    private static void RequireHub(string folder, string hub, bool mayCreate)
    {
        if (mayCreate || File.Exists(Path.Combine(folder, $"{hub}.db")))
        {
            return;
        }

        var hubs = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.db").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal).ToList() : [];
        throw new CliException(ExitCode.NotFound, hubs.Count > 0
            ? $"The folder '{folder}' has no hub '{hub}'. It has: {string.Join(", ", hubs)}."
            : $"The folder '{folder}' has no hub. Name the folder of an application's embedded store, such as .data, or a connection string.");
    }
}
