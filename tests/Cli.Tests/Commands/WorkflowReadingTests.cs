using System.Net;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.Commands;

[TestClass]
public sealed class WorkflowReadingTests
{
    private const string Described = """{"id":"w","runId":"r1","type":"T","status":"Running"}""";

    private const string Events = """
        {"id":1,"time":"2026-11-24T11:00:00+00:00","type":"WorkflowStarted","attributes":{"workflowType":"Order","taskQueue":"default","args":["ada",{"n":2}]}},
        {"id":2,"time":"2026-11-24T11:00:00.05+00:00","type":"WorkflowTaskCompleted","attributes":{"identity":"1@m","flags":0}},
        {"id":3,"time":"2026-11-24T11:00:00.05+00:00","type":"ActivityScheduled","attributes":{"activityId":"1","activityType":"Pay","args":[5]}},
        {"id":4,"time":"2026-11-24T11:00:00.05+00:00","type":"TimerStarted","attributes":{"timerId":"1","delay":"30s"}},
        {"id":5,"time":"2026-11-24T11:00:02+00:00","type":"ActivityFailed","attributes":{"scheduledEventId":3,"attempt":3,"failure":{"message":"No\u001b[31m money","type":"Broke","cause":{"message":"inner"}}}},
        {"id":6,"time":"2026-11-24T11:01:30+00:00","type":"TimerFired","attributes":{"startedEventId":4}},
        {"id":7,"time":"2026-11-24T11:01:30+00:00","type":"WorkflowSignaled","attributes":{"name":"go","args":[]}}
        """;

    private static string Close(string type, string attributes = "{}") => $$"""{"id":8,"time":"2026-11-24T11:02:00+00:00","type":"{{type}}","attributes":{{attributes}}}""";

    [TestMethod]
    public async Task Show_AtATerminal_HasALineForEachEvent()
    {
        var api = new FakeApi().Answer("GET /api/workflows/w", Described).Answer("GET /api/workflows/w/history", $$"""{"events":[{{Events}},{{Close("WorkflowCompleted", """{"result":9}""")}}]}""");

        var run = await CliRun.AtTerminalAsync(api, "workflow", "show", "w");

        Assert.AreEqual(
            """
            ID  TIME                   AFTER  EVENT                  WHAT
             1  2026-11-24 12:00:00     +0ms  WorkflowStarted        Order("ada", {"n":2})
             2  2026-11-24 12:00:00    +50ms  WorkflowTaskCompleted
             3  2026-11-24 12:00:00    +50ms  ActivityScheduled      Pay(5)
             4  2026-11-24 12:00:00    +50ms  TimerStarted           timer 1, delay 30s
             5  2026-11-24 12:00:02      +2s  ActivityFailed         Pay (3): Broke: No\u001b[31m money < inner, attempt 3
             6  2026-11-24 12:01:30  +1m 30s  TimerFired             timer 1 (4)
             7  2026-11-24 12:01:30  +1m 30s  WorkflowSignaled       go()
             8  2026-11-24 12:02:00      +2m  WorkflowCompleted      = 9

            """,
            run.Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    public async Task Show_Followed_GoesOnToTheNextRunAndEndsWithTheChain()
    {
        var api = new FakeApi()
            .Answer("GET /api/workflows/w", Described)
            .Answer("GET /api/workflows/w/history", $$"""{"events":[{{Events}}]}""")
            .Answer("GET /api/workflows/w/history", """{"events":[]}""")
            .Answer("GET /api/workflows/w/history", $$"""{"events":[{{Close("WorkflowContinuedAsNew", """{"newRunId":"r2"}""")}}]}""")
            .Answer("GET /api/workflows/w/history", $$"""{"events":[{{Close("WorkflowTerminated")}}]}""");

        var run = await CliRun.PipedAsync(api, "workflow", "show", "w", "--follow", "-o", "jsonl");

        Assert.HasCount(9, run.Expect(ExitCode.Ok).Lines);
        CollectionAssert.AreEqual(
            new[]
            {
                "GET /api/workflows/w",
                "GET /api/workflows/w/history?run=r1&after=0&wait=30s",
                "GET /api/workflows/w/history?run=r1&after=7&wait=30s",
                "GET /api/workflows/w/history?run=r1&after=7&wait=30s",
                "GET /api/workflows/w/history?run=r2&after=0&wait=30s",
            },
            api.Requests.ToList());
    }

    [TestMethod]
    public async Task Describe_AtATerminal_LeavesOutWhatIsNotThere()
    {
        var api = new FakeApi().Answer("GET /api/workflows/w", """
            {"id":"w","runId":"r1","type":"T","taskQueue":"default","status":"Running","startTime":"2026-11-24T11:59:58+00:00","historyLength":1234,"historyBytes":5,"cancelRequested":false,"inboxCount":0,
             "searchAttributes":{"Customer":"ada"},"waitsFor":["timer 1"],
             "pendingActivities":[{"eventId":3,"id":"1","type":"Pay","taskQueue":"default","scheduled":"2026-11-24T11:59:58+00:00","attempt":2,"nextAttempt":"2026-11-24T12:00:10+00:00","lastFailure":{"message":"No"}}],
             "pendingTimers":[{"eventId":4,"id":"1","due":"2026-11-25T13:00:00+00:00","summary":null}],"pendingChildren":[],"pendingExternals":[],"pendingUpdates":[]}
            """);

        var run = await CliRun.AtTerminalAsync(api, "workflow", "describe", "w");

        Assert.AreEqual(
            """
            id                 w
            run                r1
            type               T
            status             Running
            task queue         default
            started            2026-11-24 12:59:58 (2s ago)
            history            1,234 events, 5 bytes
            search attributes  {"Customer":"ada"}

            Pending activities
            EVENT  TYPE  ATTEMPT  SCHEDULED                     NEXT ATTEMPT                  LAST FAILURE
                3  Pay         2  2026-11-24 12:59:58 (2s ago)  2026-11-24 13:00:10 (in 10s)  No

            Pending timers
            EVENT  TIMER  DUE                             SUMMARY
                4  1      2026-11-25 14:00:00 (in 1d 1h)

            Waits for
            timer 1

            """,
            run.Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    public async Task Why_AtATerminal_NamesWhatWakes()
    {
        var api = new FakeApi().Answer("GET /api/workflows/w/why", """
            {"workflowId":"w","runId":"r1","status":"Running","wakesAt":"2026-11-24T13:00:00+00:00",
             "waits":[{"kind":"timer","what":"timer 1","since":"2026-11-24T11:00:00+00:00","until":"2026-11-24T13:00:00+00:00","wokenBy":"a row in the timers table"}]}
            """);

        var run = await CliRun.AtTerminalAsync(api, "workflow", "why", "w");

        Assert.AreEqual(
            """
            id      w
            run     r1
            status  Running
            wakes   2026-11-24 14:00:00 (in 1h)

            Waits for
            KIND   WHAT     SINCE                         UNTIL                        WOKEN BY
            timer  timer 1  2026-11-24 12:00:00 (1h ago)  2026-11-24 14:00:00 (in 1h)  a row in the timers table

            """,
            run.Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    public async Task Result_OfACompletedWorkflow_IsItsValueForPeopleAndTheAnswerForPrograms()
    {
        var api = new FakeApi().Answer("GET /api/workflows/w/result", """{"id":"w","runId":"r1","status":"Completed","result":{"n":1}}""");

        Assert.AreEqual("{\n  \"n\": 1\n}\n", (await CliRun.AtTerminalAsync(api, "workflow", "result", "w")).Expect(ExitCode.Ok).Out);
        Assert.AreEqual("""{"id":"w","runId":"r1","status":"Completed","result":{"n":1}}""", (await CliRun.PipedAsync(api, "workflow", "result", "w", "-o", "jsonl")).Expect(ExitCode.Ok).Out.TrimEnd());
    }

    [TestMethod]
    [DataRow("workflow-failed")]
    [DataRow("workflow-canceled")]
    [DataRow("workflow-terminated")]
    [DataRow("workflow-timed-out")]
    public async Task Result_OfAnyOtherEnd_IsDataAndAnExitCode(string code)
    {
        var api = new FakeApi().Problem("GET /api/workflows/w/result", HttpStatusCode.UnprocessableEntity, code, ""","id":"w","runId":"r1","workflowStatus":"Failed","failure":{"message":"No"}""");

        var run = await CliRun.PipedAsync(api, "workflow", "result", "w", "-o", "jsonl");

        Assert.AreEqual("""{"id":"w","runId":"r1","status":"Failed","failure":{"message":"No"}}""", run.Expect(ExitCode.WorkflowFailed).Out.TrimEnd());
        Assert.AreEqual($"error: It is so. ({code})\n", run.Error);
    }

    [TestMethod]
    public async Task Result_WithoutWaiting_SaysThatItRuns()
    {
        var api = new FakeApi().Answer("GET /api/workflows/w/result", """{"id":"w","runId":null,"status":"Running"}""", HttpStatusCode.Accepted);

        var run = await CliRun.PipedAsync(api, "workflow", "result", "w");

        Assert.AreEqual("Running", (string?)run.Expect(ExitCode.StillRunning).Json["status"]);
        CollectionAssert.AreEqual(new[] { "GET /api/workflows/w/result" }, api.Requests.ToList());
    }

    [TestMethod]
    public async Task Result_Waiting_AsksUntilItEnds()
    {
        var running = """{"id":"w","runId":null,"status":"Running"}""";
        var api = new FakeApi()
            .Answer("GET /api/workflows/w/result", running, HttpStatusCode.Accepted)
            .Answer("GET /api/workflows/w/result", running, HttpStatusCode.Accepted)
            .Answer("GET /api/workflows/w/result", """{"id":"w","runId":"r1","status":"Completed","result":null}""");

        var run = await CliRun.AtTerminalAsync(api, "workflow", "result", "w", "--wait");

        Assert.AreEqual("null\n", run.Expect(ExitCode.Ok).Out);
        CollectionAssert.AreEqual(Enumerable.Repeat("GET /api/workflows/w/result?wait=30000ms", 3).ToList(), api.Requests.ToList());
    }
}
