using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Text;

namespace Serverless.Cli.Commands;

/// <summary>All commands of the tool.</summary>
internal static class CommandTree
{
    public const string ToolName = "serverless";

    public static RootCommand Create(Surroundings around)
    {
        var globals = new GlobalOptions(around);
        var verbs = new Verbs(around, globals);
        var root = new RootCommand(Description()) { HelpName = ToolName };
        root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Options.Add(new HelpOption("--help", "-h") { Recursive = true });
        foreach (var option in globals.All)
        {
            root.Options.Add(option);
        }

        root.Subcommands.Add(WorkflowVerbs.Create(verbs));
        root.Subcommands.Add(BatchVerbs.Create(verbs));
        root.Subcommands.Add(ScheduleVerbs.Create(verbs));
        root.Subcommands.Add(HubVerbs.Create(verbs));
        root.Subcommands.Add(DevVerb.Create(verbs));
        root.Subcommands.Add(CompletionVerb.Create(verbs));
        return root;
    }

    private static string Description()
    {
        var text = new StringBuilder("Finds, steers and repairs durable workflows, and runs an app for development. Data goes to standard output, everything else to standard error.");
        text.Append("\n\nExit codes:");
        foreach (var (code, meaning) in ExitCodes.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {(int)code,3} {code,-15} {meaning}");
        }

        return text.ToString();
    }
}
