using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Cancelling workflows, and what they make of it.</summary>
[TestClass]
public sealed class CancellationTests
{
    [TestMethod]
    public async Task Cancelled_workflow_ends_cancelled()
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => Workflow.DelayAsync(TimeSpan.FromDays(1))),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.CancelAsync(new WorkflowCancelOptions { Reason = "enough" });
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                Assert.IsInstanceOfType<CanceledFailureException>(failed.InnerException);
                Assert.AreEqual(0, ((CanceledFailureException)failed.InnerException).Details.Count);
                Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await workflow.DescribeAsync()).Status);
                var asked = (await run.EventsAsync<WorkflowCancelRequested>("w")).Single();
                Assert.AreEqual("enough", asked.Reason);
                Assert.HasCount(1, await run.EventsAsync<TimerCanceled>("w"));
                Assert.HasCount(1, await run.EventsAsync<WorkflowCanceled>("w"));
            });
    }

    [TestMethod]
    public async Task Cancelling_before_the_first_task_is_seen_by_it()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var before = Workflow.CancellationToken.IsCancellationRequested;
                await Workflow.DelayAsync(1);
                return before;
            }),
            async run =>
            {
                await Task.WhenAll(run.StartAsync("w"), run.Client.GetWorkflowHandle("w").CancelAsync());
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.Client.GetWorkflowHandle("w").GetResultAsync());
                Assert.IsInstanceOfType<CanceledFailureException>(failed.InnerException);
                Assert.HasCount(1, await run.EventsAsync<WorkflowTaskCompleted>("w"));
            });
    }

    [TestMethod]
    public async Task Code_may_clean_up_with_work_that_is_not_cancelled()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Desk()).Add("w", async () =>
            {
                try
                {
                    await Workflow.DelayAsync(TimeSpan.FromDays(1));
                }
                catch (Exception e) when (TemporalException.IsCanceledException(e))
                {
                    await Workflow.ExecuteActivityAsync(
                        (Desk d) => d.Tidy("late"), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), CancellationToken = CancellationToken.None });
                    await Workflow.DelayAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
                    throw;
                }
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.CancelAsync();
                await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await workflow.DescribeAsync()).Status);
                CollectionAssert.AreEqual(new[] { "late" }, run.The<Desk>().Tidied);
            });
    }

    [TestMethod]
    public async Task Swallowed_cancellation_lets_the_workflow_complete()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () => await Script.FailureOf(Workflow.DelayAsync(TimeSpan.FromDays(1))) is OperationCanceledException),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.CancelAsync();
                Assert.IsTrue(await workflow.GetResultAsync<bool>());
            });
    }

    [TestMethod]
    public async Task Cancellation_is_a_state_a_later_one_ends_the_workflow_as_cancelled()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                await Script.FailureOf(Workflow.DelayAsync(TimeSpan.FromDays(1)));
                using var own = new CancellationTokenSource();
                own.Cancel();
                await Workflow.DelayAsync(1, own.Token);
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.CancelAsync();
                await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await workflow.DescribeAsync()).Status);
            });
    }

    [TestMethod]
    public async Task Cancellation_that_nobody_asked_for_fails_the_workflow()
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => Workflow.DelayAsync(1, new CancellationToken(canceled: true))),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                Assert.AreEqual(nameof(TaskCanceledException), ((ApplicationFailureException)failed.InnerException!).ErrorType);
                Assert.AreEqual(WorkflowExecutionStatus.Failed, (await workflow.DescribeAsync()).Status);
            });
    }

    [TestMethod]
    public async Task Other_failure_after_a_cancellation_fails_the_workflow()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                await Script.FailureOf(Workflow.DelayAsync(TimeSpan.FromDays(1)));
                throw new ApplicationFailureException("could not tidy");
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.CancelAsync();
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                Assert.AreEqual("could not tidy", failed.InnerException!.Message);
                Assert.AreEqual(WorkflowExecutionStatus.Failed, (await workflow.DescribeAsync()).Status);
            });
    }

    [TestMethod]
    public async Task Linked_token_cancels_a_part_and_leaves_the_rest()
    {
        await Scripts.Gives("inner cancelled, outer not, slept", async () =>
        {
            using var scope = CancellationTokenSource.CreateLinkedTokenSource(Workflow.CancellationToken);
            var inner = Workflow.DelayAsync(TimeSpan.FromDays(1), scope.Token);
            var outer = Workflow.DelayAsync(TimeSpan.FromMinutes(1));
            scope.Cancel();
            var failure = await Script.FailureOf(inner);
            await outer;
            return $"inner {(failure is null ? "slept" : "cancelled")}, outer {(Workflow.CancellationToken.IsCancellationRequested ? "cancelled" : "not")}, slept";
        });
    }

    [TestMethod]
    public async Task Workflow_cancellation_reaches_linked_tokens()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                using var scope = CancellationTokenSource.CreateLinkedTokenSource(Workflow.CancellationToken);
                var delay = await Script.FailureOf(Workflow.DelayAsync(TimeSpan.FromDays(1), scope.Token));
                return $"{delay is not null} {scope.IsCancellationRequested}";
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.CancelAsync();
                Assert.AreEqual("True True", await workflow.GetResultAsync<string>());
            });
    }

    [TestMethod]
    public async Task Cancelling_twice_is_recorded_once()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                await Script.FailureOf(Workflow.DelayAsync(TimeSpan.FromDays(1)));
                await Workflow.DelayAsync(TimeSpan.FromHours(1), CancellationToken.None);
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.CancelAsync();
                await workflow.CancelAsync();
                await workflow.GetResultAsync();
                Assert.HasCount(1, await run.EventsAsync<WorkflowCancelRequested>("w"));
            });
    }

    [TestMethod]
    public async Task Cancelling_what_is_closed_does_nothing_and_what_is_unknown_is_refused()
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => Task.CompletedTask),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.GetResultAsync();
                await workflow.CancelAsync();
                var nobody = run.Client.GetWorkflowHandle("nobody");
                Assert.AreEqual(RpcException.StatusCode.NotFound, (await Assert.ThrowsExactlyAsync<RpcException>(() => nobody.CancelAsync())).Code);
            });
    }

    [TestMethod]
    public async Task Terminated_workflow_runs_no_code_any_more()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Desk()).Add("w", async () =>
            {
                try
                {
                    await Workflow.DelayAsync(TimeSpan.FromDays(1));
                }
                finally
                {
                    await Workflow.ExecuteActivityAsync((Desk d) => d.Tidy("never"), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
                }
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.TerminateAsync("no more", new WorkflowTerminateOptions { Details = [1, "two"] });
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                var terminated = (TerminatedFailureException)failed.InnerException!;
                Assert.AreEqual("no more", terminated.Message);
                Assert.AreEqual(2, terminated.Details!.Count);
                Assert.AreEqual("two", terminated.Details.ElementAt<string>(1));
                Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await workflow.DescribeAsync()).Status);
                Assert.HasCount(0, run.The<Desk>().Tidied);
                Assert.AreEqual("no more", (await run.EventsAsync<WorkflowTerminated>("w")).Single().Reason);
            });
    }

    public sealed class Desk
    {
        public List<string> Tidied { get; } = [];

        [Activity]
        public void Tidy(string what) => Tidied.Add(what);
    }
}
