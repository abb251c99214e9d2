using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>Damaged histories are refused, and executors that must not be used any more stop.</summary>
[TestClass]
public sealed class ReplayCheckTests
{
    private static readonly ActivityOptions Minute = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };

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
