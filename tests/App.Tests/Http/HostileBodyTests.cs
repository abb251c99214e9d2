using System.Net;
using System.Text;
using App.Tests.Running;
using CsCheck;
using Serverless.Workflows;

namespace App.Tests.Http;

/// <summary>Whatever is posted where: an answer, in a bounded time, and when it is no, problem details that say why. Never a fault of the process.</summary>
[TestClass]
public sealed class HostileBodyTests
{
    private static readonly (string Method, string Path, string Body)[] Calls =
    [
        ("POST", "api/workflows", """{"type":"Idle","id":"%","args":["x",{"a":[1,2.5,null]}],"options":{"taskQueue":"default","executionTimeout":"1h","runTimeout":"30m","taskTimeout":"5s","startDelay":"1s","idReusePolicy":"RejectDuplicate","idConflictPolicy":"UseExisting","retryPolicy":{"initialInterval":"1s","backoffCoefficient":2,"maximumInterval":"10s","maximumAttempts":3,"nonRetryableErrorTypes":["A"]},"memo":{"m":1},"searchAttributes":{"Customer":"Ada","Count":3,"Tags":["a"],"Due":"2026-11-01T00:00:00Z","Amount":1.5,"Vip":true},"startSignal":{"name":"tell","args":["x"]},"summary":"s","details":"d","requestId":"%"}}"""),
        ("POST", "api/workflows", """{"type":"Idle","id":"%","options":{"cronSchedule":"*/5 * * * *"}}"""),
        ("POST", "api/workflows/idle/signals/tell?requestId=%", """["x",1,true,null,{"deep":{"er":[[]]}}]"""),
        ("POST", "api/workflows/idle/queries/told", "[]"),
        ("POST", "api/workflows/idle/updates/change?updateId=%&wait=0s", """["x"]"""),
        ("POST", "api/workflows/idle/cancel", """{"reason":"because"}"""),
        ("POST", "api/workflows/gone/terminate", """{"reason":"because","details":[1,"x"]}"""),
        ("POST", "api/workflows/idle/search-attributes", """{"Customer":"Eve","Tags":null,"Count":1}"""),
        ("POST", "api/workflows/idle/reset", """{"event":4,"reason":"r","reapply":"None","children":"Keep","requestId":"%"}"""),
        ("POST", "api/workflows/idle/fork", """{"id":"%","to":"firstWorkflowTask","reason":"r"}"""),
        ("POST", "api/workflows/idle/resume", ""),
        ("POST", "api/batches", """{"id":"%","query":"WorkflowType = 'Nothing'","action":"signal","reason":"r","signal":{"name":"s","args":[1]},"rate":10}"""),
        ("POST", "api/batches", """{"query":"WorkflowType = 'Nothing'","action":"upsertSearchAttributes","searchAttributes":{"Customer":"x"}}"""),
        ("POST", "api/schedules", """{"id":"%","action":{"type":"Idle","id":"s","args":[1],"options":{"memo":{"a":1}}},"spec":{"cron":["0 9 * * *"],"calendars":[{"hour":"3","dayOfWeek":"1-5"}],"intervals":[{"every":"1h","offset":"5m"}],"skip":[{"hour":"4"}],"startAt":"2026-11-01T00:00:00Z","endAt":"2036-11-01T00:00:00Z","jitter":"10s","timeZone":"Europe/Berlin"},"policy":{"overlap":"BufferOne","catchupWindow":"1h","pauseOnFailure":true},"state":{"paused":true,"note":"n","limitedActions":true,"remainingActions":3},"memo":{"m":1},"searchAttributes":{"Customer":"x"}}"""),
        ("PUT", "api/schedules/nobody", """{"state":{"paused":true}}"""),
        ("POST", "api/schedules/nobody/backfill", """{"ranges":[{"start":"2026-11-01T00:00:00Z","end":"2026-11-02T00:00:00Z","overlap":"AllowAll"}]}"""),
        ("POST", "api/schedules/nobody/pause", """{"note":"n"}"""),
        ("POST", "api/hub/purge", """{"query":"WorkflowType = 'Nothing'","dryRun":true}"""),
        ("POST", "api/hub/import?merge=true", """{"format":1,"workflowId":"%","runId":"r","runNumber":1,"currentRunId":"r","status":"Completed","events":[]}"""),
        ("GET", "api/workflows?query=%&pageSize=%&pageToken=%", ""),
        ("GET", "api/workflows/count?query=%", ""),
        ("GET", "api/workflows/explain?query=%", ""),
        ("GET", "api/workflows/%?run=%", ""),
        ("GET", "api/workflows/%/result?wait=%", ""),
        ("GET", "api/workflows/idle/history?after=%", ""),
        ("GET", "api/workflows/%/why", ""),
        ("GET", "api/batches/%", ""),
        ("GET", "api/schedules/%", ""),
        ("DELETE", "api/workflows/%", ""),
    ];

    private static readonly Gen<string> Parts = Gen.OneOf(
        Gen.OneOf(
            "null", "0", "-1", "1e999", "9999999999999999999999", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "\"x\\udc00y\"", "[]", "{}", "[[[[", "}}}}", "]", "\"", "\\", ",", ":", "true", "/*c*/", "'", "\u0000",
            "\"P1D\"", "\"-5s\"", "\"999999999999d\"", "\"2026-99-99\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59-14:00\"", "\"a/b\"", "\"serverless-x\"", "\"__temporal\"", "\"* * * * *\"",
            "{\"a\":1,\"a\":2}", "\"Running' OR WorkflowType = '\"", "\"\u202E\""),
        Gen.Int[1, 300].Select(static n => new string('[', n)),
        Gen.Int[1, 3_000].Select(static n => $"\"{new string('y', n)}\""),
        Gen.String[Gen.Char, 0, 12]);

    private static TestApp _app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        _ = context;
        _app = await TestApp.StartAsync(
            o => o.AddWorkflow<Idle>(),
            b => b.Configuration["Serverless:SearchAttributes"] = "Customer=Keyword, Tags=KeywordList, Note=Text, Count=Int, Vip=Bool, Due=DateTime, Amount=Double");
        var (status, body) = await _app.Http.PostAsync("api/workflows", """{"type":"Idle","id":"idle"}""");
        Assert.AreEqual(HttpStatusCode.Created, status, body.ToString());
    }

    [ClassCleanup]
    public static async Task StopAsync() => await _app.DisposeAsync();

    [TestMethod]
    public async Task Bodies_as_they_should_be_are_understood()
    {
        foreach (var (method, path, body) in Calls.Where(static c => c.Body.Length > 0))
        {
            var id = Guid.NewGuid().ToString("N");
            var answer = await SendAsync(method, path.Replace("%", id, StringComparison.Ordinal), Encoding.UTF8.GetBytes(body.Replace("%", id, StringComparison.Ordinal)));
            Assert.IsTrue(
                answer.IsSuccessStatusCode || answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity || path.Contains("import", StringComparison.Ordinal),
                $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    [TestMethod]
    public void Garbage_is_refused() =>
        Gen.Select(Gen.OneOf(Calls), Gen.OneOf(Gen.Byte.Array[0, 100], Parts.Array[1, 8].Select(static parts => Encoding.UTF8.GetBytes(string.Concat(parts)))), Parts)
            .Sample((call, body, part) => Check(call.Method, Path(call.Path, part), body), iter: 1_500, threads: 2);

    [TestMethod]
    public void Bodies_that_are_almost_right_are_answered()
    {
        var change = Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 12], Parts);
        Gen.Select(Gen.OneOf(Calls), change.Array[1, 3], Parts).Sample(
            (call, changes, part) =>
            {
                var body = call.Body.Replace("%", Guid.NewGuid().ToString("N"), StringComparison.Ordinal);
                foreach (var (at, length, put) in changes)
                {
                    var start = at % (body.Length + 1);
                    body = body.Remove(start, Math.Min(length, body.Length - start)).Insert(start, put);
                }

                return Check(call.Method, Path(call.Path, part), Encoding.UTF8.GetBytes(body));
            },
            iter: 2_500,
            threads: 2);
    }

    /// <summary>Values in the place of others: the form is right, the content is not.</summary>
    [TestMethod]
    public void Bodies_with_other_values_are_answered() =>
        Gen.Select(Gen.OneOf([.. Calls.Where(static c => c.Body.Length > 0)]), Gen.Int[0, 10_000], Parts).Sample(
            (call, at, part) =>
            {
                var body = call.Body.Replace("%", Guid.NewGuid().ToString("N"), StringComparison.Ordinal);
                var values = System.Text.RegularExpressions.Regex.Matches(body, "(?<=[:\\[,])(\"[^\"]*\"|-?[0-9.]+|true|null)(?=[,\\]}])");
                var value = values.Count == 0 ? null : values[at % values.Count];
                body = value is null ? body : body.Remove(value.Index, value.Length).Insert(value.Index, part);
                return Check(call.Method, Path(call.Path, "x"), Encoding.UTF8.GetBytes(body));
            },
            iter: 2_500,
            threads: 2);

    private static string Path(string path, string part) => path.Replace("%", Uri.EscapeDataString(part), StringComparison.Ordinal);

    private static bool Check(string method, string path, byte[] body)
    {
        using var answer = SendAsync(method, path, body).GetAwaiter().GetResult();
        var text = answer.Content.ReadAsStringAsync().GetAwaiter().GetResult();
        var status = (int)answer.StatusCode;
        var said = $"{method} {path}: {status} {text}\n{Encoding.UTF8.GetString(body)}";
        Assert.IsTrue(status is (>= 200 and < 300) or (>= 400 and < 500), said);

        // What is not even a request is refused by the web server itself.
        Assert.IsTrue(status < 400 || text.Length == 0 || answer.Content.Headers.ContentType?.MediaType == "application/problem+json", said);
        return true;
    }

    private static async Task<HttpResponseMessage> SendAsync(string method, string path, byte[] body)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PUT")
        {
            request.Content = new ByteArrayContent(body);
        }

        return await _app.Http.SendAsync(request, limit.Token);
    }

    [Workflow]
    public class Idle
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(static () => false, CancellationToken.None);

        [WorkflowSignal("tell")]
        public Task TellAsync(string text) => Task.CompletedTask;

        [WorkflowQuery("told")]
        public string Told() => "";

        [WorkflowUpdate("change")]
        public Task<string> ChangeAsync(string text) => Task.FromResult(text);
    }
}
