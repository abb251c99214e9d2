extern alias broken;

using broken::Serverless;
using broken::Serverless.Simulation.Canaries;

namespace Serverless.Simulation.Tests;

/// <summary>A rig that finds nothing proves nothing: each rule of the protocol that is broken on purpose is noticed.</summary>
[TestClass]
public sealed class CanaryTests
{
    public required TestContext TestContext { get; init; }

    public static IEnumerable<string> Names => Canary.All.Select(static c => c.Name);

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_broken_rule_is_noticed_and_nothing_is_when_none_is_broken(string name)
    {
        var canary = Canary.All.Single(c => c.Name == name);
        var noticed = CanaryRun.FirstNoticed(canary);
        Assert.IsNotNull(noticed, $"{canary.Within} seeds did not notice: {canary.What} Strengthen the workloads, faults or checkers that should see it.");
        TestContext.WriteLine($"noticed by seed {noticed.Value.Seed}: {noticed.Value.Verdict}");
        for (var seed = 1; seed <= noticed.Value.Seed; seed++)
        {
            Assert.AreEqual("", CanaryRun.Unbroken(canary, seed), $"Seed {seed} fails though no rule is broken.");
        }
    }
}
