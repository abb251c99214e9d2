using System.Diagnostics;
using Serverless.Simulation.Workloads;

namespace Serverless.Simulation.Tests;

/// <summary>A run is its options: nothing else decides.</summary>
[TestClass]
public sealed class DeterminismTests
{
    [TestMethod]
    public void The_same_seed_is_the_same_run()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            Runs.MustPass(Simulation.RunTwice(OptionsDraw.Draw(seed, WorkloadList.Names)));
        }
    }

    [TestMethod]
    public void Another_process_runs_the_same()
    {
        const int Seed = 11;
        var program = typeof(Simulation).Assembly.Location;
        using var process = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, "replay", "--seed", $"{Seed}"])
        {
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, output);
        var trace = Simulation.Run(OptionsDraw.Draw(Seed, WorkloadList.Names)).Trace;
        Assert.EndsWith($"trace {trace}", output.TrimEnd());
    }

    [TestMethod]
    public void Options_survive_being_written_down()
    {
        var options = OptionsDraw.Draw(12, WorkloadList.Names);
        Assert.AreEqual(Simulation.Run(options).Trace, Simulation.Run(SimOptions.FromJson(options.ToJson())).Trace);
    }
}
