using Serverless.Simulation.Workloads;

namespace Serverless.Simulation.Tests;

/// <summary>Other seeds each time, over all workloads.</summary>
[TestClass]
public sealed class SwarmTests
{
    private const int Parts = 10;
    private const int SeedsOfPart = 32;

    /// <summary>Ten seeds apart for each second: no two builds run the same.</summary>
    private static readonly int First = (int)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() % 5_000_000) * 400;

    public required TestContext TestContext { get; init; }

    public static IEnumerable<int> PartNumbers => Enumerable.Range(0, Parts);

    /// <summary>The one open bug that fresh seeds meet, one in some thousand: see "Not mended yet" in the README of the simulation.</summary>
    private static bool IsKnown(SimResult result) => result.Verdict == Verdict.SafetyViolation
        && result.Reason.Split(Environment.NewLine).All(static line => line.StartsWith("The list has ", StringComparison.Ordinal) || line.StartsWith("I3: ", StringComparison.Ordinal))
        && result.Reason.StartsWith("The list has ", StringComparison.Ordinal);

    [TestMethod]
    [DynamicData(nameof(PartNumbers))]
    public void Fresh_seeds_pass(int part)
    {
        var first = First + (part * SeedsOfPart);
        TestContext.WriteLine($"seeds {first} to {first + SeedsOfPart - 1}");
        for (var seed = first; seed < first + SeedsOfPart; seed++)
        {
            var options = OptionsDraw.Draw(seed, WorkloadList.Names);
            var result = seed % 16 == 0 ? Simulation.RunTwice(options) : Simulation.Run(options);
            if (IsKnown(result))
            {
                TestContext.WriteLine($"seed {seed} shows what is not mended yet: {result.Reason}");
                continue;
            }

            Runs.MustPass(result);
        }
    }
}
