using System.Diagnostics;
using System.Net;
using App.Tests.Running;
using Serverless.Storage.Azure;
using Serverless.Testbed.Azurite;
using Serverless.Testbed.Faults;

namespace App.Tests.Crash;

/// <summary>
/// Between the app and its storage stands a proxy that resets, cuts, delays, refuses and repeats requests, and loses answers to work that was done. Nothing is lost and nothing happens
/// twice, and once the network is well, everything ends.
/// </summary>
[TestClass]
public sealed class NetworkFaultTests
{
    private const double Rate = 0.1;
    private static readonly TimeSpan _underFaults = TimeSpan.FromSeconds(20);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    [DataRow(60, 0, DisplayName = "Transfers survive a bad network")]
    [DataRow(60, 5, DisplayName = "Transfers survive a bad network and kills")]
    public async Task Transfers_SurviveABadNetwork(int transfers, int kills)
    {
        var seed = Random.Shared.Next();
        var faults = new FaultDraw(seed, Rate);
        TestContext.WriteLine($"Seed {seed}");
        using var folder = new TempFolder();
        await using var azurite = await AzuriteProcess.StartAsync();
        await using var network = await FaultyAzurite.StartAsync(azurite.Address, faults);
        (string, string)[] environment =
            [("AzureWebJobsStorage", network.ConnectionString), ("Serverless__MaxPollInterval", "500ms"), ("Serverless__MessageLease", "3s"), ("Logging__LogLevel__Default", "Error")];
        var load = new TransferLoad(transfers, seed);
        await using var app = new RestartedApp(folder.Path, environment, seed);
        await app.StartAsync();

        var starting = load.StartAllAsync(() => app.Http, TestContext.CancellationToken);
        for (var kill = 1; kill <= kills; kill++)
        {
            await app.KillAndRestartAsync(TestContext.CancellationToken);
        }

        await starting;
        await UntilClosedAsync(app.Http, transfers);
        faults.IsOn = false;
        TestContext.WriteLine(faults.ToString());

        await TransferChecks.AssertDoneAsync(load, app.Process, folder.Path);
        await using var store = new AzureHubStore(AzureStorageOptions.ForConnectionString("default", azurite.ConnectionString));
        await TransferChecks.AssertPurgedAsync(load, app.Http, store);
        foreach (var kind in Enum.GetValues<HttpFault>())
        {
            Assert.IsGreaterThan(0, faults.Counts.GetValueOrDefault(kind), $"No {kind} happened. {faults}");
        }
    }

    /// <summary>Lets the faults go on as long as there is work, within bounds: that it ends although they never stop is not promised.</summary>
    private async Task UntilClosedAsync(HttpClient http, int count)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < _underFaults)
        {
            var (status, answer) = await http.ReadAsync("api/workflows/count?query=" + Uri.EscapeDataString("ExecutionStatus = 'Completed'"));
            if (status == HttpStatusCode.OK && answer["count"]!.GetValue<int>() == count)
            {
                return;
            }

            await Task.Delay(200, TestContext.CancellationToken);
        }
    }
}
