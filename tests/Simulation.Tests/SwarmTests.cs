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

    [TestMethod]
    [DynamicData(nameof(PartNumbers))]
    public void Fresh_seeds_pass(int part)
    {
        var first = First + (part * SeedsOfPart);
        TestContext.WriteLine($"seeds {first} to {first + SeedsOfPart - 1}");
        for (var seed = first; seed < first + SeedsOfPart; seed++)
        {
            var options = OptionsDraw.Draw(seed, WorkloadList.Names);
            Runs.MustPass(seed % 16 == 0 ? Simulation.RunTwice(options) : Simulation.Run(options));
        }
    }
}
