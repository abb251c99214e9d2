using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Workflows that go on from a point of their history, or of another's.</summary>
[TestClass]
public sealed class ResetTests
{
    [TestMethod]
    public async Task Reset_goes_on_from_the_point_in_a_new_run_of_the_same_chain()
    {
        await Behaviour.Run<Tally>(async run =>
        {
            var workflow = await run.StartAsync((Tally t) => t.RunAsync());
            await workflow.SignalAsync(t => t.AddAsync(1));
            await workflow.SignalAsync(t => t.AddAsync(2));
            var point = (await run.HistoryAsync("w")).OfType<WorkflowTaskCompleted>().Last().Id - 2;
            await workflow.SignalAsync(t => t.EndAsync());
            Assert.AreEqual(3, await workflow.GetResultAsync());

            var reset = await workflow.ResetAsync(new(WorkflowResetPoint.AtEvent(point)) { Reason = "once more", Reapply = WorkflowResetReapply.None });
            Assert.IsNull(reset.RunId);
            Assert.AreEqual(workflow.FirstExecutionRunId, reset.FirstExecutionRunId);
            Assert.AreEqual(1, await reset.QueryAsync<Tally, int>(t => t.Sum));
            await reset.SignalAsync<Tally>(t => t.AddAsync(10));
            await reset.SignalAsync<Tally>(t => t.EndAsync());
            Assert.AreEqual(11, await reset.GetResultAsync<int>());

            // Whoever waited for the first run gets what its chain ends with.
            Assert.AreEqual(11, await workflow.GetResultAsync());
            Assert.AreEqual("once more", (await run.EventsAsync<WorkflowResetMarked>("w")).Single().Reason);
        });
    }

    [TestMethod]
    public async Task Messages_after_the_point_are_applied_again_in_order_by_option()
    {
        await Behaviour.Run<Tally>(async run =>
        {
            var workflow = await run.StartAsync((Tally t) => t.RunAsync());
            await workflow.SignalAsync(t => t.AddAsync(1));
            await workflow.ExecuteUpdateAsync(t => t.DoubleAsync());
            await workflow.SignalAsync(t => t.AddAsync(1));
            Assert.AreEqual(3, await workflow.QueryAsync(t => t.Sum));
            foreach (var (reapply, sum) in ((WorkflowResetReapply, int)[])[(WorkflowResetReapply.All, 3), (WorkflowResetReapply.Signals, 2), (WorkflowResetReapply.None, 0)])
            {
                var fork = await workflow.ForkAsync(new(WorkflowResetPoint.FirstWorkflowTask) { Id = $"{reapply}", Reapply = reapply, Rpc = new() { Timeout = TimeSpan.FromMinutes(1) } });
                Assert.AreEqual($"{reapply}", fork.Id);
                Assert.AreEqual(sum, await fork.QueryAsync<Tally, int>(t => t.Sum));
                await fork.SignalAsync<Tally>(t => t.EndAsync());
                Assert.AreEqual(sum, await fork.GetResultAsync<int>());
            }

            await workflow.CancelAsync();
            await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
            var reset = await workflow.ResetAsync(new(WorkflowResetPoint.FirstWorkflowTask));
            await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => reset.GetResultAsync());
            Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await reset.DescribeAsync()).Status);
        });
    }

    [TestMethod]
    public async Task Last_task_is_done_again_with_what_it_was_given()
    {
        await Behaviour.Run<Tally>(async run =>
        {
            var workflow = await run.StartAsync((Tally t) => t.RunAsync());
            await workflow.SignalAsync(t => t.AddAsync(4));
            await workflow.SignalAsync(t => t.EndAsync());
            Assert.AreEqual(4, await workflow.GetResultAsync());
            var options = new WorkflowResetOptions(WorkflowResetPoint.LastWorkflowTask) { RequestId = "r" };
            Assert.AreEqual(WorkflowResetPoint.LastWorkflowTask, options.Point);
            var reset = await workflow.ResetAsync(options);
            Assert.AreEqual(4, await reset.GetResultAsync<int>());

            // The same request is the same reset.
            Assert.AreEqual(reset.ResultRunId, (await workflow.ResetAsync(options)).ResultRunId);
        });
    }

    [TestMethod]
    public async Task Children_are_kept_terminated_or_restarted()
    {
        foreach (var children in (WorkflowResetChildren?[])[null, WorkflowResetChildren.Keep, WorkflowResetChildren.Terminate, WorkflowResetChildren.Restart])
        {
            await Behaviour.Run(
                static setup => setup.Add(typeof(Parent), typeof(Tally)),
                async run =>
                {
                    var workflow = await run.StartAsync((Parent p) => p.RunAsync());
                    var child = run.Client.GetWorkflowHandle<Tally>("child");
                    var before = (await child.DescribeAsync()).RunId;
                    var reset = await workflow.ResetAsync(new(WorkflowResetPoint.LastWorkflowTask) { Children = children });
                    await run.PassAsync(TimeSpan.FromSeconds(1));
                    if (children == WorkflowResetChildren.Terminate)
                    {
                        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => reset.GetResultAsync());
                        Assert.IsInstanceOfType<ChildWorkflowFailureException>(failed.InnerException);
                        return;
                    }

                    Assert.AreEqual(children == WorkflowResetChildren.Restart, (await child.DescribeAsync()).RunId != before);
                    await child.SignalAsync(t => t.AddAsync(7));
                    await child.SignalAsync(t => t.EndAsync());
                    Assert.AreEqual(7, await reset.GetResultAsync<int>());
                });
        }
    }

    [TestMethod]
    public async Task Impossible_points_are_refused()
    {
        await Behaviour.Run<Tally>(async run =>
        {
            var workflow = await run.StartAsync((Tally t) => t.RunAsync());
            foreach (var point in (WorkflowResetPoint[])[WorkflowResetPoint.AtEvent(0), WorkflowResetPoint.AtEvent(50), WorkflowResetPoint.BeforeBuild("never")])
            {
                var refused = await Assert.ThrowsExactlyAsync<RpcException>(() => workflow.ResetAsync(new(point)));
                Assert.AreEqual(RpcException.StatusCode.InvalidArgument, refused.Code);
            }

            var inUse = await Assert.ThrowsExactlyAsync<RpcException>(() => workflow.ForkAsync(new(WorkflowResetPoint.FirstWorkflowTask) { Id = "w" }));
            Assert.AreEqual(RpcException.StatusCode.AlreadyExists, inUse.Code);
            Assert.AreEqual(WorkflowExecutionStatus.Running, (await workflow.DescribeAsync()).Status);
        });
    }

    [Workflow]
    public class Tally
    {
        private bool _end;

        [WorkflowQuery]
        public int Sum { get; private set; }

        [WorkflowRun]
        public async Task<int> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _end);
            return Sum;
        }

        [WorkflowSignal]
        public Task AddAsync(int value)
        {
            Sum += value;
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task DoubleAsync()
        {
            Sum *= 2;
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task EndAsync()
        {
            _end = true;
            return Task.CompletedTask;
        }
    }

    [Workflow]
    public class Parent
    {
        [WorkflowRun]
        public Task<int> RunAsync() => Workflow.ExecuteChildWorkflowAsync((Tally t) => t.RunAsync(), new() { Id = "child" });
    }
}
