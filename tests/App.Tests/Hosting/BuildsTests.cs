using System.Net;
using App.Tests.Running;
using Serverless.Testbed.Azurite;

namespace App.Tests.Hosting;

/// <summary>Two builds of the app on one hub in a storage account: what the first began, which is pinned, it also ends, while the second takes all else.</summary>
[TestClass]
public sealed class BuildsTests
{
    private const string Long = """{"type":"Subscription","id":"long","args":[{"customer":"l","price":5,"trialSeconds":3,"periodSeconds":1,"maxPeriods":3}]}""";
    private const string Short = """{"type":"Subscription","id":"short","args":[{"customer":"s","price":5,"trialSeconds":0.1,"periodSeconds":0.1,"maxPeriods":1}]}""";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(180_000, CooperativeCancellation = true)]
    public async Task PinnedRun_IsEndedByItsBuild_WhenSelfHosted()
    {
        using var folder = new TempFolder();
        (string, string)[] both =
        [
            ("AzureWebJobsStorage", await SharedAzurite.ConnectionStringAsync()), ("Serverless__Hub", SharedAzurite.NewHub()),
            ("Serverless__MaxPollInterval", "500ms"), ("Serverless__DefaultVersioningBehavior", "Pinned"),
        ];
        await using (var first = await AppProcess.StartAsync(folder.Path, null, [.. both, ("Serverless__BuildId", "v1.0")]))
        {
            await first.Http.PostAsync("api/workflows", Long);
            await RunByAsync(first.Http, "v1.0");
        }

        await using var drained = await AppProcess.StartAsync(folder.Path, null, [.. both, ("Serverless__BuildId", "v1.0"), ("Serverless__PinnedOnly", "true")]);
        await using var second = await AppProcess.StartAsync(folder.Path, null, [.. both, ("Serverless__BuildId", "v2.0")]);

        await CheckAsync(second.Http, "v1.0", "v2.0", () => $"{drained.Log}\n{second.Log}");
    }

    [TestMethod]
    [Timeout(180_000, CooperativeCancellation = true)]
    public async Task PinnedRun_IsEndedByItsBuild_UnderTheHost()
    {
        using var folder = new TempFolder();
        var (account, hub) = (await SharedAzurite.ConnectionStringAsync(), SharedAzurite.NewHub());
        await using (var first = await FunctionsHostStandIn.StartAsync(account, hub, folder.Path, "one"))
        {
            await first.Handler.Http.PostAsync("api/workflows", Long);
            await RunByAsync(first.Handler.Http, "one");
            await first.StopAsync();
        }

        await using var drained = await FunctionsHostStandIn.StartAsync(account, hub, folder.Path, "one", drains: true);
        await using var second = await FunctionsHostStandIn.StartAsync(account, hub, folder.Path, "two");

        await CheckAsync(second.Handler.Http, "one", "two", () => $"{drained.Handler.Log}\n{second.Handler.Log}");
    }

    private async Task RunByAsync(HttpClient http, string build)
    {
        while (true)
        {
            var (_, view) = await http.ReadAsync("api/workflows/long");
            if (view["buildId"]?.GetValue<string>() == build)
            {
                Assert.AreEqual(build, view["pinnedBuildId"]!.GetValue<string>());
                return;
            }

            await Task.Delay(100, TestContext.CancellationToken);
        }
    }

    private static async Task CheckAsync(HttpClient http, string first, string second, Func<string> log)
    {
        await http.PostAsync("api/workflows", Short);
        foreach (var (id, build, charges) in new[] { ("short", second, 1), ("long", first, 3) })
        {
            var (status, body) = await http.ReadAsync($"api/workflows/{id}/result?wait=60s");
            Assert.AreEqual(HttpStatusCode.OK, status, $"{body}\n{log()}");
            Assert.AreEqual(charges, body["result"]!["charges"]!.GetValue<int>());
            var (_, history) = await http.ReadAsync($"api/workflows/{id}/history");
            var builds = history["events"]!.AsArray().Where(e => e!["type"]!.GetValue<string>() == "WorkflowTaskCompleted").Select(e => e!["attributes"]!["buildId"]!.GetValue<string>());
            CollectionAssert.AreEqual(new[] { build }, builds.Distinct().ToArray());
        }
    }
}
