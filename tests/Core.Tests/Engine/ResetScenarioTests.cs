using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Worker;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>What becomes of a run's surroundings when it is reset or forked: children, parents, clocks, messages, large payloads, builds.</summary>
[TestClass]
public sealed class ResetScenarioTests
{
    private static readonly Type[] Types = [typeof(Juggler), typeof(Dozer), typeof(Hello), typeof(Collector), typeof(Parent), typeof(Sleeper), typeof(Clerk), typeof(Echo), typeof(Names)];
    private static readonly WorkflowRef W = new("w");

    [TestMethod]
    [DataRow(0)]
    [DataRow(1000)]
    public async Task Child_that_is_kept_answers_the_last_of_several_runs(int cached)
    {
        await using var host = new EngineHost(Types, new Steps(), EngineHost.Options with { CachedRuns = cached });
        var childRun = await BusyAsync(host);
        var first = (await DescribeAsync(host)).Summary.RunId;
        for (var i = 0; i < 3; i++)
        {
            await host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.LastWorkflowTask), default);
            await host.UntilAsync(async () => (await DescribeAsync(host)).State is { Activities.Count: 0, LastTask: not null }, "the new run");
        }

        // Before the second and third one, too: the child's answer is for the first.
        var history = await host.Engine.Reader.ReadHistoryAsync(W, 0, TimeSpan.Zero, default);
        var firstTask = history.Skip(1).TakeWhile(static e => e is not InputEvent).Last().Id;
        var result = await host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.AtEvent(firstTask)), default);
        Assert.AreEqual(firstTask, result.EventId);
        Assert.AreEqual(childRun, (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w-child"), default)).Summary.RunId);
        await host.SignalAsync("w", "Finish");

        Assert.AreEqual("0 Hello step Hello kid", await host.ResultAsync<string>("w"));
        Assert.AreEqual(first, (await DescribeAsync(host)).State.Started.FirstRunId);
        Assert.AreEqual(WorkflowExecutionStatus.Completed, (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w-child", childRun), default)).Summary.Status);
    }

    [TestMethod]
    public async Task Children_are_restarted_or_terminated_by_option()
    {
        await using var host = new EngineHost(Types, new Steps());
        var childRun = await BusyAsync(host);
        var restarted = await host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.LastWorkflowTask) with { Children = WorkflowResetChildren.Restart }, default);
        Assert.AreEqual(1, restarted.EventId);
        await host.UntilAsync(async () => (await DescribeAsync(host)).State.Children.Values.Any(static c => c.Started), "another child");
        var second = (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w-child"), default)).Summary.RunId;
        Assert.AreNotEqual(childRun, second);
        Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w-child", childRun), default)).Summary.Status);

        await host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.LastWorkflowTask) with { Children = WorkflowResetChildren.Terminate }, default);
        await host.SignalAsync("w", "Finish");
        Assert.IsInstanceOfType<WorkflowFailed>((await host.CloseAsync("w")).Closed);
        Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w-child", second), default)).Summary.Status);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Child_that_ended_when_nobody_listened_is_asked_and_one_that_is_gone_was_terminated(bool isGone)
    {
        await using var host = new EngineHost(Types, new Steps());
        var childRun = await BusyAsync(host);
        var run = (await DescribeAsync(host)).Summary.RunId;
        var point = WorkflowResetPoint.AtEvent((await DescribeAsync(host)).State.LastEventId);
        await host.Engine.Service.TerminateAsync(W, "a mistake", [], default);
        await host.UntilAsync(async () => !(await host.Engine.Reader.DescribeAsync(new WorkflowRef("w-child"), default)).State.IsOpen, "its child's end");

        if (isGone)
        {
            await host.Engine.Service.DeleteAsync("w-child", default);
        }

        await host.Engine.Resets.ResetAsync(W with { RunId = run }, At(point), default);
        await host.SignalAsync("w", "Finish");
        var failed = (WorkflowFailed)(await host.CloseAsync("w")).Closed;
        Assert.IsInstanceOfType<TerminatedFailureInfo>(failed.Failure.Cause!.Info);
        Assert.AreEqual(childRun, ((ChildWorkflowFailureInfo)failed.Failure.Info).RunId);
    }

    [TestMethod]
    public async Task Fork_is_nobodys_child_and_its_source_keeps_its_own()
    {
        await using var host = new EngineHost(Types, new Steps());
        using var held = host.Hold();
        await host.StartAsync(nameof(Clerk), "p", false, "x");
        await host.UntilAsync(async () => await ExistsAsync(host, "p-sleeper"), "a child");
        var fork = await host.Engine.Resets.ForkAsync(new WorkflowRef("p-sleeper"), "f", At(WorkflowResetPoint.FirstWorkflowTask), default);
        Assert.AreEqual("f", fork.WorkflowId);
        var description = await host.Engine.Reader.DescribeAsync(new WorkflowRef("f"), default);
        Assert.IsNull(description.State.Started.Parent);
        Assert.AreEqual("f", description.Summary.RootWorkflowId);
        Assert.AreEqual(WorkflowExecutionStatus.Running, (await host.Engine.Reader.DescribeAsync(new WorkflowRef("p"), default)).Summary.Status);

        var inUse = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Resets.ForkAsync(new WorkflowRef("p"), "f", At(WorkflowResetPoint.FirstWorkflowTask), default));
        Assert.AreEqual(WorkflowServiceError.AlreadyStarted, inUse.Code);
        var keeps = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Resets.ForkAsync(
            new WorkflowRef("p"), "g", At(WorkflowResetPoint.AtEvent(3)) with { Children = WorkflowResetChildren.Keep }, default));
        Assert.AreEqual(WorkflowServiceError.BadResetPoint, keeps.Code);
        held.Dispose();
        Assert.AreEqual("done", await host.ResultAsync<string>("p"));
        await host.CloseAsync("f");
    }

    [TestMethod]
    public async Task Parent_gets_the_answer_of_the_run_that_the_reset_made_if_it_still_waits()
    {
        await using var host = new EngineHost(Types, new Steps());
        using (host.Hold())
        {
            await host.StartAsync(nameof(Clerk), "p", false, "x");
            await host.UntilAsync(async () => await ExistsAsync(host, "p-sleeper"), "a child");
            await host.Engine.Resets.ResetAsync(new WorkflowRef("p-sleeper"), At(WorkflowResetPoint.FirstWorkflowTask), default);
            Assert.AreEqual(WorkflowExecutionStatus.Running, (await host.Engine.Reader.DescribeAsync(new WorkflowRef("p"), default)).Summary.Status);
        }

        Assert.AreEqual("done", await host.ResultAsync<string>("p"));
        await host.CloseAsync("p-sleeper");

        // It has closed: nobody is told of another end.
        await host.Engine.Resets.ResetAsync(new WorkflowRef("p-sleeper"), At(WorkflowResetPoint.FirstWorkflowTask), default);
        await host.CloseAsync("p-sleeper");
        Assert.AreEqual("done", await host.ResultAsync<string>("p"));
    }

    [TestMethod]
    public async Task Timers_go_on_with_what_they_had_left_and_the_time_of_the_run_begins_anew()
    {
        await using var host = new EngineHost(Types, new Steps());
        var begun = host.Time.GetUtcNow();
        using var held = host.Hold();
        await host.Engine.Service.StartAsync(
            new StartRequest("w", new WorkflowStarted(nameof(Juggler), "default", [EngineHost.Value("kid")]) { RunTimeout = TimeSpan.FromDays(2), ExecutionTimeout = TimeSpan.FromDays(3) }),
            default);
        await host.UntilAsync(async () => (await DescribeAsync(host)).State is { Timers.Count: 1, Activities.Count: 0 }, "a timer");
        await host.PassAsync(TimeSpan.FromMinutes(20));
        await host.SignalAsync("w", "Note", 1);
        await host.UntilAsync(async () => (await DescribeAsync(host)).State.SignalCount == 1, "a task after 20 minutes");
        await host.PassAsync(TimeSpan.FromMinutes(30));

        // 40 minutes of the hour were left when the code ran last.
        await host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.AtEvent((await DescribeAsync(host)).State.LastEventId)), default);
        await host.UntilAsync(async () => (await DescribeAsync(host)).State.LastTask is not null, "the new run");
        var reset = host.Time.GetUtcNow();
        var state = (await DescribeAsync(host)).State;
        var due = state.Timers.Values.Single().Time + state.Timers.Values.Single().Delay;
        Assert.AreEqual(40, (due - reset).TotalMinutes, 1);
        Assert.AreEqual(2, (state.Started.End()!.Value - reset).TotalDays, 0.01);
        Assert.AreEqual(3, (state.Started.ChainEnd()!.Value - reset).TotalDays, 0.01);
        held.Dispose();
        await host.UntilAsync(async () => (await DescribeAsync(host)).State.Timers.Count == 0, "the timer");
        Assert.AreEqual(40, (host.Time.GetUtcNow() - reset).TotalMinutes, 5);

        // It never finishes: its run time-out ends it, two days after the reset.
        var closed = await host.CloseAsync("w");
        Assert.IsInstanceOfType<WorkflowTimedOut>(closed.Closed);
        Assert.AreEqual(2, (closed.Closed.Time - reset).TotalDays, 0.01);
        Assert.IsGreaterThan(begun + TimeSpan.FromDays(2), closed.Closed.Time);
    }

    [TestMethod]
    public async Task Run_that_a_bad_build_blocked_goes_on_before_that_build()
    {
        var good = EngineHost.Options with { Identity = "good", BuildId = "b1" };
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var store = new MemoryHubStore(time);
        await using (var first = new EngineHost([typeof(Good.Order)], new Steps(), good, store, time))
        {
            await first.StartAsync("Order", "w", false, "x");
            await first.UntilAsync(async () => (await DescribeAsync(first)).State is { LastTask: not null, Activities.Count: 0 }, "its first task");
        }

        await using (var bad = new EngineHost([typeof(Bad.Order)], new Steps(), good with { Identity = "bad", BuildId = "b2" }, store, time))
        {
            await bad.SignalAsync("w", "Go");
            await bad.UntilAsync(async () => (await DescribeAsync(bad)).Blocked is not null, "the block");
        }

        await using var mended = new EngineHost([typeof(Good.Order)], new Steps(), good with { Identity = "mended", BuildId = "b3" }, store, time);
        Assert.IsNotNull((await DescribeAsync(mended)).Blocked);
        await mended.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.BeforeBuild("b2")), default);
        Assert.AreEqual("Hello x, Hello again", await mended.ResultAsync<string>("w"));
        CollectionAssert.AreEqual(new[] { "b1", "b3" }, (await DescribeAsync(mended)).State.Builds.Keys.ToArray());
        var never = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => mended.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.BeforeBuild("b2")), default));
        Assert.AreEqual(WorkflowServiceError.BadResetPoint, never.Code);
    }

    [TestMethod]
    public async Task Fork_owns_its_large_payloads_and_purging_leaves_nothing()
    {
        await using var host = new EngineHost(Types, new Steps());
        var large = new string('x', 200_000);
        await host.StartAsync(nameof(Echo), "w", false, large);
        Assert.AreEqual(200_000 + "Hello ".Length, (await host.ResultAsync<string>("w")).Length);
        var fork = await host.Engine.Resets.ForkAsync(W, "f", At(WorkflowResetPoint.LastWorkflowTask), default);
        await ListedAsync(host, 1);
        await host.Engine.Service.DeleteAsync("w", default);
        Assert.AreEqual(200_000 + "Hello ".Length, (await host.ResultAsync<string>("f")).Length);
        Assert.AreEqual(large, EngineHost.Of<string>(((WorkflowStarted)(await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("f"), 0, default, default))[0]).Args[0]));

        await host.Engine.Resets.ResetAsync(new WorkflowRef("f"), At(WorkflowResetPoint.FirstWorkflowTask), default);
        await host.CloseAsync("f");
        await ListedAsync(host, 2);
        Assert.AreNotEqual(fork.RunId, (await host.Engine.Reader.DescribeAsync(new WorkflowRef("f"), default)).Summary.RunId);
        await host.Engine.Service.DeleteAsync("f", default);
        foreach (var id in (string[])["w", "f"])
        {
            var left = new RowQuery(RowTable.Workflows, WorkflowKey.Partition(id), "", null);
            await host.UntilAsync(async () => (await host.Store.Rows.QueryAsync(left, default)).Rows.Count == 0, "nothing is left");
            Assert.IsEmpty((await host.Store.Blobs.ListAsync(WorkflowKey.Partition(id) + "/", null, default)).Names);
        }

        Assert.IsEmpty((await host.Engine.Reader.ListAsync(null, 10, null, default)).Workflows);
    }

    [TestMethod]
    public async Task Updates_are_known_in_the_run_that_a_reset_made()
    {
        await using var host = new EngineHost(Types, new Steps());
        await host.StartAsync(nameof(Collector), "w", false);
        var workflow = host.Client.GetWorkflowHandle<Collector>("w");
        Assert.AreEqual(1, await workflow.ExecuteUpdateAsync(c => c.AddNowAsync(5), new() { Id = "one" }));
        Assert.AreEqual(2, await workflow.ExecuteUpdateAsync(c => c.AddNowAsync(6), new() { Id = "two" }));

        // The first is kept, the second applied again.
        await host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.LastWorkflowTask), default);
        await host.UntilAsync(async () => (await DescribeAsync(host)).State.Updates is { Count: 2 } all && all.Values.All(static u => u.Completed is not null), "both updates");
        Assert.AreEqual(1, await workflow.ExecuteUpdateAsync(c => c.AddNowAsync(5), new() { Id = "one" }));
        Assert.AreEqual(2, await workflow.ExecuteUpdateAsync(c => c.AddNowAsync(6), new() { Id = "two" }));

        // Both are dropped, and may come again.
        await host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.AtEvent(1)) with { Reapply = WorkflowResetReapply.Signals }, default);
        Assert.AreEqual(1, await workflow.ExecuteUpdateAsync(c => c.AddNowAsync(6), new() { Id = "two" }));
        await host.SignalAsync("w", "Finish");
        CollectionAssert.AreEqual(new[] { 6 }, await host.ResultAsync<List<int>>("w"));
    }

    [TestMethod]
    public async Task Same_request_is_the_same_reset_and_impossible_points_are_refused()
    {
        await using var host = new EngineHost(Types, new Steps());
        await host.StartAsync(nameof(Hello), "w", false, "x");
        await host.CloseAsync("w");
        var first = await host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.FirstWorkflowTask) with { RequestId = "a:b" }, default);
        await host.CloseAsync("w");
        Assert.AreEqual(first, await host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.LastWorkflowTask) with { RequestId = "a:b" }, default));
        Assert.AreNotEqual(first, await host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.LastWorkflowTask) with { RequestId = "c" }, default));
        var fork = await host.Engine.Resets.ForkAsync(W, null, At(WorkflowResetPoint.FirstWorkflowTask) with { RequestId = "d" }, default);
        Assert.AreEqual(fork, await host.Engine.Resets.ForkAsync(W, null, At(WorkflowResetPoint.FirstWorkflowTask) with { RequestId = "d" }, default));
        foreach (var at in (long[])[0, -1, 100])
        {
            var bad = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Resets.ResetAsync(W, At(WorkflowResetPoint.AtEvent(at)), default));
            Assert.AreEqual(WorkflowServiceError.BadResetPoint, bad.Code);
        }

        foreach (var missing in (WorkflowRef[])[new("never"), new("w", "never"), new("w", null, "never")])
        {
            var none = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Resets.ResetAsync(missing, At(WorkflowResetPoint.FirstWorkflowTask), default));
            Assert.AreEqual(WorkflowServiceError.NotFound, none.Code);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Code_sees_the_ids_that_were_recorded_and_then_its_own(bool isFork)
    {
        await using var host = new EngineHost(Types, new Steps(), EngineHost.Options with { CachedRuns = 0 });
        await host.StartAsync(nameof(Names), "w", false);
        await host.UntilAsync(async () => (await DescribeAsync(host)).State.LastTask is not null, "its first task");
        var before = await host.QueryAsync<string[]>("w", "Seen");
        var point = At(WorkflowResetPoint.AtEvent((await DescribeAsync(host)).State.LastEventId));
        var result = isFork ? await host.Engine.Resets.ForkAsync(W, "f", point, default) : await host.Engine.Resets.ResetAsync(W, point, default);
        await host.SignalAsync(result.WorkflowId, "Go");
        var seen = await host.ResultAsync<string[]>(result.WorkflowId);
        CollectionAssert.AreEqual(before, seen[..3]);
        var history = await host.Client.GetWorkflowHandle(result.WorkflowId).FetchHistoryAsync();
        await new WorkflowReplayer(new WorkflowReplayerOptions().AddWorkflow<Names>()).ReplayWorkflowAsync(history);
        Assert.AreEqual(result.WorkflowId, seen[3]);
        Assert.AreEqual(result.RunId, seen[4]);
        if (isFork)
        {
            await host.SignalAsync("w", "Go");
            var other = await host.ResultAsync<string[]>("w");
            Assert.AreEqual(before[1], other[4]);
            Assert.AreNotEqual(seen[5], other[5]);
        }
    }

    private static Task ListedAsync(EngineHost host, int closed) => host.UntilAsync(
        async () => (await host.Engine.Reader.ListAsync(null, 10, null, default)).Workflows.Count(static w => w.Status == WorkflowExecutionStatus.Completed) == closed, "the list");

    private static ResetRequest At(WorkflowResetPoint point) => new(point);

    private static Task<WorkflowDescription> DescribeAsync(EngineHost host) => host.Engine.Reader.DescribeAsync(W, default);

    private static async Task<bool> ExistsAsync(EngineHost host, string id)
    {
        try
        {
            return (await host.Engine.Reader.DescribeAsync(new WorkflowRef(id), default)).State.Timers.Count > 0;
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.NotFound)
        {
            return false;
        }
    }

    /// <summary>A juggler whose activity is done and whose child sleeps. The child's run.</summary>
    private static async Task<string> BusyAsync(EngineHost host)
    {
        using var held = host.Hold();
        await host.StartAsync(nameof(Juggler), "w", false, "kid");
        await host.UntilAsync(
            async () => await ExistsAsync(host, "w-child") && (await DescribeAsync(host)).State is { Activities.Count: 0 } state && state.Children.Values.All(static c => c.Started),
            "a juggler");
        return (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w-child"), default)).Summary.RunId;
    }
}
