using System.Diagnostics;
using App.Tests.Running;
using Serverless.Testbed.Azurite;

namespace App.Tests.Crash;

/// <summary>Processes on one storage account share the work.</summary>
[TestClass]
public sealed class SharingTests
{
    private const int Transfers = 100;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task TwoProcesses_ShareTheWork_AndOneFinishesItWhenTheOtherDies()
    {
        using var folder = new TempFolder();
        await using var azurite = await AzuriteProcess.StartAsync();
        (string, string)[] environment = [("AzureWebJobsStorage", azurite.ConnectionString), ("Serverless__MaxPollInterval", "500ms")];
        var load = new TransferLoad(Transfers, seed: 11);
        await using var first = await AppProcess.StartAsync(folder.Path, null, environment);
        await using var second = await AppProcess.StartAsync(folder.Path, null, environment);

        // Half of the work comes in on each side; the first dies in the middle of it.
        var starting = Parallel.ForEachAsync(
            Enumerable.Range(0, Transfers),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.CancellationToken },
            async (i, cancellation) => await load.StartAsync(i, () => i % 2 == 0 && !first.HasExited ? first.Http : second.Http, cancellation));
        await UntilClosedAsync(second.Http, 20);
        await first.KillAsync();
        var killed = Stopwatch.GetTimestamp();
        await starting;
        var unfinished = await load.UnfinishedAsync(second.Http, "60s");

        Assert.IsEmpty(unfinished, $"{await load.DescribeAsync(second.Http, unfinished)}\n{second.Log}");
        Assert.IsLessThan(TimeSpan.FromSeconds(60), Stopwatch.GetElapsedTime(killed));
        var workers = await WorkersAsync(second.Http, load.Ids);
        Assert.HasCount(2, workers, string.Join(", ", workers));
        var books = new AccountBooks(folder.Path);
        Assert.AreEqual(0, books.Drift());
        Assert.AreEqual(load.Effects, books.Effects());
    }

    private async Task UntilClosedAsync(HttpClient http, int count)
    {
        while (true)
        {
            var (_, answer) = await http.ReadAsync("api/workflows/count?query=" + Uri.EscapeDataString("ExecutionStatus = 'Completed'"));
            if (answer["count"]!.GetValue<int>() >= count)
            {
                return;
            }

            await Task.Delay(100, TestContext.CancellationToken);
        }
    }

    /// <summary>The processes that ran activities of the workflows.</summary>
    private static async Task<SortedSet<string>> WorkersAsync(HttpClient http, IEnumerable<string> ids)
    {
        SortedSet<string> workers = [];
        foreach (var id in ids)
        {
            var (_, history) = await http.ReadAsync($"api/workflows/{id}/history");
            workers.UnionWith(history["events"]!.AsArray()
                .Where(e => e!["type"]!.GetValue<string>() == "ActivityCompleted")
                .Select(e => e!["attributes"]!["identity"]!.GetValue<string>()));
        }

        return workers;
    }
}
