using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using App.Tests.Running;

namespace App.Tests.Neighbours;

/// <summary>
/// Bad code harms its own workflow only (I7): beside it, the rest of the hub keeps its throughput; whoever looks sees which workflow it is; and it can be ended. Throughput is
/// compared within one run of one process, with and without the culprit.
/// </summary>
[TestClass]
public sealed class NeighbourTests
{
    private const int Batch = 150;

    /// <summary>What a batch of neighbours may take beside a culprit, in times of what it takes without.</summary>
    private const double MaxSlowdown = 3;

    private int _started;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task Culprits_HarmThemselvesOnly_AreSeen_AndCanBeEnded()
    {
        using var folder = new TempFolder();
        (string, string)[] environment = [("Logging__LogLevel__Default", "Warning"), ("Logging__LogLevel__Serverless.Engine", "Error")];
        await using (var before = await AppProcess.StartAsync(TestBuilds.FloodApp, folder.Path, null, environment))
        {
            // Their first timer is recorded; all else is done by a process with other code.
            await StartAsync(before, "Diverge");
        }

        await using var app = await AppProcess.StartAsync(TestBuilds.FloodApp, folder.Path, null, [.. environment, ("CULPRIT_VERSION", "2")]);
        await RunBatchAsync(app);
        var alone = await RunBatchAsync(app);
        List<string> wrong = [];
        foreach (var (harm, cause) in new[] { ("Diverge", "Nondeterminism"), ("Flood", null), ("Loop", "Deadlock") })
        {
            if (harm != "Diverge")
            {
                await StartAsync(app, harm);
            }

            await GoAsync(app, harm);
            var beside = await RunBatchAsync(app);
            var again = await RunBatchAsync(app);
            TestContext.WriteLine($"{harm}: {alone.TotalMilliseconds:0} ms without, {beside.TotalMilliseconds:0} and {again.TotalMilliseconds:0} ms with");
            if (beside + again > 2 * MaxSlowdown * alone)
            {
                wrong.Add($"{harm}: {beside} and {again}, {alone} without");
            }

            await (cause is null ? AssertBusyAsync(app, harm) : AssertSeenAsync(app, harm, cause));
            await TerminateAsync(app, harm);
        }

        Assert.IsEmpty(wrong, $"{string.Join("\n", wrong)}\n{app.Log}");
        Assert.IsFalse(app.HasExited, app.Log);
    }

    /// <summary>
    /// It is given up, and ends as soon as .NET has no memory left for it. Whoever else needs some at that moment may be refused; if that is .NET itself, the process ends, and the next one
    /// goes on without the culprit.
    /// </summary>
    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task CulpritThatFillsTheMemory_HarmsNoOther_IsSeen_AndCanBeEnded()
    {
        const string Harm = "Allocate";
        using var folder = new TempFolder();
        (string, string)[] environment =
        [
            ("DOTNET_GCHeapHardLimit", "0x20000000"), ("Serverless__MessageLease", "2s"), ("Logging__LogLevel__Default", "Error"),
        ];
        var deaths = 0;
        var app = await AppProcess.StartAsync(TestBuilds.FloodApp, folder.Path, null, environment);
        var log = "";
        await StartAsync(app, Harm);
        await GoAsync(app, Harm);
        for (var batches = 0; batches < 2;)
        {
            try
            {
                await RunBatchAsync(app);
                batches++;
            }
            catch (HttpRequestException)
            {
                await app.ExitAsync();
                log += app.Log;
                Assert.IsLessThan(12, ++deaths, log);
                await app.DisposeAsync();
                app = await RestartAsync(folder.Path, environment);
            }
        }

        await using (app)
        {
            await AssertSeenAsync(app, Harm, "MemoryExhausted UnhandledException ProcessDied", log);
            await TerminateAsync(app, Harm);
            await RunBatchAsync(app);
            Assert.IsFalse(app.HasExited, app.Log);
        }

        TestContext.WriteLine($"{deaths} processes died.");
    }

    /// <summary>Every process that takes it up dies, until it is put off: then they live.</summary>
    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task CulpritThatEndsItsProcess_IsPutOff_IsSeen_AndCanBeEnded()
    {
        const string Harm = "Overflow";
        using var folder = new TempFolder();
        (string, string)[] environment = [("Serverless__MessageLease", "2s"), ("Logging__LogLevel__Default", "Error")];
        var deaths = 0;
        var app = await AppProcess.StartAsync(TestBuilds.FloodApp, folder.Path, null, environment);
        await StartAsync(app, Harm);
        try
        {
            await GoAsync(app, Harm);
        }
        catch (HttpRequestException)
        {
            // It did so before it had answered.
        }

        await app.ExitAsync();
        while (app.HasExited)
        {
            Assert.IsLessThan(12, ++deaths, app.Log);
            await app.DisposeAsync();
            app = await RestartAsync(folder.Path, environment);
            await LivesOrIsSeenAsync(app, Harm);
        }

        await using (app)
        {
            await RunBatchAsync(app);
            await AssertSeenAsync(app, Harm, "ProcessDied");
            await TerminateAsync(app, Harm);
            Assert.IsFalse(app.HasExited, app.Log);
        }

        TestContext.WriteLine($"{deaths} processes died.");
    }

    /// <summary>A process that may die before it says that it is ready.</summary>
    private static async Task<AppProcess> RestartAsync(string folder, (string, string)[] environment)
    {
        var port = AppProcess.FreePort();
        var app = AppProcess.Launch(TestBuilds.FloodApp, folder, port, [("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"), .. environment]);
        try
        {
            await app.UntilAsync("api/health", HttpStatusCode.OK);
        }
        catch (InvalidOperationException) when (app.HasExited)
        {
            // It took up the culprit at once.
        }

        return app;
    }

    /// <summary>Returns when the process has died, or the culprit is known to have killed those before.</summary>
    private async Task LivesOrIsSeenAsync(AppProcess app, string harm)
    {
        while (!app.HasExited)
        {
            try
            {
                var (_, description) = await app.Http.ReadAsync($"api/workflows/{Id(harm)}");
                if (description["blocked"] is not null)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It is dying.
            }

            await Task.Delay(50, TestContext.CancellationToken);
        }
    }

    private static string Id(string harm) => $"culprit-{harm}";

    private static async Task StartAsync(AppProcess app, string harm)
    {
        var (status, answer) = await app.Http.PostAsync(
            "api/workflows", $$"""{"type":"Culprit","id":"{{Id(harm)}}","args":["{{harm}}"],"options":{"taskTimeout":"3s"} }""");
        Assert.AreEqual(HttpStatusCode.Created, status, answer.ToString());
        await UntilAsync(app, Id(harm), static d => d["historyLength"]!.GetValue<long>() > 1, "it has run");
    }

    private static async Task GoAsync(AppProcess app, string harm)
    {
        var (status, answer) = await app.Http.PostAsync($"api/workflows/{Id(harm)}/signals/Go");
        Assert.AreEqual(HttpStatusCode.Accepted, status, answer.ToString());
    }

    /// <summary>The time in which a batch of ordinary workflows is started and ends.</summary>
    private async Task<TimeSpan> RunBatchAsync(AppProcess app)
    {
        var begun = Stopwatch.GetTimestamp();
        var first = _started;
        _started += Batch;
        await Parallel.ForEachAsync(
            Enumerable.Range(first, Batch),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.CancellationToken },
            async (number, _) =>
            {
                var answer = await RunNeighbourAsync(app, number);
                Assert.AreEqual(number + 2, answer["result"]?.GetValue<int>() ?? 0, $"{answer}\n{app.Log}");
            });
        return Stopwatch.GetElapsedTime(begun);
    }

    /// <summary>
    /// Where the memory is exhausted, whoever needs some at that moment may be refused, or cut off: the request is repeated then, and finds what the first one did.
    /// </summary>
    private async Task<JsonNode> RunNeighbourAsync(AppProcess app, int number)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (status, answer) = await app.Http.PostAsync("api/workflows?wait=60s", $$"""{"type":"Neighbour","id":"neighbour-{{number}}","args":[{{number}}]}""");
                if (status == HttpStatusCode.Conflict)
                {
                    (status, answer) = await app.Http.ReadAsync($"api/workflows/neighbour-{number}/result?wait=60s");
                }

                if (status < HttpStatusCode.InternalServerError || attempt == 20)
                {
                    return answer;
                }
            }
            catch (HttpRequestException) when (attempt < 20 && !app.HasExited)
            {
                // One connection was cut off, or the process is ending: the next try tells.
            }

            await Task.Delay(50, TestContext.CancellationToken);
        }
    }

    /// <summary>It stands in the list of blocked workflows, its description and "why" say what is wrong, and the log names it.</summary>
    private static async Task AssertSeenAsync(AppProcess app, string harm, string causes, string logBefore = "")
    {
        var description = await UntilAsync(app, Id(harm), static d => d["blocked"] is not null, "it is blocked");
        Assert.Contains(description["blocked"]!["cause"]!.GetValue<string>(), causes, description.ToString());
        var (_, listed) = await app.Http.ReadAsync("api/hub");
        var (_, why) = await app.Http.ReadAsync($"api/workflows/{Id(harm)}/why");
        StringAssert.Contains(why.ToJsonString(), description["blocked"]!["cause"]!.GetValue<string>());
        StringAssert.Contains(logBefore + app.Log, $"Workflow '{Id(harm)}'");
        Assert.AreEqual(1, listed["blocked"]?.GetValue<int>() ?? 0, listed.ToJsonString());
    }

    /// <summary>It is not blocked: it works, and its description says how much.</summary>
    private static async Task AssertBusyAsync(AppProcess app, string harm) =>
        await UntilAsync(app, Id(harm), static d => d["historyLength"]!.GetValue<long>() > 100, "its history grows");

    private static async Task TerminateAsync(AppProcess app, string harm)
    {
        var (status, answer) = await app.Http.PostAsync($"api/workflows/{Id(harm)}/terminate", """{"reason":"harm"}""");
        Assert.IsTrue((int)status is >= 200 and < 300, answer.ToString());
        await UntilAsync(app, Id(harm), static d => d["status"]!.GetValue<string>() == "Terminated", "it is terminated");
    }

    private static async Task<JsonNode> UntilAsync(AppProcess app, string id, Func<JsonNode, bool> condition, string what)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            var (_, description) = await app.Http.ReadAsync($"api/workflows/{id}");
            if (description["historyLength"] is not null && condition(description))
            {
                return description;
            }

            Assert.IsLessThan(TimeSpan.FromSeconds(60), Stopwatch.GetElapsedTime(begun), $"{id}: until {what}: {description}\n{app.Log}");
            await Task.Delay(50);
        }
    }
}
