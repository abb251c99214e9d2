using Serverless.Simulation.Modes;

// Each simulation is one thread's work: tests share the processors by running side by side.
[assembly: Parallelize(Scope = ExecutionScope.MethodLevel)]

namespace Serverless.Simulation.Tests;

/// <summary>What tests expect of runs.</summary>
internal static class Runs
{
    /// <summary>Fails with all that is needed to see the failure again.</summary>
    public static void MustPass(SimResult result)
    {
        if (result.Verdict != Verdict.Passed)
        {
            Assert.Fail($"""
                {result.Verdict} with seed {result.Options.Seed}{(result.Hit is null ? "" : $", {result.Options.Single!.Kind} at call {result.Options.Single.Call}: {result.Hit}")}
                {result.Reason}
                {string.Join(Environment.NewLine, result.Last.TakeLast(30))}
                {Report.Line(result.Options)}
                Again: {Report.Again(result.Options)}
                """);
        }
    }
}
