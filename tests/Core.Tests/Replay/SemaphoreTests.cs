using Serverless.Replay;
using Serverless.Workflows;
using Mutex = Serverless.Workflows.Mutex;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class SemaphoreTests
{
    [TestMethod]
    public void Places_go_from_hand_to_hand_in_the_order_of_asking()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var log = new List<string>();
            var mutex = new Mutex();
            async Task WorkAsync(string name)
            {
                await mutex.WaitOneAsync();
                log.Add("+" + name);
                await Workflow.DelayAsync(10);
                log.Add("-" + name);
                mutex.ReleaseMutex();
            }

            await Workflow.WhenAllAsync(WorkAsync("a"), WorkAsync("b"), WorkAsync("c"));
            return (object?)string.Concat(log);
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1" }, run.Run());
        CollectionAssert.AreEqual(new[] { "TimerStarted 2" }, run.Fire(3));
        CollectionAssert.AreEqual(new[] { "TimerStarted 3" }, run.Fire(6));
        run.Fire(9);
        Assert.AreEqual("+a-a+b-b+c-c", run.Result<string>());
    }

    [TestMethod]
    public void At_most_so_many_are_inside()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var semaphore = new Serverless.Workflows.Semaphore(2);
            var (inside, most) = (0, 0);
            async Task WorkAsync()
            {
                await semaphore.WaitAsync();
                most = Math.Max(most, ++inside);
                await Workflow.DelayAsync(10);
                inside--;
                semaphore.Release();
            }

            await Workflow.WhenAllAsync(Enumerable.Range(0, 5).Select(_ => WorkAsync()));
            return (object?)$"{most} {semaphore.CurrentCount} {semaphore.Max}";
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1", "TimerStarted 2" }, run.Run());
        for (var timer = 0; run.History[^1] is not Serverless.History.WorkflowCompleted; timer++)
        {
            run.Fire(run.History.OfType<Serverless.History.TimerStarted>().ElementAt(timer).Id);
        }

        Assert.AreEqual("2 2 2", run.Result<string>());
    }

    [TestMethod]
    public void Waiting_up_to_a_time_gives_up_and_leaves_the_queue()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var mutex = new Mutex();
            await mutex.WaitOneAsync();
            var first = await mutex.WaitOneAsync(1000);
            mutex.ReleaseMutex();
            var second = await mutex.WaitOneAsync(1000);
            return (object?)$"{first} {second}";
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1" }, run.Run());
        run.Fire(3);
        Assert.AreEqual("False True", run.Result<string>());
    }

    [TestMethod]
    public void Not_waiting_at_all_starts_no_timer()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var mutex = new Mutex();
            return (object?)$"{await mutex.WaitOneAsync(0)} {await mutex.WaitOneAsync(0)}";
        });

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run());
        Assert.AreEqual("True False", run.Result<string>());
    }

    [TestMethod]
    public void A_turn_that_comes_in_time_cancels_the_timer()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var mutex = new Mutex();
            await mutex.WaitOneAsync();
            var waiting = mutex.WaitOneAsync(60_000);
            await Workflow.DelayAsync(10);
            mutex.ReleaseMutex();
            return (object?)await waiting;
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1", "TimerStarted 2" }, run.Run());
        CollectionAssert.AreEqual(new[] { "TimerCanceled of event 3", "WorkflowCompleted" }, run.Fire(4));
        Assert.IsTrue(run.Result<bool>());
    }

    [TestMethod]
    public void Cancelling_a_wait_takes_it_out_of_the_queue()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var mutex = new Mutex();
            await mutex.WaitOneAsync();
            using var source = new CancellationTokenSource();
            var given = mutex.WaitOneAsync(source.Token);
            var last = mutex.WaitOneAsync();
            source.Cancel();
            mutex.ReleaseMutex();
            await last;
            return (object?)(await ExecutorHarness.CaughtAsync(() => given) is OperationCanceledException);
        });

        run.Run();
        Assert.IsTrue(run.Result<bool>());
    }

    [TestMethod]
    public void Giving_back_what_was_not_taken_is_refused()
    {
        using var run = ExecutorHarness.Of(() =>
        {
            new Mutex().ReleaseMutex();
            return Task.CompletedTask;
        });

        Assert.AreEqual(WorkflowTaskFailedCause.UnhandledException, run.Fails().Cause);
    }

    [TestMethod]
    public void Outside_of_a_workflow_there_is_none()
    {
        var e = Assert.ThrowsExactly<InvalidOperationException>(static () => new Mutex());
        StringAssert.StartsWith(e.Message, "Not in workflow");
    }
}
