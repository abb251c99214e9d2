using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;
using Serverless.Tests.Engine;
using Serverless.Workflows;

namespace Core.Tests.Hostile;

/// <summary>What callers give, at the edge of each limit: the largest is taken, one more is refused with the limit's name and number, and nothing is stored of it.</summary>
[TestClass]
public sealed class CallLimitTests
{
    private static readonly WorkflowRef W = new("w");

    [TestMethod]
    [DataRow("workflow type")]
    [DataRow("task queue")]
    [DataRow("signal")]
    [DataRow("start signal")]
    [DataRow("query")]
    [DataRow("update")]
    public async Task Names_have_1_to_1000_characters(string what)
    {
        await using var host = await HostAsync();
        await TakenAsync(what, () => CallAsync(host, what, new string('n', NameLimits.MaxName)));
        await RefusedAsync(() => CallAsync(host, what, new string('n', NameLimits.MaxName + 1)), WorkflowServiceError.InvalidArgument, "has 1 to 1,000 characters; this one has 1001.");
        await RefusedAsync(() => CallAsync(host, what, ""), WorkflowServiceError.InvalidArgument, "has 1 to 1,000 characters; this one has 0.");
    }

    [TestMethod]
    [DataRow("request id of a start")]
    [DataRow("request id of a signal")]
    [DataRow("request id of a cancellation")]
    [DataRow("request id of a change")]
    [DataRow("request id of a reset")]
    [DataRow("update id")]
    [DataRow("update id to wait for")]
    [DataRow("workflow id")]
    public async Task Ids_have_1_to_256_characters_and_480_once_escaped(string what)
    {
        await using var host = await HostAsync();
        await TakenAsync(what, () => CallAsync(host, what, new string('i', WorkflowKey.MaxIdLength)));
        await TakenAsync(what, () => CallAsync(host, what, new string('é', WorkflowKey.MaxEscapedLength / 6)));
        await RefusedAsync(() => CallAsync(host, what, new string('i', WorkflowKey.MaxIdLength + 1)), WorkflowServiceError.InvalidArgument, "has at most 256 characters; this one has 257.");
        await RefusedAsync(() => CallAsync(host, what, new string('é', (WorkflowKey.MaxEscapedLength / 6) + 1)), WorkflowServiceError.InvalidArgument, "has at most 480 characters once");
        await RefusedAsync(() => CallAsync(host, what, ""), WorkflowServiceError.InvalidArgument, "must not be empty.");
        await RefusedAsync(() => CallAsync(host, what, "a\0b"), WorkflowServiceError.InvalidArgument, "this one contains U+0000.");
        await RefusedAsync(() => CallAsync(host, what, "a\uD800b"), WorkflowServiceError.InvalidArgument, "this one contains U+FFFD.");
    }

    [TestMethod]
    [DataRow("summary")]
    [DataRow("details")]
    [DataRow("identity")]
    [DataRow("reason of a cancellation")]
    [DataRow("reason of a reset")]
    [DataRow("reason of a termination")]
    public async Task Texts_have_at_most_20000_characters(string what)
    {
        await using var host = await HostAsync();
        await RefusedAsync(() => CallAsync(host, what, new string('t', NameLimits.MaxText + 1)), WorkflowServiceError.InvalidArgument, "at most 20,000 characters; this one has 20001.");
        await TakenAsync(what, () => CallAsync(host, what, new string('t', NameLimits.MaxText)));
    }

    [TestMethod]
    [DataRow("arguments", "The arguments of the workflow are 1001; the limit is 1000.")]
    [DataRow("headers", "The headers of the workflow are 1001; the limit is 1000.")]
    [DataRow("memo values", "The memo of the workflow has 1001 values; the limit is 1000.")]
    [DataRow("arguments of a signal", "The arguments of signal 's' are 1001; the limit is 1000.")]
    [DataRow("arguments of a query", "The arguments of query 'q' are 1001; the limit is 1000.")]
    [DataRow("arguments of an update", "The arguments of update 'u' are 1001; the limit is 1000.")]
    [DataRow("details of a termination", "The termination details are 1001; the limit is 1000.")]
    public async Task Lists_and_maps_have_at_most_1000_values(string what, string message)
    {
        await using var host = await HostAsync();
        await RefusedAsync(() => CallAsync(host, what, 1_001), WorkflowServiceError.LimitExceeded, message);
        await TakenAsync(what, () => CallAsync(host, what, 1_000));
    }

    [TestMethod]
    public async Task Search_attributes_are_at_most_100()
    {
        var declared = Enumerable.Range(0, 101).ToDictionary(static i => $"A{i}", static _ => IndexedValueType.Int);
        await using var host = await HostAsync(EngineHost.Options with { SearchAttributes = declared });
        await RefusedAsync(() => CallAsync(host, "search attributes", 101), WorkflowServiceError.LimitExceeded, "The search attributes of the workflow have 101 values; the limit is 100.");
        await TakenAsync("search attributes", () => CallAsync(host, "search attributes", 100));
    }

    [TestMethod]
    public async Task Memo_and_search_attributes_are_taken_up_to_their_last_byte()
    {
        await using var host = await HostAsync();
        var limits = new EngineLimits();
        var around = Json("").Data.Length + "encoding".Length + "json/plain".Length + 1;
        await RefusedAsync(() => StartAsync(host, Flow with { Memo = Map("m", limits.MaxMemoBytes - around + 1) }), WorkflowServiceError.LimitExceeded, "262145 bytes; the limit is 262144.");
        await TakenAsync("memo", () => StartAsync(host, Flow with { Memo = Map("m", limits.MaxMemoBytes - around) }));
        around += "type".Length + "Keyword".Length;
        await RefusedAsync(() => StartAsync(host, Flow with { SearchAttributes = Attribute(limits.MaxSearchAttributeBytes - around + 1) }), WorkflowServiceError.LimitExceeded, "40961 bytes; the limit is 40960.");
        await TakenAsync("search attributes", () => StartAsync(host, Flow with { SearchAttributes = Attribute(limits.MaxSearchAttributeBytes - around) }));
    }

    private static readonly WorkflowStarted Flow = new("Waiting", "default", []);

    private static async Task<EngineHost> HostAsync(EngineOptions? options = null)
    {
        var host = new EngineHost([typeof(Waiting)], options: options);
        await host.StartAsync("Waiting", "w", false);
        await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(W, default)).State.LastEventId > 1, "the first task");
        return host;
    }

    private static Payload Json(string text) => EngineHost.Value(text);

    private static Dictionary<string, Payload> Map(string key, int length) => new() { [key] = Json(new string('x', length)) };

    private static Dictionary<string, Payload> Attribute(int length) =>
        new() { ["k"] = SearchAttributeEncoding.Encode(SearchAttributeKey.CreateKeyword("k"), new string('x', length)) };

    private static Task<StartResult> StartAsync(EngineHost host, WorkflowStarted started, string? id = null, WorkflowSignaled? signal = null) =>
        host.Engine.Service.StartAsync(new StartRequest(id ?? Guid.NewGuid().ToString(), started) { Signal = signal }, default);

    /// <summary>A call with the text in one place.</summary>
    private static Task CallAsync(EngineHost host, string what, string text)
    {
        var service = host.Engine.Service;
        var change = new WorkflowPropertiesModified(new Dictionary<string, Payload?> { ["a"] = Json("b") }, WorkflowStarted.Empty!);
        return what switch
        {
            "workflow id" => StartAsync(host, Flow, text),
            "workflow type" => StartAsync(host, Flow with { WorkflowType = text }),
            "task queue" => StartAsync(host, Flow with { TaskQueue = text }),
            "start signal" => StartAsync(host, Flow, signal: new WorkflowSignaled(text, [])),
            "request id of a start" => StartAsync(host, Flow with { RequestId = text }),
            "summary" => StartAsync(host, Flow with { Summary = text }),
            "details" => StartAsync(host, Flow with { Details = text }),
            "identity" => StartAsync(host, Flow with { Identity = text }),
            "signal" => service.SignalAsync(W, new WorkflowSignaled(text, []), null, default),
            "request id of a signal" => service.SignalAsync(W, new WorkflowSignaled("s", []), text, default),
            "query" => service.QueryAsync(W, text, [], WorkflowStarted.Empty, default),
            "update" => service.UpdateAsync(W, new WorkflowUpdateAccepted(Guid.NewGuid().ToString(), text, []), false, TimeSpan.Zero, default),
            "update id" => service.UpdateAsync(W, new WorkflowUpdateAccepted(text, "u", []), false, TimeSpan.Zero, default),
            "update id to wait for" => host.Engine.Updates.WaitForUpdateAsync(W, text, TimeSpan.Zero, default),
            "reason of a cancellation" => service.CancelAsync(W, text, null, default),
            "request id of a cancellation" => service.CancelAsync(W, null, text, default),
            "request id of a change" => host.Engine.Steering.ModifyAsync(W, change, text, default),
            "request id of a reset" => host.Engine.Resets.ResetAsync(W, new ResetRequest(WorkflowResetPoint.FirstWorkflowTask) { RequestId = text }, default),
            "reason of a reset" => host.Engine.Resets.ResetAsync(W, new ResetRequest(WorkflowResetPoint.FirstWorkflowTask) { Reason = text }, default),
            _ => service.TerminateAsync(W, text, [], null, default),
        };
    }

    /// <summary>A call with a list or map of some length in one place.</summary>
    private static Task CallAsync(EngineHost host, string what, int count)
    {
        var service = host.Engine.Service;
        List<Payload> list = [.. Enumerable.Repeat(EngineHost.Value(1), count)];
        var map = list.Select(static (value, i) => (value, i)).ToDictionary(static v => $"A{v.i}", static v => v.value);
        return what switch
        {
            "arguments" => StartAsync(host, Flow with { Args = list }),
            "headers" => StartAsync(host, Flow with { Headers = map }),
            "memo values" => StartAsync(host, Flow with { Memo = map }),
            "search attributes" => StartAsync(host, Flow with
            {
                SearchAttributes = map.ToDictionary(static a => a.Key, static a => SearchAttributeEncoding.Encode(SearchAttributeKey.CreateLong(a.Key), 1L)),
            }),
            "arguments of a signal" => service.SignalAsync(W, new WorkflowSignaled("s", list), null, default),
            "arguments of a query" => service.QueryAsync(W, "q", list, WorkflowStarted.Empty, default),
            "arguments of an update" => service.UpdateAsync(W, new WorkflowUpdateAccepted(Guid.NewGuid().ToString(), "u", list), false, TimeSpan.Zero, default),
            _ => service.TerminateAsync(W, null, list, null, default),
        };
    }

    /// <summary>It is taken, or refused for what it is about: there may be no such query or update.</summary>
    private static async Task TakenAsync(string what, Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (WorkflowServiceException e) when (e.Code is WorkflowServiceError.QueryFailed or WorkflowServiceError.NotFound)
        {
            Assert.IsTrue(what.Contains("query", StringComparison.Ordinal) || what.Contains("wait", StringComparison.Ordinal), $"{what}: {e.Message}");
        }
    }

    private static async Task RefusedAsync(Func<Task> call, WorkflowServiceError code, string message)
    {
        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(call);
        Assert.AreEqual(code, e.Code, e.Message);
        Assert.Contains(message, e.Message);
    }

    [Workflow]
    public class Waiting
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(static () => false);
    }
}
