using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Bad code blocks its own workflow, visibly, and loses nothing: mended code goes on as if nothing had happened.</summary>
[TestClass]
public sealed class RepairTests
{
    [TestMethod]
    public async Task Code_that_left_its_history_is_blocked_until_the_right_code_is_back()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time);
        await using (var first = new EngineHost([typeof(Right)], null, EngineHost.Options, memory, time))
        {
            await first.StartAsync("Changing", "w", false);
            await first.UntilAsync(async () => (await DescribeAsync(first)).State.LastTask is not null, "the first task");
        }

        await using (var second = new EngineHost([typeof(Wrong), typeof(Hello)], null, EngineHost.Options with { Identity = "second" }, memory, time))
        {
            await second.SignalAsync("w", "Go");
            await second.UntilAsync(async () => (await DescribeAsync(second)).Blocked is { Cause: "Nondeterminism" }, "the block");
            StringAssert.Contains((await DescribeAsync(second)).Blocked!.Message, "TimerStarted");
            await second.StartAsync("Hello", "h", false, "you");
            Assert.AreEqual("Hello you", await second.ResultAsync<string>("h"));
        }

        await using var third = new EngineHost([typeof(Right)], null, EngineHost.Options with { Identity = "third" }, memory, time);
        Assert.AreEqual("went", await third.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Code_that_uses_the_thread_pool_is_blocked_with_the_cure()
    {
        await using var host = new EngineHost([typeof(Leaver)]);
        await host.StartAsync("Leaver", "w", false);
        await host.UntilAsync(async () => (await DescribeAsync(host)).Blocked is { Cause: "LeftScheduler" }, "the block");
        StringAssert.Contains((await DescribeAsync(host)).Blocked!.Message, "Workflow.RunTaskAsync");
    }

    private static Task<WorkflowDescription> DescribeAsync(EngineHost host) => host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default);

    [Workflow("Changing")]
    public class Right
    {
        private bool _go;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _go, TimeSpan.FromDays(300));
            return _go ? "went" : "gave up";
        }

        [WorkflowSignal]
        public Task GoAsync()
        {
            _go = true;
            return Task.CompletedTask;
        }
    }

    [Workflow("Changing")]
    public class Wrong
    {
        [WorkflowRun]
        public async Task<string> RunAsync() =>
            await Workflow.ExecuteActivityAsync<string>("Other", [], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });

        [WorkflowSignal]
        public Task GoAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class Leaver
    {
        [WorkflowRun]
        public async Task<int> RunAsync() => await Task.Run(() => 1);
    }
}
