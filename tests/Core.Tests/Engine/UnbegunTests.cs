using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Engine;

/// <summary>Runs that wait for their first task: they are listed, and they begin whatever happens.</summary>
[TestClass]
public sealed class UnbegunTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromHours(2);

    [TestMethod]
    public async Task Start_with_a_delay_is_listed_and_counted_before_its_first_task()
    {
        await using var host = new EngineHost([typeof(Hello)]);
        var workflow = await host.Client.StartWorkflowAsync((Hello h) => h.RunAsync("you"), new("w")
        {
            StartDelay = Delay,
            Memo = new Dictionary<string, object> { ["colour"] = "blue" },
        });

        var listed = await ListedAsync(host);
        Assert.AreEqual("Running", string.Join(",", listed.Select(static w => w.Status)));
        Assert.AreEqual(listed[0].StartTime + Delay, listed[0].ExecutionTime);
        Assert.AreEqual(0, listed[0].HistoryLength);
        Assert.AreEqual("blue", EngineHost.Of<string>(listed[0].Memo["colour"]));
        Assert.AreEqual(1, (await host.Client.CountWorkflowsAsync($"ExecutionTime > '{host.Time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}'")).Count);

        Assert.AreEqual("Hello you", await workflow.GetResultAsync());
        await host.UntilAsync(async () => (await ListedAsync(host)) is [{ Status: WorkflowExecutionStatus.Completed }], "one row, completed");
    }

    [TestMethod]
    public async Task Query_of_a_run_that_waits_is_told_that_it_has_not_begun()
    {
        await using var host = new EngineHost([typeof(QueryTests.Waits)]);
        await host.Client.StartWorkflowAsync((QueryTests.Waits w) => w.RunAsync(), new("w") { StartDelay = Delay });

        var refused = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.QueryAsync<string>("w", "State"));
        Assert.AreEqual(WorkflowServiceError.CodeUnavailable, refused.Code);
        Assert.AreEqual("Workflow 'w' can't be queried: it has not begun. It waits for its first task. Ask again once that has run.", refused.Message);
        await host.Engine.Service.TerminateAsync(new WorkflowRef("w"), null, [], default);
    }

    [TestMethod]
    public async Task Run_that_waits_for_its_cron_time_is_listed()
    {
        await using var host = new EngineHost([typeof(Hello)]);
        await host.Client.StartWorkflowAsync((Hello h) => h.RunAsync("you"), new("w") { CronSchedule = "0 * * * *" });
        Assert.HasCount(1, await ListedAsync(host));

        await host.UntilAsync(
            async () => (await ListedAsync(host)) is [{ Status: WorkflowExecutionStatus.Running }, { Status: WorkflowExecutionStatus.Completed }, ..], "the second run");
        await host.Engine.Service.TerminateAsync(new WorkflowRef("w"), null, [], default);
    }

    [TestMethod]
    public async Task Run_whose_first_task_is_blocked_is_listed()
    {
        await using var host = new EngineHost([typeof(Hello)]);
        await host.StartAsync("Unknown", "w", false);

        await host.UntilAsync(async () => (await ListedAsync(host)) is [{ WorkflowType: "Unknown", Status: WorkflowExecutionStatus.Running }], "listed");
        await host.Engine.Service.TerminateAsync(new WorkflowRef("w"), null, [], default);
        await host.UntilAsync(async () => (await ListedAsync(host)) is [{ Status: WorkflowExecutionStatus.Terminated }], "terminated");
    }

    [TestMethod]
    [DataRow((int)Fault.FailBefore)]
    [DataRow((int)Fault.FailAfter)]
    [DataRow((int)Fault.CrashBefore)]
    [DataRow((int)Fault.CrashAfter)]
    public async Task Start_with_a_delay_that_is_repeated_begins_in_time_whatever_single_fault_hit_it(int fault)
    {
        for (var at = 1; await RunAsync((Fault)fault, at); at++)
        {
        }
    }

    /// <summary>False when the start made fewer calls than <paramref name="at"/>.</summary>
    private static async Task<bool> RunAsync(Fault fault, int at)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time, seed: at);
        var where = "";
        var faulty = new FaultyHubStore(memory, (n, what) =>
        {
            where = n == at ? what : where;
            return n == at ? fault : Fault.None;
        })
        {
            IsDeaf = true,
        };
        await using var first = new EngineHost([typeof(Hello)], null, EngineHost.Options, faulty, time);
        var started = await TryStartAsync(first);
        faulty.Kill();
        await using var second = new EngineHost([typeof(Hello)], null, EngineHost.Options with { Identity = "second" }, memory, time);
        var again = started || await TryStartAsync(second);
        var context = $"{fault} at call {at} ({where}), {(started ? "started" : again ? "started again" : "found")}";

        Assert.HasCount(1, await ListedAsync(second), context);
        var close = await second.CloseAsync("w");
        Assert.IsInstanceOfType<WorkflowCompleted>(close.Closed, context);
        Assert.IsGreaterThanOrEqualTo(Delay, close.Closed.Time - new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero), context);
        return where.Length > 0;
    }

    [TestMethod]
    public async Task Start_with_a_delay_begins_though_the_clock_jumps_back_while_its_message_is_handled()
    {
        var time = new JumpingTime();
        var memory = new MemoryHubStore(time);
        var due = DateTimeOffset.MaxValue;
        var store = new FaultyHubStore(memory, (_, what) =>
        {
            if (what == $"Query {RowTable.Workflows}" && time.GetUtcNow() >= due)
            {
                time.Jump = TimeSpan.FromSeconds(-49);
                due = DateTimeOffset.MaxValue;
            }

            return Fault.None;
        });
        await using var host = new EngineHost([typeof(Hello)], new Steps(), store: store, time: time);
        due = time.GetUtcNow() + TimeSpan.FromSeconds(30);
        await host.Client.StartWorkflowAsync((Hello h) => h.RunAsync("you"), new("w") { StartDelay = TimeSpan.FromSeconds(30) });

        // Nobody reads before the handler does.
        await host.UntilAsync(() => Task.FromResult(time.Jump < TimeSpan.Zero), "the jump");
        Assert.AreEqual("Hello you", await host.ResultAsync<string>("w"));
    }

    private sealed class JumpingTime() : FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero))
    {
        public TimeSpan Jump { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;
    }

    private static async Task<bool> TryStartAsync(EngineHost host)
    {
        try
        {
            await host.Engine.Service.StartAsync(
                new StartRequest("w", new WorkflowStarted("Hello", "default", [EngineHost.Value("you")]) { FirstTaskDelay = Delay }), default);
            return true;
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException or WorkflowServiceException)
        {
            return false;
        }
    }

    private static async Task<IReadOnlyList<WorkflowSummary>> ListedAsync(EngineHost host) => (await host.Engine.Reader.ListAsync(null, 10, null, default)).Workflows;
}
