using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary>All commands of the tool.</summary>
internal static class CommandTree
{
    public const string ToolName = "serverless";

    public static RootCommand Create(Surroundings around)
    {
        var globals = new GlobalOptions(around);
        var verbs = new Verbs(around, globals);
        var root = new RootCommand("Finds, steers and repairs durable workflows.");
        foreach (var option in globals.All)
        {
            root.Options.Add(option);
        }

        root.Subcommands.Add(WorkflowVerbs.Create(verbs));
        return root;
    }
}
