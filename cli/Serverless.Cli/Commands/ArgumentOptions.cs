using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Commands;

/// <summary>The arguments of a workflow, signal, query or update as JSON: one by one, as a list, or from a file.</summary>
internal sealed class ArgumentOptions
{
    private readonly Option<string[]> _each;
    private readonly Option<string?> _list;
    private readonly Option<string?> _input;

    /// <param name="prefix">What the options' names begin with, when a verb has several such lists.</param>
    /// <param name="of">What the arguments are of.</param>
    public ArgumentOptions(string of, string prefix = "")
    {
        _each = new($"--{prefix}arg") { Description = $"An argument of the {of} as JSON; repeat it for more. A text has quotes: --{prefix}arg '\"Ada\"'.", HelpName = "json" };
        _list = new($"--{prefix}args") { Description = $"All arguments of the {of} as a JSON array.", HelpName = "json" };
        _input = new($"--{prefix}input") { Description = "A file with that array, or - for standard input.", HelpName = "file" };
    }

    public IEnumerable<Option> All => [_each, _list, _input];

    /// <exception cref="CliException">They are not JSON, or given in two ways.</exception>
    public async Task<JsonArray> ReadAsync(Session session)
    {
        var each = session.Value(_each) ?? [];
        var list = session.Value(_list);
        var input = session.Value(_input);
        if ((each.Length > 0 ? 1 : 0) + (list is null ? 0 : 1) + (input is null ? 0 : 1) > 1)
        {
            throw new CliException(ExitCode.Usage, $"{_each.Name}, {_list.Name} and {_input.Name} exclude each other.");
        }

        if (input is not null)
        {
            return List(await InputFiles.ReadTextAsync(session, input), _input.Name);
        }

        return list is not null
            ? List(list, _list.Name)
            : new JsonArray([.. each.Select(text => Json(text, _each.Name))]);
    }

    /// <exception cref="CliException">The text is not JSON.</exception>
    public static JsonNode? Json(string text, string option)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            throw new CliException(ExitCode.Usage, $"{option}: {text} is not JSON. A text has quotes, which the shell must leave in place: {option} '\"{text}\"'.");
        }
    }

    private static JsonArray List(string text, string option) => Json(text, option) as JsonArray
        ?? throw new CliException(ExitCode.Usage, $"{option}: a JSON array of arguments is expected, such as '[\"Ada\", 2]'.");
}
