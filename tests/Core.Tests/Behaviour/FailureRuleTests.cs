using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Which exceptions fail a workflow, and which block it until its code is mended.</summary>
[TestClass]
public sealed class FailureRuleTests
{
    [TestMethod]
    public async Task Application_failure_fails_the_workflow_with_all_that_it_holds()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                await Workflow.DelayAsync(1);
                throw new ApplicationFailureException(
                    "no stock",
                    new InvalidOperationException("shelf empty"),
                    errorType: "Stock",
                    nonRetryable: true,
                    details: [42, "answer"],
                    nextRetryDelay: TimeSpan.FromMinutes(7),
                    category: ApplicationErrorCategory.Benign);
            }),
            async run =>
            {
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync<string>("w"));
                var failure = (ApplicationFailureException)failed.InnerException!;
                Assert.AreEqual("no stock", failure.Message);
                Assert.AreEqual("Stock", failure.ErrorType);
                Assert.IsTrue(failure.NonRetryable);
                Assert.AreEqual(TimeSpan.FromMinutes(7), failure.NextRetryDelay);
                Assert.AreEqual(ApplicationErrorCategory.Benign, failure.Category);
                IFailureDetails details = failure.Details;
                Assert.AreEqual(2, details.Count);
                Assert.AreEqual(42, details.ElementAt<int>(0));
                Assert.AreEqual("answer", details.ElementAt<string>(1));
                Assert.AreEqual(nameof(InvalidOperationException), ((ApplicationFailureException)failure.InnerException!).ErrorType);
                Assert.Contains(nameof(FailureRuleTests), failure.StackTrace!);
            });
    }

    [TestMethod]
    public async Task Details_of_a_failure_can_be_read_where_it_is_thrown_and_where_it_arrives()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                await Workflow.DelayAsync(1);
                var thrown = new ApplicationFailureException("x", details: [1, "two"]);
                var details = (OutboundFailureDetails)thrown.Details;
                Assert.IsNull(thrown.Failure);
                throw new ApplicationFailureException($"{details.Count} {details.ElementAt<string>(1)} {details.Details!.Count}", thrown);
            }),
            async run =>
            {
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync<string>("w"));
                var failure = (FailureException)failed.InnerException!;
                Assert.AreEqual("2 two 2", failure.Message);
                Assert.AreEqual("2 two 2", failure.Failure!.Message);
            });
    }

    [TestMethod]
    public async Task Mismatch_with_history_fails_a_workflow_that_says_so()
    {
        var made = 0;
        await Behaviour.Run(
            setup =>
            {
                made = 0;
                setup.FailureExceptionTypes.Add(typeof(WorkflowNondeterminismException));
                setup.Engine = setup.Engine with { CachedRuns = 0 };
                setup.Add("w", async () =>
                {
                    await (++made == 1 ? Workflow.DelayAsync(TimeSpan.FromMinutes(1)) : Script.HearAsync("never"));
                    await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
                });
            },
            async run =>
            {
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync<string>("w"));
                Assert.AreEqual(nameof(WorkflowNondeterminismException), ((ApplicationFailureException)failed.InnerException!).ErrorType);
            });
    }

    [TestMethod]
    [DataRow("invalid")]
    [DataRow("format")]
    [DataRow("not implemented")]
    public async Task Any_other_exception_blocks_the_workflow_and_is_shown(string what)
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                await Workflow.DelayAsync(1);
                throw what switch
                {
                    "invalid" => new InvalidOperationException("a bug"),
                    "format" => new FormatException("a bug"),
                    _ => new NotImplementedException("a bug"),
                };
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await run.PassAsync(TimeSpan.FromHours(1));
                var seen = await workflow.DescribeAsync();
                Assert.AreEqual(WorkflowExecutionStatus.Running, seen.Status);
                Assert.Contains("a bug", seen.BlockedReason!);
                Assert.HasCount(1, await run.EventsAsync<WorkflowTaskCompleted>("w"));
                Assert.IsGreaterThan(5, run.Log.Count(LogLevel.Error, "is blocked"));
                await workflow.TerminateAsync();
                Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await workflow.DescribeAsync()).Status);
            });
    }

    [TestMethod]
    public async Task Exception_types_named_by_the_definition_fail_the_workflow()
    {
        await Behaviour.Run<Picky>(async run =>
        {
            var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync((Picky p) => p.RunAsync("argument null")));
            Assert.AreEqual(nameof(ArgumentNullException), ((ApplicationFailureException)failed.InnerException!).ErrorType);

            var blocked = await run.StartAsync((Picky p) => p.RunAsync("invalid"), new("other"));
            Assert.Contains("an invalid operation", (await blocked.DescribeAsync()).BlockedReason!);
        });
    }

    [TestMethod]
    public async Task Exception_types_named_by_the_worker_fail_every_workflow()
    {
        await Behaviour.Run(
            setup => setup.Add<Picky>().FailureExceptionTypes.Add(typeof(InvalidOperationException)),
            async run =>
            {
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync((Picky p) => p.RunAsync("invalid")));
                Assert.AreEqual("an invalid operation", failed.InnerException!.Message);
            });
    }

    [TestMethod]
    public async Task Failing_signal_handler_fails_the_workflow()
    {
        await Behaviour.Run<Picky>(async run =>
        {
            var workflow = await run.StartAsync((Picky p) => p.RunAsync("wait"));
            await workflow.SignalAsync(p => p.ThrowAsync("application"));
            var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
            Assert.AreEqual("an application failure", failed.InnerException!.Message);
        });
    }

    [TestMethod]
    public async Task Bug_in_a_signal_handler_blocks_the_workflow()
    {
        await Behaviour.Run<Picky>(async run =>
        {
            var workflow = await run.StartAsync((Picky p) => p.RunAsync("wait"));
            await workflow.SignalAsync(p => p.ThrowAsync("invalid"));
            Assert.Contains("an invalid operation", (await workflow.DescribeAsync()).BlockedReason!);
            Assert.HasCount(0, await run.EventsAsync<WorkflowSignaled>("w"));
        });
    }

    [TestMethod]
    public async Task Failing_update_handler_fails_the_update_only()
    {
        await Behaviour.Run<Picky>(async run =>
        {
            var workflow = await run.StartAsync((Picky p) => p.RunAsync("wait"));
            var failed = await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync(p => p.TryAsync("application")));
            Assert.AreEqual("an application failure", failed.InnerException!.Message);
            failed = await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync(p => p.TryAsync("argument null")));
            Assert.AreEqual(nameof(ArgumentNullException), ((ApplicationFailureException)failed.InnerException!).ErrorType);
            Assert.AreEqual(WorkflowExecutionStatus.Running, (await workflow.DescribeAsync()).Status);
        });
    }

    [TestMethod]
    public async Task Bug_in_an_update_handler_blocks_the_workflow()
    {
        await Behaviour.Run<Picky>(async run =>
        {
            var workflow = await run.StartAsync((Picky p) => p.RunAsync("wait"));
            var update = workflow.ExecuteUpdateAsync(p => p.TryAsync("invalid"), new() { Rpc = new() { Timeout = TimeSpan.FromMinutes(10) } });
            await Assert.ThrowsExactlyAsync<WorkflowUpdateRpcTimeoutOrCanceledException>(() => update);
            Assert.Contains("an invalid operation", (await workflow.DescribeAsync()).BlockedReason!);
        });
    }

    [TestMethod]
    public async Task Failure_of_an_activity_that_is_not_caught_fails_the_workflow_with_its_cause()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Breaks()).Add("w", () => Workflow.ExecuteActivityAsync(
                (Breaks b) => b.Break(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { MaximumAttempts = 1 } })),
            async run =>
            {
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync<string>("w"));
                var activity = (ActivityFailureException)failed.InnerException!;
                Assert.AreEqual("Break", activity.ActivityType);
                Assert.AreEqual("1", activity.ActivityId);
                Assert.AreEqual("worker", activity.Identity);
                Assert.AreEqual(RetryState.MaximumAttemptsReached, activity.RetryState);
                var cause = (ApplicationFailureException)activity.InnerException!;
                Assert.AreEqual("broken", cause.Message);
                Assert.AreEqual(nameof(DivideByZeroException), cause.ErrorType);
            });
    }

    [TestMethod]
    public async Task Nondeterminism_blocks_the_workflow()
    {
        var made = 0;
        await Behaviour.Run(
            setup =>
            {
                made = 0;
                setup.Add("w", async () =>
                {
                    // Code that does something else when it is replayed: what must not be.
                    await (++made == 1 ? Workflow.DelayAsync(TimeSpan.FromMinutes(1)) : Workflow.WaitConditionAsync(() => Script.Me.Words.Count > 0));
                    await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
                });
                setup.Engine = setup.Engine with { CachedRuns = 0 };
            },
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await run.PassAsync(TimeSpan.FromMinutes(10));
                Assert.Contains("Nondeterminism", (await run.LookAsync("w")).Blocked!.Cause);
                Assert.AreEqual(WorkflowExecutionStatus.Running, (await workflow.DescribeAsync()).Status);
            });
    }

    [TestMethod]
    public async Task Code_that_leaves_the_workflows_scheduler_blocks_it()
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => Task.Run(static () => 1)),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                Assert.Contains("Workflow.RunTaskAsync", (await workflow.DescribeAsync()).BlockedReason!);
                Assert.AreEqual("LeftScheduler", (await run.LookAsync("w")).Blocked!.Cause);
            });
    }

    [TestMethod]
    public async Task Workflow_type_that_nobody_has_blocks_and_says_what_there_is()
    {
        await Behaviour.Run<Picky>(async run =>
        {
            var workflow = await run.Client.StartWorkflowAsync("Nowhere", [], new("w"));
            var reason = (await workflow.DescribeAsync()).BlockedReason!;
            Assert.Contains("'Nowhere'", reason);
            Assert.Contains("Picky", reason);
        });
    }

    [Workflow(FailureExceptionTypes = [typeof(ArgumentException)])]
    public class Picky
    {
        [WorkflowRun]
        public async Task RunAsync(string what)
        {
            await Workflow.WaitConditionAsync(() => what != "wait");
            throw Make(what);
        }

        [WorkflowSignal]
        public Task ThrowAsync(string what) => throw Make(what);

        [WorkflowUpdate]
        public Task TryAsync(string what) => throw Make(what);

        private static Exception Make(string what) => what switch
        {
            "argument null" => new ArgumentNullException(nameof(what)),
            "application" => new ApplicationFailureException("an application failure", errorType: "Mine"),
            _ => new InvalidOperationException("an invalid operation"),
        };
    }

    public sealed class Breaks
    {
        [Activity]
        public void Break() => throw new DivideByZeroException("broken");
    }
}
