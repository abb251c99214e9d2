using System.Net;
using System.Text.Json.Nodes;
using App.Tests.Running;
using Azure.Storage.Queues;
using Serverless.Testbed.Azurite;

namespace App.Tests.Triggers;

/// <summary>The published folder as a function app, driven over the contract of custom handlers.</summary>
[TestClass]
public sealed class FunctionAppTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Transfer_RunsUnderTheHost()
    {
        using var folder = new TempFolder();
        await using var host = await FunctionsHostStandIn.StartAsync(await SharedAzurite.ConnectionStringAsync(), SharedAzurite.NewHub(), folder.Path);
        var (status, body) = await host.Handler.Http.PostAsync("api/workflows?wait=30s", ApiCalls.Transfer("functions-1", "f1", "f2", 10, "DepositUnavailable"));

        Assert.AreEqual(HttpStatusCode.OK, status, $"{body}\n{host.Handler.Log}");
        Assert.AreEqual("Completed", body["result"]!["status"]!.GetValue<string>());
    }

    [TestMethod]
    public async Task Workflow_StartedWithoutWait_IsBroughtOnByQueueMessages()
    {
        using var folder = new TempFolder();
        await using var host = await FunctionsHostStandIn.StartAsync(await SharedAzurite.ConnectionStringAsync(), SharedAzurite.NewHub(), folder.Path);
        var http = host.Handler.Http;
        await http.PostAsync("api/workflows", """{"type":"Subscription","id":"sub","args":[{"customer":"s","price":5,"trialSeconds":1,"periodSeconds":0.5,"maxPeriods":2}]}""");
        var (status, body) = await http.ReadAsync("api/workflows/sub/result?wait=60s");

        Assert.AreEqual(HttpStatusCode.OK, status, $"{body}\n{host.Handler.Log}");
        Assert.AreEqual(2, body["result"]!["charges"]!.GetValue<int>());
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Garbage_EndsInPoison_AndHarmsNoOther()
    {
        using var folder = new TempFolder();
        await using var host = await FunctionsHostStandIn.StartAsync(await SharedAzurite.ConnectionStringAsync(), SharedAzurite.NewHub(), folder.Path);
        string[] garbage = ["not base64 at all!", """{"Id":"evil","DequeueCount":"1","PopReceipt":"evil"}""", "AAAA"];
        foreach (var queue in new[] { "workflows", "activities", "timers" })
        {
            foreach (var text in garbage)
            {
                await host.Queue(queue).SendMessageAsync(text);
            }
        }

        var (status, body) = await host.Handler.Http.PostAsync("api/workflows?wait=30s", ApiCalls.Transfer("among-garbage", "g1", "g2", 10));

        Assert.AreEqual(HttpStatusCode.OK, status, body.ToString());
        foreach (var queue in new[] { "workflows", "activities", "timers" })
        {
            CollectionAssert.AreEquivalent(garbage, await PoisonAsync(host.Queue($"{queue}-poison"), garbage.Length));
        }
    }

    [TestMethod]
    public async Task Terminate_DrainsAndEndsWithZero()
    {
        using var folder = new TempFolder();
        await using var host = await FunctionsHostStandIn.StartAsync(await SharedAzurite.ConnectionStringAsync(), SharedAzurite.NewHub(), folder.Path);

        // The bank's books exist from the first transfer on.
        await host.Handler.Http.PostAsync("api/workflows?wait=30s", ApiCalls.Transfer("drain-first", "d1", "d2", 1));
        for (var i = 0; i < 20; i++)
        {
            await host.Handler.Http.PostAsync("api/workflows", ApiCalls.Transfer($"drain-{i}", "d1", "d2", 1));
        }

        Assert.AreEqual(0, await host.StopAsync(), host.Handler.Log);
        Assert.AreEqual(0, new AccountBooks(folder.Path).Unexplained());
    }

    [TestMethod]
    public async Task Folder_IsAFunctionAppRoot()
    {
        var root = await AppBuild.PublishedAsync();
        var host = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(root, "host.json")))!;
        var functions = Directory.EnumerateDirectories(root).Where(folder => File.Exists(Path.Combine(folder, "function.json"))).Select(Path.GetFileName).Order().ToArray();

        CollectionAssert.AreEqual(new[] { "ActivityTask", "Api", "TimerTask", "Ui", "WorkflowTask" }, functions);
        Assert.IsTrue(File.Exists(Path.Combine(root, host["customHandler"]!["description"]!["defaultExecutablePath"]!.GetValue<string>())));
        Assert.AreEqual("none", host["extensions"]!["queues"]!["messageEncoding"]!.GetValue<string>());
        Assert.AreEqual(Serverless.Functions.Triggers.TriggerMessage.MaxDequeueCount, host["extensions"]!["queues"]!["maxDequeueCount"]!.GetValue<int>());
    }

    private async Task<string[]> PoisonAsync(QueueClient queue, int count)
    {
        while (true)
        {
            if (await queue.ExistsAsync(TestContext.CancellationToken))
            {
                var messages = (await queue.PeekMessagesAsync(32, TestContext.CancellationToken)).Value;
                if (messages.Length >= count)
                {
                    return [.. messages.Select(message => message.Body.ToString())];
                }
            }

            await Task.Delay(200, TestContext.CancellationToken);
        }
    }
}
