using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using App.Tests.Running;

namespace App.Tests.Crash;

/// <summary>A batch goes on where it was when its process died: it misses no target, repeats none, and what it said it did stays done.</summary>
[TestClass]
public sealed class BatchKillTests
{
    private const int Workflows = 5_000;
    private const int Kills = 5;

    private readonly List<string> _setbacks = [];
    private (long Done, long Failed, long Total) _shown;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(600_000, CooperativeCancellation = true)]
    public async Task Terminate_OfFiveThousand_SurvivesKills_OnSqlite()
    {
        using var folder = new TempFolder();
        var random = new Random(11);
        var port = AppProcess.FreePort();
        var app = await StartAsync(folder, port);
        await StartWorkflowsAsync(app.Http);
        var (status, answer) = await app.Http.PostAsync(
            "api/batches", """{"id":"all","query":"WorkflowType = 'Flood' AND ExecutionStatus = 'Running'","action":"terminate","reason":"batch","rate":1000}""");
        Assert.AreEqual(HttpStatusCode.Created, status, answer.ToString());

        for (var kill = 1; kill <= Kills; kill++)
        {
            await UntilAsync(app.Http, batch => Number(batch, "done") >= (kill - 0.5) * Workflows / (Kills + 1));
            await Task.Delay(random.Next(0, 150), TestContext.CancellationToken);
            await app.DisposeAsync();
            app = await StartAsync(folder, port);
            var after = await ReadAsync(app.Http);
            Assert.AreEqual("Running", after["status"]!.GetValue<string>(), $"Kill {kill} came too late: {after}");
        }

        await using (app)
        {
            var ended = await UntilAsync(app.Http, static batch => batch["status"]!.GetValue<string>() != "Running");
            Assert.AreEqual(("Completed", Workflows, 0L), (ended["status"]!.GetValue<string>(), Number(ended, "done"), Number(ended, "failed")), ended.ToString());
            Assert.AreEqual(Workflows, Number(ended, "total"));
            Assert.IsEmpty(_setbacks, string.Join("\n", _setbacks));
            await AssertTerminatedOnceAsync(app.Http);
        }
    }

    private static Task<AppProcess> StartAsync(TempFolder folder, int port) => AppProcess.StartAsync(
        TestBuilds.FloodApp, folder.Path, port, ("Logging__LogLevel__Default", "Warning"), ("Logging__LogLevel__Serverless", "Error"));

    private async Task StartWorkflowsAsync(HttpClient http)
    {
        await EachAsync(async (i, _) =>
        {
            var (status, answer) = await http.PostAsync(
                "api/workflows", $$"""{"type":"Flood","id":"w{{i}}","args":[{"expected":1,"rollsLeft":0,"seen":0,"last":{},"wrong":[]}]}""");
            Assert.AreEqual(HttpStatusCode.Created, status, answer.ToString());
        });

        // Rows of the list are written a little after the first tasks.
        while ((await http.ReadAsync("api/workflows/count?query=ExecutionStatus = 'Running'")).Body["count"]!.GetValue<int>() < Workflows)
        {
            await Task.Delay(100, TestContext.CancellationToken);
        }
    }

    private async Task<JsonNode> UntilAsync(HttpClient http, Func<JsonNode, bool> condition)
    {
        while (true)
        {
            var batch = await ReadAsync(http);
            if (condition(batch))
            {
                return batch;
            }

            await Task.Delay(20, TestContext.CancellationToken);
        }
    }

    private async Task<JsonNode> ReadAsync(HttpClient http)
    {
        var (status, batch) = await http.ReadAsync("api/batches/all");
        Assert.AreEqual(HttpStatusCode.OK, status, batch.ToString());
        var now = (Number(batch, "done"), Number(batch, "failed"), Total: batch["total"] is null ? 0 : Number(batch, "total"));
        if (now.Item1 < _shown.Done || now.Item2 < _shown.Failed || now.Total < _shown.Total)
        {
            _setbacks.Add($"{now} after {_shown}");
        }

        _shown = now;
        return batch;
    }

    private async Task AssertTerminatedOnceAsync(HttpClient http)
    {
        var wrong = new ConcurrentBag<string>();
        await EachAsync(async (i, _) =>
        {
            var (_, history) = await http.ReadAsync($"api/workflows/w{i}/history");
            var events = history["events"]!.AsArray().Select(e => (Type: e!["type"]!.GetValue<string>(), Reason: e["attributes"]?["reason"]?.GetValue<string>())).ToList();
            if (events.Count(static e => e.Type == "WorkflowTerminated") != 1 || events[^1] != ("WorkflowTerminated", "batch"))
            {
                wrong.Add($"w{i}: {string.Join(" ", events)}");
            }
        });
        Assert.IsEmpty(wrong, string.Join("\n", wrong.Take(10)));
    }

    private Task EachAsync(Func<int, CancellationToken, ValueTask> action) => Parallel.ForEachAsync(
        Enumerable.Range(0, Workflows), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.CancellationToken }, action);

    private static long Number(JsonNode batch, string name) => batch[name]!.GetValue<long>();
}
