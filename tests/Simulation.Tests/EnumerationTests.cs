using Serverless.Simulation.Modes;
using Serverless.Simulation.Storage;

namespace Serverless.Simulation.Tests;

/// <summary>Every history with one fault: each storage call of a scenario meets each kind of fault.</summary>
[TestClass]
public sealed class EnumerationTests
{
    private static readonly string[] Scenarios = ["children", "fanout", "messages", "timers", "transfers"];

    public required TestContext TestContext { get; init; }

    public static IEnumerable<(string Scenario, string Kind)> All => Scenarios.SelectMany(static _ => Enumeration.Kinds, static (scenario, kind) => (scenario, $"{kind}"));

    [TestMethod]
    [DynamicData(nameof(All))]
    public void A_single_fault_changes_nothing_but_time(string scenario, string kind)
    {
        var runs = 0;
        foreach (var result in new Enumeration(scenario).All(Enum.Parse<FateKind>(kind)))
        {
            runs++;
            Runs.MustPass(result);
        }

        TestContext.WriteLine($"{runs} histories");
        Assert.IsGreaterThan(10, runs, $"{scenario} makes hardly any storage call that {kind} could hit.");
    }
}
