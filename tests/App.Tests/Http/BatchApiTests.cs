using System.Net;
using System.Text.Json.Nodes;
using App.Tests.Running;
using Serverless.Common;
using Serverless.Workflows;

namespace App.Tests.Http;

/// <summary>Batches over HTTP, in a process whose application has no activities.</summary>
[TestClass]
public sealed class BatchApiTests
{
    private static TestApp _app = null!;

    private static HttpClient Http => _app.Http;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        _ = context;
        _app = await TestApp.StartAsync(static o => o.AddWorkflow<Waits>().SearchAttributes.Add(SearchAttributeKey.CreateLong("Rank")));
    }

    [ClassCleanup]
    public static async Task StopAsync() => await _app.DisposeAsync();

    [TestMethod]
    public async Task Batch_SignalsThenTerminates_AndSaysSo()
    {
        await WaitsAsync("b1", 3);
        var (status, started) = await Http.PostAsync(
            "api/batches", """{"id":"signals","query":"WorkflowId STARTS_WITH 'b1-'","action":"signal","signal":{"name":"Add","args":[5]},"rate":1000}""");
        Assert.AreEqual((HttpStatusCode.Created, "signals"), (status, started["id"]!.GetValue<string>()), started.ToString());
        var done = await EndAsync("signals");
        Assert.AreEqual(
            """{"id":"signals","query":"WorkflowId STARTS_WITH \u0027b1-\u0027","action":"signal","status":"Completed","total":3,"done":3,"failed":0,"rate":1000,"failures":[]}""",
            Without(done, "startTime", "closeTime"));
        var (_, sum) = await Http.PostAsync("api/workflows/b1-2/queries/Sum");
        Assert.AreEqual(5, sum["result"]!.GetValue<int>(), sum.ToString());

        await Http.PostAsync("api/batches", """{"id":"ends","query":"WorkflowId STARTS_WITH 'b1-'","action":"terminate","reason":"over"}""");
        Assert.AreEqual(3, (await EndAsync("ends"))["done"]!.GetValue<int>());
        await Http.PostAsync("api/batches", """{"id":"again","query":"WorkflowId STARTS_WITH 'b1-'","action":"terminate"}""");
        Assert.AreEqual("Workflow 'b1-2' is closed.", (await EndAsync("again"))["failures"]![0]!["message"]!.GetValue<string>());

        var (_, listed) = await Http.ReadAsync("api/batches");
        CollectionAssert.AreEqual(new[] { "again", "ends", "signals" }, listed["batches"]!.AsArray().Select(b => b!["id"]!.GetValue<string>()).Where(id => id != "stopped").ToList());
        var (_, workflows) = await Http.ReadAsync("api/workflows?query=WorkflowId STARTS_WITH 'b1-'");
        Assert.AreEqual(3, workflows["workflows"]!.AsArray().Count);
    }

    [TestMethod]
    public async Task Batch_ChangesSearchAttributesAndResets()
    {
        await WaitsAsync("b3", 2);
        await Http.PostAsync("api/batches", """{"id":"ranks","query":"WorkflowId STARTS_WITH 'b3-'","action":"upsertSearchAttributes","searchAttributes":{"Rank":7}}""");
        Assert.AreEqual(2, (await EndAsync("ranks"))["done"]!.GetValue<int>());
        var (status, _) = await Http.PostAsync("api/workflows/b3-0/search-attributes", """{"Rank":null}""");
        Assert.AreEqual(HttpStatusCode.Accepted, status);
        Assert.AreEqual(0, (await Http.PostAsync("api/workflows/b3-0/queries/Rank")).Body["result"]!.GetValue<int>());
        Assert.AreEqual(7, (await Http.PostAsync("api/workflows/b3-1/queries/Rank")).Body["result"]!.GetValue<int>());

        var before = (await Http.ReadAsync("api/workflows/b3-1")).Body["runId"]!.GetValue<string>();
        await Http.PostAsync("api/batches", """{"id":"resets","query":"WorkflowId = 'b3-1'","action":"reset","reset":{"to":"firstWorkflowTask","reapply":"none"}}""");
        Assert.AreEqual(1, (await EndAsync("resets"))["done"]!.GetValue<int>());
        Assert.AreNotEqual(before, (await Http.ReadAsync("api/workflows/b3-1")).Body["runId"]!.GetValue<string>());
        Assert.AreEqual(0, (await Http.PostAsync("api/workflows/b3-1/queries/Rank")).Body["result"]!.GetValue<int>());

        var (resumed, answer) = await Http.PostAsync("api/workflows/b3-1/resume");
        Assert.AreEqual((HttpStatusCode.Accepted, false), (resumed, answer["resumed"]!.GetValue<bool>()));
    }

    [TestMethod]
    public async Task Batch_Cancelled_Stops()
    {
        await WaitsAsync("b2", 20);
        await Http.PostAsync("api/batches", """{"id":"stopped","query":"WorkflowId STARTS_WITH 'b2-'","action":"terminate","rate":1}""");
        var (status, _) = await Http.PostAsync("api/batches/stopped/cancel", """{"reason":"enough"}""");
        Assert.AreEqual(HttpStatusCode.Accepted, status);
        var ended = await EndAsync("stopped");
        Assert.AreEqual("Canceled", ended["status"]!.GetValue<string>());
        Assert.IsTrue(ended["done"]!.GetValue<int>() < 20, ended.ToString());
    }

    [TestMethod]
    [DataRow("""{"action":"terminate"}""", 400, "invalid-request")]
    [DataRow("""{"query":"WorkflowId = 'x'"}""", 400, "invalid-request")]
    [DataRow("""{"query":"WorkflowId =","action":"terminate"}""", 400, "invalid-filter")]
    [DataRow("""{"query":"WorkflowId = 'x'","action":"explode"}""", 400, "invalid-request")]
    [DataRow("""{"query":"WorkflowId = 'x'","action":"signal"}""", 400, "invalid-request")]
    [DataRow("""{"query":"WorkflowId = 'x'","action":"cancel","signal":{"name":"Add"}}""", 400, "invalid-request")]
    [DataRow("""{"query":"WorkflowId = 'x'","action":"reset"}""", 400, "invalid-request")]
    [DataRow("""{"query":"WorkflowId = 'x'","action":"upsertSearchAttributes"}""", 400, "invalid-request")]
    [DataRow("""{"query":"WorkflowId = 'x'","action":"cancel","rate":0}""", 400, "invalid-request")]
    public async Task Batch_WithImpossibleBody_IsRefused(string body, int status, string code)
    {
        var (refused, problem) = await Http.PostAsync("api/batches", body);
        Assert.AreEqual((status, code), ((int)refused, problem["code"]!.GetValue<string>()), problem.ToString());
    }

    [TestMethod]
    public async Task Batch_UnknownOrTaken_HasItsOwnCodes()
    {
        var (status, problem) = await Http.ReadAsync("api/batches/none");
        Assert.AreEqual((HttpStatusCode.NotFound, "batch-not-found"), (status, problem["code"]!.GetValue<string>()));
        await Http.PostAsync("api/batches", """{"id":"taken","query":"WorkflowId = 'x'","action":"cancel"}""");
        (status, problem) = await Http.PostAsync("api/batches", """{"id":"taken","query":"WorkflowId = 'x'","action":"cancel"}""");
        Assert.AreEqual((HttpStatusCode.Conflict, "batch-already-exists"), (status, problem["code"]!.GetValue<string>()));
    }

    [TestMethod]
    public async Task Start_OfTypeOfThePlatform_IsRefused()
    {
        var (status, problem) = await Http.PostAsync("api/workflows", """{"type":"serverless-batch","args":[{}]}""");
        Assert.AreEqual((HttpStatusCode.BadRequest, "invalid-request"), (status, problem["code"]!.GetValue<string>()));
        StringAssert.Contains(problem["detail"]!.GetValue<string>(), "reserved");
        var (_, health) = await Http.ReadAsync("api/health");
        Assert.AreEqual("""["Waits"]""", health["workflowTypes"]!.ToJsonString());
    }

    private static async Task WaitsAsync(string prefix, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Http.PostAsync("api/workflows", $$"""{"type":"Waits","id":"{{prefix}}-{{i}}"}""");
        }

        while ((await Http.ReadAsync($"api/workflows/count?query=WorkflowId STARTS_WITH '{prefix}-'")).Body["count"]!.GetValue<int>() < count)
        {
            await Task.Delay(50);
        }
    }

    private static async Task<JsonNode> EndAsync(string batch)
    {
        await _app.Client.GetBatchHandle(batch).GetResultAsync(new() { Timeout = TimeSpan.FromSeconds(60) });
        return (await Http.ReadAsync($"api/batches/{batch}")).Body;
    }

    private static string Without(JsonNode node, params string[] names)
    {
        foreach (var name in names)
        {
            Assert.IsTrue(node.AsObject().Remove(name), name);
        }

        return node.ToJsonString();
    }

    [Workflow]
    public sealed class Waits
    {
        private static readonly SearchAttributeKey<long> _rank = SearchAttributeKey.CreateLong("Rank");

        [WorkflowQuery]
        public int Sum { get; private set; }

        [WorkflowQuery]
        public long Rank => Workflow.TypedSearchAttributes.TryGetValue(_rank, out var rank) ? rank : 0;

        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(() => false);

        [WorkflowSignal]
        public Task AddAsync(int number)
        {
            Sum += number;
            return Task.CompletedTask;
        }
    }
}
