using System.CommandLine;
using Serverless.Simulation.Storage;
using Serverless.Simulation.Workloads;

namespace Serverless.Simulation.Modes;

/// <summary>The program's commands.</summary>
internal static class Commands
{
    public static RootCommand Create() => new("Runs the engine in simulated worlds in which everything fails that can fail.") 
    {
        SwarmCommand(), ReplayCommand(), EnumerateCommand(), BugCommands.Shrink(), BugCommands.Bugs(),
    };

    private static Command SwarmCommand()
    {
        var minutes = new Option<double>("--minutes") { Description = "Ends after this time.", DefaultValueFactory = static _ => 1 };
        var seeds = new Option<int>("--seeds") { Description = "Ends after so many seeds.", DefaultValueFactory = static _ => int.MaxValue / 2 };
        var first = new Option<int?>("--seed") { Description = "The first seed. Default: another one each time." };
        var threads = new Option<int>("--threads") { Description = "Runs at the same time.", DefaultValueFactory = static _ => Environment.ProcessorCount };
        var workloads = new Option<string[]>("--workload") { Description = $"What is run: {string.Join(", ", WorkloadList.Names)}. Default: those.", AllowMultipleArgumentsPerToken = true };
        var failures = new Option<int>("--failures") { Description = "Ends after so many failures.", DefaultValueFactory = static _ => 1 };
        var command = new Command("swarm", "Runs random seeds.") { minutes, seeds, first, threads, workloads, failures };
        command.SetAction(parse =>
        {
            var seed = parse.GetValue(first) ?? (int)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() % 100_000_000) * 10;
            var swarm = new Swarm(seed, parse.GetValue(threads))
            {
                Workloads = parse.GetValue(workloads) is { Length: > 0 } some ? some : WorkloadList.Names,
                MaxFailures = parse.GetValue(failures),
            };
            using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(parse.GetValue(minutes)));
            Console.WriteLine($"seeds from {seed}, workloads {string.Join(", ", swarm.Workloads)}");
            using var progress = new Timer(_ => Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {swarm.Runs} seeds, {swarm.Steps} steps, {swarm.Failures.Count} failures"), null, 10_000, 10_000);
            swarm.Run(parse.GetValue(seeds), stop.Token);
            foreach (var failure in swarm.Failures)
            {
                Report.Failure(failure);
            }

            Console.WriteLine($"{swarm.Runs} seeds, {swarm.Steps} steps, {swarm.Failures.Count} failures");
            return swarm.Failures.Count == 0 ? 0 : (int)swarm.Failures.First().Verdict;
        });
        return command;
    }

    private static Command ReplayCommand()
    {
        var run = new RunArguments();
        var verbose = new Option<bool>("--verbose") { Description = "Prints everything that happens." };
        var command = new Command("replay", "Runs one seed again, twice.") { run.Seed, run.File, run.Workloads, verbose };
        command.SetAction(parse =>
        {
            var options = run.Options(parse);
            Console.WriteLine(options.ToJson());
            var result = parse.GetValue(verbose) ? Simulation.Run(options, Console.WriteLine) : Simulation.RunTwice(options);
            if (result.Verdict != Verdict.Passed)
            {
                Report.Failure(result);
            }

            Console.WriteLine($"{result.Verdict}: {result.Steps} steps, {result.Elapsed} of virtual time, trace {result.Trace}");
            return (int)result.Verdict;
        });
        return command;
    }

    private static Command EnumerateCommand()
    {
        var workload = new Option<string>("--workload") { Description = "The scenario.", Required = true };
        var command = new Command("enumerate", "Runs a scenario once per storage call and kind of fault.") { workload };
        command.SetAction(parse =>
        {
            var enumeration = new Enumeration(parse.GetValue(workload)!);
            var plain = enumeration.Plain();
            if (plain.Verdict != Verdict.Passed)
            {
                Report.Failure(plain);
                return (int)plain.Verdict;
            }

            Console.WriteLine($"{plain.Calls} calls without a fault");
            var runs = 0;
            var failures = new List<SimResult>();
            foreach (var result in enumeration.All())
            {
                runs++;
                if (result.Verdict != Verdict.Passed)
                {
                    failures.Add(result);
                    Report.Failure(result);
                }
            }

            Console.WriteLine($"{runs} histories with one fault of {Enumeration.Kinds.Count} kinds, {failures.Count} failures");
            return failures.Count == 0 ? 0 : (int)failures[0].Verdict;
        });
        return command;
    }
}
