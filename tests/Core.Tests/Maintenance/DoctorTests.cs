using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Visibility;
using Serverless.Workflows;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Serverless.Tests.Maintenance;

/// <summary>A hub is broken in each way: the doctor finds just that, mends it, finds nothing more, and the workflow goes on.</summary>
[TestClass]
public sealed class DoctorTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Later = TimeSpan.FromMinutes(12);
    private static readonly Type[] Types = [typeof(Hello), typeof(Sleeper), typeof(Collector), typeof(Cancellable), typeof(FailingElsewhere), typeof(Outlived), typeof(Big), typeof(LongParent)];

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
    public async Task A_row_of_the_list_that_was_lost_is_written_again()
    {
        await using var host = await BrokenAsync(
            CloseHelloAsync, static (store, _) => DeleteRowsAsync(store, RowTable.Visibility, static row => row.Key.StartsWith(ListKeys.RowPrefix, StringComparison.Ordinal)));

        await MendAsync(host, null);

        Assert.AreEqual(1, (await host.Engine.Reader.CountAsync("WorkflowId = 'w' AND ExecutionStatus = 'Completed'", default))[""]);
    }

    [TestMethod]
    public async Task A_row_of_the_list_without_a_run_is_removed()
    {
        await using var host = await BrokenAsync(CloseHelloAsync, static (store, _) => DeleteRowsAsync(store, RowTable.Workflows, static _ => true));

        await MendAsync(host, "ListRow w");

        Assert.AreEqual(0, (await host.Engine.Reader.CountAsync(null, default))[""]);
    }

    [TestMethod]
    public async Task A_row_of_the_list_that_can_not_be_read_is_written_again()
    {
        await using var host = await BrokenAsync(CloseHelloAsync, static async (store, _) =>
        {
            await foreach (var (partition, row) in HubRows.RowsAsync(store, RowTable.Visibility))
            {
                if (row.Key.StartsWith(ListKeys.RowPrefix, StringComparison.Ordinal))
                {
                    await store.Rows.CommitAsync(RowTable.Visibility, partition, [RowOperation.Upsert(row.Key, new byte[] { 77 })], default);
                }
            }
        });

        await MendAsync(host, null);

        Assert.AreEqual(1, (await host.Engine.Reader.CountAsync("WorkflowId = 'w' AND ExecutionStatus = 'Completed'", default))[""]);
    }

    [TestMethod]
    public async Task The_list_is_rebuilt_from_the_histories()
    {
        await using var host = await BrokenAsync(
            static async first =>
            {
                await CloseHelloAsync(first);
                await first.StartAsync("Cancellable", "b", false);
                await RestAsync(first, "b");
            },
            static (store, _) => DeleteRowsAsync(store, RowTable.Visibility, static _ => true));

        await HubRows.ListAsync<HubReport>(host.Engine.Hub.ExamineAsync(repair: true, rebuild: true, default));

        var counts = await host.Engine.Reader.CountAsync("GROUP BY ExecutionStatus", default);
        Assert.AreEqual("Completed=1,Running=1", string.Join(",", counts.OrderBy(static c => c.Key).Select(static c => $"{c.Key}={c.Value}")));
        Assert.AreEqual("", await FindAsync(host, repair: false));
    }

    [TestMethod]
    public async Task Blobs_of_nobody_are_deleted_and_young_ones_are_left()
    {
        await using var host = await BrokenAsync(static async first =>
        {
            await first.StartAsync("Big", "w", true, new string('x', 100_000));
            await first.CloseAsync("w");
            await first.UntilAsync(async () => (await first.Engine.Reader.CountAsync("ExecutionStatus = 'Completed'", default))[""] == 1 && first.IsQuiet, "the list");
        },
        static async (store, time) =>
        {
            time.Advance(TimeSpan.FromHours(2));
            var ids = new IdSource(time, new Random(5));
            var old = new IdSource(new FakeTimeProvider(Begin), new Random(6));
            await store.Blobs.PutAsync($"{HubRows.Of("gone")}/inbox/{old.NextUlid()}", new byte[] { 1 }, default);
            await store.Blobs.PutAsync($"{HubRows.Of("w")}/11111111-1111-1111-1111-111111111111/{old.NextUlid()}", new byte[] { 1 }, default);
            await store.Blobs.PutAsync($"{HubRows.Of("young")}/inbox/{ids.NextUlid()}", new byte[] { 1 }, default);
        });
        var before = (await HubRows.BlobsAsync(host.Store)).Count;

        await MendAsync(host, "OrphanedBlob gone|OrphanedBlob w");

        Assert.AreEqual(before - 2, (await HubRows.BlobsAsync(host.Store)).Count);
        Assert.AreEqual(100_000, (await host.ResultAsync<string>("w")).Length);
    }

    [TestMethod]
    public async Task Parked_timers_that_can_not_be_read_or_are_nobodys_are_removed()
    {
        await using var host = await BrokenAsync(first => StartAsync(first, "Sleeper", 200_000.0), static async (store, time) =>
        {
            var due = time.GetUtcNow() + TimeSpan.FromSeconds(200_000);
            var bucket = TimerBucket.For(due, time.GetUtcNow()).Name;
            var orphan = new WorkMessage(WorkKind.Timer, "t", "gone") { RunId = "r", EventId = 5, DueAt = due };
            await store.Rows.CommitAsync(
                RowTable.Timers, bucket, [RowOperation.Insert("a", orphan.Encode()), RowOperation.Insert("b", new byte[] { 99 })], default);
        });

        await MendAsync(host, "OrphanedTimer gone|Unreadable ");

        await PassAsync(host, TimeSpan.FromDays(3));
        await host.CloseAsync("w");
    }

    [TestMethod]
    public async Task Poison_messages_are_taken_back()
    {
        await using var host = await BrokenAsync(first => first.StartAsync("Hello", "w", false, "you"), static async (store, _) =>
        {
            await store.Queues.CreateAsync("workflows-poison", default);
            foreach (var message in await store.Queues.ReceiveAsync(QueueNames.Workflows, 32, TimeSpan.FromSeconds(30), default))
            {
                await store.Queues.SendAsync("workflows-poison", message.Body, TimeSpan.Zero, default);
                await store.Queues.DeleteAsync(message.Receipt, default);
            }
        }, deaf: true, wait: TimeSpan.Zero);

        await MendAsync(host, "Poison ");

        await PassAsync(host, Later);
        Assert.AreEqual("Hello you", await host.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Blocked_workflows_and_damaged_histories_are_reported_with_what_mends_them()
    {
        await using var host = await BrokenAsync(static async first =>
        {
            await first.StartAsync("Unknown", "blocked", false);
            await first.UntilAsync(async () => (await first.Engine.Reader.DescribeAsync(new WorkflowRef("blocked"), default)).Blocked is not null, "the block");
            await first.StartAsync("Cancellable", "damaged", false);
            await RestAsync(first, "damaged");
        },
        static async (store, _) =>
        {
            await foreach (var (partition, row) in HubRows.RowsAsync(store, RowTable.Workflows))
            {
                if (partition == HubRows.Of("damaged") && row.Key.StartsWith("run:", StringComparison.Ordinal))
                {
                    await store.Rows.CommitAsync(RowTable.Workflows, partition, [RowOperation.Replace(row.Key, new byte[] { 0, 1, 2 }, row.Tag)], default);
                }
            }
        }, wait: TimeSpan.Zero);

        var found = await HubRows.ListAsync<HubReport.Finding>(host.Engine.Hub.ExamineAsync(repair: true, rebuild: false, default));

        Assert.AreEqual("Blocked blocked|Unreadable damaged", Text(found));
        Assert.AreEqual("deploy its type again, or terminate it|reset it to before the damage, or terminate it", string.Join("|", found.OrderBy(static f => f.Kind.ToString()).Select(static f => f.Repair)));
        Assert.AreEqual(1, (await host.Engine.Hub.ReadStatusAsync(default)).Blocked);
    }

    [TestMethod]
    public async Task The_count_of_blocked_workflows_is_corrected()
    {
        await using var host = await BrokenAsync(
            first => StartAsync(first, "Cancellable"),
            static (store, time) => new BlockedList(store.Rows, new StorageRetry(time, new IdSource(time, new Random(1)))).AddAsync("w", default));

        await MendAsync(host, "BlockedNote w");

        Assert.AreEqual(0, (await host.Engine.Hub.ReadStatusAsync(default)).Blocked);
    }

    /// <summary>Runs a hub, breaks what it left, and opens it again after a while with a clock that does not jump ahead.</summary>
    private static async Task<EngineHost> BrokenAsync(
        Func<EngineHost, Task> run, Func<MemoryHubStore, FakeTimeProvider, Task> harm, bool deaf = false, TimeSpan? wait = null)
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time);
        IHubStore store = deaf ? new FaultyHubStore(memory, static (_, _) => Fault.None) { IsDeaf = true } : memory;
        await using (var first = new EngineHost(Types, new Steps(), EngineHost.Options, store, time) { Jumps = false })
        {
            await run(first);
        }

        await harm(memory, time);
        var host = new EngineHost(Types, new Steps(), EngineHost.Options with { Identity = "second" }, memory, time) { Jumps = false };
        await PassAsync(host, wait ?? Later);
        return host;
    }

    /// <summary>Finds just what is expected (null: whatever it is), mends it, and finds nothing more.</summary>
    private static async Task MendAsync(EngineHost host, string? expected)
    {
        using (host.Hold())
        {
            var found = await FindAsync(host, repair: false);
            Assert.AreEqual(expected ?? found, found);
            Assert.AreNotEqual("", found);
        }

        var mended = await HubRows.ListAsync<HubReport.Finding>(host.Engine.Hub.ExamineAsync(repair: true, rebuild: false, default));
        Assert.IsTrue(mended.All(static f => f.Repaired), Text(mended));
        await host.UntilAsync(async () => await FindAsync(host, repair: false) == "", "nothing is found any more");
    }

    private static async Task<string> FindAsync(EngineHost host, bool repair) =>
        Text(await HubRows.ListAsync<HubReport.Finding>(host.Engine.Hub.ExamineAsync(repair, rebuild: false, default)));

    private static string Text(IReadOnlyList<HubReport.Finding> found) =>
        string.Join("|", found.Select(static f => $"{f.Kind} {f.WorkflowId}").Order(StringComparer.Ordinal));

    private static async Task StartAsync(EngineHost host, string type, params object?[] args)
    {
        await host.StartAsync(type, "w", false, args);
        await RestAsync(host, "w");
    }

    private static async Task CloseHelloAsync(EngineHost host)
    {
        await host.StartAsync("Hello", "w", false, "you");
        await host.CloseAsync("w");
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync("ExecutionStatus = 'Completed'", default))[""] == 1, "the list");
    }

    private static Task RestAsync(EngineHost host, string id) => host.UntilAsync(
        async () => host.IsQuiet && (await host.Engine.Reader.DescribeAsync(new WorkflowRef(id), default)).State.LastTask is not null
            && (await host.Engine.Reader.CountAsync($"WorkflowId = '{id}'", default))[""] == 1,
        "the first task");

    private static async Task PassAsync(EngineHost host, TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            await host.PassAsync(time);
        }
    }

    private static async Task DropAsync(MemoryHubStore store, string queue)
    {
        // A lease of a second: what was received before comes back when the clock has passed it.
        foreach (var message in await store.Queues.ReceiveAsync(queue, 32, TimeSpan.FromSeconds(1), default))
        {
            await store.Queues.DeleteAsync(message.Receipt, default);
        }
    }

    private static async Task DeleteRowsAsync(MemoryHubStore store, RowTable table, Func<Row, bool> which)
    {
        await foreach (var (partition, row) in HubRows.RowsAsync(store, table))
        {
            if (which(row))
            {
                await store.Rows.CommitAsync(table, partition, [RowOperation.Delete(row.Key, null)], default);
            }
        }
    }

    [Workflow]
    public class Outlived
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteActivityAsync(
            (Steps s) => s.Greet("x"),
            new() { TaskQueue = "nowhere", StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { MaximumAttempts = 1 } });
    }

    [Workflow]
    public class Big
    {
        [WorkflowRun]
        public Task<string> RunAsync(string data) => Task.FromResult(data);
    }

    [Workflow]
    public class LongParent
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteChildWorkflowAsync((Cancellable c) => c.RunAsync(), new() { Id = "a-child" });
    }
}
