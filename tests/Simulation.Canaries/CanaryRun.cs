using System.Collections.Concurrent;

namespace Serverless.Simulation.Canaries;

/// <summary>Looks for the first seed that notices a broken rule.</summary>
internal static class CanaryRun
{
    private static readonly ConcurrentDictionary<(string Workloads, int Seed), Lazy<string>> Whole = new();

    /// <summary>Runs seeds 1, 2, … with the rule broken until one fails. Null when all pass.</summary>
    public static (int Seed, string Verdict)? FirstNoticed(Canary canary)
    {
        for (var seed = 1; seed <= canary.Within; seed++)
        {
            var result = canary.Break(() => Simulation.Run(Options(canary.Workloads, seed)));
            if (result.Verdict != Verdict.Passed)
            {
                return (seed, $"{result.Verdict}: {result.Reason}");
            }
        }

        return null;
    }

    /// <summary>What becomes of a seed with all rules kept: empty when it passes. Each is run once.</summary>
    public static string Unbroken(Canary canary, int seed) => Whole.GetOrAdd((canary.Workloads, seed), static key => new Lazy<string>(() =>
    {
        var result = Simulation.Run(Options(key.Workloads, key.Seed));
        return result.Verdict == Verdict.Passed ? "" : $"{result.Verdict}: {result.Reason}";
    })).Value;

    private static SimOptions Options(string workloads, int seed) => OptionsDraw.Draw(seed, workloads.Split(' '));
}
