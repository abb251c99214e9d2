using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Acknowledged messages are applied once and in order; messages that arrive twice, or at two processes at once, change nothing.</summary>
[TestClass]
public sealed class MessageFaultTests
{
    private static readonly Type[] Types = [typeof(Hello), typeof(Chain), typeof(FanOut), typeof(Sleeper), typeof(Collector), typeof(Parent), typeof(Roller)];

    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [TestMethod]
    public async Task Acknowledged_signals_are_applied_once_and_in_order_whatever_single_fault_hits_them()
    {
        foreach (var fault in Faults.All)
        {
            for (var at = 1; await SignalsAsync(fault, at); at++)
            {
            }
        }
    }

    [TestMethod]
    [DataRow("Hello", "x")]
    [DataRow("Chain", 5)]
    [DataRow("FanOut", 20)]
    [DataRow("Sleeper", 30.0)]
    [DataRow("Sleeper", 5000.0)]
    [DataRow("Parent", "kid")]
    [DataRow("Roller", 3)]
    public async Task Everything_delivered_twice_to_two_processes_happens_once(string type, object arg)
    {
        var time = new FakeTimeProvider(Noon);
        var memory = new MemoryHubStore(time);
        var twice = new FaultyHubStore(memory, static (_, _) => Fault.None) { DuplicateSends = true };
        var steps = new Steps();
        await using var first = new EngineHost(Types, steps, EngineHost.Options, twice, time);
        await using var second = new EngineHost(Types, steps, EngineHost.Options with { Identity = "second" }, twice, time);
        await first.StartAsync(type, "w", false, arg);
        var close = await second.CloseAsync("w");
        Assert.IsInstanceOfType<WorkflowCompleted>(close.Closed);
        var history = await second.Engine.Reader.ReadHistoryAsync(new WorkflowRef("w"), 0, TimeSpan.Zero, default);
        CollectionAssert.AreEqual(Enumerable.Range(1, history.Count).ToList(), history.Select(e => (int)e.Id).ToList());
        var scheduled = history.OfType<ActivityScheduled>().Count();
        Assert.AreEqual(scheduled, history.OfType<ActivityClosed>().Select(e => e.ScheduledEventId).Distinct().Count());
        Assert.AreEqual(scheduled, history.OfType<ActivityClosed>().Count());
    }

    [TestMethod]
    public async Task An_activity_of_one_attempt_begins_once_though_its_message_is_delivered_twice()
    {
        var time = new FakeTimeProvider(Noon);
        var memory = new MemoryHubStore(time);
        var twice = new FaultyHubStore(memory, static (_, _) => Fault.None) { DuplicateSends = true };
        var counter = new Counter();
        await using var first = new EngineHost([typeof(OnceEach)], counter, EngineHost.Options with { CachedRuns = 0 }, twice, time);
        await using var second = new EngineHost([typeof(OnceEach)], counter, EngineHost.Options with { CachedRuns = 0, Identity = "second" }, twice, time);
        for (var i = 0; i < 10; i++)
        {
            await first.StartAsync("OnceEach", $"w{i}", false);
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.AreEqual(3, await second.ResultAsync<int>($"w{i}"));
            Assert.AreEqual("1 1 1", counter.BeginsOf($"w{i}"));
            var held = await memory.Rows.QueryAsync(new RowQuery(RowTable.Workflows, WorkflowKey.Partition($"w{i}"), JournalKeys.HeldPrefix, "held;"), default);
            Assert.IsEmpty(held.Rows);
        }
    }

    [TestMethod]
    public async Task An_activity_of_one_attempt_whose_holder_died_is_lost()
    {
        var time = new FakeTimeProvider(Noon);
        var memory = new MemoryHubStore(time);
        var counter = new Counter { Pauses = true };
        await using (var dying = new EngineHost([typeof(OnceEach)], counter, EngineHost.Options with { CachedRuns = 0 }, memory, time))
        {
            await dying.StartAsync("OnceEach", "w", false);
            await dying.UntilAsync(() => Task.FromResult(counter.BeginsOf("w") == "1"), "the attempt");
        }

        await using var second = new EngineHost([typeof(OnceEach)], counter, EngineHost.Options with { CachedRuns = 0, Identity = "second" }, memory, time);
        var failure = ((WorkflowFailed)(await second.CloseAsync("w")).Closed).Failure;
        Assert.AreEqual(Api.Enums.V1.TimeoutType.StartToClose, ((TimeoutFailureInfo)failure.Cause!.Info).Type);
        Assert.AreEqual("1", counter.BeginsOf("w"));
    }

    private static async Task<bool> SignalsAsync(Fault fault, int at)
    {
        var time = new FakeTimeProvider(Noon);
        var memory = new MemoryHubStore(time, seed: at);
        var faulty = new FaultyHubStore(memory, (n, _) => n == at ? fault : Fault.None);
        await using var first = new EngineHost(Types, null, EngineHost.Options, faulty, time);
        var acknowledged = new List<int>();
        var started = await TryAsync(() => first.StartAsync("Collector", "w", false));
        for (var i = 0; i < 6 && started; i++)
        {
            var value = i;
            if (await TryAsync(async () =>
            {
                await first.SignalAsync("w", "Add", value);
                return true;
            }))
            {
                acknowledged.Add(value);
            }
        }

        await using var second = new EngineHost(Types, null, EngineHost.Options with { Identity = "second" }, memory, time);
        if (!started)
        {
            await TryAsync(() => second.StartAsync("Collector", "w", false));
        }

        await second.SignalAsync("w", "Finish");
        var seen = await second.ResultAsync<List<int>>("w");
        var context = $"{fault} at call {at}: acknowledged {string.Join(",", acknowledged)}, seen {string.Join(",", seen)}";
        CollectionAssert.AreEqual(seen.Distinct().Order().ToList(), seen, context);
        CollectionAssert.IsSubsetOf(acknowledged, seen, context);
        return faulty.Count >= at;
    }

    private static async Task<bool> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            var running = call();
            if (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(10))) != running)
            {
                return false;
            }

            await running;
            return true;
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException or WorkflowServiceException)
        {
            return false;
        }
    }

    [Workflow]
    public class OnceEach
    {
        [WorkflowRun]
        public async Task<int> RunAsync()
        {
            for (var i = 0; i < 3; i++)
            {
                await Workflow.ExecuteActivityAsync(
                    (Counter c) => c.BeginAsync(i),
                    new() { DisableEagerActivityExecution = true, StartToCloseTimeout = TimeSpan.FromDays(1), RetryPolicy = new() { MaximumAttempts = 1 } });
            }

            return 3;
        }
    }

    public sealed class Counter
    {
        private readonly ConcurrentDictionary<(string, int), int> _begins = new();

        public bool Pauses { get; init; }

        public string BeginsOf(string workflowId) => string.Join(' ', _begins.Where(b => b.Key.Item1 == workflowId).OrderBy(static b => b.Key.Item2).Select(static b => b.Value));

        [Activity]
        public async Task BeginAsync(int step)
        {
            var context = ActivityExecutionContext.Current;
            _begins.AddOrUpdate((context.Info.WorkflowId!, step), 1, static (_, count) => count + 1);
            await Task.Yield();
            await (Pauses ? new TaskCompletionSource().Task : Task.CompletedTask);
        }
    }
}
