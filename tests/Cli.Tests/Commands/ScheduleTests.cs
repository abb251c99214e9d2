using System.Net;
using System.Text.Json.Nodes;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.Commands;

[TestClass]
public sealed class ScheduleTests
{
    private const string Nightly = """
        {"id":"s","spec":{"cron":["0 2 * * *"],"calendars":[],"intervals":[],"skip":[],"jitter":"5m","timeZone":"Europe/Berlin"},
         "action":{"type":"Report","id":"report","args":["all"],"options":{}},"policy":{"overlap":"Skip","catchupWindow":"1d","pauseOnFailure":false},
         "state":{"paused":false,"note":"nightly","limitedActions":true,"remainingActions":3},
         "info":{"nextTimes":["2026-11-25T01:00:00+00:00"],"recentActions":[{"scheduledAt":"2026-11-24T01:00:00+00:00","startedAt":"2026-11-24T01:02:00+00:00","workflowId":"report-1","runId":"r"}],"running":[],"numActions":7,"missedCatchup":0,"skipped":1}}
        """;

    private static readonly string[] CreateWithEverything =
    [
        "schedule", "create", "s", "--type", "Report", "--workflow-id", "report", "--arg", "\"all\"", "--cron", "0 2 * * *", "--every", "6h", "--every", "1d/8h",
        "--start-at", "2026-12-01T00:00:00Z", "--end-at", "2027-12-01T00:00:00Z", "--jitter", "5m", "--time-zone", "Europe/Berlin", "--overlap", "BufferOne", "--catchup-window", "1d",
        "--pause-on-failure", "--paused", "--note", "n", "--remaining-actions", "3",
    ];

    [TestMethod]
    public async Task Create_WithAllOptions_SendsThem()
    {
        var api = new FakeApi().Answer("POST /api/schedules", """{"id":"s"}""", HttpStatusCode.Created);

        var run = await CliRun.PipedAsync(api, CreateWithEverything);

        Assert.AreEqual("Schedule 's' made.\n", run.Expect(ExitCode.Ok).Error);
        var expected = JsonNode.Parse("""
            {"id":"s","action":{"type":"Report","id":"report","args":["all"]},
             "spec":{"startAt":"2026-12-01T00:00:00Z","endAt":"2027-12-01T00:00:00Z","jitter":"5m","timeZone":"Europe/Berlin","cron":["0 2 * * *"],"intervals":[{"every":"6h"},{"every":"1d","offset":"8h"}]},
             "policy":{"overlap":"BufferOne","catchupWindow":"1d","pauseOnFailure":true},"state":{"note":"n","paused":true,"limitedActions":true,"remainingActions":3}}
            """);
        Assert.IsTrue(JsonNode.DeepEquals(expected, api.Body), api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Update_ChangesWhatIsNamedAndLeavesTheRest()
    {
        var api = new FakeApi().Answer("GET /api/schedules/s", Nightly).Answer("PUT /api/schedules/s", """{"id":"s"}""");

        (await CliRun.PipedAsync(api, "schedule", "update", "s", "--cron", "0 3 * * *", "--pause-on-failure", "true")).Expect(ExitCode.Ok);

        var expected = JsonNode.Parse(Nightly)!.AsObject();
        expected.Remove("info");
        expected["spec"]!["cron"] = new JsonArray("0 3 * * *");
        expected["policy"]!["pauseOnFailure"] = true;
        Assert.IsTrue(JsonNode.DeepEquals(expected, api.Body), api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Create_FromWhatDescribePrinted_MakesTheSame()
    {
        var api = new FakeApi().Answer("POST /api/schedules", """{"id":"s2"}""", HttpStatusCode.Created);

        (await CliRun.RunAsync(["schedule", "create", "s2", "--from", "-", "--note", "copy"], CliRun.With(api, isTerminal: false, Nightly))).Expect(ExitCode.Ok);

        Assert.AreEqual("s2", (string?)api.Body!["id"]);
        Assert.AreEqual("Report", (string?)api.Body["action"]!["type"]);
        Assert.AreEqual("copy", (string?)api.Body["state"]!["note"]);
        Assert.IsNull(api.Body["info"]);
    }

    [TestMethod]
    public async Task Describe_AtATerminal_ShowsTimesAndPolicy()
    {
        var run = await CliRun.AtTerminalAsync(new FakeApi().Answer("GET /api/schedules/s", Nightly), "schedule", "describe", "s");

        Assert.AreEqual(
            """
            id           s
            starts       Report("all") as report
            paused       no
            note         nightly
            starts left  3

            Times
            cron       ["0 2 * * *"]
            jitter     5m
            time zone  Europe/Berlin

            Policy
            overlap           Skip
            catchup window    1d
            pause on failure  false

            So far
            num actions     7
            missed catchup  0
            skipped         1

            Next times
            2026-11-25 02:00:00 (in 13h)

            Last starts
            WORKFLOW  DUE                  STARTED
            report-1  2026-11-24 02:00:00  2026-11-24 02:02:00 (10h 58m ago)

            """,
            run.Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    public async Task List_AtATerminal_ShowsTheNextTime()
    {
        var run = await CliRun.AtTerminalAsync(new FakeApi().Answer("GET /api/schedules", $$"""{"schedules":[{{Nightly}}]}"""), "schedule", "list");

        Assert.AreEqual(
            """
            ID  TYPE    PAUSED  NEXT                          LAST                               NOTE
            s   Report          2026-11-25 02:00:00 (in 13h)  2026-11-24 02:02:00 (10h 58m ago)  nightly

            """,
            run.Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    [DataRow("pause s --note away", "POST /api/schedules/s/pause", """{"note":"away"}""")]
    [DataRow("unpause s", "POST /api/schedules/s/unpause", "{}")]
    [DataRow("trigger s --overlap AllowAll", "POST /api/schedules/s/trigger", """{"overlap":"AllowAll"}""")]
    [DataRow("backfill s --start 2026-11-01T00:00:00Z --end 2026-11-02T00:00:00+01:00 --overlap BufferAll", "POST /api/schedules/s/backfill",
        """{"ranges":[{"start":"2026-11-01T00:00:00\u002B00:00","end":"2026-11-02T00:00:00\u002B01:00","overlap":"BufferAll"}]}""")]
    public async Task EachVerb_SendsItsRequest(string line, string request, string body)
    {
        var api = new FakeApi().Answer(request, """{"id":"s"}""");

        (await CliRun.PipedAsync(api, ["schedule", .. line.Split(' ')])).Expect(ExitCode.Ok);

        Assert.AreEqual(request, api.Requests.Single());
        Assert.AreEqual(body, api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Delete_NeedsYes()
    {
        var api = new FakeApi().Answer("DELETE /api/schedules/s", "", HttpStatusCode.NoContent);

        (await CliRun.PipedAsync(api, "schedule", "delete", "s")).Expect(ExitCode.Usage);
        (await CliRun.PipedAsync(api, "schedule", "delete", "s", "-y")).Expect(ExitCode.Ok);

        Assert.HasCount(1, api.Requests);
    }
}
