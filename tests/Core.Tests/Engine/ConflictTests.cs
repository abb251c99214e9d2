using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Storage;

namespace Serverless.Tests.Engine;

/// <summary>Who loses a race looks again; where that never ends, the caller is told, and nothing is half done.</summary>
[TestClass]
public sealed class ConflictTests
{
    private static readonly WorkflowRef W = new("w");
    private static readonly Type[] Types = [typeof(Collector), typeof(Hello)];

    [TestMethod]
    public async Task Message_comes_back_when_its_workflows_rows_never_hold_still()
    {
        await using var host = new EngineHost(Types);
        await BeginAsync(host);
        using var loser = Beside(host, static (_, what) => what == "Commit Workflows" ? Fault.Conflict : Fault.None);
        host.PinnedOnly = true;
        await host.SignalAsync("w", "Add", 1);

        var e = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => loser.Handlers.HandleWorkflowAsync(Nudge(1, isLast: false), default));

        Assert.AreEqual("Commits of workflow 'w' conflicted 100 times in a row: its rows contradict each other.", e.Message);
        host.PinnedOnly = false;
        await host.SignalAsync("w", "Finish");
        CollectionAssert.AreEqual(new[] { 1 }, await host.ResultAsync<List<int>>("w"));
    }

    [TestMethod]
    public async Task Terminate_that_loses_a_race_closes_all_the_same()
    {
        await using var host = new EngineHost(Types);
        await BeginAsync(host);
        var commits = 0;
        using var loser = Beside(host, (_, what) => what == "Commit Workflows" && ++commits <= 3 ? Fault.Conflict : Fault.None);

        await loser.Service.TerminateAsync(W, "enough", [], default);

        Assert.IsInstanceOfType<WorkflowTerminated>((await host.CloseAsync("w")).Closed);
        Assert.AreEqual(4, commits);
    }

    [TestMethod]
    public async Task Reset_that_never_gets_through_says_so_and_changes_nothing()
    {
        await using var host = new EngineHost(Types);
        await BeginAsync(host);
        var run = (await host.Engine.Reader.DescribeAsync(W, default)).Summary.RunId;
        using var loser = Beside(host, static (_, what) => what == "Commit Workflows" ? Fault.Conflict : Fault.None);

        var e = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => loser.Resets.ResetAsync(W, new(WorkflowResetPoint.FirstWorkflowTask), default));

        Assert.AreEqual("Workflow 'w' does not hold still: a reset conflicted 20 times in a row. Try again.", e.Message);
        Assert.AreEqual(run, (await host.Engine.Reader.DescribeAsync(W, default)).Summary.RunId);
        await host.SignalAsync("w", "Finish");
        await host.ResultAsync<List<int>>("w");
    }

    [TestMethod]
    public async Task Resume_that_loses_a_race_looks_again()
    {
        await using var host = new EngineHost(Types);
        await BeginAsync(host);
        await BlockAsync(host);
        var commits = 0;
        using var loser = Beside(host, (_, what) => what == "Commit Workflows" && ++commits == 1 ? Fault.Conflict : Fault.None);

        Assert.IsTrue(await loser.Steering.ResumeAsync(W, default));
        Assert.AreEqual(2, commits);
        await host.SignalAsync("w", "Finish");
        await host.ResultAsync<List<int>>("w");
    }

    [TestMethod]
    public async Task Delete_that_never_gets_through_says_so_and_can_be_repeated()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Hello", "w", false, "you");
        await host.CloseAsync("w");
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        using var loser = Beside(host, static (_, what) => what == "Commit Workflows" ? Fault.Conflict : Fault.None);

        var e = await Assert.ThrowsExactlyAsync<StorageException>(() => loser.Service.DeleteAsync("w", default));

        Assert.AreEqual("The rows of workflow 'w' changed 10 times while it was deleted. Delete it again.", e.Message);
        await host.Engine.Service.DeleteAsync("w", default);
        await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Reader.DescribeAsync(W, default));
        var missing = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Service.DeleteAsync("w", default));
        Assert.AreEqual(WorkflowServiceError.NotFound, missing.Code);
    }

    [TestMethod]
    public async Task Id_that_two_delete_at_once_is_deleted_and_what_a_start_has_stored_already_stays()
    {
        // Time does not pass: what a start has stored is young.
        await using var host = new EngineHost(Types) { Jumps = false };
        await host.StartAsync("Hello", "w", false, "you");
        await host.CloseAsync("w");
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        var commits = 0;
        using var deleter = Beside(host, (_, what) =>
        {
            if (what != "Commit Workflows" || ++commits != 2)
            {
                return Fault.None;
            }

            host.Engine.Service.DeleteAsync("w", default).GetAwaiter().GetResult();
            return Fault.Conflict;
        });
        await deleter.Service.DeleteAsync("w", default);

        // Blobs of a start that has not stored its rows yet.
        var ids = new IdSource(host.Time, new Random(3));
        await host.StartAsync("Hello", "w", false, "you");
        await host.CloseAsync("w");
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        var (early, of) = ($"{WorkflowKey.Partition("w")}/{Segments.InboxFolder}/{ids.NextUlid()}", $"{WorkflowKey.Partition("w")}/a-run/{ids.NextUlid()}");
        await host.Store.Blobs.PutAsync(early, new byte[] { 1 }, default);
        await host.Store.Blobs.PutAsync(of, new byte[] { 1 }, default);
        var isBegun = false;
        using var second = Beside(host, (_, what) =>
        {
            if (what == "Query Workflows" && !isBegun && !HasHead(host))
            {
                isBegun = true;
                host.StartAsync("Collector", "w", false).GetAwaiter().GetResult();
            }

            return Fault.None;
        });
        await second.Service.DeleteAsync("w", default);

        Assert.IsTrue(isBegun);
        Assert.AreEqual(early, (await Maintenance.HubRows.BlobsAsync(host.Store)).Single());
        await host.SignalAsync("w", "Finish");
        await host.ResultAsync<List<int>>("w");
    }

    [TestMethod]
    public async Task Id_that_is_started_again_while_it_is_deleted_stays()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Hello", "w", false, "you");
        await host.CloseAsync("w");
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        StartResult? again = null;
        using var deleter = Beside(host, (_, what) =>
        {
            if (what == "Commit Workflows" && again is null)
            {
                again = host.StartAsync("Collector", "w", false).GetAwaiter().GetResult();
            }

            return Fault.None;
        });

        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => deleter.Service.DeleteAsync("w", default));

        Assert.AreEqual((WorkflowServiceError.StillOpen, again!.RunId), (e.Code, e.RunId));
        await host.SignalAsync("w", "Finish");
        await host.ResultAsync<List<int>>("w");
    }

    [TestMethod]
    public async Task Id_that_vanishes_while_it_is_started_is_started()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Hello", "w", false, "you");
        await host.CloseAsync("w");
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        var commits = 0;
        var isGone = false;
        using var starter = Beside(host, (_, what) =>
        {
            commits += what == "Commit Workflows" ? 1 : 0;
            if (what == "Query Workflows" && commits == 1 && !isGone)
            {
                isGone = true;
                host.Engine.Service.DeleteAsync("w", default).GetAwaiter().GetResult();
            }

            return what == "Commit Workflows" && commits == 2 ? Fault.Conflict : Fault.None;
        });

        var started = await starter.Service.StartAsync(new StartRequest("w", new WorkflowStarted("Collector", "default", [])), default);

        Assert.IsTrue(started.Started && isGone);
        Assert.AreEqual(3, commits);
        await host.SignalAsync("w", "Finish");
        Assert.AreEqual(started.RunId, (await host.CloseAsync("w")).RunId);
    }

    [TestMethod]
    public async Task Signal_of_a_start_that_joins_is_not_lost_when_the_workflow_seems_to_close()
    {
        await using var host = new EngineHost(Types);
        await BeginAsync(host);
        var commits = 0;
        using var starter = Beside(host, (_, what) => what == "Commit Workflows" && ++commits == 2 ? Fault.Conflict : Fault.None);
        var request = new StartRequest("w", new WorkflowStarted("Collector", "default", []))
        {
            ConflictPolicy = WorkflowIdConflictPolicy.UseExisting,
            Signal = new WorkflowSignaled("Add", [EngineHost.Value(5)]),
        };

        Assert.IsFalse((await starter.Service.StartAsync(request, default)).Started);

        await host.SignalAsync("w", "Finish");
        CollectionAssert.AreEqual(new[] { 5 }, await host.ResultAsync<List<int>>("w"));
    }

    [TestMethod]
    public async Task Signal_whose_every_answer_is_lost_is_applied_once_and_reported_as_unknown()
    {
        await using var host = new EngineHost(Types);
        await BeginAsync(host);
        var commits = 0;
        using var sender = Beside(host, (_, what) => what == "Commit Workflows" && ++commits > 0 ? Fault.FailAfter : Fault.None);

        var e = await Assert.ThrowsExactlyAsync<StorageException>(() => sender.Service.SignalAsync(W, new WorkflowSignaled("Add", [EngineHost.Value(5)]), null, default));

        Assert.AreEqual((StorageOutcome.Unknown, 3), (e.Outcome, commits));
        await host.SignalAsync("w", "Finish");
        CollectionAssert.AreEqual(new[] { 5 }, await host.ResultAsync<List<int>>("w"));
    }

    [TestMethod]
    public async Task Message_on_its_last_delivery_is_put_back_for_later_and_not_lost()
    {
        await using var host = new EngineHost(Types);
        await BeginAsync(host);
        host.PinnedOnly = true;
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        await host.SignalAsync("w", "Finish");
        await DrainAsync(host, QueueNames.Workflows);
        using var failing = Beside(host, static (_, what) => what == "Query Workflows" ? Fault.FailBefore : Fault.None);

        // Not yet its last: it comes back by itself.
        await Assert.ThrowsExactlyAsync<StorageException>(() => failing.Handlers.HandleWorkflowAsync(Nudge(4, isLast: false), default));
        Assert.AreEqual(0, await host.Store.Queues.CountAsync(QueueNames.Timers, default));
        await failing.Handlers.HandleWorkflowAsync(Nudge(5, isLast: true), default);

        Assert.AreEqual(1, await host.Store.Queues.CountAsync(QueueNames.Timers, default));
        host.PinnedOnly = false;
        await host.ResultAsync<List<int>>("w");
    }

    [TestMethod]
    public async Task Message_whose_process_stops_on_its_last_delivery_is_left_to_the_host()
    {
        await using var host = new EngineHost(Types);
        await BeginAsync(host);
        using var dying = Beside(host, static (_, _) => Fault.CrashBefore);

        await Assert.ThrowsAsync<OperationCanceledException>(() => dying.Handlers.HandleWorkflowAsync(Nudge(5, isLast: true), default));
    }

    private static bool HasHead(EngineHost host) => RowPages.RangeAsync(
        host.Store.Rows, new RowQuery(RowTable.Workflows, WorkflowKey.Partition("w"), JournalKeys.Head, JournalKeys.Head + "\0"), default).ToBlockingEnumerable().Any(static row => !WorkflowHead.Decode(row.Data).IsGone);

    private static QueueDelivery Nudge(int count, bool isLast) => new(new WorkMessage(WorkKind.Nudge, "t", "w").Encode(), count, isLast);

    private static async Task BeginAsync(EngineHost host)
    {
        await host.StartAsync("Collector", "w", false);
        await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(W, default)).State.LastTask is not null && host.IsQuiet, "the first task");
    }

    private static async Task BlockAsync(EngineHost host)
    {
        var key = JournalKeys.Head;
        var query = new RowQuery(RowTable.Workflows, WorkflowKey.Partition("w"), key, key + "\0");
        Row row = default;
        await foreach (var found in RowPages.RangeAsync(query, page => host.Store.Rows.QueryAsync(page, default).AsTask()))
        {
            row = found;
        }

        var head = WorkflowHead.Decode(row.Data) with
        {
            Blocked = new BlockedNote(nameof(WorkflowTaskFailedCause.UnhandledException), "a bug", host.Time.GetUtcNow(), 1, host.Time.GetUtcNow() + TimeSpan.FromDays(1)),
            BlockedBy = "test",
        };
        await host.Store.Rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition("w"), [RowOperation.Replace(key, head.Encode(), row.Tag)], default);
    }

    private static async Task DrainAsync(EngineHost host, string queue)
    {
        foreach (var message in await host.Store.Queues.ReceiveAsync(queue, 32, TimeSpan.FromMinutes(1), default))
        {
            await host.Store.Queues.DeleteAsync(message.Receipt, default);
        }
    }

    private static WorkflowEngine Beside(EngineHost host, Func<int, string, Fault> decide) => new(
        EngineHost.Options with { Identity = "beside" }, new FaultyHubStore(host.Store, decide), host.Code, host.Time, new Random(7), NullLoggerFactory.Instance);
}
