using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Tests.Engine;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;
using static Serverless.Tests.Maintenance.BrokenHub;

namespace Serverless.Tests.Maintenance;

/// <summary>An open workflow loses what would wake it: the doctor finds just that, mends it, finds nothing more, and the workflow goes on.</summary>
[TestClass]
public sealed class DoctorTests
{
    [TestMethod]
    public async Task A_busy_healthy_hub_has_no_finding()
    {
        await using var host = new EngineHost(Types, new Steps()) { Jumps = false };
        await host.StartAsync("Hello", "a", false, "you");
        await host.StartAsync("Cancellable", "b", false);
        await host.StartAsync("Collector", "c", false);
        await host.StartAsync("FailingElsewhere", "d", false, "you");
        await host.StartAsync("LongParent", "e", false);
        await host.StartAsync("Big", "f", true, new string('x', 100_000));
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync(null, default))[""] == 7 && host.IsQuiet, "all are listed");
        Assert.AreEqual("", await FindAsync(host, repair: false));
        await host.SignalAsync("c", "Add", 1);
        await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef("c"), default)).State.SignalCount == 1 && host.IsQuiet, "the signal");
        await PassAsync(host, Later);
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");

        Assert.AreEqual("", await FindAsync(host, repair: false));
    }

    [TestMethod]
    public async Task A_run_that_was_stored_and_never_nudged_is_begun()
    {
        await using var host = await BrokenAsync(
            first => first.StartAsync("Hello", "w", false, "you"), static (store, _) => DropAsync(store, QueueNames.Workflows), deaf: true);

        await MendAsync(host, "NotBegun w");

        Assert.AreEqual("Hello you", await host.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task A_signal_whose_nudge_was_lost_is_applied()
    {
        await using var host = await BrokenAsync(
            first => StartAsync(first, "Collector"),
            static async (store, time) => await store.Rows.CommitAsync(
                RowTable.Workflows,
                HubRows.Of("w"),
                [
                    RowOperation.Touch(JournalKeys.Gate),
                    RowOperation.Insert(JournalKeys.Inbox("01"), new InboxItem(new WorkflowSignaled("Finish", []) { Time = time.GetUtcNow() }).Encode()),
                ],
                default));

        await MendAsync(host, "NotApplied w");

        await host.CloseAsync("w");
    }

    [TestMethod]
    public async Task A_near_timer_whose_message_was_lost_fires()
    {
        await using var host = await BrokenAsync(
            first => StartAsync(first, "Sleeper", 30.0),
            static (store, time) =>
            {
                time.Advance(TimeSpan.FromSeconds(31));
                return DropAsync(store, QueueNames.Timers);
            });

        await MendAsync(host, "Overdue w");

        await PassAsync(host, TimeSpan.FromDays(3));
        await host.CloseAsync("w");
    }

    [TestMethod]
    public async Task A_far_timer_whose_row_was_lost_is_parked_again()
    {
        await using var host = await BrokenAsync(
            first => StartAsync(first, "Sleeper", 200_000.0), static (store, _) => DeleteRowsAsync(store, RowTable.Timers, static row => !TimerBuckets.IsMarker(row)));

        await MendAsync(host, "Overdue w");

        await PassAsync(host, TimeSpan.FromDays(3));
        await host.CloseAsync("w");
    }

    [TestMethod]
    public async Task A_bucket_that_nobody_opens_is_opened()
    {
        await using var host = await BrokenAsync(
            first => StartAsync(first, "Sleeper", 200_000.0), static (store, _) => DeleteRowsAsync(store, RowTable.Timers, TimerBuckets.IsMarker));

        await MendAsync(host, "Bucket ");

        await PassAsync(host, TimeSpan.FromDays(3));
        await host.CloseAsync("w");
    }

    [TestMethod]
    public async Task An_activity_that_died_with_its_process_and_its_message_counts_as_lost()
    {
        await using var host = await BrokenAsync(
            first => StartAsync(first, "Outlived"), static (store, _) => DropAsync(store, QueueNames.ActivitiesOf("nowhere", "default")));

        await MendAsync(host, "Overdue w");

        Assert.IsInstanceOfType<WorkflowFailed>((await host.CloseAsync("w")).Closed);
    }

    [TestMethod]
    public async Task A_child_whose_answer_was_lost_tells_it_again()
    {
        await using var host = await BrokenAsync(
            static async first =>
            {
                await StartAsync(first, "LongParent");
                await RestAsync(first, "a-child");
                var commits = 0;
                var dying = new FaultyHubStore(first.Store, (_, what) => what == "Commit Workflows" && ++commits == 2 ? Fault.CrashBefore : Fault.None);
                using var engine = new WorkflowEngine(EngineHost.Options with { Identity = "dying" }, dying, first.Code, first.Time, new Random(3), NullLoggerFactory.Instance);
                await Assert.ThrowsAsync<OperationCanceledException>(() => engine.Service.TerminateAsync(new WorkflowRef("a-child"), null, [], null, default));
            },
            static (store, time) =>
            {
                // The message that stood behind it is lost too.
                time.Advance(TimeSpan.FromSeconds(61));
                return DropAsync(store, QueueNames.Timers);
            });

        await MendAsync(host, "ListRow a-child|Overdue w");

        Assert.IsInstanceOfType<WorkflowFailed>((await host.CloseAsync("w")).Closed);
    }

    [TestMethod]
    public async Task A_reset_that_was_not_carried_through_is()
    {
        await using var host = await BrokenAsync(first => StartAsync(first, "Sleeper", 200_000.0), static async (store, time) =>
        {
            await using (var deaf = new EngineHost(Types, new Steps(), EngineHost.Options, new FaultyHubStore(store, static (_, _) => Fault.None) { IsDeaf = true }, time))
            {
                await deaf.Engine.Resets.ResetAsync(new WorkflowRef("w"), new ResetRequest(WorkflowResetPoint.AtEvent(3)), default);
            }

            time.Advance(TimeSpan.FromSeconds(61));
            await DropAsync(store, QueueNames.Timers);
            await DropAsync(store, QueueNames.Workflows);
        });

        await MendAsync(host, null);

        await PassAsync(host, TimeSpan.FromDays(3));
        await host.CloseAsync("w");
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync("ExecutionStatus = 'Completed'", default))[""] == 1, "the list");
        await HubRows.ListAsync<HubReport>(host.Engine.Hub.PurgeAsync("ExecutionStatus = 'Completed'", false, default));
        await PassAsync(host, TimeSpan.FromMinutes(13));
        await host.UntilAsync(
            async () => !(await HubRows.AllAsync(host.Store)).Any(static r => r.Contains(HubRows.Of("w"), StringComparison.Ordinal) || r.StartsWith("Visibility", StringComparison.Ordinal)), "nothing is left");
    }
}
