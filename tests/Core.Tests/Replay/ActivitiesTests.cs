using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class ActivitiesTests
{
    private static readonly ActivityOptions Minute = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };

    [TestMethod]
    public void Activity_IsScheduledWithItsOptions_AndItsResultGoesOn()
    {
        using var run = ExecutorHarness.Of(async () => (object?)await Workflow.ExecuteActivityAsync(
            static (Bank b) => b.Withdraw("alice", 5),
            new()
            {
                StartToCloseTimeout = TimeSpan.FromMinutes(1),
                ScheduleToCloseTimeout = TimeSpan.FromMinutes(5),
                ScheduleToStartTimeout = TimeSpan.FromMinutes(2),
                HeartbeatTimeout = TimeSpan.FromSeconds(5),
                RetryPolicy = new RetryPolicy { MaximumAttempts = 3 },
                TaskQueue = "bank",
                Summary = "take five",
                Priority = new Priority(2),
                CancellationType = ActivityCancellationType.Abandon,
            }));

        CollectionAssert.AreEqual(new[] { "ActivityScheduled 'Withdraw' (id 1)" }, run.Run());
        var scheduled = run.Last<ActivityScheduled>();
        Assert.AreEqual(TimeSpan.FromMinutes(1), scheduled.StartToCloseTimeout);
        Assert.AreEqual(TimeSpan.FromMinutes(5), scheduled.ScheduleToCloseTimeout);
        Assert.AreEqual(TimeSpan.FromMinutes(2), scheduled.ScheduleToStartTimeout);
        Assert.AreEqual(TimeSpan.FromSeconds(5), scheduled.HeartbeatTimeout);
        Assert.AreEqual(3, scheduled.RetryPolicy!.MaximumAttempts);
        Assert.AreEqual("bank", scheduled.TaskQueue);
        Assert.AreEqual("take five", scheduled.Summary);
        Assert.AreEqual(2, scheduled.Priority!.PriorityKey);
        Assert.AreEqual(ActivityCancellationType.Abandon, scheduled.CancellationType);
        Assert.IsFalse(scheduled.IsLocal);
        Assert.AreEqual("alice", ExecutorHarness.Of<string>(scheduled.Args[0]));
        run.Run(new ActivityCompleted(3, ExecutorHarness.Value(95)));
        Assert.AreEqual(95, run.Result<int>());
    }

    [TestMethod]
    public void Activity_WithoutTimeouts_IsRefusedWithTheCure()
    {
        using var run = ExecutorHarness.Of(() => Workflow.ExecuteActivityAsync(static (Bank b) => b.Log("x"), new()));

        var failure = run.Fails();

        Assert.IsInstanceOfType<ArgumentException>(failure.InnerException);
        StringAssert.Contains(failure.Message, "'Log' needs StartToCloseTimeout or ScheduleToCloseTimeout");
    }

    [TestMethod]
    public void Activities_GetIdsByOrder_UnlessGivenOne_AndTheRunsQueue()
    {
        using var run = ExecutorHarness.Of(() => Workflow.WhenAllAsync(
            Workflow.ExecuteActivityAsync(static (Bank b) => b.Log("a"), Minute),
            Workflow.ExecuteActivityAsync("ByName", ["b"], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), ActivityId = "mine" }),
            Workflow.ExecuteActivityAsync(() => Bank.AuditAsync(), Minute)));

        CollectionAssert.AreEqual(
            new[] { "ActivityScheduled 'Log' (id 1)", "ActivityScheduled 'ByName' (id mine)", "ActivityScheduled 'Audit' (id 3)" }, run.Run());
        Assert.AreEqual("default", run.Last<ActivityScheduled>().TaskQueue);
        run.Run(new ActivityCompleted(4, null));
        run.Run(new ActivityCompleted(5, null), new ActivityCompleted(3, null));
        run.Last<WorkflowCompleted>();
    }

    [TestMethod]
    public void LocalActivity_IsMarkedSo()
    {
        using var run = ExecutorHarness.Of(async () => (object?)await Workflow.ExecuteLocalActivityAsync(
            static (Bank b) => b.Withdraw("bob", 1), new() { ScheduleToCloseTimeout = TimeSpan.FromSeconds(3) }));

        run.Run();
        Assert.IsTrue(run.Last<ActivityScheduled>().IsLocal);
        run.Run(new ActivityCompleted(3, ExecutorHarness.Value(7)));
        Assert.AreEqual(7, run.Result<int>());
    }

    [TestMethod]
    public void FailedActivity_ThrowsAnActivityFailure_WithTheCauseInside()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var e = (ActivityFailureException)await ExecutorHarness.CaughtAsync(() => Workflow.ExecuteActivityAsync(static (Bank b) => b.Log("x"), Minute));
            var cause = (ApplicationFailureException)e.InnerException!;
            return (object?)$"{e.ActivityType} {e.ActivityId} {e.RetryState} {e.Identity}: {cause.ErrorType} {cause.Message}";
        });

        run.Run();
        run.Run(new ActivityFailed(3, new Failure("paper jam", new ApplicationFailureInfo("Printer", false)), RetryState.MaximumAttemptsReached) { Identity = "host" });

        Assert.AreEqual("Log 1 MaximumAttemptsReached host: Printer paper jam", run.Result<string>());
    }

    [TestMethod]
    public void FailedActivity_NotCaught_FailsTheWorkflowWithIt()
    {
        using var run = ExecutorHarness.Of(() => Workflow.ExecuteActivityAsync(static (Bank b) => b.Log("x"), Minute));

        run.Run();
        CollectionAssert.AreEqual(
            new[] { "WorkflowFailed" }, run.Run(new ActivityFailed(3, new Failure("no", new ApplicationFailureInfo("T", true)), RetryState.NonRetryableFailure)));

        var failure = run.Last<WorkflowFailed>().Failure;
        Assert.AreEqual("Log", ((ActivityFailureInfo)failure.Info).ActivityType);
        Assert.AreEqual("no", failure.Cause!.Message);
    }

    [TestMethod]
    public void TimedOutActivity_ThrowsWithATimeoutInside()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var e = await ExecutorHarness.CaughtAsync(() => Workflow.ExecuteActivityAsync(static (Bank b) => b.Log("x"), Minute));
            return (object?)((TimeoutFailureException)e.InnerException!).TimeoutType;
        });

        run.Run();
        run.Run(new ActivityTimedOut(3, new Failure("late", new TimeoutFailureInfo(TimeoutType.Heartbeat)), RetryState.Timeout));

        Assert.AreEqual(TimeoutType.Heartbeat, run.Result<TimeoutType>());
    }

    [TestMethod]
    public void ActivityResult_OfAnotherForm_FailsTheTask()
    {
        using var run = ExecutorHarness.Of(async () => (object?)await Workflow.ExecuteActivityAsync(static (Bank b) => b.Withdraw("x", 1), Minute));

        run.Run();
        Assert.IsNotNull(run.Fails(new ActivityCompleted(3, ExecutorHarness.Value("not a number"))).InnerException);
    }

    [TestMethod]
    public void Result_OfAnActivityThatIsNotPending_DoesNothing()
    {
        using var run = ExecutorHarness.Of(async () => (object?)await Workflow.ExecuteActivityAsync(static (Bank b) => b.Withdraw("x", 1), Minute));

        run.Run();
        Assert.IsEmpty(run.Run(new ActivityCompleted(99, null)));
        run.Run(new ActivityCompleted(3, ExecutorHarness.Value(1)));
        Assert.AreEqual(1, run.Result<int>());
    }

    public sealed class Bank
    {
        [Activity]
        public static Task AuditAsync() => Task.CompletedTask;

        [Activity]
        public int Withdraw(string name, int amount) => amount - name.Length;

        [Activity]
        public void Log(string line) => Console.WriteLine(line);
    }
}
