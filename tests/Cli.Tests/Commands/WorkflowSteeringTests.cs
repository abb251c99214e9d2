using System.Net;
using System.Text.Json.Nodes;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.Commands;

[TestClass]
public sealed class WorkflowSteeringTests
{
    private static readonly string[] StartWithEverything =
    [
        "workflow", "start", "Order", "--id", "o-1", "--arg", "\"ada\"", "--arg", "-5", "--task-queue", "q", "--execution-timeout", "1h", "--run-timeout", "30m", "--task-timeout", "10s",
        "--start-delay", "5s", "--cron", "0 * * * *", "--id-reuse-policy", "RejectDuplicate", "--id-conflict-policy", "UseExisting", "--max-attempts", "3", "--memo", "a={\"b\":1}",
        "--search-attribute", "Customer=ada", "--search-attribute", "Amount=5", "--summary", "s", "--details", "d", "--request-id", "rq", "--signal", "go", "--signal-args", "[1,2]",
    ];

    [TestMethod]
    public async Task Start_WithAllOptions_SendsThem()
    {
        var api = new FakeApi().Answer("POST /api/workflows", """{"id":"o-1","runId":"r","status":"Running","started":true}""", HttpStatusCode.Created);

        var run = await CliRun.PipedAsync(api, StartWithEverything);

        Assert.AreEqual("o-1", (string?)run.Expect(ExitCode.Ok).Json["id"]);
        var expected = JsonNode.Parse("""
            {"type":"Order","args":["ada",-5],"id":"o-1","options":{"taskQueue":"q","executionTimeout":"1h","runTimeout":"30m","taskTimeout":"10s","startDelay":"5s","cronSchedule":"0 * * * *",
             "idReusePolicy":"RejectDuplicate","idConflictPolicy":"UseExisting","summary":"s","details":"d","requestId":"rq","retryPolicy":{"maximumAttempts":3},"memo":{"a":{"b":1}},
             "searchAttributes":{"Customer":"ada","Amount":5},"startSignal":{"name":"go","args":[1,2]}}}
            """);
        Assert.IsTrue(JsonNode.DeepEquals(expected, api.Body), api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Start_Waiting_PrintsTheResult()
    {
        var api = new FakeApi()
            .Answer("POST /api/workflows", """{"id":"x","runId":"r","status":"Running","started":true}""", HttpStatusCode.Created)
            .Answer("GET /api/workflows/x/result", """{"id":"x","runId":"r","status":"Completed","result":5}""");

        var run = await CliRun.PipedAsync(api, "workflow", "start", "Order", "--wait");

        Assert.AreEqual(5, (int?)run.Expect(ExitCode.Ok).Json["result"]);
        Assert.AreEqual("Workflow 'x' started.\n", run.Error);
    }

    [TestMethod]
    public async Task Start_ArgumentsFromStandardInput_AreSent()
    {
        var api = new FakeApi().Answer("POST /api/workflows", """{"id":"x"}""", HttpStatusCode.Created);

        var run = await CliRun.RunAsync(["workflow", "start", "Order", "--input", "-"], CliRun.With(api, isTerminal: false, "[{\"n\":1}]"));

        run.Expect(ExitCode.Ok);
        Assert.AreEqual("""[{"n":1}]""", api.Body!["args"]!.ToJsonString());
    }

    [TestMethod]
    [DataRow("--arg", "Ada", "error: --arg: Ada is not JSON. A text has quotes, which the shell must leave in place: --arg '\"Ada\"'.\n")]
    [DataRow("--args", "1", "error: --args: a JSON array of arguments is expected, such as '[\"Ada\", 2]'.\n")]
    [DataRow("--memo", "=1", "error: --memo: '=1' has no name. Write NAME=JSON.\n")]
    [DataRow("--signal-arg", "1", "error: Arguments of a signal need its name: --signal.\n")]
    public async Task Start_WithAnImpossibleValue_SaysHowToWriteIt(string option, string value, string message)
    {
        var run = await CliRun.PipedAsync(new FakeApi(), "workflow", "start", "Order", option, value);

        Assert.AreEqual(message, run.Expect(ExitCode.Usage).Error);
        Assert.AreEqual("", run.Out);
    }

    [TestMethod]
    public async Task Signal_SendsItsArguments()
    {
        var api = new FakeApi().Answer("POST /api/workflows/a%20b/signals/go", """{"id":"a b","signal":"go"}""", HttpStatusCode.Accepted);

        var run = await CliRun.PipedAsync(api, "workflow", "signal", "a b", "go", "--args", "[1]", "--run", "r", "--request-id", "q");

        Assert.AreEqual("go", (string?)run.Expect(ExitCode.Ok).Json["signal"]);
        Assert.AreEqual("POST /api/workflows/a%20b/signals/go?run=r&requestId=q", api.Requests.Single());
        Assert.AreEqual("[1]", api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Query_PrintsTheAnswer()
    {
        var api = new FakeApi().Answer("POST /api/workflows/w/queries/q", """{"result":"Hello"}""");

        Assert.AreEqual("\"Hello\"\n", (await CliRun.AtTerminalAsync(api, "workflow", "query", "w", "q")).Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    [DataRow("query", "q", "A query")]
    [DataRow("resume", null, "Resuming")]
    public async Task WhatNeedsCode_DirectlyOnStorage_NeedsAnApplication(string verb, string? name, string what)
    {
        string[] args = ["workflow", verb, "w", .. name is null ? Array.Empty<string>() : [name], "--storage", "."];

        var run = await CliRun.PipedAsync(new FakeApi(), args);

        Assert.AreEqual($"error: {what} runs the workflow's code, which storage does not have. Give the --address of an application that has it.\n", run.Expect(ExitCode.Usage).Error);
    }

    [TestMethod]
    public async Task Update_WithoutAnOutcomeYet_IsStillRunning()
    {
        var api = new FakeApi().Answer("POST /api/workflows/w/updates/u", """{"id":"w","updateId":"u1","status":"Accepted"}""", HttpStatusCode.Accepted);

        var run = await CliRun.PipedAsync(api, "workflow", "update", "w", "u", "--timeout", "5s");

        Assert.AreEqual("The update has no outcome yet. Repeat it with --update-id u1 to go on waiting.\n", run.Expect(ExitCode.StillRunning).Error);
        Assert.AreEqual("POST /api/workflows/w/updates/u?wait=5s", api.Requests.Single());
    }

    [TestMethod]
    public async Task Terminate_WithoutATerminal_NeedsYes()
    {
        var api = new FakeApi().Answer("POST /api/workflows/w/terminate", """{"id":"w","status":"Terminated"}""");

        var refused = await CliRun.PipedAsync(api, "workflow", "terminate", "w");
        Assert.AreEqual("error: Terminating workflow 'w' can't be undone, and there is no terminal to ask at. Say --yes.\n", refused.Expect(ExitCode.Usage).Error);
        Assert.IsEmpty(api.Requests);

        (await CliRun.PipedAsync(api, "workflow", "terminate", "w", "--yes", "--reason", "why")).Expect(ExitCode.Ok);
        Assert.AreEqual("why", (string?)api.Body!["reason"]);
    }

    [TestMethod]
    [DataRow("y\n", ExitCode.Ok, 1)]
    [DataRow("YES\n", ExitCode.Ok, 1)]
    [DataRow("n\n", ExitCode.Cancelled, 0)]
    [DataRow("\n", ExitCode.Cancelled, 0)]
    [DataRow("", ExitCode.Cancelled, 0)]
    public async Task Delete_AtATerminal_Asks(string answer, object code, int requests)
    {
        var api = new FakeApi().Answer("DELETE /api/workflows/w", "", HttpStatusCode.NoContent);

        var run = await CliRun.RunAsync(["workflow", "delete", "w"], CliRun.With(api, isTerminal: true, answer));

        run.Expect((ExitCode)code);
        Assert.StartsWith("Deleting workflow 'w' can't be undone. Go on? [y/N] ", run.Error);
        Assert.HasCount(requests, api.Requests);
    }

    [TestMethod]
    public async Task Reset_SendsThePoint()
    {
        var api = new FakeApi().Answer("POST /api/workflows/w/reset", """{"workflowId":"w","runId":"r2","event":4}""");

        var run = await CliRun.PipedAsync(api, "workflow", "reset", "w", "--to", "last", "--reapply", "signals", "--children", "terminate", "--reason", "bug", "--yes");

        Assert.AreEqual("Goes on as run r2 from event 4.\n", run.Expect(ExitCode.Ok).Error);
        Assert.AreEqual("""{"to":"lastWorkflowTask","reapply":"signals","children":"terminate","reason":"bug"}""", api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Fork_SendsThePointAndTheNewId()
    {
        var api = new FakeApi().Answer("POST /api/workflows/w/fork", """{"workflowId":"w2","runId":"r2","event":4}""", HttpStatusCode.Created);

        var run = await CliRun.PipedAsync(api, "workflow", "fork", "w", "--event", "4", "--id", "w2");

        Assert.AreEqual("w2", (string?)run.Expect(ExitCode.Ok).Json["workflowId"]);
        Assert.AreEqual("""{"event":4,"id":"w2"}""", api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Reset_WithNoPointOrTwo_IsRefused()
    {
        const string message = "error: Say from where: exactly one of --event, --to and --build-id.\n";
        Assert.AreEqual(message, (await CliRun.PipedAsync(new FakeApi(), "workflow", "reset", "w", "--yes")).Expect(ExitCode.Usage).Error);
        Assert.AreEqual(message, (await CliRun.PipedAsync(new FakeApi(), "workflow", "reset", "w", "--yes", "--to", "last", "--event", "1")).Expect(ExitCode.Usage).Error);
    }
}
