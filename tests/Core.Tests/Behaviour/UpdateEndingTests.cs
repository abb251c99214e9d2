using Microsoft.Extensions.Logging;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>What becomes of updates when their run ends: by stage of the update and kind of end.</summary>
[TestClass]
public sealed class UpdateEndingTests
{
    [TestMethod]
    [DataRow("complete")]
    [DataRow("fail")]
    [DataRow("continue")]
    public async Task Accepted_update_of_a_run_that_ends_fails_for_its_caller(string how)
    {
        await Behaviour.Run<Ending>(async run =>
        {
            var workflow = await run.StartAsync((Ending e) => e.RunAsync(0));
            var update = await workflow.StartUpdateAsync(e => e.WaitAsync(), new(WorkflowUpdateStage.Accepted));
            await workflow.SignalAsync(e => e.EndAsync(how));
            await AbandonedAsync(update);
            Assert.AreEqual(1, run.Log.Count(LogLevel.Warning, "1 update handlers were still running"));
        });
    }

    [TestMethod]
    public async Task Accepted_update_of_a_terminated_run_fails_for_its_caller()
    {
        await Behaviour.Run<Ending>(async run =>
        {
            var workflow = await run.StartAsync((Ending e) => e.RunAsync(0));
            var update = await workflow.StartUpdateAsync(e => e.WaitAsync(), new(WorkflowUpdateStage.Accepted));
            await workflow.TerminateAsync();
            await AbandonedAsync(update);
        });
    }

    [TestMethod]
    [DataRow("complete")]
    [DataRow("fail")]
    [DataRow("continue")]
    public async Task Result_of_a_completed_update_outlives_its_run(string how)
    {
        await Behaviour.Run<Ending>(async run =>
        {
            var workflow = await run.StartAsync((Ending e) => e.RunAsync(0));
            var update = await workflow.StartUpdateAsync(e => e.DoAsync(), new("u", WorkflowUpdateStage.Accepted));
            await workflow.SignalAsync(e => e.EndAsync(how));
            Assert.AreEqual("done in run 0", await update.GetResultAsync());
            Assert.AreEqual("done in run 0", await workflow.GetUpdateHandle<string>("u").GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Update_that_comes_with_the_continuation_is_done_in_a_run_and_not_lost()
    {
        await Behaviour.Run<Ending>(async run =>
        {
            var workflow = await run.StartAsync((Ending e) => e.RunAsync(0));
            var update = workflow.ExecuteUpdateAsync(e => e.DoAsync());
            await Task.WhenAll(workflow.SignalAsync(e => e.EndAsync("continue")), update);
            Assert.StartsWith("done in run ", await update);
            Assert.AreEqual(1, await workflow.QueryAsync(e => e.Number));
        });
    }

    [TestMethod]
    public async Task Update_that_was_not_yet_accepted_fails_when_its_workflow_is_terminated()
    {
        await Behaviour.Run<Ending>(async run =>
        {
            var workflow = await run.StartAsync((Ending e) => e.RunAsync(0));
            await workflow.SignalAsync("Break", []);
            Assert.IsNotNull((await workflow.DescribeAsync()).BlockedReason);
            var update = workflow.ExecuteUpdateAsync(e => e.DoAsync());
            await run.PassAsync(TimeSpan.FromMinutes(1));
            await workflow.TerminateAsync();
            Assert.AreEqual(RpcException.StatusCode.NotFound, (await Assert.ThrowsExactlyAsync<RpcException>(() => update)).Code);
            Assert.HasCount(0, await run.EventsAsync<WorkflowUpdateAccepted>("w"));
        });
    }

    [TestMethod]
    public async Task Update_completed_in_the_task_that_closes_the_run_keeps_its_result()
    {
        await Behaviour.Run<Ending>(async run =>
        {
            var workflow = await run.StartAsync((Ending e) => e.RunAsync(0));
            Assert.AreEqual("last", await workflow.ExecuteUpdateAsync(e => e.EndWithAsync("last")));
            Assert.AreEqual("complete", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Continue_as_new_from_an_update_handler_blocks_the_workflow()
    {
        await Behaviour.Run<Ending>(async run =>
        {
            var workflow = await run.StartAsync((Ending e) => e.RunAsync(0));
            await Assert.ThrowsExactlyAsync<WorkflowUpdateRpcTimeoutOrCanceledException>(
                () => workflow.ExecuteUpdateAsync(e => e.ContinueAsync(), new() { Rpc = new() { Timeout = TimeSpan.FromSeconds(30) } }));
            Assert.IsNotNull((await workflow.DescribeAsync()).BlockedReason);
        });
    }

    [TestMethod]
    public async Task Waiting_for_an_update_can_be_given_up_and_taken_up_again()
    {
        await Behaviour.Run<Ending>(async run =>
        {
            var workflow = await run.StartAsync((Ending e) => e.RunAsync(0));
            var update = await workflow.StartUpdateAsync(e => e.WaitAsync(), new("u", WorkflowUpdateStage.Accepted));
            await Assert.ThrowsExactlyAsync<WorkflowUpdateRpcTimeoutOrCanceledException>(() => update.GetResultAsync(new() { Timeout = TimeSpan.FromMinutes(1) }));
            using var cancel = new CancellationTokenSource();
            cancel.Cancel();
            await Assert.ThrowsExactlyAsync<WorkflowUpdateRpcTimeoutOrCanceledException>(() => update.GetResultAsync(new() { CancellationToken = cancel.Token }));
            await workflow.SignalAsync(e => e.EndAsync("let go"));
            await update.GetResultAsync();
        });
    }

    private static async Task AbandonedAsync(WorkflowUpdateHandle update)
    {
        var failed = await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => update.GetResultAsync());
        Assert.AreEqual("AcceptedUpdateCompletedWorkflow", ((ApplicationFailureException)failed.InnerException!).ErrorType);
    }

    [Workflow]
    public class Ending
    {
        private string _how = "";

        [WorkflowQuery]
        public int Number { get; private set; }

        [WorkflowRun]
        public async Task<string> RunAsync(int number)
        {
            Number = number;
            await Workflow.WaitConditionAsync(() => _how is "complete" or "fail" or "continue");
            return _how switch
            {
                "fail" => throw new ApplicationFailureException("as told"),
                "continue" => throw Workflow.CreateContinueAsNewException((Ending e) => e.RunAsync(number + 1)),
                _ => _how,
            };
        }

        [WorkflowSignal]
        public Task EndAsync(string how)
        {
            _how = how;
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task BreakAsync() => throw new InvalidOperationException("a bug");

        [WorkflowUpdate]
        public Task WaitAsync() => Workflow.WaitConditionAsync(() => _how == "let go");

        [WorkflowUpdate]
        public Task<string> DoAsync() => Task.FromResult($"done in run {Number}");

        [WorkflowUpdate]
        public Task<string> EndWithAsync(string result)
        {
            _how = "complete";
            return Task.FromResult(result);
        }

        [WorkflowUpdate]
        public Task ContinueAsync() => throw Workflow.CreateContinueAsNewException((Ending e) => e.RunAsync(99));
    }
}
