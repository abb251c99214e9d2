using System.Globalization;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Resets of runs that are busy, and forks under a codec that tells workflows apart.</summary>
[TestClass]
public sealed class ResetRaceTests
{
    private static readonly WorkflowRef W = new("w");

    [TestMethod]
    [DataRow(1000)]
    [DataRow(0)]
    public async Task Activity_that_runs_while_its_run_is_reset_begins_anew_and_its_old_result_means_nothing(int cached)
    {
        var door = new Door();
        await using var host = new EngineHost([typeof(Visitor)], door, EngineHost.Options with { CachedRuns = cached, BackupAfter = TimeSpan.FromDays(1) });
        await host.StartAsync(nameof(Visitor), "w", false);
        await door.Begun.Task;
        for (var i = 2; i <= 3; i++)
        {
            await host.Engine.Resets.ResetAsync(W, new(WorkflowResetPoint.AtEvent(3)), default);
            await host.UntilAsync(() => Task.FromResult(door.Calls >= i), "another call");
        }

        door.Open("stale");
        Assert.AreEqual("call 3 attempt 1", await host.ResultAsync<string>("w"));
        Assert.AreEqual(3, door.Calls);
    }

    [TestMethod]
    public async Task Many_resets_at_once_leave_one_line_of_runs()
    {
        await using var host = new EngineHost([typeof(Chain)], new Steps());
        await host.StartAsync(nameof(Chain), "w", false, 3);
        var results = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => Task.Run(
            () => host.Engine.Resets.ResetAsync(W, new(WorkflowResetPoint.FirstWorkflowTask) { RequestId = string.Create(CultureInfo.InvariantCulture, $"{i % 3}") }, default))));
        Assert.AreEqual(3, results.Distinct().Count());
        Assert.AreEqual(3, await host.ResultAsync<int>("w"));
        await host.UntilAsync(
            async () => (await host.Engine.Reader.ListAsync(null, 10, null, default)).Workflows is { Count: 4 } all
                && all.All(static w => w.Status != Serverless.Api.Enums.V1.WorkflowExecutionStatus.Running),
            "the list");
    }

    [TestMethod]
    public async Task Fork_is_read_by_a_codec_that_tells_workflows_apart()
    {
        var converter = new DataConverter(DataConverter.Default.PayloadConverter, DataConverter.Default.FailureConverter, new XorCodec(""));
        await using var host = new EngineHost([typeof(Echo), typeof(Collector)], new Steps(), EngineHost.Options with { CachedRuns = 0 }, converter: converter);
        var echo = await host.Client.StartWorkflowAsync((Echo e) => e.RunAsync("x"), new("echo", "default"));
        Assert.AreEqual("Hello x", await echo.GetResultAsync());
        var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("echo"), 0, TimeSpan.Zero, default);
        for (var at = 1; at <= history.Count; at++)
        {
            Assert.AreEqual("Hello x", await (await echo.ForkAsync(new(WorkflowResetPoint.AtEvent(at)))).GetResultAsync<string>());
        }

        var collector = await host.Client.StartWorkflowAsync((Collector c) => c.RunAsync(), new("collector", "default"));
        await collector.SignalAsync(c => c.AddAsync(1));
        Assert.AreEqual(2, await collector.ExecuteUpdateAsync(c => c.AddNowAsync(2)));
        await collector.SignalAsync(c => c.FinishAsync());
        CollectionAssert.AreEqual(new[] { 1, 2 }, await collector.GetResultAsync());
        CollectionAssert.AreEqual(new[] { 1, 2 }, await (await collector.ForkAsync(new(WorkflowResetPoint.AtEvent(1)))).GetResultAsync<List<int>>());
    }

    [Workflow]
    public class Visitor
    {
        [WorkflowRun]
        public async Task<string> RunAsync() => await Workflow.ExecuteActivityAsync(
            (Door d) => d.KnockAsync(), new() { StartToCloseTimeout = TimeSpan.FromDays(1), RetryPolicy = new() { MaximumAttempts = 1 } });
    }

    /// <summary>Lets the first two calls wait until it is opened.</summary>
    public sealed class Door
    {
        private readonly TaskCompletionSource<string> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Calls => Volatile.Read(ref _calls);

        public void Open(string answer) => _opened.TrySetResult(answer);

        [Activity]
        public async Task<string> KnockAsync()
        {
            var call = Interlocked.Increment(ref _calls);
            Begun.TrySetResult();
            return call < 3 ? await _opened.Task : $"call {call} attempt {ActivityExecutionContext.Current.Info.Attempt}";
        }
    }
}
