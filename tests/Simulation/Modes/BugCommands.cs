using System.CommandLine;

namespace Serverless.Simulation.Modes;

/// <summary>Commands around failures: making one small, keeping it, running all that were kept.</summary>
internal static class BugCommands
{
    private const string Folder = "tests/Simulation/Bugs";

    public static Command Shrink()
    {
        var run = new RunArguments();
        var to = new Option<string?>("--to") { Description = "Writes the smallest options that still fail into this file, for replay --file." };
        var store = new Option<string?>("--store") { Description = $"Keeps the run among the bugs, with these words about what is wrong. Writes into {Folder}." };
        var command = new Command("shrink", "Makes a failing run as small as it can be.") { run.Seed, run.File, run.Workloads, to, store };
        command.SetAction(parse =>
        {
            var shrinker = new Shrinker(static o => Simulation.Run(o)) { Smaller = static r => Console.WriteLine($"still {r.Verdict} after {r.Steps} steps: {Report.Line(r.Options)}") };
            var smallest = shrinker.Shrink(run.Options(parse));
            if (smallest.Verdict == Verdict.Passed)
            {
                Console.WriteLine("The run passes: there is nothing to make smaller.");
                return 0;
            }

            Report.Failure(smallest);
            Console.WriteLine($"{shrinker.Runs} runs");
            if (parse.GetValue(to) is { } file)
            {
                File.WriteAllText(file, smallest.Options.ToJson());
            }

            if (parse.GetValue(store) is { } what)
            {
                Console.WriteLine($"Kept as {Bug.Of(what, smallest.Options).Store(Folder)}");
            }

            return (int)smallest.Verdict;
        });
        return command;
    }

    public static Command Bugs()
    {
        var command = new Command("bugs", "Runs everything again that failed once. All must pass.");
        command.SetAction(static _ =>
        {
            var last = 0;
            foreach (var bug in Bug.All)
            {
                var result = Simulation.Run(bug.Options);
                Console.WriteLine($"{result.Verdict,-16} {bug.Name}: {bug.What}");
                if (result.Verdict != Verdict.Passed)
                {
                    Report.Failure(result);
                    last = (int)result.Verdict;
                }
            }

            Console.WriteLine($"{Bug.All.Count} bugs");
            return last;
        });
        return command;
    }
}
