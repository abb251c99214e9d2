using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Engine;

/// <summary>
/// Every history with one fault: a scenario is run once for each storage call it makes and each kind of fault at that call. Whatever happens, it must end with the
/// same result, a history without gaps, and nothing left over that could still happen.
/// </summary>
[TestClass]
public sealed class SingleFaultTests
{
    private static readonly Type[] Types =
    [
        typeof(Hello), typeof(Chain), typeof(FanOut), typeof(Sleeper), typeof(Collector), typeof(Parent), typeof(Roller), typeof(Failing), typeof(Cancellable),
        typeof(FailingElsewhere), typeof(Caller),
    ];

    private static readonly EngineOptions Options = EngineHost.Options with { SpillAfter = TimeSpan.FromSeconds(1) };

    [TestMethod]
    [DataRow("Hello", "x", false, "\"Hello x\"")]
    [DataRow("Hello", "x", true, "\"Hello x\"")]
    [DataRow("Chain", 3, false, "3")]
    [DataRow("Chain", 3, true, "3")]
    [DataRow("FanOut", 5, false, "5")]
    [DataRow("Parent", "kid", false, "\"Hello kid\"")]
    [DataRow("Roller", 2, false, "0")]
    [DataRow("Caller", 2, false, "2")]
    [DataRow("Failing", 9, false, "\"Hello x\"")]
    public async Task Scenario_ends_alike_whatever_single_fault_hits_it(string type, object arg, bool eager, string expected)
    {
        foreach (var fault in Faults.All)
        {
            for (var at = 1; await RunAsync(type, arg, eager, expected, fault, at); at++)
            {
            }
        }
    }

    [TestMethod]
    [DataRow(30.0)]
    [DataRow(5000.0)]
    public async Task Sleeper_wakes_whatever_single_fault_hits_it(double seconds)
    {
        foreach (var fault in Faults.All)
        {
            for (var at = 1; await RunAsync("Sleeper", seconds, false, null, fault, at); at++)
            {
            }
        }
    }

    [TestMethod]
    public async Task Activities_on_a_queue_of_their_own_end_alike_whatever_single_fault_hits_them()
    {
        var options = Options with { ActivityQueues = [QueueNames.Activities, QueueNames.ActivitiesOf("elsewhere", "default")] };
        foreach (var fault in Faults.All)
        {
            for (var at = 1; await RunAsync("FailingElsewhere", "x", false, "\"Hello x\"", fault, at, options); at++)
            {
            }
        }
    }

    [TestMethod]
    public async Task Activities_of_a_limited_type_end_alike_whatever_single_fault_hits_them()
    {
        var options = Options with { ActivityLimits = new Dictionary<string, ActivityLimit> { ["Greet"] = new(null, 2) } };
        foreach (var fault in Faults.All)
        {
            for (var at = 1; await RunAsync("FanOut", 3, false, "3", fault, at, options); at++)
            {
            }
        }
    }

    /// <summary>False when the scenario made fewer calls than <paramref name="at"/>.</summary>
    private static async Task<bool> RunAsync(string type, object arg, bool eager, string? expected, Fault fault, int at, EngineOptions? with = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time, seed: at);
        var where = "";
        var faulty = new FaultyHubStore(memory, (n, what) =>
        {
            if (n == at)
            {
                where = what;
            }

            return n == at ? fault : Fault.None;
        });
        var steps = new Steps { FailFirst = type is "Failing" or "FailingElsewhere" ? 1 : 0 };
        var options = with ?? Options;
        await using var first = new EngineHost(Types, steps, options, faulty, time);
        var started = await TryStartAsync(first, type, arg, eager);
        if (started)
        {
            await first.UntilAsync(async () => faulty.IsDead || await IsClosedAsync(memory, first), $"{type}, {fault} at call {at} ({where})");
        }

        await using var second = new EngineHost(Types, steps, options with { Identity = "second" }, memory, time);
        if (!started)
        {
            // The caller was told that it failed, and tries again; what it finds may be its own.
            await TryStartAsync(second, type, arg, eager);
        }

        var close = await second.CloseAsync("w");
        var context = $"{type}, {fault} at call {at} ({where})";
        Assert.IsInstanceOfType<WorkflowCompleted>(close.Closed, $"{context}: {close.Closed}");
        if (expected is not null)
        {
            Assert.AreEqual(expected, System.Text.Encoding.UTF8.GetString(((WorkflowCompleted)close.Closed).Result!.Data.Span), context);
        }

        var history = await second.Engine.Reader.ReadHistoryAsync(new WorkflowRef("w"), 0, TimeSpan.Zero, default);
        CollectionAssert.AreEqual(Enumerable.Range(1, history.Count).ToList(), history.Select(e => (int)e.Id).ToList(), context);
        if (type == nameof(Caller))
        {
            CollectionAssert.AreEqual(new[] { 1, 2 }, await second.ResultAsync<List<int>>("w-collector"), context);
        }

        return faulty.Count >= at;
    }

    private static async Task<bool> TryStartAsync(EngineHost host, string type, object arg, bool eager)
    {
        try
        {
            var starting = host.StartAsync(type, "w", eager, arg);
            return await Task.WhenAny(starting, Task.Delay(TimeSpan.FromSeconds(10))) == starting && await starting is not null;
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException or WorkflowServiceException)
        {
            return false;
        }
    }

    private static async Task<bool> IsClosedAsync(MemoryHubStore memory, EngineHost host)
    {
        _ = host;
        var head = await memory.Rows.QueryAsync(
            new RowQuery(RowTable.Workflows, WorkflowKey.Partition("w"), JournalKeys.Head, JournalKeys.Head + "\0"), default);
        await Task.Delay(1);
        return head.Rows.Count > 0 && !WorkflowHead.Decode(head.Rows[0].Data).IsOpen;
    }
}
