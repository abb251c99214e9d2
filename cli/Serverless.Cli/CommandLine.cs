using System.CommandLine;
using System.CommandLine.Parsing;
using Serverless.Cli.Api;
using Serverless.Cli.Commands;
using Serverless.Cli.Printing;

namespace Serverless.Cli;

/// <summary>Runs one command line: reads it, runs its verb, and turns whatever goes wrong into a line on standard error and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>An argument that begins with @ is data, not a file of arguments.</summary>
    private static readonly ParserConfiguration _parsing = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(IReadOnlyList<string> args, Surroundings around, CancellationToken cancellationToken = default)
    {
        var parsed = CommandTree.Create(around).Parse(args, _parsing);
        if (parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
        {
            return (int)await RefuseAsync(parsed, around);
        }

        try
        {
            var invocation = new InvocationConfiguration { Output = around.Out, Error = around.Error, EnableDefaultExceptionHandler = false };
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (CliException e)
        {
            await FailAsync(around, e.Code, e.Message);
            await PointAtAsync(parsed, around, e.FilterPosition);
            return (int)e.Code;
        }
        catch (OperationCanceledException)
        {
            return (int)ExitCode.Cancelled;
        }
        catch (HttpRequestException e)
        {
            return (int)await FailAsync(around, ExitCode.Unreachable, $"The connection failed: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (int)await FailAsync(around, e is FileNotFoundException or DirectoryNotFoundException ? ExitCode.NotFound : ExitCode.Failed, e.Message);
        }
    }

    private static async Task<ExitCode> RefuseAsync(ParseResult parsed, Surroundings around)
    {
        foreach (var error in parsed.Errors.Select(static e => e.Message).Distinct(StringComparer.Ordinal))
        {
            await around.Error.WriteLineAsync(VisibleText.Of($"error: {error}"));
        }

        await around.Error.WriteLineAsync($"See '{Path(parsed.CommandResult)} --help'.");
        return ExitCode.Usage;
    }

    private static async Task<ExitCode> FailAsync(Surroundings around, ExitCode code, string message)
    {
        await around.Out.FlushAsync();
        await around.Error.WriteLineAsync(VisibleText.Of($"error: {message}"));
        return code;
    }

    /// <summary>Shows the filter with a mark under the place where it can't be read.</summary>
    private static async Task PointAtAsync(ParseResult parsed, Surroundings around, int? position)
    {
        if (position is { } place && parsed.GetResult(FilterOption.Name) is OptionResult option && option.GetValueOrDefault<string?>() is { } filter)
        {
            await around.Error.WriteLineAsync(VisibleText.Of($"  {filter.ReplaceLineEndings(" ")}"));
            await around.Error.WriteLineAsync($"  {new string(' ', place)}^");
        }
    }

    private static string Path(CommandResult? command) => command is null or { Parent: null }
        ? CommandTree.ToolName
        : $"{Path(command.Parent as CommandResult)} {command.Command.Name}";
}
