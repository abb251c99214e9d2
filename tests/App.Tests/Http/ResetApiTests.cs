using System.Net;
using System.Text.Json.Nodes;
using App.Tests.Running;

namespace App.Tests.Http;

/// <summary>Reset and fork over HTTP, at every event of the sample workflows.</summary>
[TestClass]
public sealed class ResetApiTests
{
    private static TempFolder _folder = null!;
    private static AppProcess _app = null!;

    private static HttpClient Http => _app.Http;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        _ = context;
        _folder = new TempFolder();
        _app = await AppProcess.StartAsync(_folder.Path);
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [TestMethod]
    [DataRow("None", "Completed")]
    [DataRow("DepositRefused", "Compensated")]
    [DataRow("WithdrawAnswerLost", "Completed")]
    public async Task Transfer_ends_alike_from_every_event(string fault, string status)
    {
        var id = $"every-{fault}";
        var (_, done) = await Http.PostAsync("api/workflows?wait=20s", ApiCalls.Transfer(id, $"{id}-a", $"{id}-b", 1, fault));
        Assert.AreEqual(status, done["result"]!["status"]!.GetValue<string>(), done.ToString());
        await FromEveryEventAsync(id, result => Assert.AreEqual(status, result["result"]!["status"]!.GetValue<string>(), result.ToString()));
    }

    [TestMethod]
    public async Task Greeting_ends_alike_from_every_event()
    {
        await Http.PostAsync("api/workflows", """{"type":"Greeting","id":"every-greeting","args":["Ada"]}""");
        await Http.PostAsync("api/workflows/every-greeting/queries/greeting");
        await Http.PostAsync("api/workflows/every-greeting/signals/setSalutation", """["Good evening"]""");
        await Http.PostAsync("api/workflows/every-greeting/queries/greeting");
        await Http.PostAsync("api/workflows/every-greeting/signals/finish");
        await Http.ReadAsync("api/workflows/every-greeting/result?wait=20s");
        await FromEveryEventAsync("every-greeting", result => Assert.AreEqual("Good evening, Ada!", result["result"]!.GetValue<string>(), result.ToString()));
    }

    [TestMethod]
    public async Task Subscription_ends_alike_from_every_event()
    {
        await Http.PostAsync(
            "api/workflows?wait=20s",
            """{"type":"Subscription","id":"every-sub","args":[{"customer":"every-sub","price":1,"trialSeconds":0.1,"periodSeconds":0.1,"maxPeriods":2}]}""");
        await FromEveryEventAsync("every-sub", result => Assert.AreEqual(2, result["result"]!["charges"]!.GetValue<int>(), result.ToString()));
    }

    [TestMethod]
    public async Task Running_workflow_is_reset_and_forked_by_every_way_to_say_a_point()
    {
        await Http.PostAsync("api/workflows", """{"type":"Greeting","id":"points","args":["Ada"]}""");

        // What arrives before the first task belongs to the history before it.
        await Http.PostAsync("api/workflows/points/queries/greeting");
        await Http.PostAsync("api/workflows/points/signals/setSalutation", """["Good evening"]""");
        await Http.PostAsync("api/workflows/points/queries/greeting");
        var (_, before) = await Http.ReadAsync("api/workflows/points");

        var (status, reset) = await Http.PostAsync("api/workflows/points/reset", """{"to":"firstWorkflowTask","reason":"try","reapply":"none","children":"restart","requestId":"r"}""");
        Assert.AreEqual(HttpStatusCode.OK, status, reset.ToString());
        Assert.AreEqual("points", reset["workflowId"]!.GetValue<string>());
        Assert.AreEqual(1, reset["event"]!.GetValue<long>());
        Assert.AreNotEqual(before["runId"]!.GetValue<string>(), reset["runId"]!.GetValue<string>());
        var (_, again) = await Http.PostAsync("api/workflows/points/reset", """{"to":"firstWorkflowTask","requestId":"r"}""");
        Assert.AreEqual(reset.ToJsonString(), again.ToJsonString());
        var (_, greeting) = await Http.PostAsync("api/workflows/points/queries/greeting");
        Assert.AreEqual("Hello, Ada!", greeting["result"]!.GetValue<string>());

        var (created, fork) = await Http.PostAsync($"api/workflows/points/fork?run={before["runId"]!.GetValue<string>()}", """{"to":"lastWorkflowTask","id":"points-fork"}""");
        Assert.AreEqual(HttpStatusCode.Created, created, fork.ToString());
        Assert.AreEqual("points-fork", fork["workflowId"]!.GetValue<string>());
        var (_, forked) = await Http.PostAsync("api/workflows/points-fork/queries/greeting");
        Assert.AreEqual("Good evening, Ada!", forked["result"]!.GetValue<string>());
        var (conflict, inUse) = await Http.PostAsync("api/workflows/points/fork", """{"event":1,"id":"points-fork"}""");
        Assert.AreEqual(HttpStatusCode.Conflict, conflict);
        Assert.AreEqual("workflow-already-started", inUse["code"]!.GetValue<string>());
    }

    [TestMethod]
    [DataRow("""{"event":99}""", 422, "bad-reset-point")]
    [DataRow("""{"buildId":"never"}""", 422, "bad-reset-point")]
    [DataRow("", 400, "invalid-request")]
    [DataRow("""{"event":1,"to":"lastWorkflowTask"}""", 400, "invalid-request")]
    [DataRow("""{"to":"tomorrow"}""", 400, "invalid-request")]
    [DataRow("""{"event":1,"reapply":"some"}""", 400, "invalid-request")]
    [DataRow("""{"event":1,"children":"adopt"}""", 400, "invalid-request")]
    [DataRow("""{"event":1,"points":2}""", 400, "invalid-json")]
    public async Task Impossible_request_is_refused_with_a_code(string body, int expected, string code)
    {
        await Http.PostAsync("api/workflows", """{"type":"Greeting","id":"refused","args":["Ada"],"options":{"idConflictPolicy":"UseExisting"}}""");
        foreach (var verb in (string[])["reset", "fork"])
        {
            var (status, problem) = await Http.PostAsync($"api/workflows/refused/{verb}", body);
            Assert.AreEqual(expected, (int)status, problem.ToString());
            Assert.AreEqual(code, problem["code"]!.GetValue<string>());
        }

        var (missing, _) = await Http.PostAsync("api/workflows/never/reset", """{"event":1}""");
        Assert.AreEqual(HttpStatusCode.NotFound, missing);
    }

    /// <summary>Resets the run at each of its events, and forks it there.</summary>
    private static async Task FromEveryEventAsync(string id, Action<JsonNode> check)
    {
        var (_, description) = await Http.ReadAsync($"api/workflows/{id}");
        var run = description["runId"]!.GetValue<string>();
        var (_, history) = await Http.ReadAsync($"api/workflows/{id}/history");
        var events = history["events"]!.AsArray().Count;
        Assert.IsGreaterThan(3, events, history.ToString());
        for (var at = 1; at <= events; at++)
        {
            var body = $$"""{"event":{{at}}}""";
            var (created, fork) = await Http.PostAsync($"api/workflows/{id}/fork?run={run}", body);
            Assert.AreEqual(HttpStatusCode.Created, created, fork.ToString());
            var (ok, reset) = await Http.PostAsync($"api/workflows/{id}/reset?run={run}", body);
            Assert.AreEqual(HttpStatusCode.OK, ok, reset.ToString());
            foreach (var workflow in (string[])[fork["workflowId"]!.GetValue<string>(), id])
            {
                var (status, result) = await Http.ReadAsync($"api/workflows/{workflow}/result?wait=30s");
                Assert.AreEqual(HttpStatusCode.OK, status, $"{id} at {at}: {result}");
                check(result);
            }
        }
    }
}
