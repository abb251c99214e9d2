using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Which run a handle means, and what can be read through it.</summary>
[TestClass]
public sealed class HandleTests
{
    [TestMethod]
    public async Task Handle_of_a_start_sends_to_the_newest_run_and_waits_for_its_own()
    {
        await Behaviour.Run<Steps>(async run =>
        {
            var workflow = await run.StartAsync((Steps s) => s.RunAsync(0));
            Assert.IsNull(workflow.RunId);
            Assert.AreEqual(workflow.ResultRunId, workflow.FirstExecutionRunId);
            Assert.AreEqual("w", workflow.Id);
            Assert.AreSame(run.Client, workflow.Client);
            await workflow.SignalAsync(s => s.NextAsync());
            Assert.AreEqual(1, await workflow.QueryAsync(s => s.Number));
            await workflow.SignalAsync(s => s.EndAsync());
            Assert.AreEqual(1, await workflow.GetResultAsync());
            await Assert.ThrowsExactlyAsync<WorkflowContinuedAsNewException>(() => workflow.GetResultAsync(followRuns: false));
        });
    }

    [TestMethod]
    public async Task Handle_of_a_start_does_not_touch_a_later_chain()
    {
        await Behaviour.Run<Steps>(async run =>
        {
            var first = await run.StartAsync((Steps s) => s.RunAsync(0));
            await first.TerminateAsync();
            var second = await run.StartAsync((Steps s) => s.RunAsync(5));
            await Assert.ThrowsExactlyAsync<RpcException>(() => first.CancelAsync());
            await Assert.ThrowsExactlyAsync<RpcException>(() => first.TerminateAsync());
            Assert.AreEqual(WorkflowExecutionStatus.Running, (await second.DescribeAsync()).Status);

            // Messages do reach it: they go to whichever run is the newest.
            await first.SignalAsync(s => s.EndAsync());
            Assert.AreEqual(5, await second.GetResultAsync());
            var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => first.GetResultAsync());
            Assert.IsInstanceOfType<TerminatedFailureException>(failed.InnerException);
        });
    }

    [TestMethod]
    public async Task Handle_of_a_start_cancels_later_runs_of_its_chain()
    {
        await Behaviour.Run<Steps>(async run =>
        {
            var workflow = await run.StartAsync((Steps s) => s.RunAsync(0));
            await workflow.SignalAsync(s => s.NextAsync());
            await workflow.CancelAsync();
            await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
            Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await workflow.DescribeAsync()).Status);
        });
    }

    [TestMethod]
    public async Task Handle_with_a_run_id_means_that_run_only()
    {
        await Behaviour.Run<Steps>(async run =>
        {
            var workflow = await run.StartAsync((Steps s) => s.RunAsync(0));
            await workflow.SignalAsync(s => s.NextAsync());
            var first = run.Client.GetWorkflowHandle<Steps, int>("w", workflow.ResultRunId);
            Assert.AreEqual(workflow.ResultRunId, first.RunId);
            Assert.AreEqual(0, await first.QueryAsync(s => s.Number));
            Assert.AreEqual(WorkflowExecutionStatus.ContinuedAsNew, (await first.DescribeAsync()).Status);
            foreach (var call in (Func<Task>[])[() => first.SignalAsync(s => s.EndAsync()), () => first.TerminateAsync(), () => first.ExecuteUpdateAsync(s => s.TouchAsync())])
            {
                Assert.AreEqual(RpcException.StatusCode.NotFound, (await Assert.ThrowsExactlyAsync<RpcException>(call)).Code);
            }

            // What has ended needs no cancelling.
            await first.CancelAsync();
            await workflow.SignalAsync(s => s.EndAsync());
            Assert.AreEqual(1, await first.GetResultAsync());
            var nobody = run.Client.GetWorkflowHandle<Steps>("w", "no-such-run");
            await Assert.ThrowsExactlyAsync<RpcException>(() => nobody.GetResultAsync());
            await Assert.ThrowsExactlyAsync<RpcException>(() => nobody.DescribeAsync());
        });
    }

    [TestMethod]
    public async Task Handle_by_id_waits_for_the_newest_run()
    {
        await Behaviour.Run<Steps>(async run =>
        {
            await (await run.StartAsync((Steps s) => s.RunAsync(0))).TerminateAsync();
            await run.StartAsync((Steps s) => s.RunAsync(7));
            var any = run.Client.GetWorkflowHandle("w");
            Assert.IsNull(any.ResultRunId ?? any.FirstExecutionRunId ?? any.RunId);
            await any.SignalAsync("End", []);
            Assert.AreEqual(7, await any.GetResultAsync<int>());
            await any.GetResultAsync();
            Assert.AreEqual(7, await new WorkflowHandle<Steps, int>(run.Client, "w").GetResultAsync());
            await new WorkflowHandle<Steps>(run.Client, "w").GetResultAsync();
            Assert.AreEqual(7, await new WorkflowHandle(run.Client, "w").GetResultAsync<int>());
        });
    }

    [TestMethod]
    public async Task Waiting_for_a_result_can_be_given_up()
    {
        await Behaviour.Run<Steps>(async run =>
        {
            var workflow = await run.StartAsync((Steps s) => s.RunAsync(0));
            var rpc = (RpcOptions)new RpcOptions { Timeout = TimeSpan.FromMinutes(5) }.Clone();
            await Assert.ThrowsExactlyAsync<RpcTimeoutOrCanceledException>(() => workflow.GetResultAsync(rpcOptions: rpc));
            using var cancel = new CancellationTokenSource();
            cancel.Cancel();
            await Assert.ThrowsAsync<OperationCanceledException>(() => workflow.GetResultAsync(rpcOptions: new() { CancellationToken = cancel.Token }));
            Assert.AreEqual(WorkflowExecutionStatus.Running, (await workflow.DescribeAsync()).Status);
        });
    }

    [TestMethod]
    public async Task History_is_read_whole_in_parts_and_as_it_grows()
    {
        await Behaviour.Run<Steps>(async run =>
        {
            var workflow = await run.StartAsync((Steps s) => s.RunAsync(0));
            var growing = ReadAsync(workflow.FetchHistoryEventsAsync(new WorkflowHistoryEventFetchOptions { WaitNewEvent = true }));
            await workflow.SignalAsync(s => s.EndAsync());
            await workflow.GetResultAsync();
            var whole = await workflow.FetchHistoryAsync();
            Assert.AreEqual("w", whole.Id);
            Assert.AreEqual(
                "WorkflowExecutionStarted WorkflowTaskCompleted WorkflowExecutionSignaled WorkflowTaskCompleted WorkflowExecutionCompleted",
                string.Join(" ", whole.Events.Select(static e => e.EventType)));
            CollectionAssert.AreEqual(new long[] { 1, 2, 3, 4, 5 }, whole.Events.Select(static e => e.EventId).ToList());
            Assert.AreEqual(run.Now, whole.Events.Last().EventTime);
            Assert.AreEqual(string.Join(" ", whole.Events), string.Join(" ", await growing));
            var last = await workflow.FetchHistoryAsync(new() { EventFilterType = HistoryEventFilterType.CloseEvent });
            Assert.AreEqual("WorkflowExecutionCompleted", last.Events.Single().EventType);
        });

        static async Task<List<Serverless.Common.WorkflowHistoryEvent>> ReadAsync(IAsyncEnumerable<Serverless.Common.WorkflowHistoryEvent> events)
        {
            var read = new List<Serverless.Common.WorkflowHistoryEvent>();
            await foreach (var e in events)
            {
                read.Add(e);
            }

            return read;
        }
    }

    [TestMethod]
    public async Task Workflows_are_listed_counted_and_read()
    {
        await Behaviour.Run<Steps>(async run =>
        {
            for (var i = 0; i < 5; i++)
            {
                var workflow = await run.StartAsync((Steps s) => s.RunAsync(i), new($"w{i}"));
                await (i % 2 == 0 ? workflow.SignalAsync(s => s.EndAsync()) : workflow.TerminateAsync());
                await run.PassAsync(TimeSpan.FromMinutes(1));
            }

            var listed = new List<string>();
            await foreach (var one in run.Client.ListWorkflowsAsync("ExecutionStatus = 'Completed'", new WorkflowListOptions { Limit = 2 }))
            {
                listed.Add(one.Id);
            }

            Assert.AreEqual("w4 w2", string.Join(" ", listed));
            var first = await run.Client.ListWorkflowsPaginatedAsync("", null, new WorkflowListPaginatedOptions { PageSize = 3 });
            var second = await run.Client.ListWorkflowsPaginatedAsync("", first.NextPageToken);
            Assert.AreEqual("w4 w3 w2 | w1 w0", $"{string.Join(" ", first.Workflows.Select(static w => w.Id))} | {string.Join(" ", second.Workflows.Select(static w => w.Id))}");
            Assert.IsNull(second.NextPageToken);
            var counts = await run.Client.CountWorkflowsAsync("GROUP BY ExecutionStatus");
            Assert.AreEqual(5, counts.Count);
            Assert.AreEqual("Completed:3 Terminated:2", string.Join(" ", counts.Groups.Select(static g => $"{g.GroupValues.Single()}:{g.Count}")));
            var histories = 0;
            await foreach (var history in run.Client.ListWorkflowHistoriesAsync("ExecutionStatus = 'Terminated'"))
            {
                Assert.AreEqual("WorkflowExecutionTerminated", history.Events.Last().EventType);
                histories++;
            }

            Assert.AreEqual(2, histories);
        });
    }

    [TestMethod]
    public async Task Client_keeps_its_settings_to_itself()
    {
        await Behaviour.Run(
            setup =>
            {
                setup.Add<Steps>();
                setup.TaskQueues.Add("mine");
                setup.Client.DefaultTaskQueue = "mine";
                setup.Client.Namespace = "hub";
            },
            async run =>
            {
                Assert.AreEqual("mine hub", $"{run.Client.Options.DefaultTaskQueue} {run.Client.Options.Namespace}");
                Assert.IsNotNull(run.Client.OutboundInterceptor);
                Assert.AreEqual("mine", ((WorkflowClientOptions)run.Client.Options.Clone()).DefaultTaskQueue);
                var workflow = await run.StartAsync((Steps s) => s.RunAsync(0));
                Assert.AreEqual("mine", (await workflow.DescribeAsync()).TaskQueue);
                var other = await run.StartAsync((Steps s) => s.RunAsync(0), new("other") { TaskQueue = "default" });
                Assert.AreEqual("default", (await other.DescribeAsync()).TaskQueue);
            });
    }

    [Workflow]
    public class Steps
    {
        private string _what = "";

        [WorkflowQuery]
        public int Number { get; private set; } = -1;

        [WorkflowRun]
        public async Task<int> RunAsync(int number)
        {
            Number = number;
            await Workflow.WaitConditionAsync(() => _what.Length > 0);
            return _what == "next" ? throw Workflow.CreateContinueAsNewException((Steps s) => s.RunAsync(number + 1)) : number;
        }

        [WorkflowSignal]
        public Task NextAsync()
        {
            _what = "next";
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task EndAsync()
        {
            _what = "end";
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task TouchAsync() => Task.CompletedTask;
    }
}
