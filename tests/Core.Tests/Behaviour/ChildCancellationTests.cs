using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Cancelling children, and what becomes of them when their parent closes.</summary>
[TestClass]
public sealed class ChildCancellationTests
{
    [TestMethod]
    [DataRow(ChildWorkflowCancellationType.TryCancel, "cancelled at 12:10", WorkflowExecutionStatus.Canceled)]
    [DataRow(ChildWorkflowCancellationType.WaitCancellationCompleted, "cancelled at 12:15", WorkflowExecutionStatus.Canceled)]
    [DataRow(ChildWorkflowCancellationType.WaitCancellationRequested, "cancelled at 12:10", WorkflowExecutionStatus.Canceled)]
    [DataRow(ChildWorkflowCancellationType.Abandon, "cancelled at 12:10", WorkflowExecutionStatus.Completed)]
    public async Task Type_decides_when_the_parent_goes_on_and_what_the_child_hears(
        ChildWorkflowCancellationType type, string result, WorkflowExecutionStatus childStatus)
    {
        await RunAsync(
            async () =>
            {
                using var cancel = new CancellationTokenSource();
                var options = new ChildWorkflowOptions { Id = "kid", CancellationType = type, CancellationToken = cancel.Token, ParentClosePolicy = ParentClosePolicy.Abandon };
                var kid = await Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("tidy"), options);
                await Workflow.DelayAsync(TimeSpan.FromMinutes(10));
                cancel.Cancel();
                var failure = await Script.FailureOf(kid.GetResultAsync());
                return $"{(TemporalException.IsCanceledException(failure!) ? "cancelled" : "not")} at {Workflow.UtcNow:HH:mm}";
            },
            async run =>
            {
                Assert.AreEqual(result, await run.ExecuteAsync<string>("w"));
                var kid = run.Client.GetWorkflowHandle("kid");
                await Script.FailureOf(kid.GetResultAsync());
                Assert.AreEqual(childStatus, (await kid.DescribeAsync()).Status);
            });
    }

    [TestMethod]
    public async Task Child_may_complete_although_it_was_cancelled()
    {
        await RunAsync(
            async () =>
            {
                using var cancel = new CancellationTokenSource();
                var kid = await Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("ignore"), new() { CancellationToken = cancel.Token });
                cancel.Cancel();
                return await kid.GetResultAsync();
            },
            async run => Assert.AreEqual("ignored it", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Child_with_a_cancelled_token_is_never_started()
    {
        await RunAsync(
            async () =>
            {
                var failure = await Script.FailureOf(Workflow.StartChildWorkflowAsync(
                    (Kid k) => k.RunAsync("wait"), new() { Id = "kid", CancellationToken = new CancellationToken(canceled: true) }));
                return $"{failure!.GetType().Name}";
            },
            async run =>
            {
                Assert.AreEqual(nameof(CanceledFailureException), await run.ExecuteAsync<string>("w"));
                Assert.HasCount(0, await run.EventsAsync<ChildWorkflowInitiated>("w"));
            });
    }

    [TestMethod]
    public async Task Child_that_is_cancelled_in_the_task_that_starts_it_leaves_no_event()
    {
        await RunAsync(
            async () =>
            {
                using var cancel = new CancellationTokenSource();
                var start = Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("wait"), new() { Id = "kid", CancellationToken = cancel.Token });
                cancel.Cancel();
                return TemporalException.IsCanceledException((await Script.FailureOf(start))!);
            },
            async run =>
            {
                Assert.IsTrue(await run.ExecuteAsync<bool>("w"));
                Assert.HasCount(0, await run.EventsAsync<ChildWorkflowInitiated>("w"));
            });
    }

    [TestMethod]
    public async Task Cancelling_the_parent_cancels_its_children()
    {
        await RunAsync(
            () => Workflow.ExecuteChildWorkflowAsync((Kid k) => k.RunAsync("wait"), new() { Id = "kid" }),
            async run =>
            {
                var parent = await run.StartAsync("w");
                await parent.CancelAsync();
                await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => parent.GetResultAsync());
                Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await parent.DescribeAsync()).Status);
                Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await run.Client.GetWorkflowHandle("kid").DescribeAsync()).Status);
            });
    }

    [TestMethod]
    [DataRow(ParentClosePolicy.Terminate, "complete", WorkflowExecutionStatus.Terminated)]
    [DataRow(ParentClosePolicy.None, "complete", WorkflowExecutionStatus.Terminated)]
    [DataRow(ParentClosePolicy.Terminate, "fail", WorkflowExecutionStatus.Terminated)]
    [DataRow(ParentClosePolicy.Terminate, "continue", WorkflowExecutionStatus.Terminated)]
    [DataRow(ParentClosePolicy.Terminate, "terminate", WorkflowExecutionStatus.Terminated)]
    [DataRow(ParentClosePolicy.Terminate, "time out", WorkflowExecutionStatus.Terminated)]
    [DataRow(ParentClosePolicy.Abandon, "complete", WorkflowExecutionStatus.Running)]
    [DataRow(ParentClosePolicy.Abandon, "fail", WorkflowExecutionStatus.Running)]
    [DataRow(ParentClosePolicy.Abandon, "continue", WorkflowExecutionStatus.Running)]
    [DataRow(ParentClosePolicy.Abandon, "terminate", WorkflowExecutionStatus.Running)]
    [DataRow(ParentClosePolicy.RequestCancel, "complete", WorkflowExecutionStatus.Canceled)]
    [DataRow(ParentClosePolicy.RequestCancel, "fail", WorkflowExecutionStatus.Canceled)]
    [DataRow(ParentClosePolicy.RequestCancel, "continue", WorkflowExecutionStatus.Canceled)]
    [DataRow(ParentClosePolicy.RequestCancel, "terminate", WorkflowExecutionStatus.Canceled)]
    public async Task Close_policy_decides_about_the_child_at_every_end_of_the_parent(ParentClosePolicy policy, string end, WorkflowExecutionStatus childStatus)
    {
        await RunAsync(
            async () =>
            {
                if (Workflow.Info.ContinuedRunId is not null)
                {
                    return "continued";
                }

                await Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("wait"), new() { Id = "kid", ParentClosePolicy = policy });
                await Workflow.WaitConditionAsync(() => end is "complete" or "fail" or "continue");
                return end switch
                {
                    "fail" => throw new ApplicationFailureException("as told"),
                    "continue" => throw Workflow.CreateContinueAsNewException("w", []),
                    _ => "completed",
                };
            },
            async run =>
            {
                var parent = await run.StartAsync("w", new("w") { RunTimeout = end == "time out" ? TimeSpan.FromMinutes(1) : null });
                if (end == "terminate")
                {
                    await parent.TerminateAsync();
                }

                await Script.FailureOf(parent.GetResultAsync());
                Assert.AreEqual(childStatus, (await run.Client.GetWorkflowHandle("kid").DescribeAsync()).Status);
            });
    }

    [TestMethod]
    public async Task Child_that_ends_in_the_task_that_closes_the_parent_is_left_alone()
    {
        await RunAsync(
            async () =>
            {
                var kid = await Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("at once"), new() { Id = "kid" });
                return await kid.GetResultAsync();
            },
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual(WorkflowExecutionStatus.Completed, (await run.Client.GetWorkflowHandle("kid").DescribeAsync()).Status);
            });
    }

    private static Task RunAsync<T>(Func<Task<T>> code, Func<BehaviourRun, Task> body) => Behaviour.Run(setup => setup.Add<Kid>().Add("w", code), body);

    [Workflow]
    public class Kid
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string what)
        {
            try
            {
                await Workflow.DelayAsync(what switch
                {
                    "at once" => TimeSpan.FromMilliseconds(1),
                    "wait" => TimeSpan.FromDays(1),
                    _ => TimeSpan.FromMinutes(30),
                });
                return "done";
            }
            catch (OperationCanceledException) when (what == "ignore")
            {
                return "ignored it";
            }
            catch (OperationCanceledException) when (what == "tidy")
            {
                await Workflow.DelayAsync(TimeSpan.FromMinutes(5), CancellationToken.None);
                throw;
            }
        }
    }
}
