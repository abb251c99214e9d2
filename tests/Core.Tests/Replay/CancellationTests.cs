using Serverless.Api.Enums.V1;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class CancellationTests
{
    [TestMethod]
    public void CancelledWorkflow_ThatLetsItThrough_IsCanceled()
    {
        using var run = ExecutorHarness.Of(() => Workflow.DelayAsync(TimeSpan.FromDays(1)));

        run.Run();
        CollectionAssert.AreEqual(new[] { "TimerCanceled of event 3", "WorkflowCanceled" }, run.Run(ExecutorHarness.Cancel()));
    }

    [TestMethod]
    public void CancelledWorkflow_ThatCleansUpWithAnotherToken_MayGoOn()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            await ExecutorHarness.CaughtAsync(() => Workflow.DelayAsync(TimeSpan.FromDays(1)));
            await Work(ActivityCancellationType.TryCancel, CancellationToken.None);
            return (object?)"tidy";
        });

        run.Run();
        CollectionAssert.AreEqual(new[] { "TimerCanceled of event 3", "ActivityScheduled 'Work' (id 1)" }, run.Run(ExecutorHarness.Cancel()));
        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run(new ActivityCompleted(7, null)));
        Assert.AreEqual("tidy", run.Result<string>());
    }

    [TestMethod]
    public void ActivityAfterTheCancellation_IsNeverScheduled()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            await ExecutorHarness.CaughtAsync(() => Workflow.DelayAsync(TimeSpan.FromDays(1)));
            var e = await ExecutorHarness.CaughtAsync(() => Work(ActivityCancellationType.TryCancel, null));
            return (object?)$"{e.GetType().Name}: {e.Message}";
        });

        run.Run();
        CollectionAssert.AreEqual(new[] { "TimerCanceled of event 3", "WorkflowCompleted" }, run.Run(ExecutorHarness.Cancel()));
        Assert.AreEqual("CanceledFailureException: Activity cancelled before scheduled", run.Result<string>());
    }

    [TestMethod]
    public void SwallowedCancellation_StaysAState_ALaterCancelledFailureCountsAsIt()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            await ExecutorHarness.CaughtAsync(() => Workflow.DelayAsync(TimeSpan.FromDays(1)));
            await Workflow.DelayAsync(1000, CancellationToken.None);
            throw new CanceledFailureException("my own");
        });

        run.Run();
        run.Run(ExecutorHarness.Cancel());
        CollectionAssert.AreEqual(new[] { "WorkflowCanceled" }, run.Fire(7));
    }

    [TestMethod]
    public void CancelledFailure_WithoutARequest_FailsTheWorkflow()
    {
        using var run = ExecutorHarness.Of(() => throw new OperationCanceledException("my own"));

        CollectionAssert.AreEqual(new[] { "WorkflowFailed" }, run.Run());
    }

    [TestMethod]
    public void Cancellation_InTheFirstTask_ComesBeforeTheRunMethod()
    {
        using var run = ExecutorHarness.Of(() => Workflow.DelayAsync(1000));

        CollectionAssert.AreEqual(new[] { "WorkflowCanceled" }, run.Run(ExecutorHarness.Cancel()));
    }

    [TestMethod]
    public void TryCancel_RequestsAndThrowsAtOnce()
    {
        using var run = Pending(ActivityCancellationType.TryCancel);

        CollectionAssert.AreEqual(new[] { "ActivityCancelRequested of event 3", "WorkflowCompleted" }, run.Run(ExecutorHarness.Cancel()));
        Assert.AreEqual("ActivityFailureException Work CancelRequested, canceled True", run.Result<string>());
    }

    [TestMethod]
    public void WaitCancellationCompleted_RequestsAndWaitsForTheAnswer()
    {
        using var run = Pending(ActivityCancellationType.WaitCancellationCompleted);

        CollectionAssert.AreEqual(new[] { "ActivityCancelRequested of event 3" }, run.Run(ExecutorHarness.Cancel()));
        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run(new ActivityCanceled(3, [])));
        Assert.AreEqual("ActivityFailureException Work CancelRequested, canceled True", run.Result<string>());
    }

    [TestMethod]
    public void WaitCancellationCompleted_AnActivityThatFinishesAllTheSameCounts()
    {
        using var run = Pending(ActivityCancellationType.WaitCancellationCompleted);

        run.Run(ExecutorHarness.Cancel());
        run.Run(new ActivityCompleted(3, null));
        Assert.AreEqual("done", run.Result<string>());
    }

    [TestMethod]
    public void Abandon_ThrowsAtOnceAndRequestsNothing()
    {
        using var run = Pending(ActivityCancellationType.Abandon);

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run(ExecutorHarness.Cancel()));
        Assert.AreEqual("ActivityFailureException Work CancelRequested, canceled True", run.Result<string>());
    }

    [TestMethod]
    public void ResultThatArrivesWithTheCancellation_IsTooLateBehindIt()
    {
        using var run = Pending(ActivityCancellationType.TryCancel);

        run.Run(ExecutorHarness.Cancel(), new ActivityCompleted(3, null));

        Assert.AreEqual("ActivityFailureException Work CancelRequested, canceled True", run.Result<string>());
    }

    [TestMethod]
    public void EverythingThatIsCancelledInItsOwnTask_LeavesNoEvents()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            using var cancel = new CancellationTokenSource();
            Task[] all =
            [
                Work(ActivityCancellationType.WaitCancellationCompleted, cancel.Token),
                Workflow.DelayAsync(1000, cancel.Token),
                Workflow.StartChildWorkflowAsync("Child", [], new() { CancellationToken = cancel.Token }),
                Workflow.GetExternalWorkflowHandle("other").SignalAsync("x", [], new() { CancellationToken = cancel.Token }),
                Workflow.WaitConditionAsync(() => false, TimeSpan.FromHours(1), cancel.Token),
            ];
            cancel.Cancel();
            var ends = new List<string>();
            foreach (var task in all)
            {
                ends.Add((await ExecutorHarness.CaughtAsync(() => task)).GetType().Name);
            }

            return (object?)ends;
        });

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run());
        CollectionAssert.AreEqual(
            new[] { "ActivityFailureException", "TaskCanceledException", "ChildWorkflowFailureException", "CanceledFailureException", "TaskCanceledException" },
            run.Result<string[]>());
    }

    [TestMethod]
    public void CancelledParts_AreToldInAFixedOrder()
    {
        using var run = ExecutorHarness.Of(() => Workflow.WhenAllAsync(
            Workflow.DelayAsync(1000), Work(ActivityCancellationType.WaitCancellationCompleted, null), Workflow.DelayAsync(2000)));

        run.Run();
        CollectionAssert.AreEqual(
            new[] { "TimerCanceled of event 5", "ActivityCancelRequested of event 4", "TimerCanceled of event 3" }, run.Run(ExecutorHarness.Cancel()));
        CollectionAssert.AreEqual(new[] { "WorkflowCanceled" }, run.Run(new ActivityCanceled(4, [])));
    }

    private static Task Work(ActivityCancellationType type, CancellationToken? token) => Workflow.ExecuteActivityAsync(
        "Work", [], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), CancellationType = type, CancellationToken = token });

    private static ExecutorHarness Pending(ActivityCancellationType type)
    {
        var run = ExecutorHarness.Of(async () =>
        {
            try
            {
                await Work(type, null);
                return (object?)"done";
            }
            catch (ActivityFailureException e)
            {
                return $"{e.GetType().Name} {e.ActivityType} {e.RetryState}, canceled {TemporalException.IsCanceledException(e)}";
            }
        });
        CollectionAssert.AreEqual(new[] { "ActivityScheduled 'Work' (id 1)" }, run.Run());
        return run;
    }
}
