using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class NondeterminismTests
{
    private static readonly ActivityOptions Minute = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };

    [TestMethod]
    public void AnotherActivity_IsNamedWithBothSides()
    {
        var failure = Mismatch(static () => Step("A"), static () => Step("B"));

        StringAssert.Contains(failure.Message, "Nondeterminism: event 3 is ActivityScheduled 'A' (id 1), but the code asked for ActivityScheduled 'B' (id 1).");
        StringAssert.Contains(failure.Message, "Workflow.Patched");
    }

    [TestMethod]
    public void AnotherKind_IsAMismatch() =>
        StringAssert.Contains(Mismatch(static () => Step("A"), static () => Workflow.DelayAsync(1)).Message, "but the code asked for TimerStarted 1.");

    [TestMethod]
    public void SomethingMissing_IsAMismatch() => StringAssert.Contains(
        Mismatch(static () => Step("A"), static () => Workflow.WaitConditionAsync(static () => false)).Message,
        "Nondeterminism: event 3 is ActivityScheduled 'A' (id 1), but the code asked for nothing there.");

    [TestMethod]
    public void SomethingMore_IsAMismatch() => StringAssert.Contains(
        Mismatch(static () => Step("A"), static () => Workflow.WhenAllAsync(Step("A"), Step("B"))).Message,
        "Nondeterminism: the history records nothing more for the task of event 2, but the code asked for ActivityScheduled 'B' (id 2).");

    [TestMethod]
    public void AnotherOrder_IsAMismatch() => Mismatch(
        static () => Workflow.WhenAllAsync(Step("A"), Step("B")), static () => Workflow.WhenAllAsync(Step("B"), Step("A")));

    [TestMethod]
    public void AnotherEnd_IsAMismatch() => StringAssert.Contains(
        Mismatch(static () => Task.CompletedTask, static () => throw new Exceptions.ApplicationFailureException("no")).Message,
        "Nondeterminism: event 3 is WorkflowCompleted, but the code asked for WorkflowFailed.");

    [TestMethod]
    public void OtherArgumentsAndOptions_AreNoMismatch()
    {
        using var run = ExecutorHarness.Of(static () => Workflow.ExecuteActivityAsync("A", [1], Minute));
        run.Run();

        run.ReplayWith(static async () =>
        {
            await Workflow.ExecuteActivityAsync("A", ["two", 3], new() { ScheduleToCloseTimeout = TimeSpan.FromHours(1), TaskQueue = "other" });
            return null;
        });
    }

    [TestMethod]
    public void AnotherDelay_IsNoMismatch()
    {
        using var run = ExecutorHarness.Of(static () => Workflow.DelayAsync(1000));
        run.Run();

        run.ReplayWith(static async () =>
        {
            await Workflow.DelayAsync(9000);
            return null;
        });
    }

    [TestMethod]
    public void CodeThatNowThrowsABug_FailsTheReplay()
    {
        using var run = ExecutorHarness.Of(static () => Workflow.DelayAsync(1000));
        run.Run();

        var failure = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.ReplayWith(static () => throw new FormatException("oops")));

        Assert.AreEqual(WorkflowTaskFailedCause.UnhandledException, failure.Cause);
        Assert.IsInstanceOfType<FormatException>(failure.InnerException);
    }

    [TestMethod]
    public void UnhandledException_RecordsNothing_AndTheMendedCodeGoesOn()
    {
        var broken = true;
        using var run = ExecutorHarness.Of(async () =>
        {
            await Workflow.DelayAsync(1000);
            return broken ? throw new InvalidOperationException("half done") : (object?)"mended";
        });
        run.Run();

        var failure = run.Fails(new TimerFired(3));
        Assert.AreEqual(WorkflowTaskFailedCause.UnhandledException, failure.Cause);
        StringAssert.Contains(failure.Message, "InvalidOperationException, which is not a workflow failure: half done");
        Assert.HasCount(3, run.History);

        broken = false;
        run.Fire(3);
        Assert.AreEqual("mended", run.Result<string>());
    }

    [TestMethod]
    public void ExceptionTypesThatCountAsFailures_FailTheWorkflow()
    {
        using var byDefinition = ExecutorHarness.Of<Strict>();
        CollectionAssert.AreEqual(new[] { "WorkflowFailed" }, byDefinition.Run());

        using var byOption = ExecutorHarness.Of(static () => throw new TimeZoneNotFoundException("none"), static o => o with { FailureExceptionTypes = [typeof(TimeZoneNotFoundException)] });
        CollectionAssert.AreEqual(new[] { "WorkflowFailed" }, byOption.Run());
        Assert.AreEqual("TimeZoneNotFoundException", ((ApplicationFailureInfo)byOption.Last<WorkflowFailed>().Failure.Info).Type);
    }

    [TestMethod]
    public void TerminatedHistory_ReplaysWithoutRunningAnything()
    {
        using var run = ExecutorHarness.Of(static () => Workflow.DelayAsync(1000));
        run.Run();
        using var executor = run.Replayed();

        executor.Replay([new WorkflowSignaled("late", []) { Id = 4 }, new WorkflowTerminated("enough", [], null) { Id = 5 }]);

        Assert.AreEqual(5, executor.LastEventId);
    }

    private static Task Step(string name) => Workflow.ExecuteActivityAsync(name, [], Minute);

    private static WorkflowTaskFailedException Mismatch(Func<Task> before, Func<Task> now)
    {
        using var run = ExecutorHarness.Of(before);
        run.Run();
        var failure = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.ReplayWith(async () =>
        {
            await now();
            return null;
        }));
        Assert.AreEqual(WorkflowTaskFailedCause.Nondeterminism, failure.Cause);
        return failure;
    }

    [Workflow(FailureExceptionTypes = [typeof(ArithmeticException)])]
    public class Strict
    {
        [WorkflowRun]
        public Task RunAsync() => throw new DivideByZeroException();
    }
}
