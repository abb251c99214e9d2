using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>What is damaged stops one workflow, visibly; everything else goes on.</summary>
[TestClass]
public sealed class DamageTests
{
    private static readonly Type[] Types = [typeof(Hello), typeof(Collector), typeof(Sleeper), typeof(Turner), typeof(FailingElsewhere)];

    [TestMethod]
    public async Task Damaged_history_blocks_its_workflow_only_and_it_can_be_terminated()
    {
        await using var host = new EngineHost(Types, null, EngineHost.Options with { CachedRuns = 0 });
        await host.StartAsync("Collector", "k", false);
        await host.UntilAsync(async () => (await DescribeAsync(host, "k")).Summary.HistoryLength > 0, "first task");
        await DamageAsync(host, "k", JournalKeys.SegmentPrefix);
        await host.SignalAsync("k", "Add", 1);
        await host.UntilAsync(async () => (await ReadHeadAsync(host, "k")).Blocked is { Cause: "CorruptHistory" }, "block");
        await host.StartAsync("Hello", "h", false, "you");
        Assert.AreEqual("Hello you", await host.ResultAsync<string>("h"));
        await host.Engine.Service.TerminateAsync(new WorkflowRef("k"), "damaged", [], default);
        Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await ReadHeadAsync(host, "k")).Status);

        // Who waits for it is told, and it can be removed.
        var close = await host.CloseAsync("k");
        Assert.AreEqual((WorkflowExecutionStatus.Terminated, "damaged"), (close.Status, ((WorkflowTerminated)close.Closed).Reason));
        await host.Engine.Service.DeleteAsync("k", default);
        await host.UntilAsync(async () => (await ReadAsync(host, "k", "")).Count == 0, "nothing is left");
    }

    [TestMethod]
    public async Task Damaged_history_can_be_neither_reset_nor_described_and_says_why()
    {
        await using var host = new EngineHost(Types, null, EngineHost.Options with { CachedRuns = 0 });
        await host.StartAsync("Collector", "k", false);
        await host.UntilAsync(async () => (await DescribeAsync(host, "k")).Summary.HistoryLength > 0 && host.IsQuiet, "first task");
        await DamageAsync(host, "k", JournalKeys.SegmentPrefix);

        var reset = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Resets.ResetAsync(new WorkflowRef("k"), new(WorkflowResetPoint.FirstWorkflowTask), default));
        Assert.AreEqual(WorkflowServiceError.BadResetPoint, reset.Code);
        StringAssert.Contains(reset.Message, "The history of workflow 'k' can't be copied: Row 'run:");
        var described = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => DescribeAsync(host, "k"));
        Assert.AreEqual(WorkflowServiceError.CodeUnavailable, described.Code);
        StringAssert.Contains(described.Message, "Workflow 'k' can't be described: Row 'run:");
        var queried = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.QueryAsync<int>("k", "Count"));
        StringAssert.Contains(queried.Message, "Workflow 'k' can't be queried: Row 'run:");
        await DamageAsync(host, "k", JournalKeys.Head);
        reset = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Resets.ResetAsync(new WorkflowRef("k"), new(WorkflowResetPoint.FirstWorkflowTask), default));
        Assert.AreEqual(WorkflowServiceError.BadResetPoint, reset.Code);
    }

    [TestMethod]
    public async Task Large_histories_whose_blobs_are_gone_block_and_can_be_removed()
    {
        await using var host = new EngineHost(Types, null, EngineHost.Options with { CachedRuns = 0, Limits = new EngineLimits { PayloadBlobThreshold = 1_000, SegmentBlobThreshold = 100 } });
        await host.StartAsync("Collector", "k", false);
        await host.SignalAsync("k", "Add", 1);
        await host.UntilAsync(async () => await host.QueryAsync<int>("k", "Count") == 1, "the signal");
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        var blobs = await Maintenance.HubRows.BlobsAsync(host.Store);
        Assert.IsNotEmpty(blobs);
        foreach (var name in blobs)
        {
            await host.Store.Blobs.DeleteAsync(name, default);
        }

        await host.SignalAsync("k", "Add", 2);
        await host.UntilAsync(async () => (await ReadHeadAsync(host, "k")).Blocked is { Cause: "CorruptHistory" }, "block");
        StringAssert.Contains((await ReadHeadAsync(host, "k")).Blocked!.Message, "is missing");
        var reset = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Resets.ResetAsync(new WorkflowRef("k"), new(WorkflowResetPoint.FirstWorkflowTask), default));
        Assert.AreEqual(WorkflowServiceError.BadResetPoint, reset.Code);
        await host.Engine.Service.TerminateAsync(new WorkflowRef("k"), "damaged", [], default);
        await host.Engine.Service.DeleteAsync("k", default);
        await host.UntilAsync(async () => (await ReadAsync(host, "k", "")).Count == 0, "nothing is left");
    }

    [TestMethod]
    public async Task Workflow_whose_present_run_is_damaged_can_be_reset_to_the_run_before()
    {
        await using var host = new EngineHost(Types, null, EngineHost.Options with { CachedRuns = 0 });
        var first = await host.StartAsync("Turner", "k", false, 1);
        await host.UntilAsync(async () => (await DescribeAsync(host, "k")) is { State.LastTask: not null } d && d.Summary.RunId != first.RunId && host.IsQuiet, "the second run");
        await DamageAsync(host, "k", JournalKeys.SegmentPrefix);

        var reset = await host.Engine.Resets.ResetAsync(new WorkflowRef("k", first.RunId), new(WorkflowResetPoint.FirstWorkflowTask), default);
        await host.UntilAsync(async () => (await DescribeAsync(host, "k")) is { State.LastTask: not null } d && d.Summary.RunId != reset.RunId, "the run after it");
        await host.SignalAsync("k", "Finish");

        Assert.AreEqual("finished", await host.ResultAsync<string>("k"));
    }

    [TestMethod]
    public async Task End_of_an_earlier_run_that_is_damaged_is_not_known_and_the_chain_goes_on()
    {
        await using var host = new EngineHost(Types, null, EngineHost.Options with { CachedRuns = 0 });
        var first = new WorkflowRef("k", (await host.StartAsync("Turner", "k", false, 1)).RunId);
        await host.UntilAsync(async () => (await DescribeAsync(host, "k")) is { State.LastTask: not null } d && d.Summary.RunId != first.RunId, "the second run");
        Assert.IsInstanceOfType<WorkflowContinuedAsNew>((await host.Engine.Service.WaitForCloseAsync(first, false, TimeSpan.Zero, default))!.Closed);
        await DamageAsync(host, "k", JournalKeys.SegmentsOf(1));

        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Service.WaitForCloseAsync(first, false, TimeSpan.Zero, default));

        Assert.AreEqual(WorkflowServiceError.NotFound, e.Code);
        await host.SignalAsync("k", "Finish");
        Assert.AreEqual("finished", await host.ResultAsync<string>("k"));
    }

    [TestMethod]
    public async Task Run_whose_start_is_gone_says_so()
    {
        await using var host = new EngineHost([], null, EngineHost.Options with { RunsWorkflows = false });
        await host.StartAsync("Collector", "k", false);
        var row = (await ReadAsync(host, "k", JournalKeys.InboxPrefix))[0];
        await host.Store.Rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition("k"), [RowOperation.Delete(row.Key, row.Tag)], default);

        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.QueryAsync<int>("k", "Count"));

        Assert.AreEqual(WorkflowServiceError.CodeUnavailable, e.Code);
        StringAssert.Contains(e.Message, "The run has no start: its first row is missing.");
    }

    [TestMethod]
    public async Task Run_whose_large_arguments_are_gone_is_not_reset()
    {
        await using var host = new EngineHost(Types, null, EngineHost.Options with { CachedRuns = 0, Limits = new EngineLimits { PayloadBlobThreshold = 100 } });
        await host.StartAsync("FailingElsewhere", "k", false, new string('x', 200));
        await host.UntilAsync(async () => (await DescribeAsync(host, "k")).State.Activities.Count > 0 && host.IsQuiet, "the activity");
        await host.Store.Blobs.DeleteAsync((await Maintenance.HubRows.BlobsAsync(host.Store)).Where(static n => !Segments.IsOfId(n)).Order(StringComparer.Ordinal).Last(), default);

        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(
            () => host.Engine.Resets.ResetAsync(new WorkflowRef("k"), new(WorkflowResetPoint.AtEvent(3)), default));

        Assert.AreEqual(WorkflowServiceError.BadResetPoint, e.Code);
        StringAssert.Contains(e.Message, "is missing");
    }

    [TestMethod]
    public async Task Garbage_in_every_queue_harms_nothing()
    {
        await using var host = new EngineHost(Types);
        foreach (var queue in WorkflowEngine.Queues)
        {
            foreach (var garbage in (byte[][])[[], [0], [1], [1, 99], "{\"Id\":\"evil\"}"u8.ToArray(), new byte[40_000]])
            {
                await host.Store.Queues.SendAsync(queue, garbage, TimeSpan.Zero, default);
            }
        }

        await host.StartAsync("Sleeper", "s", false, 3.0);
        await host.ResultAsync<DateTime>("s");
    }

    [TestMethod]
    public async Task Messages_for_workflows_that_do_not_exist_vanish()
    {
        await using var host = new EngineHost(Types);
        foreach (var kind in Enum.GetValues<WorkKind>().Where(static k => k is not (WorkKind.Bucket or WorkKind.Retention)))
        {
            var body = new WorkMessage(kind, "t", "nobody") { RunId = "r", EventId = 5, Attempt = 1 }.Encode();
            await host.Store.Queues.SendAsync(QueueNames.Timers, body, TimeSpan.Zero, default);
        }

        await host.UntilAsync(async () => await host.Store.Queues.CountAsync(QueueNames.Timers, default) == 0, "an empty queue");
    }

    [TestMethod]
    public async Task What_was_put_aside_is_taken_back_and_garbage_stays()
    {
        await using var host = new EngineHost(Types);
        var poison = PoisonSweep.PoisonOf(QueueNames.Workflows);
        await host.Store.Queues.CreateAsync(poison, default);
        await host.Store.Queues.SendAsync(poison, new WorkMessage(WorkKind.Nudge, "t", "nobody").Encode(), TimeSpan.Zero, default);
        await host.Store.Queues.SendAsync(poison, new byte[] { 9 }, TimeSpan.Zero, default);
        await host.Engine.SweepPoisonAsync(WorkflowEngine.Queues, default);
        Assert.AreEqual(1, await host.Store.Queues.CountAsync(poison, default));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("a\u0001b")]
    public async Task Bad_ids_are_refused(string id)
    {
        await using var host = new EngineHost(Types);
        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.StartAsync("Hello", id, false, "x"));
        Assert.AreEqual(WorkflowServiceError.InvalidArgument, e.Code);
        e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.StartAsync("Hello", new string('x', 2_000), false, "x"));
        Assert.AreEqual(WorkflowServiceError.InvalidArgument, e.Code);
    }

    [TestMethod]
    [DataRow("a/b\\c#d?e")]
    [DataRow("ü €/😀")]
    public async Task Odd_ids_work(string id)
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Hello", id, false, "x");
        Assert.AreEqual("Hello x", await host.ResultAsync<string>(id));
    }

    [TestMethod]
    public async Task Payload_above_the_limit_is_refused_and_large_ones_travel_by_blob()
    {
        await using var host = new EngineHost(Types);
        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.StartAsync("Hello", "h", false, new string('x', 5_000_000)));
        Assert.AreEqual(WorkflowServiceError.LimitExceeded, e.Code);
        var large = string.Concat(Enumerable.Range(0, 40_000).Select(static i => $"{i:x8}{i * 7919:x8}"));
        await host.StartAsync("Hello", "big", false, large);
        Assert.AreEqual($"Hello {large}", await host.ResultAsync<string>("big"));
        await host.Engine.Service.DeleteAsync("big", default);
        string? next = null;
        do
        {
            var (names, continuation) = await host.Store.Blobs.ListAsync(WorkflowKey.Partition("big") + "/", next, default);
            Assert.IsEmpty(names);
            next = continuation;
        }
        while (next is not null);
    }

    private static Task<WorkflowDescription> DescribeAsync(EngineHost host, string id) => host.Engine.Reader.DescribeAsync(new WorkflowRef(id), default);

    [Workflow]
    public class Turner
    {
        private bool _finish;

        [WorkflowRun]
        public async Task<string> RunAsync(int turns)
        {
            if (turns > 0)
            {
                throw Workflow.CreateContinueAsNewException((Turner t) => t.RunAsync(turns - 1));
            }

            await Workflow.WaitConditionAsync(() => _finish);
            return "finished";
        }

        [WorkflowSignal]
        public Task FinishAsync()
        {
            _finish = true;
            return Task.CompletedTask;
        }
    }

    private static async Task<WorkflowHead> ReadHeadAsync(EngineHost host, string id)
    {
        var rows = await ReadAsync(host, id, JournalKeys.Head);
        return WorkflowHead.Decode(rows[0].Data);
    }

    private static async Task DamageAsync(EngineHost host, string id, string prefix)
    {
        var row = (await ReadAsync(host, id, prefix))[0];
        var damaged = row.Data.ToArray();
        damaged[^1] ^= 0x55;
        await host.Store.Rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition(id), [RowOperation.Replace(row.Key, damaged, row.Tag)], default);
    }

    private static async Task<List<Row>> ReadAsync(EngineHost host, string id, string prefix)
    {
        var rows = new List<Row>();
        var query = new RowQuery(RowTable.Workflows, WorkflowKey.Partition(id), prefix, prefix + "~");
        do
        {
            var page = await host.Store.Rows.QueryAsync(query, default);
            rows.AddRange(page.Rows);
            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);

        return rows;
    }
}
