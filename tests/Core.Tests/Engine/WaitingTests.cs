using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Replay;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Visibility;

namespace Serverless.Tests.Engine;

/// <summary>How long is waited for storage and clocks, and what is remembered meanwhile.</summary>
[TestClass]
public sealed class WaitingTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [TestMethod]
    [DataRow(1_000, 1_000)]
    [DataRow(60_000, 5_000)]
    public async Task Throttled_call_is_repeated_after_as_long_as_the_service_asks_up_to_five_seconds(int asked, int waited)
    {
        var calls = 0;
        var retry = new StorageRetry(_time, new IdSource(_time, new Random(1)));
        var call = retry.WriteAsync(
            () => ++calls == 1 ? throw new StorageException("busy", StorageOutcome.NotApplied, TimeSpan.FromMilliseconds(asked)) : ValueTask.FromResult(calls), default);

        _time.Advance(TimeSpan.FromMilliseconds(waited - 1));
        Assert.AreEqual(1, calls);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.AreEqual(2, await call);
    }

    [TestMethod]
    public async Task WaitAsync_TimeThatIsOverAlready_IsNoWait()
    {
        await _time.WaitAsync(new TaskCompletionSource().Task, TimeSpan.FromDays(-1));
        var waiting = _time.WaitAsync(new TaskCompletionSource().Task, TimeSpan.MaxValue);
        Assert.IsFalse(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromDays(1));
        await waiting;
    }

    [TestMethod]
    public void Put_SecondRunOfAnId_TakesThePlaceOfTheFirst()
    {
        var cache = new WorkflowCache(2);
        var (first, second, other) = (Run("w"), Run("w"), Run("other"));
        cache.Put(first);
        cache.Put(other);
        cache.Put(second);

        Assert.IsTrue(((Unused)first.Executor!).IsDisposed);
        Assert.IsFalse(((Unused)other.Executor!).IsDisposed);
        Assert.AreSame(second, cache.Take("w"));
        Assert.IsNull(cache.Take("w"));
        Assert.IsTrue(cache.Contains("other"));
    }

    [TestMethod]
    public async Task Timer_of_an_hour_is_set_once_and_the_memory_of_it_is_bounded()
    {
        var store = new FaultyHubStore(new MemoryHubStore(_time), static (_, _) => Fault.None);
        await store.InitializeAsync(WorkflowEngine.Queues, default);
        var ids = new IdSource(_time, new Random(1));
        var retry = new StorageRetry(_time, ids);
        var timers = new RetentionTimers(
            EngineHost.Options with { Retention = TimeSpan.FromDays(1) }, new TimerService(store, new TimerBuckets(store, _time, ids, retry), _time, retry, new EngineLimits()));
        var begin = _time.GetUtcNow() - TimeSpan.FromDays(1_000);
        await timers.ArmAsync(Closed(begin), default);
        await timers.ArmAsync(Closed(begin + TimeSpan.FromMinutes(59)), default);
        Assert.AreEqual(1, store.Count, "one hour, one timer");

        for (var hour = 1; hour <= 1_000; hour++)
        {
            await timers.ArmAsync(Closed(begin + TimeSpan.FromHours(hour)), default);
        }

        await timers.ArmAsync(Closed(begin), default);
        Assert.AreEqual(1_002, store.Count, "forgotten, it is set again: that is harmless");
    }

    private static LiveRun Run(string id)
    {
        var run = LiveRun.FromHistory(id, [new WorkflowStarted("Type", "default", []) { Id = 1, RunId = "r" }]);
        run.Executor = new Unused();
        return run;
    }

    private static RunState Closed(DateTimeOffset time)
    {
        var state = new RunState();
        state.Apply(new WorkflowStarted("Type", "default", []) { Id = 1, RunId = "r", Time = time, FirstRunStarted = time });
        state.Apply(new WorkflowTerminated(null, [], "me") { Id = 2, Time = time });
        return state;
    }

    private sealed class Unused : IWorkflowExecutor
    {
        public bool IsDisposed { get; private set; }

        public long LastEventId => 1;

        public string? Violation => null;

        public Action<string>? OnViolation { get; set; }

        public void Replay(IReadOnlyList<HistoryEvent> events) => throw new NotSupportedException();

        public WorkflowTaskOutcome RunTask(WorkflowTaskInput input) => throw new NotSupportedException();

        public Payload? Query(string name, IReadOnlyList<Payload> args, IReadOnlyDictionary<string, Payload> headers) => throw new NotSupportedException();

        public void Abandon() => IsDisposed = true;

        public void Dispose() => IsDisposed = true;
    }
}
