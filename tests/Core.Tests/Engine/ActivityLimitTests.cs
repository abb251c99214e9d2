using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Limits of single activity types: in a process, and in all processes together, whatever dies.</summary>
[TestClass]
public sealed class ActivityLimitTests
{
    private static readonly Type[] Types = [typeof(Charges), typeof(ChargesInTime)];
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly Till _till = new();

    [TestMethod]
    public async Task A_type_stays_within_its_places_in_a_process_and_keeps_no_other_type_waiting()
    {
        await using var host = new EngineHost(Types, new Cashier(_till, null), Options("one", new(2, null)));
        await host.StartAsync("Charges", "w", false, 20);
        Assert.AreEqual(20, await host.ResultAsync<int>("w"));
        Assert.AreEqual(2, _till.Most);
    }

    [TestMethod]
    public async Task A_type_stays_within_its_places_across_processes_and_leaves_no_rows()
    {
        var store = new MemoryHubStore(_time);
        await using var first = new EngineHost(Types, new Cashier(_till, null), Options("first", new(null, 3)), store, _time);
        await using var second = new EngineHost(Types, new Cashier(_till, null), Options("second", new(null, 3)), store, _time);
        for (var i = 0; i < 10; i++)
        {
            await (i % 2 == 0 ? first : second).StartAsync("Charges", $"w{i}", false, 5);
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.AreEqual(5, await first.ResultAsync<int>($"w{i}"));
        }

        Assert.AreEqual(50, _till.Done);
        Assert.IsLessThanOrEqualTo(3, _till.Most);
        Assert.AreEqual(1, _till.HighestAttempt, "waiting is no attempt");
        await first.UntilAsync(async () => (await PlacesAsync(store)).Count == 0, "no rows");
    }

    [TestMethod]
    public async Task Places_of_a_died_process_are_free_after_their_lease()
    {
        var memory = new MemoryHubStore(_time);
        var dying = new FaultyHubStore(memory, static (_, _) => Fault.None);
        var gate = new TaskCompletionSource();
        await using var first = new EngineHost(Types, new Cashier(new Till(), gate), Options("first", new(null, 2)), dying, _time);
        await first.StartAsync("Charges", "w", false, 4);
        await first.UntilAsync(async () => (await PlacesAsync(memory)).Count == 2, "two places taken");
        dying.Kill();
        var died = _time.GetUtcNow();
        await using var second = new EngineHost(Types, new Cashier(_till, null), Options("second", new(null, 2)), memory, _time);
        Assert.AreEqual(4, await second.ResultAsync<int>("w"));
        Assert.IsGreaterThanOrEqualTo(died + TimeSpan.FromSeconds(20), _till.FirstBegan!.Value, "the dead process's leases must end first");
        Assert.IsLessThanOrEqualTo(2, _till.Most);
        await second.UntilAsync(async () => (await PlacesAsync(memory)).Count == 0, "no rows");
        gate.SetResult();
    }

    [TestMethod]
    public async Task A_long_attempt_keeps_its_place()
    {
        var store = new MemoryHubStore(_time);
        var gate = new TaskCompletionSource();
        await using var first = new EngineHost(Types, new Cashier(_till, gate), Options("first", new(null, 1)), store, _time);
        await first.StartAsync("Charges", "w1", false, 1);
        await first.UntilAsync(() => Task.FromResult(_till.Now == 1), "the long attempt");
        await using var second = new EngineHost(Types, new Cashier(_till, null), Options("second", new(null, 1)), store, _time);
        await second.StartAsync("Charges", "w2", false, 3);
        await second.PassAsync(TimeSpan.FromMinutes(5));
        Assert.AreEqual(0, _till.Done);
        gate.SetResult();
        Assert.AreEqual(3, await second.ResultAsync<int>("w2"));
        Assert.AreEqual(1, _till.Most);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task A_long_attempt_keeps_its_place_whatever_becomes_of_an_answer(bool isApplied)
    {
        var memory = new MemoryHubStore(_time);
        var calls = 0;
        var shaky = new FaultyHubStore(memory, (_, what) => what == "Commit Timers" && ++calls is 2 or 5 ? isApplied ? Fault.FailAfter : Fault.FailBefore : Fault.None);
        var gate = new TaskCompletionSource();
        await using var first = new EngineHost(Types, new Cashier(_till, gate), Options("first", new(null, 1)), shaky, _time);
        await first.StartAsync("Charges", "w1", false, 1);
        await first.UntilAsync(() => Task.FromResult(_till.Now == 1), "the long attempt");
        await using var second = new EngineHost(Types, new Cashier(_till, null), Options("second", new(null, 1)), memory, _time);
        await second.StartAsync("Charges", "w2", false, 1);
        using (second.Hold())
        {
            // Each renewal gets its turn before time goes on.
            await second.UntilAsync(
                async () =>
                {
                    _time.Advance(TimeSpan.FromSeconds(5));
                    await Task.Delay(5);
                    return calls > 5;
                },
                "renewals");
        }

        Assert.AreEqual(0, _till.Done);
        gate.SetResult();
        Assert.AreEqual(1, await second.ResultAsync<int>("w2"));
        Assert.AreEqual(1, _till.Most);
        await second.UntilAsync(async () => (await PlacesAsync(memory)).Count == 0, "no rows");
    }

    [TestMethod]
    public async Task Who_meets_others_at_each_place_asks_again_after_a_pause()
    {
        var commits = 0;
        var busy = new FaultyHubStore(new MemoryHubStore(_time), (_, what) => what == "Commit Timers" && ++commits <= 4 ? Fault.Conflict : Fault.None);
        await using var host = new EngineHost(Types, new Cashier(_till, null), Options("first", new(null, 2)), busy, _time);
        await host.StartAsync("Charges", "w", false, 1);
        Assert.AreEqual(1, await host.ResultAsync<int>("w"));
        Assert.AreEqual(1, _till.HighestAttempt);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Who_has_lost_its_place_ends_its_attempt_and_leaves_the_place_to_its_new_holder(bool isTaken)
    {
        var memory = new MemoryHubStore(_time);
        var gate = new TaskCompletionSource();
        await using var host = new EngineHost(Types, new Cashier(_till, gate), Options("first", new(null, 1)), memory, _time);
        await host.StartAsync("Charges", "w", false, 1);
        await host.UntilAsync(() => Task.FromResult(_till.Now == 1), "the attempt");
        var row = (await PlacesAsync(memory))[0];
        var another = new PlaceRow("another", _time.GetUtcNow() + TimeSpan.FromDays(1)).Encode();
        await memory.Rows.CommitAsync(RowTable.Timers, SharedPlaces.PartitionOf("Charge"), [isTaken ? RowOperation.Replace(row.Key, another, row.Tag) : RowOperation.Delete(row.Key, row.Tag)], default);
        await host.PassAsync(TimeSpan.FromMinutes(2));
        gate.SetResult();

        Assert.AreEqual(1, await host.ResultAsync<int>("w"));
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        CollectionAssert.AreEqual(isTaken ? ["another"] : Array.Empty<string>(), (await PlacesAsync(memory)).Select(static r => PlaceRow.Of(r).Holder).ToArray());
    }

    [TestMethod]
    public async Task A_place_whose_row_is_damaged_is_free()
    {
        var memory = new MemoryHubStore(_time);
        await memory.InitializeAsync([], default);
        await memory.Rows.CommitAsync(RowTable.Timers, SharedPlaces.PartitionOf("Charge"), [RowOperation.Insert("0000", new byte[] { 1, 2, 3 })], default);
        await using var host = new EngineHost(Types, new Cashier(_till, null), Options("first", new(null, 1)), memory, _time);
        await host.StartAsync("Charges", "w", false, 1);
        Assert.AreEqual(1, await host.ResultAsync<int>("w"));
        await host.UntilAsync(async () => (await PlacesAsync(memory)).Count == 0, "no rows");
    }

    [TestMethod]
    public async Task Who_waits_too_long_for_a_place_has_not_started_in_time()
    {
        var gate = new TaskCompletionSource();
        await using var host = new EngineHost(Types, new Cashier(_till, gate), Options("one", new(null, 1)));
        await host.StartAsync("Charges", "w1", false, 1);
        await host.UntilAsync(() => Task.FromResult(_till.Now == 1), "the long attempt");
        await host.StartAsync("ChargesInTime", "w2", false);
        var close = await host.CloseAsync("w2");
        var failure = ((WorkflowFailed)close.Closed).Failure;
        Assert.AreEqual(Api.Enums.V1.TimeoutType.ScheduleToStart, ((TimeoutFailureInfo)failure.Cause!.Info).Type);
        gate.SetResult();
    }

    [TestMethod]
    public async Task A_type_without_a_limit_asks_storage_for_nothing()
    {
        var store = new FaultyHubStore(new MemoryHubStore(_time, hostilePages: false), static (_, _) => Fault.None);
        var options = EngineHost.Options with { ActivityLimits = Limits("Other", new(1, 1)) };
        await using (var host = new EngineHost(Types, new Cashier(_till, null), options, store, _time))
        {
            await host.StartAsync("Charges", "w", false, 5);
            await host.ResultAsync<int>("w");
            await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "quiet");
        }

        Assert.IsFalse(store.Calls.ContainsKey("Query Timers"), string.Join(", ", store.Calls.Keys));
    }

    [TestMethod]
    public void Enter_MoreUrgentWork_GoesBeforeOthersInLine()
    {
        var slots = new ActivitySlots(1, Limits("Charge", new(1, null)));
        var gate = new TaskCompletionSource();
        var order = new List<int?>();
        foreach (int? priority in (int?[])[null, 5, null, 1, 1, 3])
        {
            slots.Enter(Job("Charge", priority), () =>
            {
                order.Add(priority);
                return order.Count == 1 ? gate.Task : Task.CompletedTask;
            });
        }

        gate.SetResult();
        CollectionAssert.AreEqual(new int?[] { null, 1, 1, null, 3, 5 }, order);
    }

    private static ActivityJob Job(string type, int? priority) =>
        new("w", "r", 1, 1, new ActivityScheduled("1", type, "default", []) { Priority = new PriorityInfo(priority, null, null) })
        {
            WorkflowType = "W",
            ScheduledAt = DateTimeOffset.UnixEpoch,
        };

    private static EngineOptions Options(string identity, ActivityLimit limit) =>
        EngineHost.Options with { Identity = identity, ActivityLimits = Limits("Charge", limit) };

    private static Dictionary<string, ActivityLimit> Limits(string type, ActivityLimit limit) => new() { [type] = limit };

    private static async Task<IReadOnlyList<Row>> PlacesAsync(MemoryHubStore store)
    {
        var rows = new List<Row>();
        var query = new RowQuery(RowTable.Timers, SharedPlaces.PartitionOf("Charge"), "", null);
        do
        {
            var page = await store.Rows.QueryAsync(query, default);
            rows.AddRange(page.Rows);
            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);

        return rows;
    }

    /// <summary>Who is at it, over all processes.</summary>
    public sealed class Till
    {
        private readonly Lock _lock = new();

        public int Now { get; private set; }

        public int Most { get; private set; }

        public int Done { get; private set; }

        public int HighestAttempt { get; private set; }

        public DateTimeOffset? FirstBegan { get; private set; }

        public void Begin(ActivityInfo info)
        {
            lock (_lock)
            {
                Now++;
                Most = Math.Max(Most, Now);
                HighestAttempt = Math.Max(HighestAttempt, info.Attempt);
                FirstBegan ??= info.StartedTime;
            }
        }

        public void End()
        {
            lock (_lock)
            {
                Now--;
                Done++;
            }
        }
    }

    public sealed class Cashier(Till till, TaskCompletionSource? gate)
    {
        [Activity]
        public async Task<int> ChargeAsync()
        {
            till.Begin(ActivityExecutionContext.Current.Info);
            await (gate?.Task ?? Task.Delay(5));
            till.End();
            return 1;
        }
    }

    [Workflow]
    public class Charges
    {
        [WorkflowRun]
        public async Task<int> RunAsync(int count) => (await Workflow.WhenAllAsync(Enumerable.Range(0, count).Select(
            _ => Workflow.ExecuteActivityAsync((Cashier c) => c.ChargeAsync(), new() { StartToCloseTimeout = TimeSpan.FromHours(10) })))).Sum();
    }

    [Workflow]
    public class ChargesInTime
    {
        [WorkflowRun]
        public Task<int> RunAsync() => Workflow.ExecuteActivityAsync(
            (Cashier c) => c.ChargeAsync(),
            new() { ScheduleToStartTimeout = TimeSpan.FromSeconds(12), StartToCloseTimeout = TimeSpan.FromHours(10) });
    }
}
