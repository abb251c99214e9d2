using App.Tests.Running;
using Serverless.Storage;
using Serverless.Storage.Azure;
using Serverless.Storage.Sqlite;
using Serverless.Testbed.Azurite;

namespace App.Tests.Crash;

/// <summary>
/// A process that stands still for longer than its leases, and comes back when another has done its work: what it still wants to do has no effect, and what it took is not lost.
/// </summary>
[TestClass]
public sealed class PauseTests
{
    private const int Rounds = 3;
    private const int BeforeEach = 12;
    private const int DuringEach = 8;
    private const int MaxAttempts = 12;
    private static readonly TimeSpan _lease = TimeSpan.FromSeconds(2);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task ProcessThatStoodStill_ComesBackAndHarmsNothing_OnSqlite()
    {
        using var folder = new TempFolder();
        await using var store = new SqliteHubStore(Path.Combine(folder.Path, ".data", "default.db"), TimeProvider.System);
        await RunAsync(folder.Path, [], store);
    }

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task ProcessThatStoodStill_ComesBackAndHarmsNothing_OnAzurite()
    {
        using var folder = new TempFolder();
        await using var azurite = await AzuriteProcess.StartAsync();
        await using var store = new AzureHubStore(AzureStorageOptions.ForConnectionString("default", azurite.ConnectionString));
        await RunAsync(folder.Path, [("AzureWebJobsStorage", azurite.ConnectionString), ("Serverless__MaxPollInterval", "500ms")], store);
    }

    private async Task RunAsync(string folder, (string, string)[] environment, IHubStore store)
    {
        var seed = Random.Shared.Next();
        TestContext.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var load = new TransferLoad(Rounds * (BeforeEach + DuringEach) + MaxAttempts, seed);
        (string, string)[] settings = [.. environment, ("Serverless__MessageLease", $"{_lease.TotalSeconds}s"), ("Logging__LogLevel__Default", "Warning"), ("Logging__LogLevel__Serverless.Activity", "None")];
        await using var paused = await AppProcess.StartAsync(folder, null, settings);
        await using var other = await AppProcess.StartAsync(folder, null, settings);
        var started = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            await StartAsync(load, started, BeforeEach, i => i % 2 == 0 ? paused : other);
            started += BeforeEach;
            await Task.Delay(random.Next(0, 60), TestContext.CancellationToken);
            started = await PauseAsync(load, started, paused, other);

            // The other one goes on, and takes over what the first had when its leases are over. What that was committing at the very moment may wait for it.
            await StartAsync(load, started, DuringEach, _ => other);
            var unfinished = await load.UnfinishedAsync(other.Http, "60s", load.Ids.Skip(started).Take(DuringEach));
            Assert.IsEmpty(unfinished, $"{await load.DescribeAsync(other.Http, unfinished)}\n{other.Log}");
            started += DuringEach;
            await load.UnfinishedAsync(other.Http, "8s", load.Ids.Take(started));
            await paused.ContinueAsync();
        }

        await StartAsync(load, started, load.Ids.Count - started, i => i % 2 == 0 ? paused : other);
        await TransferChecks.AssertDoneAsync(load, paused, folder);
        await TransferChecks.AssertPurgedAsync(load, other.Http, store);
    }

    private Task StartAsync(TransferLoad load, int first, int count, Func<int, AppProcess> by) => Parallel.ForEachAsync(
        Enumerable.Range(first, count),
        new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = TestContext.CancellationToken },
        async (i, cancellation) => await load.StartAsync(i, () => by(i).Http, cancellation));

    /// <summary>
    /// Pauses the process at a moment at which it does not hold the lock of a SQLite file (the books are one in any case): nobody else could write then. That another can is seen by a
    /// transfer that goes from end to end. Returns the number of transfers that have been started then.
    /// </summary>
    private async Task<int> PauseAsync(TransferLoad load, int started, AppProcess paused, AppProcess other)
    {
        while (true)
        {
            Assert.IsLessThan(load.Ids.Count, started, "Each time that it was paused, it held a lock.");
            await paused.PauseAsync();
            var through = ThroughAsync(load, started++, other);
            if (await Task.WhenAny(through, Task.Delay(3 * _lease, TestContext.CancellationToken)) == through)
            {
                await through;
                return started;
            }

            await paused.ContinueAsync();
            await through;
        }
    }

    private async Task ThroughAsync(TransferLoad load, int index, AppProcess other)
    {
        await load.StartAsync(index, () => other.Http, TestContext.CancellationToken);
        Assert.IsEmpty(await load.UnfinishedAsync(other.Http, "60s", [load.Ids[index]]), other.Log);
    }
}
