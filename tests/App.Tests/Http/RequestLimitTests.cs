using System.Net;
using System.Text;
using App.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Client;
using Serverless.Functions.Http;
using Serverless.Workflows;

namespace App.Tests.Http;

/// <summary>The limits of the HTTP API at their edges.</summary>
[TestClass]
public sealed class RequestLimitTests
{
    private const int Largest = 64 * 1024;
    private static TestApp _app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        _ = context;
        _app = await TestApp.StartAsync(
            o =>
            {
                o.MaxRequestBytes = Largest;
                o.AddWorkflow<Listener>();
            },
            static b => b.Services.AddSingleton(new WaitLimit(most: 3)));
        await _app.Client.StartWorkflowAsync((Listener l) => l.RunAsync(), new("w"));
    }

    [ClassCleanup]
    public static async Task StopAsync() => await _app.DisposeAsync();

    [TestMethod]
    public async Task Body_of_the_largest_size_is_taken_and_one_byte_more_is_not()
    {
        await AnsweredAsync(HttpStatusCode.Accepted, "", await SignalAsync($"[\"{new string('x', Largest - 4)}\"]"));
        await AnsweredAsync(HttpStatusCode.RequestEntityTooLarge, "too-large", await SignalAsync($"[\"{new string('x', Largest - 3)}\"]"));
    }

    [TestMethod]
    public async Task Body_without_a_length_has_the_same_limit()
    {
        using var endless = new HttpRequestMessage(HttpMethod.Post, "api/workflows/w/signals/tell") { Content = new StreamContent(new MemoryStream(new byte[Largest + 1])) };
        endless.Headers.TransferEncodingChunked = true;
        endless.Content.Headers.ContentLength = null;
        await AnsweredAsync(HttpStatusCode.RequestEntityTooLarge, "too-large", await _app.Http.SendAsync(endless));
    }

    [TestMethod]
    public async Task Lists_and_objects_have_at_most_1000_values()
    {
        await AnsweredAsync(HttpStatusCode.Accepted, "", await SignalAsync(List(1_000)));
        await AnsweredAsync(HttpStatusCode.RequestEntityTooLarge, "too-large", await SignalAsync(List(1_001)));
        await AnsweredAsync(HttpStatusCode.Created, "", await StartAsync($$$"""{"type":"Listener","options":{"memo":{{{Map(1_000)}}}}}"""));
        await AnsweredAsync(HttpStatusCode.RequestEntityTooLarge, "too-large", await StartAsync($$$"""{"type":"Listener","options":{"memo":{{{Map(1_001)}}}}}"""));

        static string List(int count) => $"[{string.Join(',', Enumerable.Repeat("0", count))}]";
        static string Map(int count) => $"{{{string.Join(',', Enumerable.Range(0, count).Select(static i => $"\"{i}\":0"))}}}";
    }

    [TestMethod]
    public async Task Nesting_has_at_most_64_levels()
    {
        await AnsweredAsync(HttpStatusCode.Accepted, "", await SignalAsync(new string('[', 64) + new string(']', 64)));
        await AnsweredAsync(HttpStatusCode.BadRequest, "invalid-json", await SignalAsync(new string('[', 65) + new string(']', 65)));
    }

    [TestMethod]
    public async Task Halves_of_characters_are_refused()
    {
        await AnsweredAsync(HttpStatusCode.BadRequest, "invalid-json", await SignalAsync("[{\"a\":\"x\\ud800\"}]"));
        await AnsweredAsync(HttpStatusCode.BadRequest, "invalid-json", await StartAsync("{\"type\":\"Listener\",\"options\":{\"memo\":{\"\\udc00\":1}}}"));
        await AnsweredAsync(HttpStatusCode.Accepted, "", await SignalAsync("[\"\\ud83d\\ude00\"]"));
    }

    [TestMethod]
    [DataRow("type")]
    [DataRow("taskQueue")]
    [DataRow("id")]
    public async Task Names_and_ids_have_at_most_200_characters(string what)
    {
        await AnsweredAsync(HttpStatusCode.BadRequest, "invalid-request", await StartAsync(Body(201)));

        // A type of that length is refused too, but as one that there is not.
        using var longest = await StartAsync(Body(200));
        Assert.AreEqual(what == "type" ? HttpStatusCode.BadRequest : HttpStatusCode.Created, longest.StatusCode);
        Assert.AreEqual(what == "type", (await longest.Content.ReadAsStringAsync()).Contains("unknown-workflow-type", StringComparison.Ordinal));

        string Body(int length) => what switch
        {
            "type" => $$"""{"type":"{{new string('n', length)}}"}""",
            "id" => $$"""{"type":"Listener","id":"{{new string('n', length)}}"}""",
            _ => $$$"""{"type":"Listener","options":{"taskQueue":"{{{new string('n', length)}}}"}}""",
        };
    }

    [TestMethod]
    public async Task Request_line_and_headers_have_the_limits_of_the_web_server()
    {
        Assert.AreEqual(HttpStatusCode.RequestUriTooLong, (await _app.Http.GetAsync($"api/workflows?query={new string('x', 9_000)}")).StatusCode);
        using var headers = new HttpRequestMessage(HttpMethod.Get, "api/workflows");
        headers.Headers.Add("x-much", new string('x', 33_000));
        Assert.AreEqual(HttpStatusCode.RequestHeaderFieldsTooLarge, (await _app.Http.SendAsync(headers)).StatusCode);
    }

    [TestMethod]
    public async Task As_many_requests_wait_as_may_and_one_more_is_refused()
    {
        using var leave = new CancellationTokenSource();
        var waiting = new Task<HttpResponseMessage>?[3];
        HttpResponseMessage? refused = null;
        await UntilAsync(async () =>
        {
            // One whose place the question below had taken asks again.
            for (var i = 0; i < waiting.Length; i++)
            {
                waiting[i] = waiting[i] is { IsCompleted: false } still ? still : _app.Http.GetAsync("api/workflows/w/result?wait=200s", leave.Token);
            }

            refused = await _app.Http.GetAsync("api/workflows/w/history?wait=1ms&after=1000");
            return refused.StatusCode == HttpStatusCode.TooManyRequests;
        });
        await AnsweredAsync(HttpStatusCode.TooManyRequests, "too-many-waits", refused!);
        await AnsweredAsync(HttpStatusCode.TooManyRequests, "too-many-waits", await _app.Http.PostAsync("api/workflows/w/updates/change", new StringContent("[]")));
        await AnsweredAsync(HttpStatusCode.Accepted, "", await _app.Http.GetAsync("api/workflows/w/result"));

        await leave.CancelAsync();
        await Task.WhenAll(waiting!).ContinueWith(static _ => { }, TaskScheduler.Default);
        await UntilAsync(async () => (await _app.Http.GetAsync("api/workflows/w/history?wait=1ms&after=1000")).StatusCode == HttpStatusCode.OK);
    }

    [TestMethod]
    [DataRow(10, 1)]
    [DataRow(9, 2)]
    public async Task Lines_have_a_limit(int most, int lines)
    {
        var text = "0123456789\n012345678";
        var read = new List<string>();
        var e = await Record(async () =>
        {
            await foreach (var line in JsonLines.LinesAsync(new StringReader(text), most, default))
            {
                read.Add(line);
            }
        });
        Assert.AreEqual(most == 10 ? null : WorkflowServiceError.LimitExceeded, (e as WorkflowServiceException)?.Code);
        Assert.HasCount(most == 10 ? lines + 1 : 0, read);
    }

    /// <summary>What is read of a body costs a multiple of its size, and no more.</summary>
    [TestMethod]
    [DataRow("[0,0,0,0", ",0")]
    [DataRow("{\"type\":\"Listener\",\"args\":[0", ",0")]
    [DataRow("{\"type\":\"Listener\",\"options\":{\"memo\":{\"a\":0", ",\"a\":0")]
    [DataRow("[[[[[[[[", "[")]
    public async Task Bodies_cost_a_multiple_of_their_size(string begin, string rest)
    {
        var body = begin + string.Concat(Enumerable.Repeat(rest, (Largest - begin.Length) / rest.Length));
        await _app.Http.PostAsync("api/workflows", new StringContent(body));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < 20; i++)
        {
            using var answer = await _app.Http.PostAsync(begin[0] == '{' ? "api/workflows" : "api/workflows/w/signals/tell", new ByteArrayContent(Encoding.UTF8.GetBytes(body)));
            Assert.IsTrue((int)answer.StatusCode is >= 400 and < 500, $"{answer.StatusCode}");
        }

        Assert.IsLessThan(20 * 20L * Largest, GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    private static Task<HttpResponseMessage> SignalAsync(string body) => _app.Http.PostAsync("api/workflows/w/signals/tell", new StringContent(body));

    private static Task<HttpResponseMessage> StartAsync(string body) => _app.Http.PostAsync("api/workflows", new StringContent(body));

    private static async Task<Exception?> Record(Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (WorkflowServiceException e)
        {
            return e;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            Assert.IsFalse(limit.IsCancellationRequested, "The places for waiting requests did not change hands.");
            await Task.Yield();
        }
    }

    private static async Task AnsweredAsync(HttpStatusCode status, string code, HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.AreEqual(status, answer.StatusCode, text);
            Assert.Contains(code.Length == 0 ? "" : $"\"code\":\"{code}\"", text);
        }
    }

    [Workflow]
    public class Listener
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(static () => false);

        [WorkflowSignal("tell")]
        public Task TellAsync(System.Text.Json.JsonElement _) => Task.CompletedTask;

        [WorkflowUpdate("change")]
        public Task ChangeAsync() => Task.CompletedTask;
    }
}
