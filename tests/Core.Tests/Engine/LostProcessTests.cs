using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
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
        var outcome = await second.Engine.Updates.WaitForUpdateAsync(W with { RunId = before }, "u", TimeSpan.Zero, default);
        Assert.AreEqual("The workflow closed before the update completed.", outcome?.Failure?.Message);
        Assert.IsInstanceOfType<WorkflowTerminated>((await second.CloseAsync("w")).Closed);
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

    [Workflow]
    public class OnceOnly
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.ExecuteActivityAsync(
            (Once o) => o.WaitAsync(), new() { StartToCloseTimeout = TimeSpan.FromDays(1), RetryPolicy = new() { MaximumAttempts = 1 } });
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
