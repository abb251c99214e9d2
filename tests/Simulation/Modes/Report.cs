using Spectre.Console;

namespace Serverless.Simulation.Modes;

/// <summary>Tells people how a run went.</summary>
internal static class Report
{
    /// <summary>The whole of a failure: verdict, reason, the last of what happened, the options, and how to see it again.</summary>
    public static void Failure(SimResult result)
    {
        AnsiConsole.MarkupLineInterpolated(System.Globalization.CultureInfo.InvariantCulture, $"[red]{result.Verdict}[/] with seed {result.Options.Seed}{(result.Hit is null ? "" : $", {result.Options.Single!.Kind} at call {result.Options.Single.Call}: {result.Hit}")}");
        Console.WriteLine(result.Reason);
        foreach (var line in result.Last.TakeLast(30))
        {
            Console.WriteLine($"  {line}");
        }

        Console.WriteLine(Line(result.Options));
        Console.WriteLine($"Again: {Again(result.Options)}");
    }

    /// <summary>Options in one line.</summary>
    public static string Line(SimOptions options) => System.Text.Json.Nodes.JsonNode.Parse(options.ToJson())!.ToJsonString();

    /// <summary>The command that runs it again.</summary>
    public static string Again(SimOptions options) => Line(OptionsDraw.Draw(options.Seed, Workloads.WorkloadList.Names)) == Line(options)
        ? $"dotnet run --project tests/Simulation -c Release -- replay --seed {options.Seed}"
        : "put the options into a file, then dotnet run --project tests/Simulation -c Release -- replay --file <file>";
}
