using System.Net;
using System.Text.Json.Nodes;
using App.Tests.Running;
using Serverless.Workflows;

namespace App.Tests.Http;

/// <summary>Schedules over HTTP.</summary>
[TestClass]
public sealed class ScheduleApiTests
{
    private const string Yearly = """
        "spec":{"cron":["0 9 1 1 *"],"timeZone":"Europe/Berlin"},"action":{"type":"Reports","args":["x"]}
        """;

    private static TestApp _app = null!;

    private static HttpClient Http => _app.Http;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        _ = context;
        _app = await TestApp.StartAsync(static o => o.AddWorkflow<Reports>());
    }

    [ClassCleanup]
    public static async Task StopAsync() => await _app.DisposeAsync();

    [TestMethod]
    public async Task Schedule_Described_CanBeSentBack()
    {
        var (status, created) = await Http.PostAsync("api/schedules", """
            {
              "id": "full",
              "spec": {
                "cron": ["0 9 * * MON-FRI"],
                "calendars": [{ "hour": "9-17/2", "minute": "30", "comment": "office" }],
                "intervals": [{ "every": "90m", "offset": "5m" }],
                "skip": [{ "month": "12", "dayOfMonth": "24-26", "hour": "*" }],
                "startAt": "2090-01-01T00:00:00Z", "endAt": "2091-01-01T00:00:00Z", "jitter": "30s", "timeZone": "Europe/Berlin"
              },
              "action": { "type": "Reports", "id": "report", "args": ["x"],
                "options": { "executionTimeout": "2h", "summary": "daily", "memo": { "a": 1 }, "searchAttributes": {}, "retryPolicy": { "maximumAttempts": 3 } } },
              "policy": { "overlap": "BufferOne", "catchupWindow": "2h", "pauseOnFailure": true },
              "state": { "paused": true, "note": "not yet", "limitedActions": true, "remainingActions": 7 },
              "memo": { "owner": "ann" }
            }
            """);
        Assert.AreEqual((HttpStatusCode.Created, "full"), (status, created["id"]!.GetValue<string>()), created.ToString());
        var (_, first) = await Http.ReadAsync("api/schedules/full");
        Assert.AreEqual(
            """{"calendars":[{"second":"0","minute":"30","hour":"9-17/2","dayOfMonth":"*","month":"*","year":"*","dayOfWeek":"*","comment":"office"}],"intervals":[{"every":"1h30m","offset":"5m"}],"cron":["0 9 * * MON-FRI"],"skip":[{"second":"0","minute":"0","hour":"*","dayOfMonth":"24-26","month":"12","year":"*","dayOfWeek":"*"}],"startAt":"2090-01-01T00:00:00+00:00","endAt":"2091-01-01T00:00:00+00:00","jitter":"30s","timeZone":"Europe/Berlin"}""",
            first["spec"]!.ToJsonString().Replace("\\u002B", "+"));
        Assert.AreEqual(
            """{"type":"Reports","id":"report","args":["x"],"options":{"taskQueue":"default","executionTimeout":"7200s","summary":"daily","memo":{"a":1},"retryPolicy":{"initialInterval":"1s","backoffCoefficient":2,"maximumAttempts":3}}}""",
            first["action"]!.ToJsonString());
        Assert.AreEqual("""{"overlap":"BufferOne","catchupWindow":"2h","pauseOnFailure":true}""", first["policy"]!.ToJsonString());
        Assert.AreEqual("""{"note":"not yet","paused":true,"limitedActions":true,"remainingActions":7}""", first["state"]!.ToJsonString());
        Assert.AreEqual("""{"owner":"ann"}""", first["memo"]!.ToJsonString());
        Assert.AreEqual(10, first["info"]!["nextTimes"]!.AsArray().Count);

        var (put, answer) = await PutAsync("api/schedules/full", first.ToJsonString());
        Assert.AreEqual(HttpStatusCode.OK, put, answer.ToString());
        var (_, second) = await Http.ReadAsync("api/schedules/full");
        foreach (var part in (string[])["spec", "action", "policy", "state"])
        {
            Assert.AreEqual(first[part]!.ToJsonString(), second[part]!.ToJsonString());
        }

        Assert.IsNotNull(second["info"]!["updatedAt"]);
    }

    [TestMethod]
    public async Task Schedule_TriggeredAndFilledBack_StartsWorkflows()
    {
        await Http.PostAsync("api/schedules", $$"""{"id":"acts",{{Yearly}},"state":{"paused":true},"triggerImmediately":true}""");
        var started = await UntilAsync("acts", 1);
        var run = started["info"]!["recentActions"]![0]!["workflowId"]!.GetValue<string>();
        StringAssert.StartsWith(run, "acts-20");
        var (_, result) = await Http.ReadAsync($"api/workflows/{run}/result?wait=30s");
        Assert.AreEqual("x for acts", result["result"]!.GetValue<string>(), result.ToString());

        var (status, _) = await Http.PostAsync("api/schedules/acts/trigger", """{"overlap":"AllowAll"}""");
        Assert.AreEqual(HttpStatusCode.Accepted, status);
        await UntilAsync("acts", 2);
        (status, _) = await Http.PostAsync("api/schedules/acts/backfill", """{"ranges":[{"start":"2019-06-01T00:00:00Z","end":"2021-06-01T00:00:00Z","overlap":"AllowAll"}]}""");
        Assert.AreEqual(HttpStatusCode.Accepted, status);
        var done = await UntilAsync("acts", 4);
        CollectionAssert.AreEqual(
            new[] { "acts-2020-01-01T08:00:00Z", "acts-2021-01-01T08:00:00Z" },
            done["info"]!["recentActions"]!.AsArray().Select(a => a!["workflowId"]!.GetValue<string>()).TakeLast(2).Order().ToList());

        (status, _) = await Http.PostAsync("api/schedules/acts/unpause", """{"note":"ready"}""");
        Assert.AreEqual(HttpStatusCode.Accepted, status);
        var (_, now) = await Http.ReadAsync("api/schedules/acts");
        Assert.AreEqual("""{"note":"ready","paused":false,"limitedActions":false,"remainingActions":0}""", now["state"]!.ToJsonString());
        await Http.PostAsync("api/schedules/acts/pause");
        (_, now) = await Http.ReadAsync("api/schedules/acts");
        Assert.AreEqual((true, "Paused over HTTP."), (now["state"]!["paused"]!.GetValue<bool>(), now["state"]!["note"]!.GetValue<string>()));
    }

    [TestMethod]
    public async Task Schedules_AreListed_ApartFromWorkflows()
    {
        await Http.PostAsync("api/schedules", $$"""{"id":"l1",{{Yearly}}}""");
        await Http.PostAsync("api/schedules", $$"""{"id":"l2",{{Yearly}},"memo":{"owner":"bob"} }""");
        JsonNode listed;
        do
        {
            listed = (await Http.ReadAsync("api/schedules?query=WorkflowId STARTS_WITH 'serverless-schedule:l'")).Body;
        }
        while (listed["schedules"]!.AsArray().Count(s => s!["info"]!["nextTimes"] is JsonArray { Count: > 0 }) < 2);

        CollectionAssert.AreEqual(new[] { "l2", "l1" }, listed["schedules"]!.AsArray().Select(s => s!["id"]!.GetValue<string>()).ToList());
        var newest = listed["schedules"]![0]!;
        Assert.AreEqual("Reports", newest["action"]!["type"]!.GetValue<string>());
        Assert.AreEqual("""{"owner":"bob"}""", newest["memo"]!.ToJsonString());
        Assert.AreEqual("""["0 9 1 1 *"]""", newest["spec"]!["cron"]!.ToJsonString());
        Assert.IsFalse(newest["state"]!["paused"]!.GetValue<bool>());
        var (_, workflows) = await Http.ReadAsync("api/workflows?query=WorkflowType = 'serverless-schedule'");
        Assert.AreEqual(0, workflows["workflows"]!.AsArray().Count);

        var deleted = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "api/schedules/l1"));
        Assert.AreEqual(HttpStatusCode.NoContent, deleted.StatusCode);
        var (status, problem) = await Http.ReadAsync("api/schedules/l1");
        Assert.AreEqual((HttpStatusCode.NotFound, "schedule-not-found"), (status, problem["code"]!.GetValue<string>()));
    }

    [TestMethod]
    [DataRow("""{"action":{"type":"Reports"}}""", 400, "invalid-request", "spec and an action")]
    [DataRow("""{"spec":{}}""", 400, "invalid-request", "spec and an action")]
    [DataRow("""{"spec":{"cron":[null]},"action":{"type":"Reports"}}""", 400, "invalid-request", "spec.cron: a list must not contain null")]
    [DataRow("""{"spec":{"calendars":[null]},"action":{"type":"Reports"}}""", 400, "invalid-request", "spec.calendars: a list must not contain null")]
    [DataRow("""{"spec":{"intervals":[null]},"action":{"type":"Reports"}}""", 400, "invalid-request", "spec.intervals: a list must not contain null")]
    [DataRow("""{"spec":{"skip":[null]},"action":{"type":"Reports"}}""", 400, "invalid-request", "spec.skip: a list must not contain null")]
    [DataRow("""{"spec":{},"action":{"type":"Reports","options":{"retryPolicy":{"nonRetryableErrorTypes":[null]}}}}""", 400, "invalid-request", "must not contain null")]
    [DataRow("""{"spec":{"cron":["x"]},"action":{"type":"Reports"}}""", 400, "invalid-request", "'x' can't be read")]
    [DataRow("""{"spec":{"calendars":[{"hour":"24"}]},"action":{"type":"Reports"}}""", 400, "invalid-request", "'24' is no hour")]
    [DataRow("""{"spec":{"intervals":[{}]},"action":{"type":"Reports"}}""", 400, "invalid-request", "every is missing")]
    [DataRow("""{"spec":{"jitter":"soon"},"action":{"type":"Reports"}}""", 400, "invalid-request", "'soon' is not a duration")]
    [DataRow("""{"spec":{"timeZone":"Mars"},"action":{"type":"Reports"}}""", 400, "invalid-request", "no time zone 'Mars'")]
    [DataRow("""{"spec":{},"action":{"type":"Nothing"}}""", 400, "unknown-workflow-type", "Nothing")]
    [DataRow("""{"spec":{},"action":{"type":"Reports","options":{"startDelay":"1s"}}}""", 400, "invalid-request", "can't be set")]
    [DataRow("""{"spec":{},"action":{"type":"Reports"},"backfills":[{"start":"2026-01-01T00:00:00Z"}]}""", 400, "invalid-request", "a start and an end")]
    [DataRow("""{"spec":{},"action":{"type":"Reports"},"when":1}""", 400, "invalid-json", "when")]
    public async Task Schedule_WithImpossibleBody_IsRefused(string body, int status, string code, string part)
    {
        var (refused, problem) = await Http.PostAsync("api/schedules", body);
        Assert.AreEqual((status, code), ((int)refused, problem["code"]!.GetValue<string>()), problem.ToString());
        StringAssert.Contains(problem["detail"]!.GetValue<string>(), part);
    }

    [TestMethod]
    public async Task Schedule_UnknownOrTaken_HasItsOwnCodes()
    {
        foreach (var path in (string[])["pause", "unpause", "trigger"])
        {
            var (status, problem) = await Http.PostAsync($"api/schedules/none/{path}");
            Assert.AreEqual((HttpStatusCode.NotFound, "schedule-not-found"), (status, problem["code"]!.GetValue<string>()), path);
        }

        await Http.PostAsync("api/schedules", $$"""{"id":"taken",{{Yearly}}}""");
        var (again, taken) = await Http.PostAsync("api/schedules", $$"""{"id":"taken",{{Yearly}}}""");
        Assert.AreEqual((HttpStatusCode.Conflict, "schedule-already-exists"), (again, taken["code"]!.GetValue<string>()));
        var (renamed, problemOfName) = await PutAsync("api/schedules/taken", """{"id":"other"}""");
        Assert.AreEqual((HttpStatusCode.BadRequest, "invalid-request"), (renamed, problemOfName["code"]!.GetValue<string>()));
        var (empty, problemOfRanges) = await Http.PostAsync("api/schedules/taken/backfill", """{"ranges":[]}""");
        Assert.AreEqual((HttpStatusCode.BadRequest, "invalid-request"), (empty, problemOfRanges["code"]!.GetValue<string>()));
    }

    private static async Task<JsonNode> UntilAsync(string id, int actions)
    {
        while (true)
        {
            var (_, schedule) = await Http.ReadAsync($"api/schedules/{id}");
            if (schedule["info"]!["numActions"]!.GetValue<int>() >= actions)
            {
                return schedule;
            }

            await Task.Delay(50);
        }
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> PutAsync(string path, string body)
    {
        using var answer = await Http.PutAsync(path, new StringContent(body));
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    [Workflow]
    public sealed class Reports
    {
        [WorkflowRun]
        public Task<string> RunAsync(string about) => Task.FromResult(
            $"{about} for {Workflow.TypedSearchAttributes.Get(Serverless.Common.SearchAttributeKey.CreateKeyword("TemporalScheduledById"))}");
    }
}
