using System.CommandLine;
using System.Globalization;
using System.Text;
using Cli.Tests.Running;
using Serverless.Cli;
using Serverless.Cli.Commands;

namespace Cli.Tests.Docs;

/// <summary>The reference of all commands as Markdown, made from the commands themselves.</summary>
internal static class CommandReference
{
    public static string Create()
    {
        var root = CommandTree.Create(CliRun.With(new FakeApi(), isTerminal: false));
        var text = new StringBuilder();
        text.Append("### Exit codes\n\n| | | |\n|---|---|---|\n");
        foreach (var (code, meaning) in ExitCodes.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {(int)code} | `{code}` | {meaning} |\n");
        }

        text.Append("\n### Options of every command\n\n");
        Options(text, root.Options);
        foreach (var command in root.Subcommands)
        {
            Command(text, command, CommandTree.ToolName);
        }

        return text.ToString();
    }

    private static void Command(StringBuilder text, Command command, string path)
    {
        path = $"{path} {command.Name}";
        if (command.Subcommands.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {path}\n\n{command.Description}\n");
            foreach (var child in command.Subcommands)
            {
                Command(text, child, path);
            }

            return;
        }

        var arguments = string.Concat(command.Arguments.Select(static a => a.Arity.MaximumNumberOfValues > 1 ? $" [<{a.Name}>...]" : $" <{a.Name}>"));
        var heading = path.Split(' ').Length > 2 ? "####" : "###";
        text.Append(CultureInfo.InvariantCulture, $"\n{heading} {path}\n\n`{path}{arguments}`: {command.Description}\n\n");
        if (command.Arguments.Count + command.Options.Count > 0)
        {
            text.Append("| | |\n|---|---|\n");
            foreach (var argument in command.Arguments)
            {
                text.Append(CultureInfo.InvariantCulture, $"| `<{argument.Name}>` | {Escape(argument.Description)} |\n");
            }

            Rows(text, command.Options);
        }
    }

    private static void Options(StringBuilder text, IEnumerable<Option> options)
    {
        text.Append("| | |\n|---|---|\n");
        Rows(text, options);
    }

    private static void Rows(StringBuilder text, IEnumerable<Option> options)
    {
        foreach (var option in options)
        {
            var names = string.Join("`, `", option.Aliases.Prepend(option.Name));
            var value = option.HelpName is { } help ? $" <{Escape(help)}>" : "";
            text.Append(CultureInfo.InvariantCulture, $"| `{names}{value}` | {Escape(option.Description)}{(option.Required ? " Required." : "")} |\n");
        }
    }

    private static string Escape(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal);
}
