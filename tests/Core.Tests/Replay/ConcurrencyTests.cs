using System.Threading.Channels;
using Serverless.History;
using Serverless.Workflows;
using Mutex = Serverless.Workflows.Mutex;
using Semaphore = Serverless.Workflows.Semaphore;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class ConcurrencyTests
{
    [TestMethod]
    public void WhenAny_GoesOnWithTheFirst()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var slow = SleepAsync("slow");
            var fast = SleepAsync("fast");
            var first = await Workflow.WhenAnyAsync(slow, fast);
            return (object?)await first;
        });

        run.Run();
        run.Run(new TimerFired(4));
        Assert.AreEqual("fast", run.Result<string>());
    }

    [TestMethod]
    public void WhenAll_GathersResultsInTheOrderOfTheTasks()
    {
        using var run = ExecutorHarness.Of(async () => (object?)await Workflow.WhenAllAsync(SleepAsync("a"), SleepAsync("b"), SleepAsync("c")));

        run.Run();
        run.Run(new TimerFired(5));
        run.Run(new TimerFired(4), new TimerFired(3));
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, run.Result<string[]>());
    }

    [TestMethod]
    public void PlainTaskCombinators_StayOnTheSchedulerToo()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var tasks = new[] { SleepAsync("a"), SleepAsync("b") };
            var first = await Task.WhenAny(tasks);
            var all = await Task.WhenAll(tasks);
            return (object?)$"{await first} {all.Length}";
        });

        run.Run();
        run.Run(new TimerFired(4));
        run.Run(new TimerFired(3));
        Assert.AreEqual("b 2", run.Result<string>());
    }

    [TestMethod]
    public void TasksThatGoOnAsynchronously_StayOnTheScheduler()
    {
        using var run = ExecutorHarness.Of<Asynchronous>();

        run.Run();
        run.Run(ExecutorHarness.Signal("Put", "a"));
        run.Run(ExecutorHarness.Signal("Put", "b"), ExecutorHarness.Signal("Put", "c"));
        run.Run(ExecutorHarness.Signal("Put", "d"));
        run.Run(ExecutorHarness.Signal("Put", "e"));
        run.Run(ExecutorHarness.Signal("Put", "f"));
        Assert.AreEqual("a bc d e f", run.Result<string>());
    }

    [TestMethod]
    public void TasksThatGoOnAsynchronously_KeepTheirFailures()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var failed = Source();
            var cancelled = Source();
            var all = Workflow.WhenAllAsync(failed.Task, cancelled.Task);
            var any = Workflow.WhenAnyAsync(cancelled.Task, Source().Task);
            failed.SetException([new InvalidOperationException("1"), new InvalidOperationException("2")]);
            cancelled.SetCanceled();
            var first = await any;
            await all.ContinueWith(static _ => { }, TaskScheduler.Current);
            return (object?)$"{first == cancelled.Task} {all.Exception!.InnerExceptions.Count} {Workflow.InWorkflow}";
        });

        run.Run();
        Assert.AreEqual("True 2 True", run.Result<string>());
    }

    [TestMethod]
    public void Mutex_LetsOneInAtATime_InTheOrderOfAsking()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var mutex = new Mutex();
            var log = new List<string>();
            async Task EnterAsync(string name)
            {
                await mutex.WaitOneAsync();
                log.Add($"+{name}");
                await Workflow.DelayAsync(1000);
                log.Add($"-{name}");
                mutex.ReleaseMutex();
            }

            await Workflow.WhenAllAsync(EnterAsync("a"), EnterAsync("b"), EnterAsync("c"));
            return (object?)string.Concat(log);
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1" }, run.Run());
        CollectionAssert.AreEqual(new[] { "TimerStarted 2" }, run.Fire(3));
        CollectionAssert.AreEqual(new[] { "TimerStarted 3" }, run.Fire(6));
        run.Fire(9);
        Assert.AreEqual("+a-a+b-b+c-c", run.Result<string>());
    }

    [TestMethod]
    public void Mutex_WaitWithTimeout_GivesUp()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var mutex = new Mutex();
            await mutex.WaitOneAsync();
            return (object?)await mutex.WaitOneAsync(TimeSpan.FromSeconds(1));
        });

        run.Run();
        run.Fire(3);
        Assert.IsFalse(run.Result<bool>());
    }

    [TestMethod]
    public void Semaphore_CountsPlaces()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var semaphore = new Semaphore(2);
            var peak = 0;
            async Task EnterAsync()
            {
                await semaphore.WaitAsync();
                peak = Math.Max(peak, semaphore.Max - semaphore.CurrentCount);
                await Workflow.DelayAsync(1000);
                semaphore.Release();
            }

            await Workflow.WhenAllAsync(Enumerable.Range(0, 5).Select(_ => EnterAsync()));
            var e = await ExecutorHarness.CaughtAsync(() =>
            {
                semaphore.Release();
                return Task.CompletedTask;
            });
            return (object?)$"{peak} {semaphore.CurrentCount} {e.GetType().Name}";
        });

        Assert.HasCount(2, run.Run());
        Assert.HasCount(2, run.Run(new TimerFired(3), new TimerFired(4)));
        Assert.HasCount(1, run.Run(new TimerFired(8), new TimerFired(9)));
        run.Fire(13);
        Assert.AreEqual("2 2 InvalidOperationException", run.Result<string>());
    }

    [TestMethod]
    public void Channels_PassValuesBetweenHandlersAndTheRunMethod()
    {
        using var run = ExecutorHarness.Of<Pump>();

        run.Run();
        run.Run(ExecutorHarness.Signal("Put", 1), ExecutorHarness.Signal("Put", 2));
        run.Run(ExecutorHarness.Signal("Put", 3));
        Assert.AreEqual(6, run.Result<int>());
    }

    [TestMethod]
    public void RunTask_RunsOnTheScheduler_AndTakesItsToken()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var value = await Workflow.RunTaskAsync(async () =>
            {
                await Workflow.DelayAsync(1000);
                return Workflow.InWorkflow;
            });
            var cancelled = Workflow.RunTaskAsync(() => Task.CompletedTask, new CancellationToken(true));
            var e = await ExecutorHarness.CaughtAsync(() => cancelled);
            return (object?)$"{value} {Exceptions.TemporalException.IsCanceledException(e)}";
        });

        run.Run();
        run.Fire(3);
        Assert.AreEqual("True True", run.Result<string>());
    }

    [TestMethod]
    public void ManyTimersAtOnce_AreAllAwaited()
    {
        using var run = ExecutorHarness.Of(async () => (object?)(await Workflow.WhenAllAsync(Enumerable.Range(0, 500).Select(i => SleepAsync($"{i}")))).Length);

        Assert.HasCount(500, run.Run());
        run.Run([.. Enumerable.Range(3, 500).Reverse().Select(static id => new TimerFired(id))]);
        Assert.AreEqual(500, run.Result<int>());
    }

    private static TaskCompletionSource<string> Source() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task<string> SleepAsync(string name)
    {
        await Workflow.DelayAsync(1000);
        return name;
    }

    [Workflow]
    public class Pump
    {
        private readonly Channel<int> _values = Channel.CreateUnbounded<int>();

        [WorkflowRun]
        public async Task<int> RunAsync()
        {
            var sum = 0;
            for (var i = 0; i < 3; i++)
            {
                sum += await _values.Reader.ReadAsync();
            }

            return sum;
        }

        [WorkflowSignal]
        public async Task PutAsync(int value) => await _values.Writer.WriteAsync(value);
    }

    [Workflow]
    public class Asynchronous
    {
        private readonly TaskCompletionSource<string>[] _sources = [.. Enumerable.Range(0, 6).Select(static _ => Source())];
        private int _given;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            var first = await await Workflow.WhenAnyAsync(_sources[0].Task, _sources[5].Task, SleepAsync("slow"));
            var two = await Workflow.WhenAllAsync(_sources[1].Task, _sources[2].Task);
            var unwrapped = await Workflow.RunTaskAsync(() => _sources[3].Task);
            var awaited = await _sources[4].Task;
            Task<Task> last = Workflow.WhenAnyAsync(new List<Task> { _sources[5].Task, Workflow.DelayAsync(1000) });
            await Workflow.WhenAllAsync(new List<Task> { last, _sources[5].Task });
            return $"{first} {string.Concat(two)} {unwrapped} {awaited} {await _sources[5].Task}";
        }

        [WorkflowSignal]
        public Task PutAsync(string value)
        {
            _sources[_given++].SetResult(value);
            return Task.CompletedTask;
        }
    }
}
