using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class SchedulerTests
{
    [TestMethod]
    public void TaskRun_IsReportedAtOnce()
    {
        using var run = ExecutorHarness.Of(async () => (object?)await Task.Run(() => 1));

        Left(run, "Task.Run");
    }

    [TestMethod]
    public void TaskRun_NotAwaited_IsReportedToo()
    {
        using var run = ExecutorHarness.Of(() =>
        {
            _ = Task.Run(() => 1);
            return Task.CompletedTask;
        });

        Left(run, "Task.Run");
    }

    [TestMethod]
    public void ConfigureAwaitFalse_OnAPendingStep_IsReportedWhenTheStepEnds()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            await Workflow.DelayAsync(1000).ConfigureAwait(false);
            return (object?)1;
        });

        run.Run();
        var failure = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.Fire(3));
        Assert.AreEqual(WorkflowTaskFailedCause.LeftScheduler, failure.Cause);
        StringAssert.Contains(failure.Message, "goes on outside of its scheduler: an await used ConfigureAwait(false)");
    }

    [TestMethod]
    public void ConfigureAwaitFalse_OnACompletedTask_DoesNoHarm()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            await Task.CompletedTask.ConfigureAwait(false);
            return (object?)Workflow.InWorkflow;
        });

        run.Run();
        Assert.IsTrue(run.Result<bool>());
    }

    [TestMethod]
    public void ForeignTask_ThatEndsBetweenTasks_IsReportedAndTold()
    {
        var foreign = new TaskCompletionSource();
        using var executor = Executor(() => foreign.Task);
        string? told = null;
        executor.OnViolation = violation => told = violation;
        executor.RunTask(First());
        Assert.IsNull(executor.Violation);

        foreign.SetResult();

        Assert.IsNotNull(told);
        Assert.AreEqual(told, executor.Violation);
        StringAssert.Contains(told, "Workflow.DelayAsync");
        var failure = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => executor.RunTask(First() with { Inputs = [ExecutorHarness.Signal("x")] }));
        Assert.AreEqual(WorkflowTaskFailedCause.LeftScheduler, failure.Cause);
    }

    [TestMethod]
    public void PlainCombinators_OfATaskThatGoesOnAsynchronously_NameTheCure()
    {
        Func<Task, Task>[] uses =
        [
            static task => Task.WhenAny(task, Workflow.DelayAsync(1000)),
            static task => Task.WhenAll(task, Task.CompletedTask),
            static task => Task.CompletedTask.ContinueWith(_ => task, TaskScheduler.Current).Unwrap(),
            static task => task.WaitAsync(Workflow.CancellationToken),
        ];
        foreach (var use in uses)
        {
            using var told = new ManualResetEventSlim();
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var executor = Executor(async () =>
            {
                var combined = AwaitAsync(use(source.Task));
                await Task.Yield();
                source.SetResult();
                await combined;
            });
            executor.OnViolation = _ => told.Set();
            try
            {
                executor.RunTask(First());
            }
            catch (WorkflowTaskFailedException e)
            {
                Assert.AreEqual(WorkflowTaskFailedCause.LeftScheduler, e.Cause);
            }

            Assert.IsTrue(told.Wait(TimeSpan.FromSeconds(30)), "the completion on the thread pool was not noticed");
            StringAssert.Contains(executor.Violation, "RunContinuationsAsynchronously");
            StringAssert.Contains(executor.Violation, "Workflow.WhenAnyAsync");
        }
    }

    [TestMethod]
    public void RealTimers_AreReportedAtOnce()
    {
        Func<Task>[] uses =
        [
            () => Task.Delay(TimeSpan.FromDays(1)),
            () => Workflow.DelayAsync(1000).WaitAsync(TimeSpan.FromDays(1)),
            () => Workflow.WaitConditionAsync(() => false, new CancellationTokenSource(TimeSpan.FromDays(1)).Token),
            async () => await new PeriodicTimer(TimeSpan.FromDays(1)).WaitForNextTickAsync(),
        ];
        foreach (var use in uses)
        {
            using var run = ExecutorHarness.Of(use);
            Left(run, "set a real timer: by Task.Delay, WaitAsync with a time, CancelAfter or the like. It does not outlive this process. Use Workflow.DelayAsync");
        }
    }

    [TestMethod]
    public void RealTimer_WithTracingOff_IsReportedWhenItEnds()
    {
        using var reported = new ManualResetEventSlim();
        using var executor = Executor(() => Workflow.Unsafe.WithTracingEventListenerDisabled(() => Task.Delay(20)));
        executor.OnViolation = _ => reported.Set();

        executor.RunTask(First());

        Assert.IsTrue(reported.Wait(TimeSpan.FromSeconds(30)), "the end of Task.Delay was not noticed");
    }

    [TestMethod]
    public void TaskYieldAndContinuations_StayOnTheScheduler()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var order = new List<int>();
            var first = Workflow.RunTaskAsync(async () =>
            {
                order.Add(1);
                await Task.Yield();
                order.Add(3);
            });
            var second = Workflow.RunTaskAsync(() =>
            {
                order.Add(2);
                return Task.CompletedTask;
            });
            await Workflow.WhenAllAsync(first, second);
            await Task.CompletedTask.ContinueWith(_ => order.Add(4), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Current);
            return (object?)order;
        });

        run.Run();
        CollectionAssert.AreEqual(new[] { 1, 2, 3, 4 }, run.Result<int[]>());
    }

    [TestMethod]
    public void Workflow_OutsideOfWorkflowCode_SaysSo()
    {
        Assert.IsFalse(Workflow.InWorkflow);
        foreach (var use in (Action[])[() => _ = Workflow.Info, () => _ = Workflow.UtcNow, () => Workflow.DelayAsync(1), () => Workflow.Patched("x"), () => Workflow.NewGuid()])
        {
            var e = Assert.ThrowsExactly<InvalidOperationException>(use);
            StringAssert.Contains(e.Message, "outside of workflow code");
        }
    }

    [TestMethod]
    public void AbandonedExecutor_StopsItsCodeAtTheNextCall()
    {
        using var executor = Executor(async () => await Workflow.DelayAsync(1));
        executor.Abandon();

        var failure = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => executor.RunTask(First()));

        StringAssert.Contains(failure.Message, "given up");
    }

    [TestMethod]
    public void TracingDisabled_LetsForeignWorkBe()
    {
        using var run = ExecutorHarness.Of(() =>
        {
            Workflow.Unsafe.WithTracingEventListenerDisabled(() => { Task.Run(() => 1); });
            return Task.FromResult<object?>(2);
        });

        run.Run();
        Assert.AreEqual(2, run.Result<int>());
    }

    private static async Task AwaitAsync(Task task) => await task;

    private static void Left(ExecutorHarness run, string message)
    {
        var failure = run.Fails();
        Assert.AreEqual(WorkflowTaskFailedCause.LeftScheduler, failure.Cause);
        StringAssert.Contains(failure.Message, message);
        Assert.IsEmpty(run.History);
    }

    private static WorkflowExecutor Executor(Func<Task> body)
    {
        using var harness = ExecutorHarness.Of(body);
        return harness.ReplayWith(ExecutorHarness.Scripting(async () =>
        {
            await body();
            return null;
        }));
    }

    private static WorkflowTaskInput First() =>
        new([new History.WorkflowStarted("Scripted", "default", []) { Time = ExecutorHarness.Begin }], ExecutorHarness.Begin, "test", null, 0);
}
