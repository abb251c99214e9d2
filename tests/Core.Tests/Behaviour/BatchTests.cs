using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Visibility;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>One operation on all workflows that a filter finds.</summary>
[TestClass]
public sealed class BatchTests
{
    private const string Running = "WorkflowType = 'Waits' AND ExecutionStatus = 'Running'";

    private static readonly SearchAttributeKey<long> Size = SearchAttributeKey.CreateLong("Size");
    private static readonly SearchAttributeKey<string> Tier = SearchAttributeKey.CreateKeyword("Tier");

    [TestMethod]
    public async Task Batch_signals_every_match_once()
    {
        await Behaviour.Run<Waits>(async run =>
        {
            var workflows = await StartAsync(run, 3);
            await workflows[1].TerminateAsync();
            var batch = await run.Client.StartBatchAsync(new BatchOptions(Running, BatchAction.Signal("Add", [5])) { Id = "b", Reason = "topping up" });
            var result = await batch.GetResultAsync();
            Assert.AreEqual(("b", Running, "signal", "topping up", 50), (result.Id, result.Query, result.Action, result.Reason, result.OperationsPerSecond));
            Assert.AreEqual((WorkflowExecutionStatus.Completed, (long?)2, 2L, 0L), (result.Status, result.Total, result.Done, result.Failed));
            Assert.IsTrue(result.StartTime <= result.CloseTime && result.CloseTime <= run.Now);
            Assert.AreEqual(5, await workflows[0].QueryAsync(w => w.Sum));
            Assert.AreEqual(0, await workflows[1].QueryAsync(w => w.Sum));
            Assert.AreEqual(5, await workflows[2].QueryAsync(w => w.Sum));
        });
    }

    [TestMethod]
    public async Task Batch_cancels_terminates_and_deletes()
    {
        await Behaviour.Run<Waits>(async run =>
        {
            var workflows = await StartAsync(run, 2);
            Assert.AreEqual("cancel", BatchAction.Cancel.Name);
            await DoneAsync(run, new BatchOptions { Query = "WorkflowId = 'w0'", Action = BatchAction.Cancel, Reason = "not needed" });
            Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await workflows[0].DescribeAsync()).Status);
            Assert.AreEqual("not needed", (await run.EventsAsync<WorkflowCancelRequested>("w0"))[0].Reason);

            await DoneAsync(run, new BatchOptions(Running, BatchAction.Terminate) { Reason = "over" });
            Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await workflows[1].DescribeAsync()).Status);
            Assert.AreEqual("over", (await run.EventsAsync<WorkflowTerminated>("w1"))[0].Reason);

            await DoneAsync(run, new BatchOptions("WorkflowType = 'Waits'", BatchAction.Delete), 2);
            await Assert.ThrowsExactlyAsync<RpcException>(() => workflows[0].DescribeAsync());
            await Assert.ThrowsExactlyAsync<RpcException>(() => workflows[1].DescribeAsync());
        });
    }

    [TestMethod]
    public async Task Batch_changes_search_attributes()
    {
        await Behaviour.Run<Waits>(async run =>
        {
            var workflows = await StartAsync(run, 2);
            await workflows[0].UpsertSearchAttributesAsync([Tier.ValueSet("gold"), Size.ValueSet(1)], new WorkflowUpsertSearchAttributesOptions());
            await DoneAsync(run, new BatchOptions(Running, BatchAction.UpsertSearchAttributes(Size.ValueSet(7), Tier.ValueUnset())), 2);
            foreach (var workflow in workflows)
            {
                var attributes = (await workflow.DescribeAsync()).TypedSearchAttributes;
                Assert.AreEqual((7, false), (attributes.Get(Size), attributes.ContainsKey(Tier)));
                Assert.AreEqual(7, await workflow.QueryAsync(w => w.SizeSeen));
            }

            Assert.AreEqual(2, (await run.Client.CountWorkflowsAsync("Size = 7")).Count);
            await workflows[1].TerminateAsync();
            await Assert.ThrowsExactlyAsync<RpcException>(() => workflows[1].UpsertSearchAttributesAsync([Size.ValueSet(8)]));
            await Assert.ThrowsExactlyAsync<RpcException>(() => workflows[0].UpsertSearchAttributesAsync([]));
            var large = Tier.ValueSet(new string('x', 41_000));
            Assert.AreEqual(
                RpcException.StatusCode.ResourceExhausted, (await Assert.ThrowsExactlyAsync<RpcException>(() => workflows[0].UpsertSearchAttributesAsync([large]))).Code);
        });
    }

    [TestMethod]
    public async Task Batch_resets()
    {
        await Behaviour.Run<Waits>(async run =>
        {
            var workflows = await StartAsync(run, 2);
            await workflows[0].SignalAsync(w => w.AddAsync(5));
            await DoneAsync(run, new BatchOptions(Running, BatchAction.Reset(WorkflowResetPoint.FirstWorkflowTask, WorkflowResetReapply.None, WorkflowResetChildren.Terminate)), 2);
            Assert.AreEqual(0, await workflows[0].QueryAsync(w => w.Sum));
            Assert.HasCount(1, await run.EventsAsync<WorkflowResetMarked>("w0"));
            await DoneAsync(run, new BatchOptions(Running, BatchAction.Reset(WorkflowResetPoint.LastWorkflowTask)), 2);
            Assert.HasCount(2, await run.EventsAsync<WorkflowResetMarked>("w1"));
        });
    }

    [TestMethod]
    public async Task Batch_tells_what_could_not_be_done()
    {
        await Behaviour.Run<Waits>(async run =>
        {
            var workflows = await StartAsync(run, 2);
            await workflows[0].TerminateAsync();
            var batch = await run.Client.StartBatchAsync(new("WorkflowType = 'Waits'", BatchAction.Terminate));
            var result = await batch.GetResultAsync();
            Assert.AreEqual(((long?)2, 1L, 1L), (result.Total, result.Done, result.Failed));
            var failure = result.Failures.Single();
            Assert.AreEqual(("w0", workflows[0].ResultRunId, "Workflow 'w0' is closed."), (failure.WorkflowId, failure.RunId, failure.Message));
        });
    }

    [TestMethod]
    public async Task Batch_keeps_its_pace()
    {
        await Behaviour.Run<Waits>(async run =>
        {
            await StartAsync(run, 20);
            var begun = run.Now;
            await DoneAsync(run, new BatchOptions(Running, BatchAction.Terminate) { OperationsPerSecond = 2 }, 20);
            Assert.AreEqual(10, (run.Now - begun).TotalSeconds, 1);
        });
    }

    [TestMethod]
    public async Task Cancelled_batch_stops_and_keeps_what_it_did()
    {
        await Behaviour.Run<Waits>(async run =>
        {
            await StartAsync(run, 20);
            var batch = await run.Client.StartBatchAsync(new(Running, BatchAction.Terminate) { Id = "b", OperationsPerSecond = 1 });
            await run.PassAsync(TimeSpan.FromSeconds(5.5));
            Assert.AreEqual("b", batch.Id);
            await run.Client.GetBatchHandle("b").CancelAsync("enough");
            var result = await batch.GetResultAsync();
            Assert.AreEqual(WorkflowExecutionStatus.Canceled, result.Status);
            Assert.AreEqual(result.Done, (await run.Client.CountWorkflowsAsync("ExecutionStatus = 'Terminated'")).Count);
            Assert.IsTrue(result.Done is > 3 and < 8, $"{result.Done} were done in 5.5 s");

            // What has ended needs no cancelling.
            await batch.CancelAsync();
        });
    }

    [TestMethod]
    public async Task Batches_are_listed_newest_first_and_apart_from_workflows()
    {
        await Behaviour.Run<Waits>(async run =>
        {
            await StartAsync(run, 1);
            await DoneAsync(run, new BatchOptions(Running, BatchAction.Signal("Add", [1])) { Id = "first" });
            await run.PassAsync(TimeSpan.FromMinutes(1));
            await DoneAsync(run, new BatchOptions(Running, BatchAction.Terminate) { Id = "second" });
            var batches = await run.Client.ListBatchesAsync().ToListAsync();
            CollectionAssert.AreEqual(new[] { ("second", "terminate", 1L), ("first", "signal", 1L) }, batches.Select(b => (b.Id, b.Action, b.Done)).ToList());
        });
    }

    [TestMethod]
    public async Task Batch_that_can_not_be_carried_out_is_refused_at_once()
    {
        await Behaviour.Run<Waits>(async run =>
        {
            await Assert.ThrowsExactlyAsync<ArgumentException>(() => run.Client.StartBatchAsync(new() { Action = BatchAction.Cancel }));
            await Assert.ThrowsExactlyAsync<ArgumentException>(() => run.Client.StartBatchAsync(new() { Query = Running }));
            await Assert.ThrowsExactlyAsync<FilterSyntaxException>(() => run.Client.StartBatchAsync(new("WorkflowType =", BatchAction.Cancel)));
            foreach (var options in (BatchOptions[])
            [
                new("  ", BatchAction.Cancel),
                new($"{Running} ORDER BY StartTime", BatchAction.Cancel),
                new(Running, BatchAction.Cancel) { OperationsPerSecond = 0 },
                new(Running, BatchAction.Cancel) { OperationsPerSecond = 1_001 },
                new(Running, BatchAction.Cancel) { Id = new string('x', 201) },
                new(Running, BatchAction.UpsertSearchAttributes()),
                new(Running, BatchAction.UpsertSearchAttributes(SearchAttributeKey.CreateLong("Undeclared").ValueSet(1))),
                new(Running, BatchAction.Signal("Add", [new string('x', 16 * 1024)])),
            ])
            {
                var refused = await Assert.ThrowsExactlyAsync<RpcException>(() => run.Client.StartBatchAsync(options));
                Assert.AreEqual(RpcException.StatusCode.InvalidArgument, refused.Code);
            }

            await DoneAsync(run, new BatchOptions(Running, BatchAction.Cancel) { Id = "b" }, 0);
            var taken = await Assert.ThrowsExactlyAsync<RpcException>(() => run.Client.StartBatchAsync(new(Running, BatchAction.Cancel) { Id = "b" }));
            Assert.AreEqual(RpcException.StatusCode.AlreadyExists, taken.Code);
            var missing = await Assert.ThrowsExactlyAsync<RpcException>(() => run.Client.GetBatchHandle("none").DescribeAsync());
            Assert.AreEqual(RpcException.StatusCode.NotFound, missing.Code);
        });
    }

    private static async Task<List<WorkflowHandle<Waits, int>>> StartAsync(BehaviourRun run, int count)
    {
        var workflows = new List<WorkflowHandle<Waits, int>>();
        for (var i = 0; i < count; i++)
        {
            workflows.Add(await run.StartAsync((Waits w) => w.RunAsync(), new($"w{i}")));
        }

        // The list is written in groups, a little later.
        await run.PassAsync(TimeSpan.FromSeconds(1));
        return workflows;
    }

    private static async Task DoneAsync(BehaviourRun run, BatchOptions options, int count = 1)
    {
        var result = await (await run.Client.StartBatchAsync(options)).GetResultAsync();
        Assert.AreEqual((WorkflowExecutionStatus.Completed, (long)count, 0L), (result.Status, result.Done, result.Failed));
        await run.PassAsync(TimeSpan.FromSeconds(1));
    }

    [Workflow]
    public class Waits
    {
        [WorkflowQuery]
        public int Sum { get; private set; }

        [WorkflowQuery]
        public long SizeSeen => Workflow.TypedSearchAttributes.Get(Size);

        [WorkflowRun]
        public async Task<int> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => false);
            return Sum;
        }

        [WorkflowSignal]
        public Task AddAsync(int number)
        {
            Sum += number;
            return Task.CompletedTask;
        }
    }
}
