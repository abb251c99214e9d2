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

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(300_000, CooperativeCancellation = true)]
    public async Task Transfers_SurviveKills_OnSqlite()
    {
        using var folder = new TempFolder();
        await RunAsync(folder.Path, []);
        await using var store = new SqliteHubStore(Path.Combine(folder.Path, ".data", "default.db"), TimeProvider.System);
        await AssertPurgedAsync(folder.Path, [], store);
    }

    [TestMethod]
    [Timeout(420_000, CooperativeCancellation = true)]
    public async Task Transfers_SurviveKills_OnAzurite()
    {
        using var folder = new TempFolder();
        await using var azurite = await AzuriteProcess.StartAsync();
        (string, string)[] environment = [("AzureWebJobsStorage", azurite.ConnectionString), ("Serverless__MaxPollInterval", "500ms")];
        await RunAsync(folder.Path, environment);
        await using var store = new AzureHubStore(AzureStorageOptions.ForConnectionString("default", azurite.ConnectionString));
        await AssertPurgedAsync(folder.Path, environment, store);
    }

    private static TransferLoad Load() => new(Transfers, seed: 7);

    private async Task RunAsync(string folder, (string, string)[] environment)
    {
        var load = Load();
        var random = new Random(42);
        var port = AppProcess.FreePort();
        var app = await AppProcess.StartAsync(folder, port, environment);
        var current = app.Http;
        var starting = Task.Run(async () =>
        {
            for (var i = 0; i < Transfers; i++)
            {
                await load.StartAsync(i, () => Volatile.Read(ref current), TestContext.CancellationToken);
                await Task.Delay(5);
            }
        });
        for (var kill = 1; kill <= Kills; kill++)
        {
            await Task.Delay(random.Next(50, 700), TestContext.CancellationToken);
            await app.DisposeAsync();
            app = await AppProcess.StartAsync(folder, port, environment);
            Volatile.Write(ref current, app.Http);
        }

        await using (app)
        {
            await starting;
            var unfinished = await load.UnfinishedAsync(app.Http, "120s");
            Assert.IsEmpty(unfinished, $"{await load.DescribeAsync(app.Http, unfinished)}\n{app.Log}");
        }

        var books = new AccountBooks(folder);
        Assert.AreEqual(0, books.Drift());
        Assert.AreEqual(0, books.Unexplained());
        Assert.AreEqual(load.Effects, books.Effects());
    }

    private static async Task AssertPurgedAsync(string folder, (string, string)[] environment, IHubStore store)
    {
        var load = Load();
        await using var app = await AppProcess.StartAsync(folder, null, environment);
        await load.DeleteAsync(app.Http);
        var left = await HubContents.SettleAsync(store, load.Ids, TimeSpan.FromSeconds(100));
        Assert.IsEmpty(left, $"{left.Count} left: {string.Join("\n", left.Take(20))}");
    }
}
