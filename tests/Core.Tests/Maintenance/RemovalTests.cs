using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Workflows;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Serverless.Tests.Maintenance;

/// <summary>Retention, purge and deletion leave nothing, wherever they are interrupted, and touch nothing that is open.</summary>
[TestClass]
public sealed class RemovalTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(13);
    private static readonly Type[] Types = [typeof(Hello), typeof(Roller), typeof(Parent), typeof(Collector), typeof(Cancellable), typeof(Keeper)];

    [TestMethod]
    public async Task Closed_runs_are_removed_when_their_time_is_over_and_nothing_is_left()
    {
        await using var host = Create(TimeSpan.FromDays(7));
        await host.StartAsync("Hello", "a", false, "you");
        await host.StartAsync("Roller", "b", false, 3);
        await host.StartAsync("Parent", "c", true, "child");
        await host.StartAsync("Keeper", "d", false, new string('x', 100_000));
        await Task.WhenAll(host.CloseAsync("a"), host.CloseAsync("b"), host.CloseAsync("c"), host.CloseAsync("d"));

        await host.UntilAsync(async () => (await HubRows.AllAsync(host.Store)).Count == 0, "an empty store");

        Assert.IsGreaterThanOrEqualTo(Begin + TimeSpan.FromDays(7), host.Time.GetUtcNow());
        await host.UntilAsync(async () => await host.Store.Queues.CountAsync(QueueNames.Timers, default) == 0, "no timer is left");
        Assert.IsEmpty(await host.Engine.Reader.CountAsync("GROUP BY ExecutionStatus", default));
    }

    [TestMethod]
    public async Task Earlier_runs_of_an_open_workflow_go_one_by_one()
    {
        await using var host = Create(TimeSpan.FromDays(7));
        await host.StartAsync("Stages", "w", false, 2);
        await host.UntilAsync(async () => (await RowsOfAsync(host, "w")).Contains("run:fffffffc:0000000001"), "the third run");

        await host.UntilAsync(async () => (await RowsOfAsync(host, "w")).Count(static k => k.StartsWith("run:", StringComparison.Ordinal)) == 1, "one run is left");

        // A run's row of the list goes after the run.
        await host.UntilAsync(async () => (await host.Engine.Reader.ListAsync(null, 10, null, default)).Workflows is [{ Status: WorkflowExecutionStatus.Running }], "one row of the list is left");
        await host.SignalAsync("w", "Finish");
        Assert.AreEqual("finished", await host.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Without_a_retention_nothing_is_removed_and_no_timer_is_set()
    {
        await using var host = Create(null);
        await host.StartAsync("Hello", "a", false, "you");
        await host.CloseAsync("a");
        await host.UntilAsync(async () => await host.Store.Queues.CountAsync(QueueNames.Workflows, default) == 0, "rest");

        Assert.AreEqual(0, await host.Store.Queues.CountAsync(QueueNames.Timers, default));
        Assert.IsEmpty((await HubRows.AllAsync(host.Store)).Where(static r => r.StartsWith("Timers", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_longer_retention_counts_for_runs_that_closed_before()
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time);
        await using (var first = new EngineHost(Types, new Steps(), EngineHost.Options with { Retention = TimeSpan.FromDays(1) }, memory, time) { Jumps = false })
        {
            await first.StartAsync("Hello", "a", false, "you");
            await first.CloseAsync("a");
            await first.UntilAsync(async () => await memory.Queues.CountAsync(QueueNames.Timers, default) > 0, "the timer");
        }

        await using var second = new EngineHost(Types, new Steps(), EngineHost.Options with { Retention = TimeSpan.FromDays(10) }, memory, time);
        await second.UntilAsync(async () => (await HubRows.AllAsync(memory)).Count == 0, "an empty store");
        Assert.IsGreaterThanOrEqualTo(Begin + TimeSpan.FromDays(10), time.GetUtcNow());
    }

    [TestMethod]
    public async Task A_retention_that_is_taken_back_keeps_what_closed_before()
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time);
        await using (var first = new EngineHost(Types, new Steps(), EngineHost.Options with { Retention = TimeSpan.FromDays(1) }, memory, time) { Jumps = false })
        {
            await first.StartAsync("Hello", "a", false, "you");
            await first.CloseAsync("a");
            await first.UntilAsync(async () => await memory.Queues.CountAsync(QueueNames.Timers, default) > 0, "the timer");
        }

        await using var second = new EngineHost(Types, new Steps(), EngineHost.Options, memory, time);
        await second.UntilAsync(async () => await memory.Queues.CountAsync(QueueNames.Timers, default) == 0, "the timer has passed");
        Assert.AreEqual("Hello you", await second.ResultAsync<string>("a"));
    }

    [TestMethod]
    public async Task A_sweep_that_takes_long_goes_on_with_the_next_message()
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time);
        var options = EngineHost.Options with { Retention = TimeSpan.FromDays(1) };
        await using (var first = new EngineHost(Types, new Steps(), options, memory, time) { Jumps = false })
        {
            await Task.WhenAll(Enumerable.Range(0, 250).Select(i => first.StartAsync("Hello", $"w{i}", false, "you")));
            await first.UntilAsync(async () => first.IsQuiet && (await first.Engine.Reader.CountAsync("ExecutionStatus = 'Completed'", default))[""] == 250, "all are closed");
        }

        var (commits, sends) = (0, 0);
        var slow = new FaultyHubStore(memory, (_, what) =>
        {
            sends += what == $"Send {QueueNames.Timers}" ? 1 : 0;
            if (what == "Commit Workflows" && ++commits == 10)
            {
                time.Advance(TimeSpan.FromSeconds(21));
            }

            return Fault.None;
        });
        await using var second = new EngineHost(Types, new Steps(), options with { Identity = "second" }, slow, time);
        await second.UntilAsync(async () => (await HubRows.AllAsync(memory)).Count == 0, "an empty store");
        Assert.IsGreaterThan(0, sends, "the rest was left to another message");
        Assert.IsNull(second.HandlerFailure);
    }

    [TestMethod]
    public async Task Each_run_of_an_id_is_found_whatever_the_clocks_said()
    {
        await using var host = Create(null, jumps: false);
        await host.StartAsync("Roller", "w", false, 3);
        await host.CloseAsync("w");
        await host.UntilAsync(async () => host.IsQuiet && (await host.Engine.Reader.CountAsync(null, default))[""] == 4, "all are listed");
        var runs = (await host.Engine.Reader.ListAsync(null, 10, null, default)).Workflows;
        EngineServices Services(IHubStore store) => EngineServices.Create(EngineHost.Options, store, host.Code, host.Time, new Random(1), NullLogger.Instance, default);
        var removal = new RunRemoval(Services(host.Store));
        foreach (var run in runs)
        {
            Assert.IsTrue(await removal.ExistsAsync("w", run.RunId, default));
        }

        Assert.IsFalse(await removal.ExistsAsync("w", "another", default));
        Assert.IsFalse(await removal.ExistsAsync("nobody", runs[0].RunId, default));

        // Somebody else changes the rows again and again.
        var racing = new RunRemoval(Services(new FaultyHubStore(host.Store, static (_, what) => what == "Commit Workflows" ? Fault.Conflict : Fault.None)));
        var e = await Assert.ThrowsExactlyAsync<StorageException>(() => racing.RemoveAsync(runs[2], default));
        StringAssert.Contains(e.Message, "changed while they were deleted. Delete it again.");

        // The list may have the time of another clock.
        Assert.AreEqual(RemovalOutcome.Removed, await removal.RemoveAsync(runs[2] with { StartTime = Begin + TimeSpan.FromDays(1) }, default));
        Assert.IsFalse(await removal.ExistsAsync("w", runs[2].RunId, default));
        Assert.IsTrue(await removal.ExistsAsync("w", runs[1].RunId, default));

        await foreach (var (partition, row) in HubRows.RowsAsync(host.Store, RowTable.Workflows))
        {
            if (row.Key == JournalKeys.Head)
            {
                await host.Store.Rows.CommitAsync(RowTable.Workflows, partition, [RowOperation.Upsert(row.Key, new byte[] { 99 })], default);
            }
        }

        Assert.IsTrue(await removal.ExistsAsync("w", "another", default), "whose head can't be read may have it");
    }

    [TestMethod]
    public async Task What_is_open_stays_although_the_list_says_that_it_closed_long_ago()
    {
        await using var host = Create(TimeSpan.FromDays(1), jumps: false);
        await host.StartAsync("Collector", "w", false);
        await host.UntilAsync(async () => host.IsQuiet && (await host.Engine.Reader.CountAsync(null, default))[""] == 1, "it is listed");
        var wrong = (await host.Engine.Reader.ListAsync(null, 1, null, default)).Workflows[0] with
        {
            Status = Api.Enums.V1.WorkflowExecutionStatus.Completed,
            CloseTime = Begin - TimeSpan.FromDays(10),
        };
        var list = new Serverless.Visibility.VisibilityIndex(host.Store.Rows, host.Time, EngineHost.Options.SearchAttributes, 0);
        await list.ProjectAsync(wrong);
        var slice = RetentionSlice.Containing(Serverless.Visibility.ListDivision.Workflows, wrong.CloseTime.Value);
        await host.Engine.Handlers.HandleTimerAsync(new QueueDelivery(slice.Message(TimeSpan.FromDays(1)).Encode(), 1, false), default);

        await host.SignalAsync("w", "Finish");
        Assert.IsEmpty(await host.ResultAsync<List<int>>("w"));
    }

    [TestMethod]
    public async Task Ids_whose_rows_are_damaged_are_removed_like_others()
    {
        await using var host = Create(null, jumps: false);
        await host.StartAsync("Roller", "w", false, 2);
        await host.CloseAsync("w");
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        await foreach (var (partition, row) in HubRows.RowsAsync(host.Store, RowTable.Workflows))
        {
            if (row.Key.StartsWith("run:", StringComparison.Ordinal))
            {
                await host.Store.Rows.CommitAsync(RowTable.Workflows, partition, [RowOperation.Replace(row.Key, row.Key.EndsWith('1') ? Array.Empty<byte>() : new byte[] { 0, 99, 1 }, row.Tag)], default);
            }
        }

        await host.Engine.Service.DeleteAsync("w", default);
        await host.PassAsync(LookAgain);

        await host.UntilAsync(async () => !(await HubRows.AllAsync(host.Store)).Any(static r => r.StartsWith("Workflows", StringComparison.Ordinal)), "nothing is left");
        await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default));
    }

    [TestMethod]
    public async Task What_a_process_that_died_left_of_its_removals_goes_with_the_next_message()
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time);
        var options = EngineHost.Options with { Retention = TimeSpan.FromDays(1) };
        await using (var first = new EngineHost(Types, new Steps(), options, memory, time) { Jumps = false })
        {
            await Task.WhenAll(Enumerable.Range(0, 120).Select(i => first.StartAsync("Hello", $"w{i}", false, "you")));
            await first.UntilAsync(async () => first.IsQuiet && (await first.Engine.Reader.CountAsync("ExecutionStatus = 'Completed'", default))[""] == 120, "all are closed");
        }

        var commits = 0;
        var dying = new FaultyHubStore(memory, (_, what) => what == "Commit Workflows" && Interlocked.Increment(ref commits) == 50 ? Fault.CrashBefore : Fault.None);
        await using (var second = new EngineHost(Types, new Steps(), options with { Identity = "second" }, dying, time))
        {
            await second.UntilAsync(() => Task.FromResult(dying.IsDead), "its death");
        }

        Assert.IsNotEmpty(await HubRows.AllAsync(memory));
        await using var third = new EngineHost(Types, new Steps(), options with { Identity = "third" }, memory, time);
        await third.UntilAsync(async () => (await HubRows.AllAsync(memory)).Count == 0, "an empty store");
    }

    [TestMethod]
    public async Task A_purge_removes_what_is_closed_and_counts_what_is_open()
    {
        await using var host = Create(null, jumps: false);
        await host.StartAsync("Roller", "rolled", false, 2);
        await host.StartAsync("Hello", "hello", false, "you");
        await host.StartAsync("Cancellable", "open", false);
        await Task.WhenAll(host.CloseAsync("rolled"), host.CloseAsync("hello"));
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync(null, default))[""] == 5 && host.IsQuiet, "all are listed");

        var dry = await HubRows.ListAsync<HubReport>(host.Engine.Hub.PurgeAsync("WorkflowId != 'x'", dryRun: true, default));
        Assert.AreEqual("found=5,open=1,wouldRemove=4", Counts(dry));
        Assert.AreEqual(5, (await host.Engine.Reader.CountAsync(null, default))[""]);

        var done = await HubRows.ListAsync<HubReport>(host.Engine.Hub.PurgeAsync("WorkflowId != 'x'", dryRun: false, default));
        Assert.AreEqual("found=5,open=1,removed=4", Counts(done));
        Assert.AreEqual("5/5", string.Join(",", done.OfType<HubReport.Progress>().Select(static p => $"{p.Done}/{p.Total}")));
        Assert.AreEqual(1, (await host.Engine.Reader.CountAsync(null, default))[""]);
        await host.PassAsync(LookAgain);
        await host.UntilAsync(
            async () => (await HubRows.AllAsync(host.Store)).All(static r => !r.Contains("hello", StringComparison.Ordinal) && !r.Contains("rolled", StringComparison.Ordinal)), "nothing is left");
        await Assert.ThrowsAsync<WorkflowServiceException>(async () => await HubRows.ListAsync<HubReport>(host.Engine.Hub.PurgeAsync(" ", false, default)));
    }

    [TestMethod]
    [DataRow((int)Fault.CrashBefore)]
    [DataRow((int)Fault.CrashAfter)]
    [DataRow((int)Fault.FailAfter)]
    public async Task A_removal_that_a_fault_interrupts_is_finished_by_the_next(int fault)
    {
        for (var at = 1; await InterruptAsync((Fault)fault, at); at++)
        {
        }
    }

    [TestMethod]
    public async Task A_workflow_id_that_is_started_again_while_it_is_deleted_goes_on()
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time);
        EngineHost? host = null;
        var interposed = 0;
        var store = new FaultyHubStore(memory, (_, what) =>
        {
            // Before the head goes, somebody starts the id again.
            if (what == "Commit Workflows" && interposed == 1)
            {
                interposed = 2;
                host!.StartAsync("Hello", "w", false, "again").GetAwaiter().GetResult();
            }

            return Fault.None;
        });
        await using (host = new EngineHost(Types, new Steps(), EngineHost.Options, memory, time))
        {
            await host.StartAsync("Hello", "w", false, "you");
            await host.CloseAsync("w");
            await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync(null, default))[""] == 1 && host.IsQuiet, "the list");
            using var held = host.Hold();
            using var other = new WorkflowEngine(EngineHost.Options with { Identity = "other" }, store, host.Code, time, new Random(3), NullLoggerFactory.Instance);
            interposed = 1;

            var refused = await Assert.ThrowsAsync<WorkflowServiceException>(() => other.Service.DeleteAsync("w", default));

            Assert.AreEqual(WorkflowServiceError.StillOpen, refused.Code);
        }

        await using var last = new EngineHost(Types, new Steps(), EngineHost.Options, memory, time);
        Assert.AreEqual("Hello again", await last.ResultAsync<string>("w"));
    }

    /// <summary>False when the removal made fewer calls than <paramref name="at"/>.</summary>
    private static async Task<bool> InterruptAsync(Fault fault, int at)
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time, seed: at);
        await using var host = new EngineHost(Types, new Steps(), EngineHost.Options, memory, time) { Jumps = false };
        await host.StartAsync("Roller", "w", false, 1);
        await host.CloseAsync("w");
        await host.StartAsync("Keeper", "k", false, new string('x', 100_000));
        await host.CloseAsync("k");
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync(null, default))[""] == 3 && host.IsQuiet, "the list");
        var hit = "";
        var dying = new FaultyHubStore(memory, (n, what) =>
        {
            hit = n == at ? what : hit;
            return n == at ? fault : Fault.None;
        });
        using (var engine = new WorkflowEngine(EngineHost.Options, dying, host.Code, time, new Random(3), NullLoggerFactory.Instance))
        {
            await TryAsync(engine);
            dying.Kill();
        }

        // What others may still be writing is left for a while.
        await host.PassAsync(LookAgain);
        await TryAsync(host.Engine);
        await host.UntilAsync(async () => (await HubRows.AllAsync(memory)).Count == 0, $"nothing is left: {fault} at call {at} ({hit})");
        Assert.AreEqual(0, (await host.Engine.Reader.CountAsync(null, default))[""], $"{fault} at call {at} ({hit})");
        return hit.Length > 0;
    }

    private static async Task TryAsync(WorkflowEngine engine)
    {
        try
        {
            await HubRows.ListAsync<HubReport>(engine.Hub.PurgeAsync("ExecutionStatus != 'Running'", false, default));
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
        }
    }

    private static string Counts(IReadOnlyList<HubReport> reports) =>
        string.Join(",", ((HubReport.Ended)reports[^1]).Counts.OrderBy(static c => c.Key, StringComparer.Ordinal).Select(static c => $"{c.Key}={c.Value}"));

    private static async Task<IReadOnlyList<string>> RowsOfAsync(EngineHost host, string id) =>
        [.. (await HubRows.AllAsync(host.Store)).Where(r => r.StartsWith($"Workflows {HubRows.Of(id)} ", StringComparison.Ordinal)).Select(static r => r[(r.LastIndexOf(' ') + 1)..])];

    private static EngineHost Create(TimeSpan? retention, bool jumps = true) =>
        new([.. Types, typeof(Stages)], new Steps(), EngineHost.Options with { Retention = retention }) { Jumps = jumps };

    [Workflow]
    public class Keeper
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string data)
        {
            await Workflow.DelayAsync(1);
            return data;
        }
    }

    [Workflow]
    public class Stages
    {
        private bool _done;

        [WorkflowRun]
        public async Task<string> RunAsync(int left)
        {
            if (left > 0)
            {
                await Workflow.DelayAsync(1);
                throw Workflow.CreateContinueAsNewException((Stages s) => s.RunAsync(left - 1));
            }

            await Workflow.WaitConditionAsync(() => _done, TimeSpan.FromDays(1000));
            return _done ? "finished" : "gave up";
        }

        [WorkflowSignal]
        public Task FinishAsync()
        {
            _done = true;
            return Task.CompletedTask;
        }
    }
}
