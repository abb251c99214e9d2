using Serverless.Simulation.Modes;
using Serverless.Simulation.Storage;

namespace Serverless.Simulation.Tests;

/// <summary>What a failure does not need goes away; what it needs stays.</summary>
[TestClass]
public sealed class ShrinkTests
{
    private static readonly SimOptions Wild = new()
    {
        Seed = 1,
        Workloads = ["a", "b", "c"],
        Size = 3,
        Processes = 4,
        Chaos = TimeSpan.FromSeconds(9),
        Skew = TimeSpan.FromSeconds(9),
        Stalls = 0.5,
        Faults = new FaultRates([new FaultRate(FateKind.Refused, 0.1), new FaultRate(FateKind.CrashAfter, 0.1)], [new FaultRate(FateKind.Duplicate, 0.1)], 0.1, default, default, default),
        Knobs = new Knobs { Batch = 1, CachedRuns = 0, MergeSegments = 2 },
    };

    [TestMethod]
    public void Only_what_the_failure_needs_is_left()
    {
        var shrinker = new Shrinker(static o => new SimResult(o, Fails(o) ? Verdict.SafetyViolation : Verdict.Passed, ""));
        var smallest = shrinker.Shrink(Wild).Options;
        var expected = new SimOptions
        {
            Seed = 1,
            Workloads = ["b"],
            Size = 2,
            Processes = 2,
            Trouble = smallest.Trouble,
            HostilePages = false,
            Faults = Wild.Faults! with { Storage = [new FaultRate(FateKind.CrashAfter, 0.1)], Delivery = [], Slow = 0 },
            Knobs = new Knobs { MergeSegments = 2 },
        };
        Assert.AreEqual(expected.ToJson(), smallest.ToJson());
        Assert.IsLessThanOrEqualTo(TimeSpan.FromSeconds(1), smallest.Trouble);
    }

    [TestMethod]
    public void Another_failure_is_not_a_smaller_one()
    {
        var shrinker = new Shrinker(static o => new SimResult(o, o.Workloads.Count == 3 ? Verdict.SafetyViolation : Verdict.NotLive, ""));
        Assert.HasCount(3, shrinker.Shrink(Wild).Options.Workloads);
    }

    [TestMethod]
    public void A_run_that_passes_stays_as_it_is() =>
        Assert.AreEqual(Wild, new Shrinker(static o => new SimResult(o, Verdict.Passed, "")).Shrink(Wild).Options);

    private static bool Fails(SimOptions o) =>
        o.Workloads.Contains("b") && o.Size >= 2 && o.Processes >= 2 && o.Knobs.MergeSegments == 2 && o.Faults?.Storage.Any(static r => r.Kind == FateKind.CrashAfter) == true;
}
