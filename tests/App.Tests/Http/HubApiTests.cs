using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using App.Tests.Running;
using Serverless.Client;
using Serverless.Functions;
using Serverless.Testbed.Azurite;
using Serverless.Workflows;

namespace App.Tests.Http;

/// <summary>What operators ask and do over HTTP.</summary>
[TestClass]
public sealed class HubApiTests
{
    [TestMethod]
    public async Task Why_names_what_a_workflow_waits_for()
    {
        await using var app = await StartAsync();
        await app.Client.StartWorkflowAsync((Waiter w) => w.RunAsync(), new("w"));

        var why = await UntilAsync(app, "api/workflows/w/why", static body => body["waits"]!.AsArray() is [{ } wait] && (string?)wait["kind"] == "signal");

        Assert.AreEqual("Running", (string?)why["status"]);
        Assert.AreEqual("Finish, or a cancellation", (string?)why["waits"]![0]!["wokenBy"]);
        Assert.IsNull(why["wakesAt"]);
        Assert.AreEqual(HttpStatusCode.NotFound, (await app.Http.GetAsync("api/workflows/none/why")).StatusCode);
    }

    [TestMethod]
    public async Task The_hub_tells_how_it_stands_and_the_doctor_finds_nothing()
    {
        await using var app = await StartAsync();
        await app.Client.ExecuteWorkflowAsync((Echo e) => e.RunAsync("x"), new("e"));

        var status = await UntilAsync(app, "api/hub", static body => (long?)body["counts"]!["Completed"] == 1);
        var lines = await LinesAsync(await app.Http.GetAsync("api/hub/doctor"));

        Assert.AreEqual("default", (string?)status["hub"]);
        Assert.AreEqual(0, (long)status["blocked"]!);
        Assert.AreEqual("activities,timers,workflows", string.Join(",", status["queues"]!.AsArray().Select(static q => (string?)q!["name"])));
        Assert.AreEqual("{\"progress\":{\"done\":1,\"total\":null}}|{\"summary\":{\"found\":0,\"repaired\":0,\"workflows\":1}}", string.Join("|", lines));
        Assert.AreEqual(
            "{\"summary\":{\"found\":0,\"repaired\":0,\"workflows\":1}}", (await LinesAsync(await app.Http.PostAsync("api/hub/doctor", Json("{\"repair\":true,\"rebuild\":true}"))))[^1]);
    }

    [TestMethod]
    public async Task Export_NameThatLeavesItsFolder_IsRefused()
    {
        await using var app = await StartAsync();
        foreach (var name in new[] { "../other", "a/b", "..", "a%0A", "a%00", "%2e%2e%2fa", new string('a', 101) })
        {
            Assert.AreEqual(HttpStatusCode.BadRequest, (await app.Http.GetAsync($"api/hub/export?blob={name}")).StatusCode, name);
            Assert.AreEqual(HttpStatusCode.BadRequest, (await app.Http.PostAsync($"api/hub/import?blob={name}", null)).StatusCode, name);
        }
    }

    [TestMethod]
    public async Task A_purge_names_what_it_removes_and_needs_a_filter()
    {
        await using var app = await StartAsync();
        await app.Client.ExecuteWorkflowAsync((Echo e) => e.RunAsync("x"), new("e"));
        await UntilAsync(app, "api/hub", static body => (long?)body["counts"]!["Completed"] == 1);

        var refused = await app.Http.PostAsync("api/hub/purge", Json("{}"));
        var dry = await LinesAsync(await app.Http.PostAsync("api/hub/purge", Json("{\"query\":\"WorkflowType = 'Echo'\",\"dryRun\":true}")));
        var done = await LinesAsync(await app.Http.PostAsync("api/hub/purge", Json("{\"query\":\"WorkflowType = 'Echo'\"}")));

        Assert.AreEqual(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.AreEqual("e", (string?)JsonNode.Parse(dry[0])!["workflowId"]);
        Assert.AreEqual("{\"summary\":{\"found\":1,\"open\":0,\"wouldRemove\":1}}", dry[^1]);
        Assert.AreEqual("{\"summary\":{\"found\":1,\"open\":0,\"removed\":1}}", done[^1]);
        Assert.AreEqual(HttpStatusCode.NotFound, (await app.Http.GetAsync("api/workflows/e")).StatusCode);
    }

    [TestMethod]
    public async Task An_export_of_a_file_goes_on_in_a_storage_account()
    {
        await using var first = await StartAsync();
        await first.Client.ExecuteWorkflowAsync((Echo e) => e.RunAsync(new string('x', 100_000)), new("e"));
        await first.Client.StartWorkflowAsync((Waiter w) => w.RunAsync(), new("w"));
        await UntilAsync(first, "api/hub", static body => (long?)body["counts"]!["Completed"] == 1 && (long?)body["counts"]!["Running"] == 1);
        var response = await first.Http.GetAsync("api/hub/export");
        Assert.AreEqual("application/x-ndjson", response.Content.Headers.ContentType!.MediaType);
        var export = await response.Content.ReadAsStringAsync();
        var account = await SharedAzurite.ConnectionStringAsync();
        await using var second = await TestApp.StartAsync(
            static o => Configure(o).Hub = SharedAzurite.NewHub(), builder => builder.Configuration["AzureWebJobsStorage"] = account);

        var done = await LinesAsync(await second.Http.PostAsync("api/hub/import", new StringContent(export, Encoding.UTF8)));

        Assert.AreEqual("{\"summary\":{\"complete\":1,\"imported\":2,\"skipped\":0}}", done[^1]);
        Assert.AreEqual(export, await second.Http.GetStringAsync("api/hub/export"));
        Assert.AreEqual(100_000, (await second.Client.GetWorkflowHandle("e").GetResultAsync<string>()).Length);
        await second.Client.GetWorkflowHandle<Waiter>("w").SignalAsync(w => w.FinishAsync());
        await second.Client.GetWorkflowHandle("w").GetResultAsync();
        Assert.AreEqual(HttpStatusCode.BadRequest, (await second.Http.PostAsync("api/hub/import", new StringContent(export, Encoding.UTF8))).StatusCode);
        Assert.AreEqual("{\"summary\":{\"found\":0,\"repaired\":0,\"workflows\":2}}", (await LinesAsync(await second.Http.GetAsync("api/hub/doctor")))[^1]);
        await UntilAsync(second, "api/hub", static body => (long?)body["counts"]!["Completed"] == 2);
        Assert.AreEqual(
            "{\"summary\":{\"found\":2,\"open\":0,\"removed\":2}}",
            (await LinesAsync(await second.Http.PostAsync("api/hub/purge", Json("{\"query\":\"ExecutionStatus = 'Completed'\"}"))))[^1]);
        Assert.AreEqual("{\"summary\":{\"found\":0,\"repaired\":0,\"workflows\":0}}", (await LinesAsync(await second.Http.GetAsync("api/hub/doctor")))[^1]);
        Assert.AreEqual("{\"summary\":{\"parts\":1,\"runs\":2,\"workflows\":2}}", (await LinesAsync(await first.Http.GetAsync("api/hub/export?blob=all")))[^1]);
        Assert.AreEqual(
            "{\"summary\":{\"complete\":1,\"imported\":0,\"skipped\":2}}", (await LinesAsync(await first.Http.PostAsync("api/hub/import?blob=all&merge=true", null)))[^1]);
    }

    private static Task<TestApp> StartAsync() => TestApp.StartAsync(static o => Configure(o));

    private static ServerlessWorkflowsOptions Configure(ServerlessWorkflowsOptions options) => options.AddWorkflow<Echo>().AddWorkflow<Waiter>();

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<string[]> LinesAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, text);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<JsonNode> UntilAsync(TestApp app, string path, Func<JsonNode, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var response = await app.Http.GetAsync(path);
            var text = await response.Content.ReadAsStringAsync();
            Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, text);
            if (JsonNode.Parse(text) is { } body && condition(body))
            {
                return body;
            }

            Assert.IsFalse(limit.IsCancellationRequested, $"{path} still answers {text}");
            await Task.Yield();
        }
    }

    [Workflow]
    public class Echo
    {
        [WorkflowRun]
        public Task<string> RunAsync(string text) => Task.FromResult(text);
    }

    [Workflow]
    public class Waiter
    {
        private bool _done;

        [WorkflowRun]
        public async Task RunAsync() => await Workflow.WaitConditionAsync(() => _done);

        [WorkflowSignal]
        public Task FinishAsync()
        {
            _done = true;
            return Task.CompletedTask;
        }
    }
}
