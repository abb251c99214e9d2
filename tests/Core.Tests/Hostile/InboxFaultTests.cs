using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Core.Tests.Hostile;

/// <summary>The gate of a full inbox turns to and fro, and any call that does it may fail: what was acknowledged is applied once and in order, and the workflow takes messages again.</summary>
[TestClass]
public sealed class InboxFaultTests
{
    private static readonly EngineOptions Small = EngineHost.Options with { Limits = new EngineLimits { MaxInbox = 4, MaxInboxPerCommit = 2 } };

    [TestMethod]
    [DataRow(Fault.FailBefore)]
    [DataRow(Fault.FailAfter)]
    [DataRow(Fault.CrashBefore)]
    [DataRow(Fault.CrashAfter)]
    public async Task Acknowledged_signals_are_applied_once_and_in_order_whatever_single_fault_hits_a_full_inbox(object fault)
    {
        var filled = 0;
        for (var at = 1; ; at++)
        {
            var (hit, wasFull) = await FloodAsync((Fault)fault, at);
            filled += wasFull ? 1 : 0;
            if (!hit)
            {
                break;
            }
        }

        Assert.IsGreaterThan(5, filled, "The inbox was hardly ever full: this proves nothing.");
    }

    private static async Task<(bool Hit, bool WasFull)> FloodAsync(Fault fault, int at)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time, seed: at);
        var count = 0;
        Fault Decide(int call, string name) => Interlocked.Increment(ref count) == at ? fault : Fault.None;

        var acknowledged = new List<int>();
        var wasFull = false;
        await using var sender = new EngineHost([typeof(Collector)], null, Small, new FaultyHubStore(memory, Decide) { IsDeaf = true }, time);
        var started = await TryAsync(() => sender.StartAsync("Collector", "w", false));
        for (var i = 0; i < 6; i++)
        {
            await SendAsync(i);
        }

        await using var worker = new EngineHost([typeof(Collector)], null, Small with { Identity = "worker" }, new FaultyHubStore(memory, Decide), time);
        for (var i = 6; i < 14; i++)
        {
            await SendAsync(i);
        }

        await using var second = new EngineHost([typeof(Collector)], null, Small with { Identity = "second" }, memory, time);
        if (!started)
        {
            await TryAsync(() => second.StartAsync("Collector", "w", false));
        }

        await second.UntilAsync(
            () => TryAsync(async () =>
            {
                await second.SignalAsync("w", "Finish");
                return true;
            }),
            $"a message to be taken again, {fault} at call {at}");
        var seen = await second.ResultAsync<List<int>>("w");
        var context = $"{fault} at call {at}: acknowledged {string.Join(",", acknowledged)}, seen {string.Join(",", seen)}";
        CollectionAssert.AreEqual(seen.Distinct().Order().ToList(), seen, context);
        CollectionAssert.IsSubsetOf(acknowledged, seen, context);
        return (count >= at, wasFull);

        async Task SendAsync(int value)
        {
            try
            {
                await sender.SignalAsync("w", "Add", value).WaitAsync(TimeSpan.FromSeconds(10));
                acknowledged.Add(value);
            }
            catch (WorkflowServiceException e)
            {
                wasFull |= e.Code == WorkflowServiceError.InboxFull;
            }
            catch (Exception e) when (e is StorageException or OperationCanceledException or TimeoutException)
            {
                // Nobody knows whether it was accepted.
            }
        }
    }

    private static async Task<bool> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            await call().WaitAsync(TimeSpan.FromSeconds(10));
            return true;
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException or WorkflowServiceException or TimeoutException)
        {
            return false;
        }
    }
}
