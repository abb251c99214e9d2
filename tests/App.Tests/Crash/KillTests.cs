using App.Tests.Running;
using Serverless.Storage;
using Serverless.Storage.Azure;
using Serverless.Storage.Sqlite;
using Serverless.Testbed.Azurite;

namespace App.Tests.Crash;

/// <summary>A process that dies at any moment loses nothing and does nothing twice.</summary>
[TestClass]
public sealed class KillTests
{
    private const int Transfers = 200;
    private const int Kills = 12;
    private static readonly (string, string)[] _settings = [("Serverless__MessageLease", "5s")];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(300_000, CooperativeCancellation = true)]
    public async Task Transfers_SurviveKills_OnSqlite()
    {
        using var folder = new TempFolder();
        await RunAsync(folder.Path, _settings);
        await using var store = new SqliteHubStore(Path.Combine(folder.Path, ".data", "default.db"), TimeProvider.System);
        await AssertPurgedAsync(folder.Path, _settings, store);
    }

    [TestMethod]
    [Timeout(420_000, CooperativeCancellation = true)]
    public async Task Transfers_SurviveKills_OnAzurite()
    {
        using var folder = new TempFolder();
        await using var azurite = await AzuriteProcess.StartAsync();
        (string, string)[] environment = [.. _settings, ("AzureWebJobsStorage", azurite.ConnectionString), ("Serverless__MaxPollInterval", "500ms")];
        await RunAsync(folder.Path, environment);
        await using var store = new AzureHubStore(AzureStorageOptions.ForConnectionString("default", azurite.ConnectionString));
        await AssertPurgedAsync(folder.Path, environment, store);
    }

    private static TransferLoad Load() => new(Transfers, seed: 7);

    private async Task RunAsync(string folder, (string, string)[] environment)
    {
        var load = Load();
        await using var app = new RestartedApp(folder, environment, seed: 42);
        await app.StartAsync();
        var starting = load.StartAllAsync(() => app.Http, TestContext.CancellationToken);
        for (var kill = 1; kill <= Kills; kill++)
        {
            await app.KillAndRestartAsync(TestContext.CancellationToken);
        }

        await starting;
        await TransferChecks.AssertDoneAsync(load, app.Process, folder);
    }

    private static async Task AssertPurgedAsync(string folder, (string, string)[] environment, IHubStore store)
    {
        await using var app = await AppProcess.StartAsync(folder, null, environment);
        await TransferChecks.AssertPurgedAsync(Load(), app.Http, store);
    }
}
