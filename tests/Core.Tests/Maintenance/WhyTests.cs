using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Workflows;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Serverless.Tests.Maintenance;

/// <summary>For each kind of wait: what is waited for, since when, and what will wake it.</summary>
[TestClass]
public sealed class WhyTests
{
    [TestMethod]
    public async Task A_timer_is_waited_for_until_it_is_due()
    {
        await using var host = new EngineHost([typeof(Cancellable)]);
        using var held = host.Hold();
        await host.StartAsync("Cancellable", "w", false);
        await UntilRunAsync(host);

        var waits = await WhyAsync(host);

        var wait = waits.Waits.Single();
        Assert.AreEqual(WaitKind.Timer, wait.Kind);
        Assert.AreEqual(wait.Since + TimeSpan.FromDays(3650), wait.Until);
        Assert.AreEqual("the clock", wait.WokenBy);
        Assert.AreEqual(wait.Until, waits.WakesAt);
    }

    [TestMethod]
    public async Task With_nothing_pending_the_handlers_that_can_wake_it_are_named()
    {
        await using var host = new EngineHost([typeof(Collector)]);
        await host.StartAsync("Collector", "w", false);
        await UntilRunAsync(host);

        var waits = await WhyAsync(host);

        var wait = waits.Waits.Single();
        Assert.AreEqual(WaitKind.Signal, wait.Kind);
        Assert.AreEqual("Add, AddNow, Finish, or a cancellation", wait.WokenBy);
        Assert.IsNull(waits.WakesAt);
    }

    [TestMethod]
    public async Task Messages_that_nobody_applies_are_counted_by_name()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time);
        await using (var host = new EngineHost([typeof(Collector)], null, EngineHost.Options, memory, time))
        {
            await host.StartAsync("Collector", "w", false);
            await UntilRunAsync(host);
        }

        await using var deaf = new EngineHost([typeof(Collector)], null, EngineHost.Options, new FaultyHubStore(memory, static (_, _) => Fault.None) { IsDeaf = true }, time);
        await deaf.SignalAsync("w", "Add", 1);
        await deaf.SignalAsync("w", "Add", 2);

        var wait = (await WhyAsync(deaf)).Waits.Single();

        Assert.AreEqual(WaitKind.Message, wait.Kind);
        Assert.AreEqual("2 of signal 'Add', not yet applied", wait.What);
        Assert.AreEqual("a process that takes workflow messages, by a message", wait.WokenBy);
    }

    [TestMethod]
    public async Task An_activity_that_failed_waits_for_its_next_attempt()
    {
        var steps = new Steps { FailFirst = 1 };
        await using var host = new EngineHost([typeof(Failing)], steps);
        using var held = host.Hold();
        await host.StartAsync("Failing", "w", false, 5);
        await host.UntilAsync(async () => (await WhyAsync(host)).Waits is [{ Attempt: 2 }], "the second attempt");

        var waits = await WhyAsync(host);

        var wait = waits.Waits.Single();
        Assert.AreEqual(WaitKind.Activity, wait.Kind);
        Assert.AreEqual("activity Greet, attempt 2: waits for its time after a failure", wait.What);
        Assert.AreEqual("failure 1", wait.LastFailure!.Message);
        Assert.AreEqual(host.Time.GetUtcNow() + TimeSpan.FromSeconds(1), wait.Until);
        Assert.AreEqual(wait.Until, waits.WakesAt);
    }

    [TestMethod]
    public async Task An_activity_of_another_task_queue_waits_on_its_queue()
    {
        await using var host = new EngineHost([typeof(FailingElsewhere)]);
        using var held = host.Hold();
        await host.StartAsync("FailingElsewhere", "w", false, "you");
        await UntilRunAsync(host);

        StringAssert.Contains((await WhyAsync(host)).Waits.Single().What, "for task queue 'elsewhere'");
    }

    [TestMethod]
    public async Task A_child_is_waited_for_with_its_state()
    {
        await using var host = new EngineHost([typeof(LongParent), typeof(Cancellable)]);
        using var held = host.Hold();
        await host.StartAsync("LongParent", "w", false);
        await host.UntilAsync(async () => (await WhyAsync(host)).Waits is [{ Kind: WaitKind.Child } c] && c.What.Contains("Running", StringComparison.Ordinal), "the child");

        var wait = (await WhyAsync(host)).Waits.Single();

        Assert.AreEqual("child workflow 'w-child' (Cancellable), Running", wait.What);
        Assert.AreEqual("the child's end", wait.WokenBy);
    }

    [TestMethod]
    public async Task A_blocked_run_names_the_cause_the_cure_and_the_next_attempt()
    {
        await using var host = new EngineHost([typeof(Hello)]);
        using var held = host.Hold();
        await host.StartAsync("Unknown", "w", false);
        await host.UntilAsync(async () => (await WhyAsync(host)).Blocked is not null, "the block");

        var waits = await WhyAsync(host);

        Assert.AreEqual("Blocked,Start", string.Join(",", waits.Waits.Select(static w => w.Kind)));
        StringAssert.StartsWith(waits.Waits[0].What, "UnknownWorkflowType: ");
        Assert.AreEqual("deploy its type again, or terminate it", waits.Waits[0].WokenBy);
        Assert.AreEqual(waits.Blocked!.NextAttempt, waits.Waits[0].Until);
    }

    [TestMethod]
    public async Task A_delayed_start_is_waited_for_and_the_end_of_the_run_too()
    {
        await using var host = new EngineHost([typeof(Hello)]) { Jumps = false };
        await host.Client.StartWorkflowAsync((Hello h) => h.RunAsync("you"), new("w") { StartDelay = TimeSpan.FromDays(2), RunTimeout = TimeSpan.FromHours(1) });

        var waits = await WhyAsync(host);

        Assert.AreEqual(WaitKind.Start, waits.Waits[0].Kind);
        Assert.AreEqual(waits.Waits[0].Since + TimeSpan.FromDays(2), waits.Waits[0].Until);
        Assert.AreEqual(waits.Waits[0].Until, waits.WakesAt);
    }

    [TestMethod]
    public async Task What_is_closed_waits_for_nothing()
    {
        await using var host = new EngineHost([typeof(Hello)]);
        await host.StartAsync("Hello", "w", false, "you");
        await host.CloseAsync("w");

        Assert.IsEmpty((await WhyAsync(host)).Waits);
    }

    [TestMethod]
    public async Task An_update_that_is_not_completed_is_named()
    {
        await using var host = new EngineHost([typeof(Slow)]);
        using var held = host.Hold();
        await host.StartAsync("Slow", "w", false);
        await host.Engine.Service.UpdateAsync(new WorkflowRef("w"), new WorkflowUpdateAccepted("u1", "Change", []), untilCompleted: false, TimeSpan.FromSeconds(5), default);

        var wait = (await WhyAsync(host)).Waits.Single();

        Assert.AreEqual(WaitKind.Update, wait.Kind);
        Assert.AreEqual("update 'Change' (id u1), accepted and not completed", wait.What);
    }

    [TestMethod]
    public async Task The_hub_counts_workflows_and_messages()
    {
        await using var host = new EngineHost([typeof(Hello), typeof(Cancellable)]) { Jumps = false };
        await host.StartAsync("Hello", "a", false, "you");
        await host.StartAsync("Cancellable", "b", false);
        await host.UntilAsync(async () => (await host.Engine.Hub.ReadStatusAsync(default)).Counts.Values.Sum() == 2 && host.IsQuiet, "both listed");
        await host.UntilAsync(async () => (await host.Engine.Hub.ReadStatusAsync(default)).Counts.GetValueOrDefault("Completed") == 1, "one completed");
        await host.Store.Queues.CreateAsync("timers-poison", default);
        await host.Store.Queues.SendAsync("timers-poison", new byte[] { 1 }, TimeSpan.Zero, default);

        var status = await host.Engine.Hub.ReadStatusAsync(default);

        Assert.AreEqual("Completed=1,Running=1", string.Join(",", status.Counts.OrderBy(static c => c.Key).Select(static c => $"{c.Key}={c.Value}")));
        Assert.AreEqual("activities,timers,workflows", string.Join(",", status.Queues.Select(static q => q.Name)));
        Assert.AreEqual(1, status.Queues.Single(static q => q.Name == "timers").Poison);
    }

    private static Task<WorkflowWaits> WhyAsync(EngineHost host) => host.Engine.Hub.WhyAsync(new WorkflowRef("w"), default);

    private static Task UntilRunAsync(EngineHost host) =>
        host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).State.LastTask is not null, "the first task");

    [Workflow]
    public class LongParent
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteChildWorkflowAsync((Cancellable c) => c.RunAsync(), new() { Id = "w-child" });
    }

    [Workflow]
    public class Slow
    {
        private bool _done;

        [WorkflowRun]
        public async Task RunAsync() => await Workflow.WaitConditionAsync(() => _done);

        [WorkflowUpdate]
        public async Task ChangeAsync()
        {
            await Workflow.WaitConditionAsync(() => _done);
            throw new ApplicationFailureException("never");
        }

        [WorkflowSignal]
        public Task FinishAsync()
        {
            _done = true;
            return Task.CompletedTask;
        }
    }
}
