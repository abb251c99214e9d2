using System.Collections.Concurrent;
using App.Tests.Running;
using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace App.Tests.Access;

/// <summary>With everything logged that can be, no log record holds a credential or what workflows were given.</summary>
[TestClass]
public sealed class LogTests
{
    private const string Key = "api-key-HUSH-1-0123456789";
    private const string Payload = "payload-HUSH-2";
    private const string AccountKey = "SFVTSC0zSFVTSC0zSFVTSC0zSFVTSC0zSFVTSC0zSFVTSC0zSFVTSC0zSFVTSC0zSFVTSC0zSFVTSC0zSFVTSA==";
    private const string Signature = "sas-HUSH-4-0123456789";

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Calls_LeaveNeitherCredentialsNorPayloadsInTheLog()
    {
        using var logs = new Recorder();
        var (good, bad) = (Tokens.Create("operator"), Tokens.Create("admin", audience: "another"));
        await using var app = await MemoryApp.StartAsync(
            [("Serverless:ApiKey", Key), .. Tokens.Settings, ("Serverless:SearchAttributes", "Customer=Keyword")],
            static o => o.AddWorkflow<Quiet>().AddActivities(typeof(QuietActivities)), logs);
        Task<MemoryAnswer> Call(string method, string path, string body = "", string? token = null) =>
            app.SendAsync(method, path, [token is null ? ("x-functions-key", Key) : ("Authorization", $"Bearer {token}")], body: body);

        var text = $"\"{Payload}\"";
        var start = $$"""{"type":"Quiet","id":"w","args":[{{text}}],"options":{"memo":{"m":{{text}}},"searchAttributes":{"Customer":{{text}}},"summary":{{text}} } }""";
        Assert.AreEqual(201, (await Call("POST", "/api/workflows", start, good)).Status);
        Assert.AreEqual(401, (await Call("POST", "/api/workflows", start, bad)).Status);
        Assert.AreEqual(401, (await app.SendAsync("GET", "/api/workflows", [("x-functions-key", Key + Payload)])).Status);
        List<MemoryAnswer> errors =
        [
            await Call("POST", "/api/workflows", start + Payload),
            await Call("POST", "/api/workflows", $$"""{"type":"Quiet","args":{{text}} }"""),
            await Call("POST", "/api/workflows/w/queries/Number", $"[{text}]"),
            await Call("POST", "/api/workflows/w/updates/Number?wait=30s", $"[{text}]"),
        ];
        CollectionAssert.AreEqual(new[] { 400, 400, 422, 422 }, errors.Select(static e => e.Status).ToList());
        Assert.IsEmpty(errors.Where(static e => e.Text.Contains(Payload, StringComparison.Ordinal)).Select(static e => e.Text).ToList());
        Assert.AreEqual(202, (await Call("POST", "/api/workflows/w/signals/Count", $"[{text}]")).Status);
        Assert.AreEqual(202, (await Call("POST", "/api/workflows/w/signals/Unknown", $"[{text}]")).Status);
        Assert.AreEqual(200, (await Call("POST", "/api/workflows/w/updates/Echo?wait=30s", $"[{text}]")).Status);
        Assert.AreEqual(202, (await Call("POST", "/api/workflows/w/signals/End", $"[{text}]")).Status);
        Assert.AreEqual(422, (await Call("GET", "/api/workflows/w/result?wait=60s")).Status);
        Assert.AreEqual(200, (await Call("GET", "/api/workflows/w/history")).Status);

        Assert.IsGreaterThan(20, logs.Count);
        Assert.IsTrue(logs.Any("Activity failed"), "The flow did not log what it should.");
        NothingHolds(logs, Key, Tokens.Secret, good, bad, Payload);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    [DataRow($"DefaultEndpointsProtocol=http;AccountName=hush;AccountKey={AccountKey};TableEndpoint=http://127.0.0.1:1/hush;QueueEndpoint=http://127.0.0.1:1/hush;BlobEndpoint=http://127.0.0.1:1/hush")]
    [DataRow($"TableEndpoint=http://127.0.0.1:1/hush;QueueEndpoint=http://127.0.0.1:1/hush;BlobEndpoint=http://127.0.0.1:1/hush;SharedAccessSignature=sv=2024-01-01&sig={Signature}")]
    public async Task StorageThatCantBeReached_IsLoggedWithoutItsKey(string connection)
    {
        using var logs = new Recorder();
        await using (var app = await MemoryApp.StartAsync([("AzureWebJobsStorage", connection)], logs: logs))
        {
            await logs.UntilAsync("storage could not be reached");
            var answer = await app.SendAsync("GET", "/api/health");

            Assert.AreEqual(503, answer.Status);
            Assert.DoesNotContain(AccountKey, answer.Text);
            Assert.DoesNotContain(Signature, answer.Text);
        }

        NothingHolds(logs, AccountKey, Signature);
    }

    private static void NothingHolds(Recorder logs, params string[] secrets)
    {
        foreach (var secret in secrets)
        {
            Assert.IsFalse(logs.Any(secret), $"Logged: {logs.First(secret)}");
        }
    }

    [Workflow]
    public sealed class Quiet
    {
        private bool _ended;

        [WorkflowRun]
        public async Task RunAsync(string text)
        {
            await Workflow.WaitConditionAsync(() => _ended);
            await Workflow.ExecuteActivityAsync(() => QuietActivities.Fail(text), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { MaximumAttempts = 2, InitialInterval = TimeSpan.FromMilliseconds(1) } });
        }

        [WorkflowSignal]
        public Task CountAsync(int number) => Task.CompletedTask;

        [WorkflowSignal]
        public Task EndAsync(string text)
        {
            _ended = true;
            return Task.CompletedTask;
        }

        [WorkflowQuery]
        public int Number(int number) => number;

        [WorkflowUpdate("Number")]
        public Task<int> TakeAsync(int number) => Task.FromResult(number);

        [WorkflowUpdate]
        public Task<string> EchoAsync(string text) => Task.FromResult(text);
    }

    public static class QuietActivities
    {
        /// <summary>An application that puts payloads into messages of its failures logs them itself; details are payloads.</summary>
        [Activity]
        public static void Fail(string text) => throw new ApplicationFailureException("It did not work.", details: [text]);
    }

    /// <summary>Keeps every record as text: message, values, exception and scopes.</summary>
    private sealed class Recorder : ILoggerProvider
    {
        private readonly ConcurrentQueue<string> _records = [];
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = [];

        public int Count => _records.Count;

        public bool Any(string text) => First(text) is not null;

        public string? First(string text) => _records.FirstOrDefault(record => record.Contains(text, StringComparison.Ordinal));

        public async Task UntilAsync(string text)
        {
            var seen = _awaited.GetOrAdd(text, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
            if (!Any(text))
            {
                await seen.Task;
            }
        }

        public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

        public void Dispose()
        {
        }

        private void Add(string record)
        {
            _records.Enqueue(record);
            foreach (var (text, seen) in _awaited)
            {
                if (record.Contains(text, StringComparison.Ordinal))
                {
                    seen.TrySetResult();
                }
            }
        }

        private static string Values(object? state) =>
            state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(", ", values.Select(static v => $"{v.Key}={v.Value}")) : $"{state}";

        private sealed class Writer(Recorder recorder, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull
            {
                recorder.Add($"{category} scope: {Values(state)}");
                return null;
            }

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                recorder.Add($"{category}: {formatter(state, exception)} | {Values(state)} | {exception}");
        }
    }
}
