using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>What a process leaves behind when it dies is ended or done by another.</summary>
[TestClass]
public sealed class LostProcessTests
{
    private static readonly WorkflowRef W = new("w");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [TestMethod]
    public async Task Only_attempt_of_an_activity_is_lost_with_its_process_and_never_runs_twice()
    {
        var memory = new MemoryHubStore(_time);
        var dying = new FaultyHubStore(memory, static (_, _) => Fault.None);
        var code = new Once();
        await using var first = new EngineHost([typeof(OnceOnly)], code, EngineHost.Options with { Identity = "first" }, dying, _time);
        await first.StartAsync("OnceOnly", "w", false);
        await first.UntilAsync(() => Task.FromResult(code.Calls == 1), "the attempt");
        dying.Kill();

        await using var second = new EngineHost([typeof(OnceOnly)], code, EngineHost.Options with { Identity = "second" }, memory, _time);
        var failed = Assert.IsInstanceOfType<WorkflowFailed>((await second.CloseAsync("w")).Closed);

        Assert.AreEqual(1, code.Calls);
        Assert.AreEqual(RetryState.MaximumAttemptsReached, ((ActivityFailureInfo)failed.Failure.Info).RetryState);
        Assert.AreEqual(
            "Attempt 1 of activity 'Wait' was lost: the process that ran it ended before it reported a result.", failed.Failure.Cause!.Message);
        code.Release.SetResult();
    }

    [TestMethod]
    public async Task Reset_that_was_ended_before_anybody_worked_on_it_leaves_nothing_undone()
    {
        var memory = new MemoryHubStore(_time);
        string before;
        EngineCode code;
        await using (var first = new EngineHost([typeof(Undecided), typeof(Collector)], new Once(), EngineHost.Options with { Identity = "first" }, memory, _time) { Jumps = false })
        {
            code = first.Code;
            before = (await first.StartAsync("Undecided", "w", false)).RunId;
            await first.UntilAsync(async () => (await first.Engine.Reader.DescribeAsync(W, default)).State.Children.Values.Any(static c => c.Started), "a child");
            Assert.IsNotNull(await first.Engine.Service.UpdateAsync(W, new WorkflowUpdateAccepted("u", "Ponder", []), false, TimeSpan.FromMinutes(1), default));
            await first.UntilAsync(() => Task.FromResult(first.IsQuiet), "rest");
        }

        // A process without workflows resets and ends; it settles nothing.
        using (var client = new WorkflowEngine(
            EngineHost.Options with { Identity = "client", RunsWorkflows = false }, memory, code, _time, new Random(9), NullLoggerFactory.Instance))
        {
            await client.Resets.ResetAsync(W, new(WorkflowResetPoint.FirstWorkflowTask) { Children = WorkflowResetChildren.Restart }, default);
            var ending = client.Service.TerminateAsync(W, "not needed", [], default);
            while (!ending.IsCompleted)
            {
                _time.Advance(TimeSpan.FromMilliseconds(10));
                await Task.Yield();
            }

            await ending;
        }

        await using var second = new EngineHost([typeof(Undecided), typeof(Collector)], new Once(), EngineHost.Options with { Identity = "second" }, memory, _time);
        await second.UntilAsync(async () => !(await second.Engine.Reader.DescribeAsync(new WorkflowRef("w-child"), default)).State.IsOpen, "the child's end");
        await second.UntilAsync(
            async () => (await second.Engine.Reader.CountAsync("ExecutionStatus = 'Terminated'", default))[""] == 3, "both runs and the child in the list");
        var outcome = await second.Engine.Updates.WaitForUpdateAsync(W with { RunId = before }, "u", TimeSpan.FromHours(1), default);
        Assert.AreEqual("The workflow closed before the update completed.", outcome?.Failure?.Message);
        Assert.IsInstanceOfType<WorkflowTerminated>((await second.CloseAsync("w")).Closed);
        await second.UntilAsync(async () => second.IsQuiet && await memory.Queues.CountAsync(QueueNames.Workflows, default) == 0, "all that was left to do");
        Assert.IsNull(second.HandlerFailure);
    }

    [TestMethod]
    public async Task Message_that_comes_back_to_a_busy_chain_finds_what_its_process_left()
    {
        var memory = new MemoryHubStore(_time);
        var dying = new FaultyHubStore(memory, static (_, _) => Fault.None);
        var (lost, running) = (new Once(), new Once());
        await using var first = new EngineHost([typeof(TwoSteps)], lost, EngineHost.Options with { Identity = "first" }, dying, _time);
        await first.StartAsync("TwoSteps", "w", false);
        await first.UntilAsync(() => Task.FromResult(lost.Calls == 1), "the first attempt");
        dying.Kill();

        await using var second = new EngineHost([typeof(TwoSteps)], running, EngineHost.Options with { Identity = "second" }, memory, _time) { Lease = TimeSpan.FromHours(1) };
        using (second.Hold())
        {
            await second.SignalAsync("w", "Go");
            await second.UntilAsync(() => Task.FromResult(running.Calls == 1), "the second activity, in this process");
        }

        // The first message comes back while the chain waits for that one.
        var failed = Assert.IsInstanceOfType<WorkflowFailed>((await second.CloseAsync("w")).Closed);
        StringAssert.Contains(failed.Failure.Cause!.Message, "Attempt 1 of activity 'Wait' was lost");
        Assert.AreEqual((1, 1), (lost.Calls, running.Calls));
        lost.Release.SetResult();
        running.Release.SetResult();
    }

    [TestMethod]
    public async Task Outcomes_of_updates_are_told_by_the_run_that_a_reset_makes_although_one_is_told_already()
    {
        var memory = new MemoryHubStore(_time);
        await using var host = new EngineHost([typeof(Collector)], null, EngineHost.Options, memory, _time) { Jumps = false };
        await host.StartAsync("Collector", "w", false);
        for (var i = 1; i <= 2; i++)
        {
            await host.Engine.Service.UpdateAsync(W, new WorkflowUpdateAccepted($"u{i}", "AddNow", [EngineHost.Value(i)]), true, TimeSpan.FromHours(1), default);
        }

        host.PinnedOnly = true;
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        using (var client = new WorkflowEngine(
            EngineHost.Options with { Identity = "client", RunsWorkflows = false }, memory, host.Code, _time, new Random(9), NullLoggerFactory.Instance))
        {
            await client.Resets.ResetAsync(W, new(WorkflowResetPoint.LastWorkflowTask) { Reason = "try again" }, default);
        }

        // Whoever began to see to the reset died after the first row.
        var told = new StoredUpdate(2, new UpdateOutcome("u1", true, true, EngineHost.Value(1), null) { RunId = "told" });
        await memory.Rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition("w"), [RowOperation.Insert(JournalKeys.Update("u1", 2), told.Encode())], default);
        host.PinnedOnly = false;
        for (var i = 1; i <= 2; i++)
        {
            var outcome = await host.Engine.Service.UpdateAsync(W, new WorkflowUpdateAccepted($"u{i}", "AddNow", [EngineHost.Value(i)]), true, TimeSpan.FromHours(1), default);
            Assert.AreEqual(i, EngineHost.Of<int>(outcome!.Result));
        }

        await host.SignalAsync("w", "Finish");
        CollectionAssert.AreEqual(new[] { 1, 2 }, await host.ResultAsync<List<int>>("w"));
    }

    [TestMethod]
    public async Task Message_comes_back_when_an_attempt_could_not_even_begin()
    {
        await using var host = new EngineHost([typeof(Chain)], new Steps());
        host.PinnedOnly = true;
        await host.StartAsync("Chain", "w", false, 1);
        using var weak = new WorkflowEngine(
            EngineHost.Options with { Identity = "weak" }, host.Store, host.Code with { Runner = new Weak() }, host.Time, new Random(4), NullLoggerFactory.Instance);
        var message = (await host.Store.Queues.ReceiveAsync(QueueNames.Workflows, 1, TimeSpan.FromSeconds(30), default)).Single();

        var e = await Assert.ThrowsExactlyAsync<InvalidOperationException>(
            () => weak.Handlers.HandleWorkflowAsync(new QueueDelivery(message.Body, 1, false), default).WaitAsync(TimeSpan.FromSeconds(20)));

        StringAssert.Contains(e.Message, "could not be settled: no threads are left");
        host.PinnedOnly = false;
        Assert.AreEqual(1, await host.ResultAsync<int>("w"));
    }

    [TestMethod]
    public async Task Mark_of_a_run_that_is_gone_means_nothing()
    {
        await using var host = new EngineHost([typeof(Collector)], null, EngineHost.Options with { CachedRuns = 0 });
        await host.StartAsync("Collector", "w", false);
        await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(W, default)).State.LastTask is not null && host.IsQuiet, "the first task");
        var query = new RowQuery(RowTable.Workflows, WorkflowKey.Partition("w"), JournalKeys.Head, JournalKeys.Head + "\0");
        await foreach (var row in RowPages.RangeAsync(query, page => host.Store.Rows.QueryAsync(page, default).AsTask()))
        {
            var head = WorkflowHead.Decode(row.Data) with { Marks = [new DispatchMark("gone", 7, 1, 5)] };
            await host.Store.Rows.CommitAsync(RowTable.Workflows, query.Partition, [RowOperation.Replace(row.Key, head.Encode(), row.Tag)], default);
        }

        var message = new WorkMessage(WorkKind.Nudge, "gone", "w").Encode();
        await host.Engine.Handlers.HandleWorkflowAsync(new QueueDelivery(message, 2, false), default);
        await host.SignalAsync("w", "Finish");
        Assert.IsEmpty(await host.ResultAsync<List<int>>("w"));
    }

    public sealed class Once
    {
        public int Calls { get; private set; }

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        [Activity]
        public Task WaitAsync()
        {
            Calls++;
            return Release.Task;
        }
    }

    /// <summary>Runs workflow code and nothing else.</summary>
    private sealed class Weak : ICodeRunner
    {
        private readonly InPlaceCodeRunner _inner = new();

        public Task<T> RunWorkflowAsync<T>(CodeOwner owner, TimeSpan limit, Func<T> code) => _inner.RunWorkflowAsync(owner, limit, code);

        public Task<ActivityOutcome> RunActivityAsync(Func<Task<ActivityOutcome>> code) => throw new InvalidOperationException("no threads are left");
    }

    [Workflow]
    public class OnceOnly
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.ExecuteActivityAsync(
            (Once o) => o.WaitAsync(), new() { StartToCloseTimeout = TimeSpan.FromDays(1), RetryPolicy = new() { MaximumAttempts = 1 } });
    }

    [Workflow]
    public class TwoSteps
    {
        private static readonly ActivityOptions Options = new() { StartToCloseTimeout = TimeSpan.FromDays(1), RetryPolicy = new() { MaximumAttempts = 1 } };
        private bool _go;

        [WorkflowRun]
        public async Task RunAsync()
        {
            var first = Workflow.ExecuteActivityAsync((Once o) => o.WaitAsync(), Options);
            await Workflow.WaitConditionAsync(() => _go);
            _ = Workflow.ExecuteActivityAsync((Once o) => o.WaitAsync(), Options);
            await first;
        }

        [WorkflowSignal]
        public Task GoAsync()
        {
            _go = true;
            return Task.CompletedTask;
        }
    }

    /// <summary>Waits for a child and never decides on its update.</summary>
    [Workflow]
    public class Undecided
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.ExecuteChildWorkflowAsync((Collector c) => c.RunAsync(), new() { Id = $"{Workflow.Info.WorkflowId}-child" });

        [WorkflowUpdate]
        public Task PonderAsync() => Workflow.WaitConditionAsync(static () => false);
    }
}
