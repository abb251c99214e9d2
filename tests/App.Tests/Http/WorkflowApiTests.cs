using System.Net;
using System.Text.Json.Nodes;
using App.Tests.Running;

namespace App.Tests.Http;

/// <summary>The HTTP API of a self-hosted process on the embedded store.</summary>
[TestClass]
public sealed class WorkflowApiTests
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
    public async Task Start_WithWait_ReturnsTheResult()
    {
        var (status, body) = await Http.PostAsync("api/workflows?wait=20s", ApiCalls.Transfer("wait-1", "w1", "w2", 25));

        Assert.AreEqual(HttpStatusCode.OK, status, body.ToString());
        Assert.AreEqual("Completed", body["status"]!.GetValue<string>());
        Assert.AreEqual(975m, body["result"]!["fromBalance"]!.GetValue<decimal>());
        Assert.AreEqual(1025m, body["result"]!["toBalance"]!.GetValue<decimal>());
    }

    [TestMethod]
    public async Task Start_WithoutWait_IsCreatedAndCanBeAskedForItsResult()
    {
        var (status, body) = await Http.PostAsync("api/workflows", ApiCalls.Transfer("created-1", "c1", "c2", 5, "DepositAnswerLost"));
        var (resultStatus, result) = await Http.ReadAsync("api/workflows/created-1/result?wait=30s");

        Assert.AreEqual(HttpStatusCode.Created, status, body.ToString());
        Assert.AreEqual(HttpStatusCode.OK, resultStatus, result.ToString());
        Assert.AreEqual(1005m, result["result"]!["toBalance"]!.GetValue<decimal>());
    }

    [TestMethod]
    public async Task Start_DepositRefused_IsCompensated()
    {
        var (status, body) = await Http.PostAsync("api/workflows?wait=20s", ApiCalls.Transfer("refused-1", "r1", "r2", 100, "DepositRefused"));

        Assert.AreEqual(HttpStatusCode.OK, status, body.ToString());
        Assert.AreEqual("Compensated", body["result"]!["status"]!.GetValue<string>());
        Assert.AreEqual(1000m, body["result"]!["fromBalance"]!.GetValue<decimal>());
    }

    [TestMethod]
    public async Task Start_FailingWorkflow_AnswersItsFailureAsProblem()
    {
        var (status, body) = await Http.PostAsync("api/workflows?wait=20s", ApiCalls.Transfer("poor-1", "p1", "p2", 5000));

        Assert.AreEqual(HttpStatusCode.UnprocessableEntity, status);
        Assert.AreEqual("workflow-failed", Code(body));
        Assert.AreEqual("InsufficientFunds", body["failure"]!["cause"]!["type"]!.GetValue<string>());
    }

    [TestMethod]
    public async Task Start_DuplicateId_Is409WithTheRunInTheWay()
    {
        var (_, first) = await Http.PostAsync("api/workflows", """{"type":"Greeting","id":"dup-1","args":["Ada"]}""");
        var (status, body) = await Http.PostAsync("api/workflows", """{"type":"Greeting","id":"dup-1","args":["Ben"]}""");

        Assert.AreEqual(HttpStatusCode.Conflict, status);
        Assert.AreEqual("workflow-already-started", Code(body));
        Assert.AreEqual(first["runId"]!.GetValue<string>(), body["runId"]!.GetValue<string>());
    }

    [TestMethod]
    [DataRow("{", "invalid-json")]
    [DataRow("[]", "invalid-json")]
    [DataRow("", "invalid-request")]
    [DataRow("""{"id":"x"}""", "invalid-request")]
    [DataRow("""{"type":"Greeting","arguments":[]}""", "invalid-json")]
    [DataRow("""{"type":"NoSuchType"}""", "unknown-workflow-type")]
    [DataRow("""{"type":"Greeting","id":"a/b"}""", "invalid-request")]
    [DataRow("""{"type":"Greeting","id":"a\u0001b"}""", "invalid-request")]
    [DataRow("""{"type":"Greeting","id":""}""", "invalid-request")]
    [DataRow("""{"type":"Greeting","options":{"runTimeout":"soon"}}""", "invalid-request")]
    [DataRow("""{"type":"Greeting","options":{"retryPolicy":{"backoffCoefficient":0.5}}}""", "invalid-request")]
    public async Task Start_BadBody_Is400WithACode(string body, string code)
    {
        var (status, problem) = await Http.PostAsync("api/workflows", body);

        Assert.AreEqual(HttpStatusCode.BadRequest, status, problem.ToString());
        Assert.AreEqual(code, Code(problem));
    }

    [TestMethod]
    public async Task Start_IdOf2000Characters_Is400()
    {
        var (status, problem) = await Http.PostAsync("api/workflows", $$"""{"type":"Greeting","id":"{{new string('x', 2000)}}"}""");

        Assert.AreEqual(HttpStatusCode.BadRequest, status);
        Assert.AreEqual("invalid-request", Code(problem));
    }

    [TestMethod]
    public async Task Start_BodyOverTheLimit_Is413()
    {
        var (status, problem) = await Http.PostAsync("api/workflows", $$"""{"type":"Greeting","args":["{{new string('x', 5_000_000)}}"]}""");

        Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.AreEqual("too-large", Code(problem));
    }

    [TestMethod]
    public async Task Start_UnknownType_ListsTheKnownOnes()
    {
        var (_, problem) = await Http.PostAsync("api/workflows", """{"type":"NoSuchType"}""");

        CollectionAssert.AreEqual(
            new[] { "Greeting", "MoneyTransfer", "Subscription" }, problem["knownTypes"]!.AsArray().Select(name => name!.GetValue<string>()).ToArray());
    }

    [TestMethod]
    public async Task Greeting_IsQueriedSignalledAndFinished()
    {
        await Http.PostAsync("api/workflows", """{"type":"Greeting","id":"greet-1","args":["Ada"]}""");
        var (_, before) = await Http.PostAsync("api/workflows/greet-1/queries/greeting");
        var (signalled, _) = await Http.PostAsync("api/workflows/greet-1/signals/setSalutation", """["Good evening"]""");
        await Http.PostAsync("api/workflows/greet-1/signals/finish");
        var (_, result) = await Http.ReadAsync("api/workflows/greet-1/result?wait=20s");
        var (_, after) = await Http.PostAsync("api/workflows/greet-1/queries/greeting");

        Assert.AreEqual("Hello, Ada!", before["result"]!.GetValue<string>());
        Assert.AreEqual(HttpStatusCode.Accepted, signalled);
        Assert.AreEqual("Good evening, Ada!", result["result"]!.GetValue<string>());
        Assert.AreEqual("Good evening, Ada!", after["result"]!.GetValue<string>());
    }

    [TestMethod]
    public async Task Query_Unknown_Is422()
    {
        await Http.PostAsync("api/workflows", """{"type":"Greeting","id":"query-1","args":["Ada"]}""");
        var (status, problem) = await Http.PostAsync("api/workflows/query-1/queries/nothing");

        Assert.AreEqual(HttpStatusCode.UnprocessableEntity, status);
        Assert.AreEqual("query-failed", Code(problem));
    }

    [TestMethod]
    public async Task Cancel_Subscription_IsCaughtByItsCode()
    {
        await Http.PostAsync("api/workflows", """{"type":"Subscription","id":"sub-1","args":[{"customer":"s1","price":9.5,"trialSeconds":0.1}]}""");
        await Http.ReadAsync("api/workflows/sub-1/history?after=7&wait=20s");
        var (cancelled, _) = await Http.PostAsync("api/workflows/sub-1/cancel", """{"reason":"moved"}""");
        var (_, result) = await Http.ReadAsync("api/workflows/sub-1/result?wait=20s");

        Assert.AreEqual(HttpStatusCode.Accepted, cancelled);
        Assert.IsTrue(result["result"]!["wasCancelled"]!.GetValue<bool>(), result.ToString());
    }

    [TestMethod]
    public async Task Terminate_ClosesAndTellsTheReason()
    {
        await Http.PostAsync("api/workflows", """{"type":"Greeting","id":"term-1","args":["Ada"]}""");
        var (terminated, _) = await Http.PostAsync("api/workflows/term-1/terminate", """{"reason":"enough"}""");
        var (status, problem) = await Http.ReadAsync("api/workflows/term-1/result");
        var (again, closed) = await Http.PostAsync("api/workflows/term-1/signals/finish");

        Assert.AreEqual(HttpStatusCode.OK, terminated);
        Assert.AreEqual(HttpStatusCode.UnprocessableEntity, status);
        Assert.AreEqual("workflow-terminated", Code(problem));
        Assert.AreEqual(HttpStatusCode.Conflict, again);
        Assert.AreEqual("workflow-closed", Code(closed));
    }

    [TestMethod]
    public async Task Delete_RefusesTheOpenAndRemovesTheClosed()
    {
        await Http.PostAsync("api/workflows", """{"type":"Greeting","id":"del-1","args":["Ada"]}""");
        var (open, problem) = await Http.RemoveAsync("api/workflows/del-1");
        await Http.PostAsync("api/workflows/del-1/terminate");
        var (closed, _) = await Http.RemoveAsync("api/workflows/del-1");
        var (gone, _) = await Http.ReadAsync("api/workflows/del-1");

        Assert.AreEqual(HttpStatusCode.Conflict, open);
        Assert.AreEqual("workflow-still-open", Code(problem));
        Assert.AreEqual(HttpStatusCode.NoContent, closed);
        Assert.AreEqual(HttpStatusCode.NotFound, gone);
    }

    [TestMethod]
    public async Task Describe_TellsWhatAWorkflowWaitsFor()
    {
        await Http.PostAsync("api/workflows", """{"type":"Subscription","id":"desc-1","args":[{"customer":"d1","price":1,"trialSeconds":3600}]}""");
        await Http.ReadAsync("api/workflows/desc-1/history?after=2&wait=20s");
        var (status, body) = await Http.ReadAsync("api/workflows/desc-1");

        Assert.AreEqual(HttpStatusCode.OK, status);
        Assert.AreEqual("Running", body["status"]!.GetValue<string>());
        Assert.HasCount(1, body["pendingTimers"]!.AsArray());
        StringAssert.StartsWith(body["waitsFor"]![0]!.GetValue<string>(), "timer 1, due ");
    }

    [TestMethod]
    public async Task ListAndCount_Filter()
    {
        await Http.PostAsync("api/workflows?wait=20s", ApiCalls.Transfer("list-1", "l1", "l2", 1));
        var path = "api/workflows?query=" + Uri.EscapeDataString("WorkflowId = 'list-1' AND ExecutionStatus = 'Completed'");
        var page = await ListedAsync(path);
        var (_, count) = await Http.ReadAsync("api/workflows/count?query=" + Uri.EscapeDataString("WorkflowId = 'list-1'"));

        Assert.AreEqual("list-1", page["workflows"]!.AsArray().Single()!["id"]!.GetValue<string>());
        Assert.AreEqual(1, count["count"]!.GetValue<int>());
    }

    [TestMethod]
    public async Task Explain_SaysWhatIsReadAndWhatIsFilteredAfterwards()
    {
        var (status, plan) = await Http.ReadAsync(
            "api/workflows/explain?query=" + Uri.EscapeDataString("WorkflowId = 'none' AND HistoryLength > 3"));

        Assert.AreEqual(200, (int)status);
        Assert.AreEqual("WorkflowId", plan["index"]!.GetValue<string>());
        Assert.AreEqual("w:none! .. w:none\"", plan["keys"]!.AsArray().Single()!.GetValue<string>());
        Assert.AreEqual((0, true), (plan["expectedRows"]!.GetValue<int>(), plan["exact"]!.GetValue<bool>()));
        Assert.AreEqual("HistoryLength > 3", plan["filteredAfterwards"]!.GetValue<string>());
        Assert.AreEqual("newest first, as stored", plan["order"]!.GetValue<string>());
        Assert.AreEqual("WorkflowId", plan["count"]!.GetValue<string>());
    }

    [TestMethod]
    public async Task List_WithATokenOfAnotherFilter_Is400()
    {
        var (status, problem) = await Http.ReadAsync("api/workflows?pageToken=AAAA");

        Assert.AreEqual(400, (int)status);
        StringAssert.Contains(problem.ToJsonString(), "invalid-request");
    }

    [TestMethod]
    public async Task List_BadFilter_ShowsThePosition()
    {
        var (status, problem) = await Http.ReadAsync("api/workflows?query=" + Uri.EscapeDataString("WorkflowType = = 'x'"));

        Assert.AreEqual(HttpStatusCode.BadRequest, status);
        Assert.AreEqual("invalid-filter", Code(problem));
        Assert.AreEqual(15, problem["position"]!.GetValue<int>());
    }

    [TestMethod]
    [DataRow("api/workflows/none", "workflow-not-found")]
    [DataRow("api/workflows/none/result", "workflow-not-found")]
    [DataRow("api/workflows/none/history", "workflow-not-found")]
    [DataRow("api/nothing", "no-such-route")]
    public async Task Read_WhatIsNotThere_Is404(string path, string code)
    {
        var (status, problem) = await Http.ReadAsync(path);

        Assert.AreEqual(HttpStatusCode.NotFound, status);
        Assert.AreEqual(code, Code(problem));
    }

    [TestMethod]
    public async Task Signal_UnknownWorkflow_Is404()
    {
        var (status, problem) = await Http.PostAsync("api/workflows/none/signals/finish");

        Assert.AreEqual(HttpStatusCode.NotFound, status);
        Assert.AreEqual("workflow-not-found", Code(problem));
    }

    [TestMethod]
    public async Task Request_FromAnotherSitesPage_Is403()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/workflows");
        request.Headers.Add("Origin", "https://example.org");
        using var answer = await Http.SendAsync(request);

        Assert.AreEqual(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [TestMethod]
    public async Task Trigger_WithoutFunctionsHost_DoesNotExist()
    {
        var (status, _) = await Http.PostAsync("WorkflowTask", "{}");

        Assert.AreEqual(HttpStatusCode.NotFound, status);
    }

    [TestMethod]
    public async Task Root_LeadsToThePage()
    {
        using var answer = await Http.GetAsync("");

        Assert.AreEqual("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.AreEqual("/ui", answer.RequestMessage!.RequestUri!.AbsolutePath);
    }

    /// <summary>The list follows the workflows within moments.</summary>
    private static async Task<JsonNode> ListedAsync(string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (_, page) = await Http.ReadAsync(path);
            if (page["workflows"]!.AsArray().Count > 0 || attempt == 100)
            {
                return page;
            }

            await Task.Delay(50);
        }
    }

    private static string Code(JsonNode problem) => problem["code"]!.GetValue<string>();
}
