using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class TimersTests
{
    [TestMethod]
    public void Delay_StartsATimerAndGoesOnWhenItFires()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var before = Workflow.UtcNow;
            await Workflow.DelayAsync(TimeSpan.FromMinutes(5));
            return Workflow.UtcNow - before;
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1" }, run.Run());
        Assert.AreEqual(TimeSpan.FromMinutes(5), run.Last<TimerStarted>().Delay);
        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Fire(3));
        Assert.AreEqual(TimeSpan.FromMinutes(5), run.Result<TimeSpan>());
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.3)]
    public void Delay_BelowAMillisecond_IsAMillisecond(double milliseconds)
    {
        using var run = ExecutorHarness.Of(() => Workflow.DelayAsync(TimeSpan.FromMilliseconds(milliseconds)));

        run.Run();

        Assert.AreEqual(TimeSpan.FromMilliseconds(1), run.Last<TimerStarted>().Delay);
    }

    [TestMethod]
    public void Delay_Infinite_HasNoTimerAndEndsByCancellation()
    {
        using var run = ExecutorHarness.Of(() => Workflow.DelayAsync(Timeout.InfiniteTimeSpan));

        Assert.IsEmpty(run.Run());
        CollectionAssert.AreEqual(new[] { "WorkflowCanceled" }, run.Run(ExecutorHarness.Cancel()));
    }

    [TestMethod]
    public void Delay_Negative_IsRefused()
    {
        using var run = ExecutorHarness.Of(() => Workflow.DelayAsync(TimeSpan.FromSeconds(-3)));

        var failure = run.Fails();

        Assert.IsInstanceOfType<ArgumentException>(failure.InnerException);
    }

    [TestMethod]
    public void Delay_WithSummary_IsRecordedWithIt()
    {
        using var run = ExecutorHarness.Of(() => Workflow.DelayWithOptionsAsync(new DelayOptions(TimeSpan.FromDays(400)) { Summary = "until next year" }));

        run.Run();

        Assert.AreEqual("until next year", run.Last<TimerStarted>().Summary);
    }

    [TestMethod]
    public void Delay_CancelledInALaterTask_CancelsTheTimer()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            using var cancel = new CancellationTokenSource();
            var goOn = false;
            Workflow.Signals["go"] = WorkflowSignalDefinition.CreateWithoutAttribute("go", () => Task.FromResult(goOn = true));
            var delay = Workflow.DelayAsync(TimeSpan.FromHours(1), cancel.Token);
            await Workflow.WaitConditionAsync(() => goOn);
            cancel.Cancel();
            return (object?)TemporalException.IsCanceledException(await ExecutorHarness.CaughtAsync(() => delay));
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1" }, run.Run());
        CollectionAssert.AreEqual(new[] { "TimerCanceled of event 3", "WorkflowCompleted" }, run.Run(ExecutorHarness.Signal("go")));
    }

    [TestMethod]
    public void Delay_CancelledInTheSameTask_LeavesNothing()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            using var cancel = new CancellationTokenSource();
            var delay = Workflow.DelayAsync(TimeSpan.FromHours(1), cancel.Token);
            var other = Workflow.DelayAsync(TimeSpan.FromHours(2));
            cancel.Cancel();
            await other;
            return (object?)delay.IsCanceled;
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 2" }, run.Run());
        run.Fire(3);
        Assert.IsTrue(run.Result<bool>());
    }

    [TestMethod]
    public void Delay_WithATokenCancelledBefore_Throws()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            try
            {
                await Workflow.DelayAsync(1, new CancellationToken(true));
                return "slept";
            }
            catch (Exception e) when (TemporalException.IsCanceledException(e))
            {
                return (object?)"cancelled";
            }
        });

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run());
        Assert.AreEqual("cancelled", run.Result<string>());
    }

    [TestMethod]
    public void Timers_FireInWhateverOrderTheyArrive()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var order = new List<int>();
            async Task SleepAsync(int n)
            {
                await Workflow.DelayAsync(n * 1000);
                order.Add(n);
            }

            await Workflow.WhenAllAsync(Enumerable.Range(1, 4).Select(SleepAsync));
            return (object?)order;
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1", "TimerStarted 2", "TimerStarted 3", "TimerStarted 4" }, run.Run());
        run.Run(new TimerFired(5), new TimerFired(3));
        run.Run(new TimerFired(6), new TimerFired(4));
        CollectionAssert.AreEqual(new[] { 3, 1, 4, 2 }, run.Result<int[]>());
    }

    [TestMethod]
    public void UtcNow_NeverGoesBack_ThoughTheClockDoes()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var times = new List<DateTime> { Workflow.UtcNow };
            await Workflow.DelayAsync(1000);
            times.Add(Workflow.UtcNow);
            return (object?)times;
        });

        run.Run();
        run.Now -= TimeSpan.FromHours(1);
        run.Run(new TimerFired(3));

        var times = run.Result<DateTime[]>();
        Assert.AreEqual(times[0], times[1]);
    }
}
