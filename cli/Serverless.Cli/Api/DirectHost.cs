using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions;
using Serverless.Functions.Configuration;
using Serverless.Functions.Hosting;
using Serverless.Storage;

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
        builder.Configuration.AddInMemoryCollection(Settings(storage, hub));
        builder.Services.AddRoutingCore();
        builder.WebHost.UseTestServer();
        try
        {
            builder.AddServerlessWorkflows(static options => options.MaxRequestBytes = 100 * 1024 * 1024);
            var app = builder.Build();
            app.MapServerlessWorkflows();
            if (!mayCreate)
            {
                await RequireHubAsync(app, storage, hub, cancellationToken);
            }

            await app.StartAsync(cancellationToken);
            return new DirectHost(app);
        }
        catch (StorageException e)
        {
            throw new CliException(ExitCode.Unreachable, $"The storage can't be reached: {e.Message}");
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

    private static Dictionary<string, string?> Settings(string storage, string hub)
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
            settings[SettingKeys.DataDirectory] = storage;
        }

        return settings;
    }

    /// <summary>A name that was misspelt must not become an empty hub.</summary>
    private static async Task RequireHubAsync(WebApplication app, string storage, string hub, CancellationToken cancellationToken)
    {
        if (await app.Services.GetRequiredService<StoreFactory>().HasHubAsync(cancellationToken))
        {
            return;
        }

        var others = Directory.Exists(storage) ? Directory.GetFiles(storage, "*.db").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal).ToList() : [];
        throw new CliException(ExitCode.NotFound, others.Count > 0
            ? $"There is no hub '{hub}' in the folder '{storage}'. It has: {string.Join(", ", others)}."
            : $"There is no hub '{hub}' in that storage. Is --storage the connection string of an application, or the folder of its embedded store, such as .data?");
    }
}
