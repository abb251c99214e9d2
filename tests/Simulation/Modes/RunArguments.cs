using System.CommandLine;
using Serverless.Simulation.Workloads;

namespace Serverless.Simulation.Modes;

/// <summary>How a command is told which run is meant.</summary>
internal sealed class RunArguments
{
    public Option<int?> Seed { get; } = new("--seed") { Description = "The seed, with the options that are drawn from it." };

    public Option<string?> File { get; } = new("--file") { Description = "A file with options, as a failed run prints them." };

    public Option<string[]> Workloads { get; } =
        new("--workload") { Description = "The workloads that the seed was drawn from. Default: all.", AllowMultipleArgumentsPerToken = true };

    public SimOptions Options(ParseResult parse) => parse.GetValue(File) is { } path
        ? SimOptions.FromJson(System.IO.File.ReadAllText(path))
        : OptionsDraw.Draw(parse.GetValue(Seed) ?? 1, parse.GetValue(Workloads) is { Length: > 0 } some ? some : WorkloadList.Names);
}
