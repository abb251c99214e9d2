using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Engine;

/// <summary>Storage requests are the cost and the speed limit: they are counted, and more of them fail the build.</summary>
[TestClass]
public sealed class BudgetTests
{
    private static readonly Type[] Types = [typeof(Hello), typeof(Chain), typeof(FanOut), typeof(Sleeper), typeof(Cancellable)];

    [TestMethod]
    [DataRow("Hello", "x", false, 6.0)]
    [DataRow("Hello", "x", true, 3.0)]
    [DataRow("Chain", 10, false, 17.0)]
    [DataRow("Chain", 10, true, 15.0)]
    [DataRow("Sleeper", 5.0, false, 13.0)]
    public async Task A_burst_of_100_stays_within_the_budget_for_each(string type, object arg, bool eager, double budget)
    {
        var (host, store) = Create(jumps: !eager);
        await using (host)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(i => host.StartAsync(type, $"w{i}", eager, arg)));
            await SettleAsync(host);
            Check(store, 100, budget);
            for (var i = 0; i < 100; i++)
            {
                await host.CloseAsync($"w{i}");
            }
        }
    }

    [TestMethod]
    public async Task One_fan_out_of_100_quick_activities_takes_at_most_20_requests()
    {
        var (host, store) = Create();
        await using (host)
        {
            await host.StartAsync("FanOut", "w", false, 100);
            await SettleAsync(host);
            Check(store, 1, 20);
            await host.CloseAsync("w");
        }
    }

    [TestMethod]
    public async Task An_hour_of_a_thousand_sleepers_takes_no_request()
    {
        var (host, store) = Create();
        await using (host)
        {
            await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => host.StartAsync("Cancellable", $"w{i}", false)));
            await host.UntilAsync(async () => host.IsQuiet && await store.CountAsync(QueueNames.Workflows, default) == 0, "all asleep");
            using var held = host.Hold();
            await host.UntilAsync(() => Task.FromResult(host.IsQuiet && !(host.NextVisible <= host.Time.GetUtcNow())), "what was about to come");
            var before = store.Count + store.Received;
            var messages = await store.CountAsync(QueueNames.Timers, default);
            await host.PassAsync(TimeSpan.FromHours(1));
            Assert.AreEqual(before, store.Count + store.Received);
            Assert.IsLessThan(10, messages!.Value, "sleepers must not fill the timers queue");
        }
    }

    private static (EngineHost Host, FaultyHubStore Store) Create(bool jumps = true)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var store = new FaultyHubStore(new MemoryHubStore(time, hostilePages: false), static (_, _) => Fault.None);
        return (new EngineHost(Types, new Steps(), EngineHost.Options, store, time) { Creep = TimeSpan.FromMilliseconds(1), Jumps = jumps }, store);
    }

    private static Task SettleAsync(EngineHost host) => host.UntilAsync(async () =>
        host.IsQuiet
        && await host.Store.Queues.CountAsync(QueueNames.Workflows, default) == 0
        && await host.Store.Queues.CountAsync(QueueNames.Timers, default) == 0,
        "quiet");

    private static void Check(FaultyHubStore store, int count, double budget)
    {
        var requests = (store.Count + store.Received) / (double)count;
        Assert.IsLessThanOrEqualTo(budget, requests, string.Join(", ", store.Calls.Select(c => $"{c.Key}: {c.Value}")) + $", received: {store.Received}");
    }
}
