using Serverless.Activities;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>What is larger than its limit is refused by name; what is not is kept, however large for a row.</summary>
[TestClass]
public sealed class SizeTests
{
    private const int Limit = 50_000;
    private const int Large = Limit + 1_000;

    private static readonly EngineOptions Small = EngineHost.Options with { Limits = new EngineLimits { MaxPayloadBytes = Limit } };

    [TestMethod]
    [DataRow("result", "The results of the workflow hold")]
    [DataRow("activity", "The arguments of activity 'Give' hold")]
    [DataRow("child", "The arguments of child workflow 'kid' hold")]
    [DataRow("signal", "The arguments of signal 'Tell' to workflow 'other' hold")]
    [DataRow("continue", "The arguments of the next run hold")]
    [DataRow("memo", "The memo values of the workflow hold")]
    [DataRow("failure", "The failure details hold")]
    [DataRow("update", "The results of update 'u' hold")]
    public async Task Task_that_asks_for_too_much_blocks_and_says_what_it_is(string what, string name)
    {
        await using var host = new EngineHost([typeof(Giver)], new Sized(), Small);
        await host.StartAsync("Giver", "w", false, what, Large);
        if (what == "update")
        {
            await host.Client.GetWorkflowHandle<Giver>("w").StartUpdateAsync(g => g.AnswerAsync(Large), new(WorkflowUpdateStage.Accepted) { Id = "u" })
                .WaitAsync(TimeSpan.FromMilliseconds(1)).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        var description = await BlockedAsync(host);
        Assert.AreEqual(nameof(WorkflowTaskFailedCause.LimitExceeded), description.Blocked!.Cause);
        Assert.StartsWith($"{name} a payload of {Large + 2} bytes; the limit is {Limit}.", description.Blocked.Message);
    }

    [TestMethod]
    [DataRow("result", "The results of the activity hold")]
    [DataRow("heartbeat", "The heartbeat details hold")]
    [DataRow("failure", "The failure details hold")]
    public async Task Attempt_that_gives_too_much_fails_for_good(string what, string name)
    {
        var code = new Sized();
        await using var host = new EngineHost([typeof(Caller)], code, Small);
        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(
            () => host.Client.ExecuteWorkflowAsync((Caller c) => c.RunAsync(what, Large), new("w")));
        var cause = Assert.IsInstanceOfType<ApplicationFailureException>(failed.InnerException!.InnerException);
        Assert.AreEqual("PayloadTooLarge", cause.ErrorType);
        Assert.StartsWith($"{name} a payload of {Large + 2} bytes; the limit is {Limit}.", cause.Message);
        Assert.AreEqual(1, code.Attempts);
    }

    [TestMethod]
    public void ProblemOf_LargePayload_IsNamedByWhereItStands()
    {
        var limits = new EngineLimits { MaxPayloadBytes = 10 };
        var large = EngineHost.Value(Sized.Text(100));
        var scheduled = new ActivityScheduled("1", "Charge", "default", []) { Headers = new Dictionary<string, Payload> { ["h"] = large } };
        Assert.StartsWith("The headers or memo values of activity 'Charge' hold a payload of 102 bytes", SizeLimits.ProblemOf(scheduled, limits));
        Assert.StartsWith("The details hold a payload of 102 bytes", SizeLimits.ProblemOf(new WorkflowCanceled([large]), limits));
        Assert.IsNull(SizeLimits.ProblemOf(new WorkflowCanceled([EngineHost.Value(1)]), limits));
    }

    [TestMethod]
    public async Task Sizes_count_as_they_are_stored()
    {
        var code = new Sized();
        await using var host = new EngineHost(
            [typeof(Caller)], code, Small, converter: DataConverter.Default with { PayloadCodec = new CompressionPayloadCodec() });
        Assert.AreEqual(Large, await host.Client.ExecuteWorkflowAsync((Caller c) => c.RunAsync("repeats", Large), new("w")));
    }

    [TestMethod]
    [DataRow("result")]
    [DataRow("heartbeat")]
    [DataRow("failure")]
    public async Task Attempts_may_give_what_no_row_could_hold(string what)
    {
        var code = new Sized();
        await using var host = new EngineHost([typeof(Caller)], code);
        Assert.AreEqual(1_200_000, await host.Client.ExecuteWorkflowAsync((Caller c) => c.RunAsync(what, 1_200_000), new("w")));
        await host.Engine.Service.DeleteAsync("w", default);
        Assert.IsEmpty((await host.Store.Blobs.ListAsync(WorkflowKey.Partition("w") + "/", null, default)).Names);
    }

    [TestMethod]
    public async Task Updates_may_answer_what_no_row_could_hold()
    {
        await using var host = new EngineHost([typeof(Giver)]);
        await host.StartAsync("Giver", "w", false, "update", 0);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => host.Client.GetWorkflowHandle<Giver>("w").ExecuteUpdateAsync(g => g.AnswerAsync(600_000))));
        Assert.IsTrue(answers.All(static a => a.Length == 600_000));
    }

    [TestMethod]
    public async Task Signals_may_have_many_arguments_that_no_row_could_hold_together()
    {
        await using var host = new EngineHost([typeof(Giver)]);
        await host.StartAsync("Giver", "w", false, "wait", 0);
        await host.SignalAsync("w", "Tell", [.. Enumerable.Range(0, 50).Select(static i => (object)Sized.Text(30_000))]);
        Assert.AreEqual(30_000, (await host.ResultAsync<string>("w")).Length);
    }

    [TestMethod]
    [DataRow(30)]
    [DataRow(7200)]
    public async Task Activities_with_large_arguments_are_retried_after_any_pause(int seconds)
    {
        var code = new Sized { FailFirst = true };
        await using var host = new EngineHost([typeof(Retrier)], code);
        Assert.AreEqual(1_200_000, await host.Client.ExecuteWorkflowAsync((Retrier r) => r.RunAsync(1_200_000, seconds), new("w")));
    }

    [TestMethod]
    public async Task Memo_and_search_attributes_above_their_limits_are_refused_at_the_start()
    {
        await using var host = new EngineHost([typeof(Giver)]);
        var memo = await RefusedAsync(new("w") { Memo = new Dictionary<string, object> { ["a"] = Sized.Text(200_000), ["b"] = Sized.Text(70_000) } });
        var attributes = await RefusedAsync(new("w")
        {
            TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(SearchAttributeKey.CreateKeyword("k"), Sized.Text(50_000)).ToSearchAttributeCollection(),
        });
        Assert.StartsWith("The memo of the workflow has 2700", memo);
        Assert.Contains("the limit is 262144", memo);
        Assert.StartsWith("The search attributes of the workflow have 500", attributes);
        Assert.Contains("the limit is 40960", attributes);

        async Task<string> RefusedAsync(WorkflowOptions options)
        {
            var e = await Assert.ThrowsExactlyAsync<RpcException>(() => host.Client.StartWorkflowAsync((Giver g) => g.RunAsync("wait", 0), options));
            Assert.AreEqual(RpcException.StatusCode.ResourceExhausted, e.Code);
            return e.Message;
        }
    }

    [TestMethod]
    [DataRow("memos", "The memo of the workflow has")]
    [DataRow("attributes", "The search attributes of the workflow have")]
    [DataRow("child memo", "The memo of child workflow 'kid' has")]
    [DataRow("next memo", "The memo of the next run has")]
    public async Task Memo_and_search_attributes_above_their_limits_block_the_task_that_sets_them(string what, string message)
    {
        await using var host = new EngineHost([typeof(Giver)]);
        await host.StartAsync("Giver", "w", false, what, 200_000);
        var description = await BlockedAsync(host);
        Assert.AreEqual(nameof(WorkflowTaskFailedCause.LimitExceeded), description.Blocked!.Cause);
        Assert.StartsWith(message, description.Blocked.Message);
    }

    private static async Task<WorkflowDescription> BlockedAsync(EngineHost host)
    {
        WorkflowDescription? description = null;
        await host.UntilAsync(
            async () => (description = await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).Blocked is not null, "the task to block");
        return description!;
    }

    public sealed class Sized
    {
        public int Attempts { get; private set; }

        public bool FailFirst { get; set; }

        /// <summary>Bytes that no compression makes smaller, as text.</summary>
        public static string Text(int length) => new Random(length).GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length);

        [Activity]
        public string Give(string what, int bytes)
        {
            Attempts++;
            switch (what)
            {
                case "heartbeat" when ActivityExecutionContext.Current.Info.HeartbeatDetails.Count == 0:
                    ActivityExecutionContext.Current.Heartbeat(Text(bytes));
                    ActivityExecutionContext.Current.CancellationToken.ThrowIfCancellationRequested();
                    throw new InvalidOperationException("once more");
                case "failure" when Attempts == 1:
                    throw new ApplicationFailureException("no", details: [Text(bytes)]);
                case "repeats":
                    return new string('x', bytes);
                default:
                    return Text(bytes);
            }
        }

        [Activity]
        public int Measure(string text) => FailFirst && Attempts++ == 0 ? throw new InvalidOperationException("once more") : text.Length;
    }

    [Workflow]
    public class Caller
    {
        [WorkflowRun]
        public async Task<int> RunAsync(string what, int bytes) => (await Workflow.ExecuteActivityAsync(
            (Sized s) => s.Give(what, bytes), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) })).Length;
    }

    [Workflow]
    public class Retrier
    {
        [WorkflowRun]
        public Task<int> RunAsync(int bytes, int seconds) => Workflow.ExecuteActivityAsync((Sized s) => s.Measure(Sized.Text(bytes)), new()
        {
            StartToCloseTimeout = TimeSpan.FromMinutes(1),
            RetryPolicy = new() { InitialInterval = TimeSpan.FromSeconds(seconds) },
        });
    }

    [Workflow]
    public class Giver
    {
        private string? _told;

        [WorkflowRun]
        public async Task<string> RunAsync(string what, int bytes)
        {
            var text = Sized.Text(bytes);
            var memo = new Dictionary<string, object> { ["a"] = text, ["b"] = text };
            switch (what)
            {
                case "result":
                    return text;
                case "activity":
                    await Workflow.ExecuteActivityAsync("Give", [text], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
                    break;
                case "child":
                    await Workflow.ExecuteChildWorkflowAsync("Giver", [text], new() { Id = "kid" });
                    break;
                case "child memo":
                    await Workflow.ExecuteChildWorkflowAsync("Giver", [], new() { Id = "kid", Memo = memo });
                    break;
                case "signal":
                    await Workflow.GetExternalWorkflowHandle("other").SignalAsync("Tell", [text]);
                    break;
                case "continue":
                    throw Workflow.CreateContinueAsNewException("Giver", [text]);
                case "next memo":
                    throw Workflow.CreateContinueAsNewException("Giver", [], new() { Memo = memo });
                case "memo":
                    Workflow.UpsertMemo(MemoUpdate.ValueSet("a", text));
                    break;
                case "memos":
                    Workflow.UpsertMemo(MemoUpdate.ValueSet("a", text));
                    Workflow.UpsertMemo(MemoUpdate.ValueSet("b", text));
                    break;
                case "attributes":
                    Workflow.UpsertTypedSearchAttributes(SearchAttributeKey.CreateKeyword("k").ValueSet(text));
                    break;
                case "failure":
                    throw new ApplicationFailureException("no", details: [text]);
            }

            await Workflow.WaitConditionAsync(() => _told is not null);
            return _told!;
        }

        [WorkflowSignal]
        public Task TellAsync(string text)
        {
            _told = text;
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task<string> AnswerAsync(int bytes) => Task.FromResult(Sized.Text(bytes));
    }
}
