using Core.Tests.Visibility;
using Microsoft.Extensions.Time.Testing;
using Serverless.Engine;
using Serverless.Storage.Memory;
using Serverless.Visibility;

namespace Serverless.Tests.Engine;

/// <summary>The list is written beside the work: a process that dies must not leave runs out of it for ever.</summary>
[TestClass]
public sealed class ListFaultTests
{
    private static readonly Type[] Types = [typeof(Roller)];

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Every_run_of_a_chain_is_listed_whatever_call_its_process_dies_at(bool before)
    {
        for (var at = 3; await RunAsync(before ? Fault.CrashBefore : Fault.CrashAfter, at); at++)
        {
        }
    }

    private static async Task<bool> RunAsync(Fault fault, int at)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time, seed: at);
        var where = "";
        var faulty = new FaultyHubStore(memory, (n, what) =>
        {
            where = n == at ? what : where;
            return n == at ? fault : Fault.None;
        });
        await using var first = new EngineHost(Types, null, EngineHost.Options, faulty, time);
        await first.StartAsync("Roller", "w", false, 3);
        await first.UntilAsync(async () => faulty.IsDead || await CountAsync(memory, time) == 4, $"call {at}");
        await using var second = new EngineHost(Types, null, EngineHost.Options with { Identity = "second" }, memory, time);
        await second.UntilAsync(async () => await CountAsync(memory, time) == 4, $"all runs in the list after {fault} at call {at} ({where})");
        await ListChecks.ConsistentAsync(new VisibilityIndex(memory.Rows, time));
        return faulty.IsDead;
    }

    private static async Task<int> CountAsync(MemoryHubStore memory, FakeTimeProvider time)
    {
        await Task.Delay(1);
        var (rows, _) = await new VisibilityIndex(memory.Rows, time).ReadAsync(ListDivision.Workflows, null, 100, default);
        return rows.Count(static r => r.Summary.CloseTime is not null);
    }
}
