using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Two builds beside each other on one hub. The older one drains: it takes only what is pinned to it, the newer one all else.</summary>
[TestClass]
public sealed class BuildTests
{
    private static readonly EngineOptions Old = EngineHost.Options with { Identity = "old", BuildId = "b1" };
    private static readonly EngineOptions New = EngineHost.Options with { Identity = "new", BuildId = "b2" };

    [TestMethod]
    public async Task Pinned_run_stays_with_the_build_that_ran_its_first_task()
    {
        await using var pair = await Pair.WithAsync("Stays");

        await pair.New.SignalAsync("w", "Go");

        Assert.AreEqual("one b1", await pair.New.ResultAsync<string>("w"));
        CollectionAssert.AreEqual(new[] { "b1" }, await pair.BuildsAsync("w"));
    }

    [TestMethod]
    public async Task Run_that_is_not_pinned_moves_to_the_build_that_takes_work()
    {
        await using var pair = await Pair.WithAsync("Moves");

        await pair.New.SignalAsync("w", "Go");

        Assert.AreEqual("two b2", await pair.New.ResultAsync<string>("w"));
        CollectionAssert.AreEqual(new[] { "b1", "b2" }, await pair.BuildsAsync("w"));
    }

    [TestMethod]
    public async Task Timers_of_a_pinned_run_wake_its_build()
    {
        await using var pair = await Pair.WithAsync("Sleeps");

        Assert.AreEqual("one b1", await pair.New.ResultAsync<string>("w"));
        CollectionAssert.AreEqual(new[] { "b1" }, await pair.BuildsAsync("w"));
    }

    [TestMethod]
    public async Task Due_timer_of_another_build_costs_one_send()
    {
        var (time, memory) = Hub();
        var counted = new FaultyHubStore(memory, static (_, _) => Fault.None);
        await using var other = new EngineHost([typeof(V2.Sleeps)], null, New, counted, time);
        var timer = new WorkMessage(WorkKind.Timer, "run-3", "w") { RunId = "run", EventId = 3, DueAt = time.GetUtcNow().AddSeconds(30), BuildId = "b1" };

        // Its own processes have made the build's queue.
        await memory.Queues.CreateAsync("workflows-b1", default);
        await memory.Queues.SendAsync(QueueNames.Timers, timer.Encode(), TimeSpan.FromSeconds(30), default);
        await HandedOverAsync(other, QueueNames.Timers);
        var handed = WorkMessage.Decode((await memory.Queues.ReceiveAsync("workflows-b1", 1, TimeSpan.FromMinutes(1), default))[0].Body);

        Assert.AreEqual("Delete message: 1, Send workflows-b1: 1", string.Join(", ", counted.Calls.Select(static c => $"{c.Key}: {c.Value}")));
        Assert.AreEqual(timer with { Token = handed.Token, HandedOver = true }, handed);
        Assert.AreNotEqual(timer.Token, handed.Token);
    }

    [TestMethod]
    public async Task Nudge_for_another_build_costs_a_look_and_a_send()
    {
        var (time, memory) = Hub();
        await using (var old = new EngineHost([typeof(V1.Stays)], null, Old, memory, time))
        {
            await old.StartAsync("Stays", "w", true);
            await RestAsync(old);
        }

        await memory.Queues.SendAsync(QueueNames.Workflows, new WorkMessage(WorkKind.Nudge, "t", "w").Encode(), TimeSpan.Zero, default);
        var counted = new FaultyHubStore(memory, static (_, _) => Fault.None);
        await using var other = new EngineHost([typeof(V2.Stays)], null, New, counted, time);
        await HandedOverAsync(other, QueueNames.Workflows);

        Assert.AreEqual("Delete message: 1, Query Workflows: 1, Send workflows-b1: 1", string.Join(", ", counted.Calls.Select(static c => $"{c.Key}: {c.Value}")));
    }

    [TestMethod]
    public async Task Message_waits_visibly_while_no_process_of_its_build_lives()
    {
        var (time, memory) = Hub();
        await using (var old = new EngineHost([typeof(V1.Stays)], null, Old, memory, time))
        {
            await old.StartAsync("Stays", "w", true);
            await RestAsync(old);
        }

        await using var other = new EngineHost([typeof(V2.Stays)], null, New, memory, time);
        await other.SignalAsync("w", "Go");
        await HandedOverAsync(other, QueueNames.Workflows);
        await other.PassAsync(TimeSpan.FromHours(2));
        var description = await other.Client.GetWorkflowHandle("w").DescribeAsync();

        Assert.AreEqual(1, description.InboxCount);
        Assert.AreEqual("b1", description.PinnedBuildId);
        await using var back = new EngineHost([typeof(V1.Stays)], null, Old, memory, time);
        Assert.AreEqual("one b1", await other.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Children_inherit_the_pin()
    {
        await using var pair = await Pair.WithAsync("Mother");

        await pair.New.SignalAsync("w", "Go");

        Assert.AreEqual("child one b1", await pair.New.ResultAsync<string>("w"));
        CollectionAssert.AreEqual(new[] { "b1" }, await pair.BuildsAsync("w-child"));
    }

    [TestMethod]
    public async Task Continuing_as_new_stays_pinned_unless_it_asks_to_upgrade()
    {
        await using var pair = await Pair.WithAsync("Rolls");

        var workflow = pair.New.Client.GetWorkflowHandle("w");
        var first = await workflow.DescribeAsync();
        await pair.New.SignalAsync("w", "Roll", "Unspecified");
        var second = await NextAsync(pair.New, first.RunId);
        await pair.New.SignalAsync("w", "Roll", "AutoUpgrade");
        var third = await NextAsync(pair.New, second.RunId);
        await pair.New.SignalAsync("w", "Roll", "End");

        CollectionAssert.AreEqual(new[] { "b1", "b1", "b2" }, new[] { first.PinnedBuildId, second.PinnedBuildId, third.PinnedBuildId });
        Assert.AreEqual(VersioningBehavior.Pinned, third.VersioningBehavior);
        Assert.AreEqual("one True b1, one True b1, two False b2", await pair.New.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Retries_stay_pinned()
    {
        await using var pair = await Pair.WithAsync(
            "Retried", static s => s with { RetryPolicy = new RetryPolicy { MaximumAttempts = 3, InitialInterval = TimeSpan.FromMinutes(5) } });
        await pair.New.SignalAsync("w", "Go");
        var failed = await pair.New.CloseAsync("w");

        Assert.AreEqual("attempt 3 one b1", ((WorkflowFailed)failed.Closed).Failure.Message);
    }

    [TestMethod]
    public async Task Start_can_name_the_build()
    {
        await using var pair = await Pair.WithAsync(null);

        var pinned = await pair.New.Client.StartWorkflowAsync(
            (V1.Moves m) => m.RunAsync(), new("pinned") { VersioningOverride = new VersioningOverride.Pinned(new("default", "b1")), RequestEagerStart = true });
        await pinned.SignalAsync(m => m.GoAsync());
        var free = await pair.New.Client.StartWorkflowAsync(
            (V2.Stays m) => m.RunAsync(), new("free") { VersioningOverride = new VersioningOverride.AutoUpgrade() });
        await pair.New.UntilAsync(async () => (await free.DescribeAsync()).BuildId == "b2", "first task");

        Assert.AreEqual("one b1", await pinned.GetResultAsync<string>());
        var description = await free.DescribeAsync();
        Assert.IsNull(description.PinnedBuildId);
        Assert.AreEqual(VersioningBehavior.AutoUpgrade, description.VersioningBehavior);
    }

    [TestMethod]
    public async Task Start_for_a_build_that_never_ran_waits_in_its_queue()
    {
        await using var pair = await Pair.WithAsync(null);

        await pair.New.Client.StartWorkflowAsync((V1.Moves m) => m.RunAsync(), new("w") { VersioningOverride = new VersioningOverride.Pinned(new("default", "v3.0.1")) });
        await pair.New.SignalAsync("w", "Go");

        await pair.New.UntilAsync(async () => await pair.Store.Queues.CountAsync(QueueNames.WorkflowsOf("v3.0.1"), default) == 2, "both messages there");
        await using var third = new EngineHost([typeof(V1.Moves)], null, New with { BuildId = "v3.0.1" }, pair.Store, pair.Time);
        Assert.AreEqual("one v3.0.1", await third.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Build_that_the_start_named_holds_against_an_upgrade()
    {
        await using var pair = await Pair.WithAsync(
            "Rolls", static s => s with { PinnedBuildId = "b1", VersioningOverride = VersioningBehavior.Pinned });
        var first = await pair.New.Client.GetWorkflowHandle("w").DescribeAsync();

        await pair.New.SignalAsync("w", "Roll", "AutoUpgrade");

        Assert.AreEqual("b1", (await NextAsync(pair.New, first.RunId)).BuildId);
    }

    [TestMethod]
    public async Task Message_in_a_builds_queue_for_a_run_that_is_nobodys_goes_back()
    {
        await using var pair = await Pair.WithAsync("Moves");
        pair.New.PinnedOnly = true;
        await pair.New.SignalAsync("w", "Go");

        await pair.Store.Queues.SendAsync("workflows-b1", new WorkMessage(WorkKind.Nudge, "t", "w") { BuildId = "b1" }.Encode(), TimeSpan.Zero, default);
        await pair.Old.UntilAsync(async () => await pair.Store.Queues.CountAsync(QueueNames.Workflows, default) == 2, "back in the shared queue");
        Assert.AreEqual(1, (await pair.Old.Client.GetWorkflowHandle("w").DescribeAsync()).InboxCount);
        pair.New.PinnedOnly = false;

        Assert.AreEqual("two b2", await pair.New.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Query_of_another_builds_run_is_refused()
    {
        await using var pair = await Pair.WithAsync("Stays");

        var refused = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => pair.New.QueryAsync<string>("w", "Version"));

        Assert.AreEqual(WorkflowServiceError.CodeUnavailable, refused.Code);
        StringAssert.Contains(refused.Message, "pinned to build 'b1', and this process runs build 'b2'");
        Assert.AreEqual("one", await pair.Old.QueryAsync<string>("w", "Version"));
        Assert.AreEqual(0, await pair.Store.Queues.CountAsync("workflows-b1", default));
    }

    [TestMethod]
    public async Task Another_build_can_terminate_a_pinned_run()
    {
        await using var pair = await Pair.WithAsync("Stays");

        await pair.New.Client.GetWorkflowHandle("w").TerminateAsync("enough");

        Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await pair.New.CloseAsync("w")).Status);
    }

    [TestMethod]
    public async Task Run_time_out_leads_to_the_next_attempt_on_the_same_build()
    {
        await using var pair = await Pair.WithAsync(
            "Retried", static s => s with { RunTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new RetryPolicy { MaximumAttempts = 2 } });

        var close = await pair.New.CloseAsync("w");

        Assert.AreEqual("attempt 2 one b1", ((WorkflowFailed)close.Closed).Failure.Message);
        CollectionAssert.AreEqual(new[] { "b1" }, await pair.BuildsAsync("w"));
    }

    [TestMethod]
    public async Task Activities_that_left_the_process_bring_their_results_to_the_build()
    {
        await using var pair = await Pair.WithAsync("Works", old: Old with { RunAheadBudget = TimeSpan.Zero });
        await pair.New.SignalAsync("w", "Go");

        Assert.AreEqual("step done on new, one b1", await pair.New.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Pinned_workflow_of_a_process_without_a_build_is_not_pinned()
    {
        var (time, memory) = Hub();
        await using var host = new EngineHost([typeof(V1.Stays)], null, EngineHost.Options, memory, time);
        var workflow = await host.Client.StartWorkflowAsync((V1.Stays s) => s.RunAsync(), new("w"));
        await workflow.SignalAsync(s => s.GoAsync());
        await workflow.GetResultAsync();

        var description = await workflow.DescribeAsync();

        Assert.IsNull(description.BuildId);
        Assert.AreEqual(VersioningBehavior.Unspecified, description.VersioningBehavior);
    }

    [TestMethod]
    public async Task Run_becomes_pinned_when_it_moves_to_a_build_whose_code_says_so()
    {
        await using var pair = await Pair.WithAsync("Settles");
        Assert.IsNull((await pair.New.Client.GetWorkflowHandle("w").DescribeAsync()).PinnedBuildId);

        await pair.New.SignalAsync("w", "Go");
        await pair.New.UntilAsync(async () => (await pair.New.Client.GetWorkflowHandle("w").DescribeAsync()).PinnedBuildId == "b2", "pinned");
        await pair.Old.SignalAsync("w", "Go");

        Assert.AreEqual("two b2", await pair.New.ResultAsync<string>("w"));
    }

    private static (FakeTimeProvider Time, MemoryHubStore Store) Hub()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        return (time, new MemoryHubStore(time, hostilePages: false));
    }

    private static Task HandedOverAsync(EngineHost host, string from) => host.UntilAsync(
        async () => await host.Store.Queues.CountAsync("workflows-b1", default) == 1 && await host.Store.Queues.CountAsync(from, default) == 0, "handed over");

    /// <summary>Until what a start left behind it is gone.</summary>
    private static Task RestAsync(EngineHost host) => host.UntilAsync(
        async () => host.IsQuiet && await host.Store.Queues.CountAsync(QueueNames.Timers, default) == 0, "rest");

    /// <summary>The run after a run, once a task of it was run.</summary>
    private static async Task<WorkflowExecutionDescription> NextAsync(EngineHost host, string runId)
    {
        WorkflowExecutionDescription? next = null;
        await host.UntilAsync(
            async () =>
            {
                next = await host.Client.GetWorkflowHandle("w").DescribeAsync();
                return next.RunId != runId && next.BuildId is not null;
            },
            "the next run");
        return next!;
    }

    /// <summary>An old build that started a workflow and drains, and a new one.</summary>
    internal sealed class Pair : IAsyncDisposable
    {
        public static readonly Type[] OldTypes =
            [typeof(V1.Stays), typeof(V1.Moves), typeof(V1.Sleeps), typeof(V1.Mother), typeof(V1.Child), typeof(V1.Rolls), typeof(V1.Retried), typeof(V1.Works), typeof(V1.Settles)];

        public static readonly Type[] NewTypes =
            [typeof(V2.Stays), typeof(V2.Moves), typeof(V2.Sleeps), typeof(V2.Mother), typeof(V2.Child), typeof(V2.Rolls), typeof(V2.Retried), typeof(V2.Works), typeof(V2.Settles)];

        public required FakeTimeProvider Time { get; init; }

        public required MemoryHubStore Store { get; init; }

        public required EngineHost Old { get; init; }

        public required EngineHost New { get; init; }

        public static async Task<Pair> WithAsync(string? type, Func<WorkflowStarted, WorkflowStarted>? start = null, EngineOptions? old = null)
        {
            var (time, memory) = Hub();
            var first = new EngineHost(OldTypes, new Work("old"), old ?? BuildTests.Old, memory, time);
            if (type is not null)
            {
                var started = new WorkflowStarted(type, "default", []);
                await first.Engine.Service.StartAsync(new StartRequest("w", start?.Invoke(started) ?? started) { Eager = true }, default);
            }

            if (type != "Sleeps")
            {
                await RestAsync(first);
            }

            first.PinnedOnly = true;
            return new Pair { Time = time, Store = memory, Old = first, New = new EngineHost(NewTypes, new Work("new"), BuildTests.New, memory, time) };
        }

        public async Task<string[]> BuildsAsync(string id) => [.. (await New.Engine.Reader.ReadHistoryAsync(new WorkflowRef(id), 0, TimeSpan.Zero, default))
            .OfType<WorkflowTaskCompleted>().Select(static t => t.BuildId!).Distinct()];

        public async ValueTask DisposeAsync()
        {
            await Old.DisposeAsync();
            await New.DisposeAsync();
        }
    }

    public sealed class Work(string where)
    {
        [Activity]
        public string Step() => $"step done on {where}";
    }
}
