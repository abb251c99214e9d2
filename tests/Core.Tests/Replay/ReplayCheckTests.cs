using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>Changed code and damaged histories are found, and the message says where.</summary>
[TestClass]
public sealed class ReplayCheckTests
{
    private static readonly ActivityOptions Minute = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };

    [TestMethod]
    public void Another_step_is_named_with_both_sides()
    {
        using var run = Deposited();

        Mismatch(run, () => Workflow.DelayAsync(1000), "event 3 is ActivityScheduled 'Deposit' (id 1), but the code asked for TimerStarted 1");
    }

    [TestMethod]
    public void Another_activity_is_named_with_both_sides()
    {
        using var run = Deposited();

        Mismatch(run, () => Workflow.ExecuteActivityAsync("Withdraw", [], Minute), "event 3 is ActivityScheduled 'Deposit' (id 1), but the code asked for ActivityScheduled 'Withdraw' (id 1)");
    }

    [TestMethod]
    public void A_step_that_is_gone_is_named()
    {
        using var run = Deposited();

        Mismatch(run, () => Workflow.WaitConditionAsync(() => false), "event 3 is ActivityScheduled 'Deposit' (id 1), but the code asked for nothing there");
    }

    [TestMethod]
    public void A_step_that_is_new_is_named()
    {
        using var run = Deposited();

        Mismatch(
            run,
            async () =>
            {
                var deposit = Workflow.ExecuteActivityAsync("Deposit", [], Minute);
                await Workflow.DelayAsync(1);
                await deposit;
            },
            "the history records nothing more for the task of event 2, but the code asked for TimerStarted 1");
    }

    [TestMethod]
    public void Another_end_is_named()
    {
        using var run = ExecutorHarness.Of(() => Task.CompletedTask);
        run.Run();

        Mismatch(
            run,
            () => throw new Serverless.Exceptions.ApplicationFailureException("no"),
            "event 3 is WorkflowCompleted, but the code asked for WorkflowFailed");
    }

    [TestMethod]
    public void Other_arguments_and_time_outs_are_no_mismatch()
    {
        using var run = Deposited();

        run.ReplayWith(async () =>
        {
            await Workflow.ExecuteActivityAsync("Deposit", ["other"], new() { ScheduleToCloseTimeout = TimeSpan.FromDays(3) });
            return null;
        });
    }

    [TestMethod]
    public void A_history_with_a_hole_is_refused()
    {
        using var run = Deposited();
        using var executor = run.Replayed();

        var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => executor.Replay([new WorkflowTaskCompleted(null, null) { Id = 9 }]));

        Assert.AreEqual(WorkflowTaskFailedCause.CorruptHistory, e.Cause);
        StringAssert.Contains(e.Message, "event 9 (WorkflowTaskCompleted) stands in the place of event 4");
    }

    [TestMethod]
    public void Inputs_without_a_task_are_refused()
    {
        using var run = Deposited();
        using var executor = run.Replayed();

        var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => executor.Replay([new ActivityCompleted(3, null) { Id = 4 }]));

        StringAssert.Contains(e.Message, "no task follows event 4");
    }

    [TestMethod]
    public void Termination_may_follow_anything()
    {
        using var run = Deposited();
        using var executor = run.Replayed();

        executor.Replay([new WorkflowTerminated("by hand", [], null) { Id = 4 }]);

        Assert.AreEqual(4, executor.LastEventId);
    }

    [TestMethod]
    public void A_query_that_sets_the_workflow_going_is_refused_and_spoils_the_executor()
    {
        using var run = ExecutorHarness.Of<Meddling>();
        run.Run();

        var e = Assert.ThrowsExactly<QueryFailedException>(() => run.Live.Query("Push", [], WorkflowStarted.Empty));

        StringAssert.Contains(e.Message, "A query only looks");
        Assert.IsNotNull(run.Live.Violation);
    }

    [TestMethod]
    public void An_executor_that_was_given_up_stops_its_code()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            await Workflow.DelayAsync(1);
            _ = Workflow.UtcNow;
        });
        run.Run();
        run.Live.Abandon();

        var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.Live.RunTask(new([new TimerFired(3)], run.Now, "x", null, 0)));

        StringAssert.Contains(e.Message, "given up");
    }

    private static ExecutorHarness Deposited()
    {
        var run = ExecutorHarness.Of(() => Workflow.ExecuteActivityAsync("Deposit", [1], Minute));
        run.Run();
        return run;
    }

    private static void Mismatch(ExecutorHarness run, Func<Task> body, string message)
    {
        var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.ReplayWith(async () =>
        {
            await body();
            return null;
        }));
        Assert.AreEqual(WorkflowTaskFailedCause.Nondeterminism, e.Cause);
        StringAssert.Contains(e.Message, message);
    }

    [Workflow]
    public class Meddling
    {
        private readonly TaskCompletionSource _gate = new();

        [WorkflowRun]
        public async Task RunAsync()
        {
            await _gate.Task;
            await Workflow.DelayAsync(1);
        }

        [WorkflowQuery]
        public bool Push() => _gate.TrySetResult();
    }
}
