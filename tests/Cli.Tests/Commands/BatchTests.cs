using System.Net;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.Commands;

[TestClass]
public sealed class BatchTests
{
    private const string Done = """
        {"id":"b1","query":"WorkflowType = 'T'","action":"terminate","status":"Completed","startTime":"2026-11-24T11:00:00+00:00","closeTime":"2026-11-24T11:01:00+00:00",
         "total":5000,"done":4999,"failed":1,"failures":[{"workflowId":"w","runId":"r","message":"It is closed."}],"rate":50}
        """;

    [TestMethod]
    [DataRow("signal|--signal|go|--arg|1", """{"query":"q","action":"signal","signal":{"name":"go","args":[1]}}""")]
    [DataRow("cancel|--reason|why|--rate|5|--id|b", """{"query":"q","action":"cancel","id":"b","rate":5,"reason":"why"}""")]
    [DataRow("terminate", """{"query":"q","action":"terminate"}""")]
    [DataRow("reset|--to|first|--reason|bug", """{"query":"q","action":"reset","reason":"bug","reset":{"to":"firstWorkflowTask"}}""")]
    [DataRow("delete", """{"query":"q","action":"delete"}""")]
    [DataRow("upsertSearchAttributes|--search-attribute|Tier=gold", """{"query":"q","action":"upsertSearchAttributes","searchAttributes":{"Tier":"gold"}}""")]
    [DataRow("resume", """{"query":"q","action":"resume"}""")]
    public async Task Start_OfEachAction_SendsWhatItNeeds(string line, string body)
    {
        var api = new FakeApi().Answer("POST /api/batches", """{"id":"b1"}""", HttpStatusCode.Created);

        var run = await CliRun.PipedAsync(api, ["batch", "start", .. line.Split('|'), "--query", "q", "--yes"]);

        Assert.AreEqual("b1", (string?)run.Expect(ExitCode.Ok).Json["id"]);
        Assert.AreEqual(body, api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Start_OfWhatCannotBeUndone_SaysHowManyBeforeItAsks()
    {
        var api = new FakeApi().Answer("GET /api/workflows/count", """{"count":5000}""");

        var run = await CliRun.RunAsync(["batch", "start", "delete", "-q", "q"], CliRun.With(api, isTerminal: true, "n\n"));

        run.Expect(ExitCode.Cancelled);
        Assert.AreEqual("A batch 'delete' of 5,000 workflows can't be undone. Go on? [y/N] error: Nothing was done.\n", run.Error);
        CollectionAssert.AreEqual(new[] { "GET /api/workflows/count?query=q" }, api.Requests.ToList());
    }

    [TestMethod]
    public async Task Start_Waiting_TellsProgressAndEndsIncompleteWhenSomeFailed()
    {
        var api = new FakeApi().Answer("POST /api/batches", """{"id":"b1"}""", HttpStatusCode.Created).Answer("GET /api/batches/b1", Done);

        var run = await CliRun.PipedAsync(api, "batch", "start", "terminate", "-q", "q", "--yes", "--wait");

        Assert.AreEqual(4999, (int)run.Expect(ExitCode.Incomplete).Json["done"]!);
        Assert.AreEqual("Batch 'b1' started.\nBatch: 5,000 of 5,000\n", run.Error);
    }

    [TestMethod]
    public async Task Describe_AtATerminal_ListsFailures()
    {
        var run = await CliRun.AtTerminalAsync(new FakeApi().Answer("GET /api/batches/b1", Done), "batch", "describe", "b1");

        Assert.AreEqual(
            """
            id          b1
            action      terminate
            query       WorkflowType = 'T'
            status      Completed
            started     2026-11-24 12:00:00 (1h ago)
            closed      2026-11-24 12:01:00 (59m ago)
            done        4,999
            failed      1
            total       5,000
            per second  50

            Failures
            WORKFLOW  RUN  WHY
            w         r    It is closed.

            """,
            run.Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    public async Task List_AndCancel_AskTheirEndpoints()
    {
        var api = new FakeApi().Answer("GET /api/batches", $$"""{"batches":[{{Done}}]}""").Answer("POST /api/batches/b1/cancel", """{"id":"b1"}""", HttpStatusCode.Accepted);

        Assert.AreEqual("b1", (string?)(await CliRun.PipedAsync(api, "batch", "list")).Expect(ExitCode.Ok).Json[0]!["id"]);
        Assert.AreEqual("The batch stops.\n", (await CliRun.PipedAsync(api, "batch", "cancel", "b1")).Expect(ExitCode.Ok).Error);
    }
}
