using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.Commands;

[TestClass]
public sealed class WorkflowFindingTests
{
    private const string One = """{"id":"a","runId":"r1","type":"Greeting","status":"Running","startTime":"2026-11-24T11:55:00+00:00"}""";
    private const string Two = """{"id":"b","runId":"r2","type":"MoneyTransfer","status":"Failed","startTime":"2026-11-23T09:00:00+00:00","closeTime":"2026-11-23T11:05:30+00:00"}""";

    [TestMethod]
    public async Task List_AtATerminal_IsATable()
    {
        var run = await CliRun.AtTerminalAsync(new FakeApi().Answer("GET /api/workflows", $$"""{"workflows":[{{One}},{{Two}}],"nextPageToken":null}"""), "workflow", "list");

        run.Expect(ExitCode.Ok);
        Assert.AreEqual(
            """
            STATUS   ID  TYPE           STARTED                           TOOK
            Running  a   Greeting       2026-11-24 12:55:00 (5m ago)
            Failed   b   MoneyTransfer  2026-11-23 10:00:00 (1d 3h ago)  2h 5m

            """,
            run.Out);
        Assert.AreEqual("", run.Error);
    }

    [TestMethod]
    [DataRow(true, "", true)]
    [DataRow(true, "1", false)]
    [DataRow(false, "", false)]
    public async Task List_HasColoursOnATerminalUnlessTheyAreNotWanted(bool isTerminal, string noColour, bool hasColours)
    {
        var api = new FakeApi().Answer("GET /api/workflows", $$"""{"workflows":[{{One}}],"nextPageToken":null}""");

        var run = await CliRun.RunAsync(["workflow", "list", "-o", "table"], CliRun.With(api, isTerminal, "", ("NO_COLOR", noColour)));

        Assert.AreEqual(hasColours, run.Expect(ExitCode.Ok).Out.Contains('\e', StringComparison.Ordinal), run.Out);
    }

    [TestMethod]
    public async Task List_ElsewhereAndWithAllPages_IsOneArray()
    {
        var api = new FakeApi()
            .Answer("GET /api/workflows", $$"""{"workflows":[{{One}}],"nextPageToken":"t +1"}""")
            .Answer("GET /api/workflows", $$"""{"workflows":[{{Two}}],"nextPageToken":null}""");

        var run = await CliRun.PipedAsync(api, "workflow", "list", "--all", "-q", "WorkflowType = 'x'");

        run.Expect(ExitCode.Ok);
        CollectionAssert.AreEqual(new[] { "a", "b" }, run.Json.AsArray().Select(static w => (string?)w!["id"]).ToList());
        CollectionAssert.AreEqual(
            new[]
            {
                "GET /api/workflows?query=WorkflowType%20%3D%20%27x%27&pageSize=1000",
                "GET /api/workflows?query=WorkflowType%20%3D%20%27x%27&pageSize=1000&pageToken=t%20%2B1",
            },
            api.Requests.ToList());
    }

    [TestMethod]
    public async Task List_WithALimit_AsksForNoMoreAndSaysThatThereAre()
    {
        var api = new FakeApi().Answer("GET /api/workflows", $$"""{"workflows":[{{One}},{{Two}}],"nextPageToken":"t"}""");

        var run = await CliRun.PipedAsync(api, "workflow", "list", "--limit", "2", "-o", "jsonl");

        run.Expect(ExitCode.Ok);
        Assert.HasCount(2, run.Lines);
        Assert.AreEqual(One, run.Lines[0]);
        Assert.AreEqual("There are more than these 2: see --limit and --all.\n", run.Error);
        CollectionAssert.AreEqual(new[] { "GET /api/workflows?pageSize=2" }, api.Requests.ToList());
    }

    [TestMethod]
    public async Task List_OfNothing_IsAnEmptyArray()
    {
        var run = await CliRun.PipedAsync(new FakeApi().Answer("GET /api/workflows", """{"workflows":[],"nextPageToken":null}"""), "workflow", "list");

        run.Expect(ExitCode.Ok);
        Assert.AreEqual("[]\n", run.Out);
        Assert.AreEqual("No workflows.\n", run.Error);
    }

    [TestMethod]
    public async Task List_WithAFilterThatCannotBeRead_PointsAtThePlace()
    {
        var api = new FakeApi().Problem("GET /api/workflows", System.Net.HttpStatusCode.BadRequest, "invalid-filter", ",\"position\":5");

        var run = await CliRun.PipedAsync(api, "workflow", "list", "--query", "Foo ==");

        run.Expect(ExitCode.Usage);
        Assert.AreEqual("", run.Out);
        Assert.AreEqual("error: It is so. (invalid-filter)\n  Foo ==\n       ^\n", run.Error);
    }

    [TestMethod]
    public async Task Count_WithGroups_IsATable()
    {
        var api = new FakeApi().Answer("GET /api/workflows/count", """{"count":12346,"groups":[{"value":"Completed","count":12345},{"value":"Running","count":1}]}""");

        var run = await CliRun.AtTerminalAsync(api, "workflow", "count", "-q", "GROUP BY ExecutionStatus");

        Assert.AreEqual(
            """
            VALUE       COUNT
            Completed  12,345
            Running         1

            """,
            run.Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    public async Task Count_WithoutGroups_IsANumber()
    {
        var api = new FakeApi().Answer("GET /api/workflows/count", """{"count":7}""");

        Assert.AreEqual("7\n", (await CliRun.AtTerminalAsync(api, "workflow", "count")).Expect(ExitCode.Ok).Out);
        Assert.AreEqual(7, (int)(await CliRun.PipedAsync(api, "workflow", "count")).Expect(ExitCode.Ok).Json["count"]!);
    }

    [TestMethod]
    public async Task Explain_ShowsThePlan()
    {
        var api = new FakeApi().Answer(
            "GET /api/workflows/explain", """{"index":"status","keys":["Running"],"expectedRows":50,"exact":true,"filteredAfterwards":["Amount > 10"],"order":"StartTime desc"}""");

        var run = await CliRun.AtTerminalAsync(api, "workflow", "explain", "-q", "ExecutionStatus = 'Running' AND Amount > 10");

        Assert.AreEqual(
            """
            index                status
            keys                 ["Running"]
            expected rows        50
            exact                true
            filtered afterwards  ["Amount > 10"]
            order                StartTime desc

            """,
            run.Expect(ExitCode.Ok).Out);
    }
}
