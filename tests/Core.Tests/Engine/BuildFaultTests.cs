using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Engine;

/// <summary>Two builds, one of which dies or is failed by its store at each call in turn: a pinned run ends as it should, and only its own build's code runs.</summary>
[TestClass]
public sealed class BuildFaultTests
{
    private static readonly EngineOptions Old = EngineHost.Options with { Identity = "old", BuildId = "b1" };
    private static readonly EngineOptions New = EngineHost.Options with { Identity = "new", BuildId = "b2" };

    /// <summary>The newer build hands over a signal, runs an activity that the older one let go, and gives its result over.</summary>
    [TestMethod]
    [DataRow("Works", "step done on new, one b1")]
    [DataRow("Stays", "one b1")]
    [DataRow("Sleeps", "one b1")]
    public async Task Handing_over_survives_any_single_fault(string type, string expected)
    {
        foreach (var fault in Faults.All)
        {
            for (var at = 1; await HandOverAsync(type, expected, fault, at); at++)
            {
            }
        }
    }

    /// <summary>The older build dies over a message that comes back to the newer one.</summary>
    [TestMethod]
    [DataRow("Works")]
    [DataRow("Mother")]
    [DataRow("Retried")]
    public async Task What_a_died_process_left_goes_on_with_its_build(string type)
    {
        foreach (var fault in (Fault[])[Fault.CrashBefore, Fault.CrashAfter])
        {
            for (var at = 1; await DieAsync(type, fault, at); at++)
            {
            }
        }
    }

    private static async Task<bool> HandOverAsync(string type, string expected, Fault fault, int at)
    {
        var (time, memory) = Hub(at);
        var (where, faulty) = Faulty(memory, fault, at);
        await using var old = new EngineHost(BuildTests.Pair.OldTypes, new BuildTests.Work("old"), Old with { RunAheadBudget = TimeSpan.Zero }, memory, time) { PinnedOnly = true };
        await old.StartAsync(type, "w", true);
        if (type != "Sleeps")
        {
            await old.SignalAsync("w", "Go");
        }

        await using var first = new EngineHost(BuildTests.Pair.NewTypes, new BuildTests.Work("new"), New, faulty, time);
        await first.UntilAsync(async () => faulty.IsDead || await IsClosedAsync(memory), $"{type}, {fault} at call {at} ({where()})");
        await using var second = new EngineHost(BuildTests.Pair.NewTypes, new BuildTests.Work("new"), New with { Identity = "second" }, memory, time);

        await CheckAsync(second, expected, $"{type}, {fault} at call {at} ({where()})");
        return faulty.Count >= at;
    }

    private static async Task<bool> DieAsync(string type, Fault fault, int at)
    {
        var (time, memory) = Hub(at);
        var (where, faulty) = Faulty(memory, fault, at);
        var setup = new EngineHost(BuildTests.Pair.OldTypes, new BuildTests.Work("old"), Old, memory, time);
        await setup.StartAsync(type, "w", true);
        await setup.DisposeAsync();
        await setup.SignalAsync("w", "Go");

        await using var first = new EngineHost(BuildTests.Pair.OldTypes, new BuildTests.Work("old"), Old, faulty, time);
        await first.UntilAsync(async () => faulty.IsDead || await IsClosedAsync(memory), $"{type}, {fault} at call {at} ({where()})");
        await using var again = new EngineHost(BuildTests.Pair.OldTypes, new BuildTests.Work("old"), Old with { Identity = "again" }, memory, time) { PinnedOnly = true };
        await using var other = new EngineHost(BuildTests.Pair.NewTypes, new BuildTests.Work("new"), New, memory, time);

        await CheckAsync(other, null, $"{type}, {fault} at call {at} ({where()})");
        return faulty.Count >= at;
    }

    private static async Task CheckAsync(EngineHost host, string? expected, string context)
    {
        var close = await host.CloseAsync("w");
        var said = close.Closed switch
        {
            WorkflowCompleted { Result: { } result } => EngineHost.Of<string>(result),
            WorkflowFailed failed => failed.Failure.Message,
            _ => close.Closed.ToString(),
        };
        StringAssert.EndsWith(said, "one b1", context);
        Assert.AreEqual(expected ?? said, said, context);
        var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("w"), 0, TimeSpan.Zero, default);
        CollectionAssert.AreEqual(Enumerable.Range(1, history.Count).ToList(), history.Select(static e => (int)e.Id).ToList(), context);
        Assert.IsTrue(history.OfType<WorkflowTaskCompleted>().All(static t => t.BuildId == "b1"), context);
    }

    private static (FakeTimeProvider, MemoryHubStore) Hub(int seed)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        return (time, new MemoryHubStore(time, seed: seed));
    }

    private static (Func<string> Where, FaultyHubStore Store) Faulty(MemoryHubStore memory, Fault fault, int at)
    {
        var where = "";
        var store = new FaultyHubStore(memory, (n, what) =>
        {
            where = n == at ? what : where;
            return n == at ? fault : Fault.None;
        });
        return (() => where, store);
    }

    private static async Task<bool> IsClosedAsync(MemoryHubStore memory)
    {
        var head = await memory.Rows.QueryAsync(
            new RowQuery(RowTable.Workflows, WorkflowKey.Partition("w"), JournalKeys.Head, JournalKeys.Head + "\0"), default);
        await Task.Delay(1);
        return head.Rows.Count > 0 && !WorkflowHead.Decode(head.Rows[0].Data).IsOpen;
    }
}
