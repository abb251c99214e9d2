using System.CommandLine;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Commands;

/// <summary>Options that are repeated as NAME=JSON and make an object.</summary>
internal static class PairOption
{
    public static Option<string[]> Create(string name, string description) =>
        new(name) { Description = $"{description}; repeat it for more. What is not JSON is a text: {name} Customer=ada.", HelpName = "name=json" };

    /// <summary>The object; null when there is no pair.</summary>
    /// <exception cref="CliException">A pair has no name.</exception>
    public static JsonObject? Read(Session session, Option<string[]> option)
    {
        var pairs = session.Value(option);
        if (pairs is null or [])
        {
            return null;
        }

        var result = new JsonObject();
        foreach (var pair in pairs)
        {
            var parts = pair.Split('=', 2);
            if (parts.Length < 2 || parts[0].Length == 0)
            {
                throw new CliException(ExitCode.Usage, $"{option.Name}: '{pair}' has no name. Write NAME=JSON.");
            }

            result[parts[0]] = Value(parts[1]);
        }

        return result;
    }

    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
