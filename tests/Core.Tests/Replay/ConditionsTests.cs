using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class ConditionsTests
{
    [TestMethod]
    public void Condition_ThatHoldsAtOnce_GoesOnInTheSameTask()
    {
        using var run = ExecutorHarness.Of(() => Workflow.WaitConditionAsync(() => true));

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run());
    }

    [TestMethod]
    public void Condition_GoesOnAfterASignalMakesItTrue()
    {
        using var run = ExecutorHarness.Of<Counting>(3);

        Assert.IsEmpty(run.Run());
        Assert.IsEmpty(run.Run(ExecutorHarness.Signal("Add", 1), ExecutorHarness.Signal("Add", 1)));
        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run(ExecutorHarness.Signal("Add", 5)));
        Assert.AreEqual(7, run.Result<int>());
    }

    [TestMethod]
    public void Condition_WithTimeout_TrueCancelsTheTimer()
    {
        using var run = ExecutorHarness.Of<Patient>();

        CollectionAssert.AreEqual(new[] { "TimerStarted 1" }, run.Run());
        CollectionAssert.AreEqual(new[] { "TimerCanceled of event 3", "WorkflowCompleted" }, run.Run(ExecutorHarness.Signal("Go")));
        Assert.IsTrue(run.Result<bool>());
    }

    [TestMethod]
    public void Condition_WithTimeout_FalseWhenTimeIsOver()
    {
        using var run = ExecutorHarness.Of<Patient>();

        run.Run();
        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Fire(3));
        Assert.IsFalse(run.Result<bool>());
    }

    [TestMethod]
    public void Condition_WithTimeout_TrueAtOnceLeavesNoTimer()
    {
        using var run = ExecutorHarness.Of(async () => (object?)await Workflow.WaitConditionAsync(() => true, TimeSpan.FromMinutes(1)));

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run());
        Assert.IsTrue(run.Result<bool>());
    }

    [TestMethod]
    public void Condition_WithTimeout_CancelledThrowsAndCancelsTheTimer()
    {
        using var run = ExecutorHarness.Of<Patient>();

        run.Run();
        CollectionAssert.AreEqual(new[] { "TimerCanceled of event 3", "WorkflowCanceled" }, run.Run(ExecutorHarness.Cancel()));
    }

    [TestMethod]
    public void Conditions_OnlyTheFirstThatHoldsGoesOn_ThenAllAreLookedAtAgain()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var places = 1;
            var order = new List<string>();
            async Task TakeAsync(string name)
            {
                await Workflow.WaitConditionAsync(() => places > 0);
                places--;
                order.Add(name);
            }

            var all = Workflow.WhenAllAsync(TakeAsync("a"), TakeAsync("b"), TakeAsync("c"));
            await Workflow.DelayAsync(1);
            order.Add("free");
            places += 2;
            await all;
            return (object?)order;
        });

        run.Run();
        run.Fire(3);
        CollectionAssert.AreEqual(new[] { "a", "free", "b", "c" }, run.Result<string[]>());
    }

    [TestMethod]
    public void Condition_ThatThrows_FailsTheTaskAndNotTheWorkflow()
    {
        using var run = ExecutorHarness.Of(() => Workflow.WaitConditionAsync(() => throw new ApplicationFailureException("odd")));

        var failure = run.Fails();
        Assert.AreEqual(WorkflowTaskFailedCause.UnhandledException, failure.Cause);
        StringAssert.Contains(failure.Message, "odd");
    }

    [TestMethod]
    public void Condition_ThatAsksForSomething_FailsTheTask()
    {
        using var run = ExecutorHarness.Of(() => Workflow.WaitConditionAsync(() => Workflow.DelayAsync(1).IsCompleted));

        var failure = run.Fails();

        Assert.AreEqual(WorkflowTaskFailedCause.UnhandledException, failure.Cause);
        StringAssert.Contains(failure.Message, "a wait condition");
    }

    [TestMethod]
    public void Condition_OnTime_IsLookedAtInEveryTask()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var until = Workflow.UtcNow.AddMinutes(1);
            await Workflow.WaitConditionAsync(() => Workflow.UtcNow >= until);
        });

        run.Run();
        run.Now += TimeSpan.FromSeconds(59);
        Assert.IsEmpty(run.Run(ExecutorHarness.Signal("anything")));
        run.Now += TimeSpan.FromSeconds(1);
        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run(ExecutorHarness.Signal("anything")));
    }

    [Workflow]
    public class Counting
    {
        private int _sum;

        [WorkflowRun]
        public async Task<int> RunAsync(int until)
        {
            await Workflow.WaitConditionAsync(() => _sum >= until);
            return _sum;
        }

        [WorkflowSignal]
        public Task AddAsync(int value)
        {
            _sum += value;
            return Task.CompletedTask;
        }
    }

    [Workflow]
    public class Patient
    {
        private bool _go;

        [WorkflowRun]
        public Task<bool> RunAsync() => Workflow.WaitConditionAsync(() => _go, TimeSpan.FromMinutes(1));

        [WorkflowSignal]
        public Task GoAsync() => Task.FromResult(_go = true);
    }
}
