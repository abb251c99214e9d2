using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>An update id is one update within a run.</summary>
[TestClass]
public sealed class UpdateIdTests
{
    private static readonly Type[] Types = [typeof(Ledger)];

    [TestMethod]
    public async Task The_same_id_is_the_same_update_in_a_run_and_another_one_in_the_next()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Ledger", "w", false, 0);
        Assert.AreEqual("run 0: 1", await BookAsync(host, "u"));
        Assert.AreEqual("run 0: 1", await BookAsync(host, "u"));
        await RollAsync(host, 1);
        Assert.AreEqual("run 1: 1", await BookAsync(host, "u"));
        Assert.AreEqual("run 1: 1", await BookAsync(host, "u"));
        Assert.AreEqual("run 1: 2", await BookAsync(host, "u2"));
    }

    [TestMethod]
    public async Task A_new_workflow_of_the_id_takes_the_id_for_another_update()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Ledger", "w", false, 0);
        Assert.AreEqual("run 0: 1", await BookAsync(host, "u"));
        await host.Engine.Service.TerminateAsync(new WorkflowRef("w"), null, [], default);
        Assert.AreEqual("run 0: 1", await BookAsync(host, "u"), "the closed run keeps its answer");
        await host.StartAsync("Ledger", "w", false, 5);
        Assert.AreEqual("run 5: 1", await BookAsync(host, "u"));
    }

    [TestMethod]
    public async Task An_update_that_no_run_has_decided_on_moves_to_the_next()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var store = new MemoryHubStore(time);
        await using var sender = new EngineHost([], options: EngineHost.Options with { Identity = "sender", RunsWorkflows = false, ActivityQueues = [] }, store: store, time: time);
        await sender.StartAsync("Ledger", "w", false, 0);
        await sender.SignalAsync("w", "Roll");
        var update = BookAsync(sender, "u");
        await sender.UntilAsync(async () => await store.Queues.CountAsync(QueueNames.Workflows, default) == 3, "start, signal and update");

        // One message a task: the signal's ends the run before it has seen the update.
        var options = EngineHost.Options with { Limits = new EngineLimits { MaxInboxPerCommit = 2 } };
        await using var host = new EngineHost(Types, null, options, store, time);
        Assert.AreEqual("run 1: 1", await update);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task An_accepted_update_fails_when_its_run_ends_before_it(bool rolls)
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Ledger", "w", false, 0);
        var workflow = host.Client.GetWorkflowHandle<Ledger>("w");
        var waiting = await workflow.StartUpdateAsync(l => l.NeverAsync(), new(WorkflowUpdateStage.Accepted) { Id = "u" });
        var together = workflow.ExecuteUpdateAsync(l => l.NeverAsync(), new("u2"));
        await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).State.Updates.Count == 2, "both accepted");
        if (rolls)
        {
            await RollAsync(host, 1);
            Assert.AreEqual("run 1: 1", await BookAsync(host, "u"));
        }
        else
        {
            await host.Engine.Service.TerminateAsync(new WorkflowRef("w"), null, [], default);
        }

        foreach (var result in (Task[])[waiting.GetResultAsync(), together])
        {
            var failed = await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => result);
            Assert.AreEqual("AcceptedUpdateCompletedWorkflow", ((ApplicationFailureException)failed.InnerException!).ErrorType);
        }
    }

    [TestMethod]
    public async Task A_handle_keeps_to_the_run_that_accepted_its_update()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Ledger", "w", false, 0);
        var workflow = host.Client.GetWorkflowHandle<Ledger>("w");
        var first = await workflow.StartUpdateAsync(l => l.BookAsync(), new(WorkflowUpdateStage.Accepted) { Id = "u" });
        await RollAsync(host, 1);
        Assert.AreEqual("run 1: 1", await BookAsync(host, "u"));
        var again = new WorkflowUpdateHandle<string>(host.Client, "u", "w", first.WorkflowRunId);
        Assert.AreEqual("run 0: 1", await again.GetResultAsync());
        Assert.AreEqual("run 1: 1", await new WorkflowUpdateHandle<string>(host.Client, "u", "w").GetResultAsync());
    }

    [TestMethod]
    public async Task A_run_accepts_no_more_updates_than_its_limit_and_the_next_one_as_many_again()
    {
        await using var host = new EngineHost(Types, options: EngineHost.Options with { Limits = new EngineLimits { MaxUpdates = 3 } });
        await host.StartAsync("Ledger", "w", false, 0);
        var workflow = host.Client.GetWorkflowHandle<Ledger>("w");
        await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync(l => l.RefusedAsync()));
        var all = await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            try
            {
                return await BookAsync(host, $"u{i}");
            }
            catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.TooManyUpdates)
            {
                return "refused";
            }
        }));
        CollectionAssert.AreEquivalent((string[])["run 0: 1", "run 0: 2", "run 0: 3", .. Enumerable.Repeat("refused", 7)], all);
        var refused = await Assert.ThrowsExactlyAsync<RpcException>(() => workflow.ExecuteUpdateAsync(l => l.BookAsync()));
        Assert.AreEqual(RpcException.StatusCode.ResourceExhausted, refused.Code);
        await RollAsync(host, 1);
        Assert.AreEqual("run 1: 1", await BookAsync(host, "more"));
    }

    [TestMethod]
    public async Task Deleting_leaves_no_outcome()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Ledger", "w", false, 0);
        await BookAsync(host, "u");
        await RollAsync(host, 1);
        await BookAsync(host, "u");
        await host.Engine.Service.TerminateAsync(new WorkflowRef("w"), null, [], default);
        await host.Engine.Service.DeleteAsync("w", default);
        var left = new RowQuery(RowTable.Workflows, WorkflowKey.Partition("w"), "", null);
        await host.UntilAsync(async () => (await host.Store.Rows.QueryAsync(left, default)).Rows.Count == 0, "nothing is left");
    }

    private static async Task<string> BookAsync(EngineHost host, string updateId)
    {
        var outcome = await host.Engine.Service.UpdateAsync(
            new WorkflowRef("w"), new WorkflowUpdateAccepted(updateId, "Book", []), true, TimeSpan.FromDays(100), default);
        return EngineHost.Of<string>(outcome!.Result);
    }

    private static async Task RollAsync(EngineHost host, int to)
    {
        await host.SignalAsync("w", "Roll");
        await host.UntilAsync(async () => await host.QueryAsync<int>("w", "Run") == to, "the next run");
    }

    [Workflow]
    public class Ledger
    {
        private readonly int _run;
        private int _booked;
        private bool _rolls;

        [WorkflowInit]
        public Ledger(int run) => _run = run;

        [WorkflowRun]
        public async Task RunAsync(int run)
        {
            await Workflow.WaitConditionAsync(() => _rolls);
            throw Workflow.CreateContinueAsNewException((Ledger l) => l.RunAsync(run + 1));
        }

        [WorkflowSignal]
        public Task RollAsync()
        {
            _rolls = true;
            return Task.CompletedTask;
        }

        [WorkflowQuery]
        public int Run() => _run;

        [WorkflowUpdate]
        public Task<string> BookAsync() => Task.FromResult($"run {_run}: {++_booked}");

        [WorkflowUpdate]
        public Task NeverAsync() => Workflow.WaitConditionAsync(() => false);

        [WorkflowUpdate]
        public Task RefusedAsync() => Task.CompletedTask;

        [WorkflowUpdateValidator(nameof(RefusedAsync))]
        public void CheckRefused() => throw new ApplicationFailureException("no");
    }
}
