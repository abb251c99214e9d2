using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;
using Serverless.Tests.Engine;
using Serverless.Visibility;
using static Serverless.Tests.Maintenance.BrokenHub;

namespace Serverless.Tests.Maintenance;

/// <summary>The list, blobs, parked timers and poison queues are damaged: the doctor finds just that, mends it, and finds nothing more.</summary>
[TestClass]
public sealed class DoctorStorageTests
{
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

    [TestMethod]
    public async Task A_head_that_can_not_be_read_and_places_that_nobody_gave_back_are_found()
    {
        await using var host = await BrokenAsync(
            static async first =>
            {
                await StartAsync(first, "Cancellable");
                await first.StartAsync("Hello", "other", false, "you");
                await first.CloseAsync("other");
            },
            static async (store, time) =>
            {
                await store.Rows.CommitAsync(RowTable.Workflows, HubRows.Of("w"), [RowOperation.Upsert(JournalKeys.Head, new byte[] { 7 })], default);
                var place = new PlaceRow("holder", time.GetUtcNow() - TimeSpan.FromDays(2));
                await store.Rows.CommitAsync(RowTable.Timers, SharedPlaces.PartitionOf("Greet"), [RowOperation.Insert("0000", place.Encode())], default);
            });

        var found = await HubRows.ListAsync<HubReport.Finding>(host.Engine.Hub.ExamineAsync(repair: true, rebuild: false, default));

        Assert.AreEqual("Place |Unreadable w", Text(found));
        Assert.AreEqual("Unreadable w", await FindAsync(host, repair: false));
        var export = await HubRows.ListAsync<HubReport>(host.Engine.Hub.ExportAsync(null, default));
        Assert.AreEqual("w", export.OfType<HubReport.Skipped>().Single().WorkflowId);
        Assert.HasCount(1, export.OfType<HubReport.Line>().ToList());
    }
}
