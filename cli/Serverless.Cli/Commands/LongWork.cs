using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>Work that the API tells about while it goes on, line by line: data, how far it is, and at the end a summary.</summary>
internal static class LongWork
{
    /// <param name="session">The run of the verb.</param>
    /// <param name="what">What is done, such as "Exporting".</param>
    /// <param name="lines">The answer of the API.</param>
    /// <param name="item">Takes the data.</param>
    /// <returns>The summary.</returns>
    /// <exception cref="CliException">The answer ended before the work did, or tells of an error.</exception>
    public static Task<JsonObject> RunAsync(Session session, string what, IAsyncEnumerable<string> lines, Func<JsonObject, Task> item) =>
        RunAsync(session, what, lines, line => item(JsonNode.Parse(line)!.AsObject()), static _ => Task.CompletedTask, streams: session.Printer.Format != OutputFormat.Table);

    /// <summary>For data that must stay as it came, to the byte.</summary>
    /// <param name="session">The run of the verb.</param>
    /// <param name="what">What is done.</param>
    /// <param name="lines">The answer of the API.</param>
    /// <param name="item">Takes the lines of data.</param>
    /// <param name="end">Takes the line of the summary.</param>
    /// <param name="streams">True when the data goes to standard output at once.</param>
    public static async Task<JsonObject> RunAsync(
        Session session, string what, IAsyncEnumerable<string> lines, Func<string, Task> item, Func<string, Task> end, bool streams)
    {
        JsonObject? summary = null;
        await new Progress(session.Around, streams).RunAsync(what, async report =>
        {
            await foreach (var line in lines)
            {
                switch (FirstMember(line))
                {
                    case "progress":
                        report(Member(line, "progress"));
                        break;
                    case "summary":
                        summary = Member(line, "summary");
                        await end(line);
                        break;
                    case "error":
                        throw ApiProblems.Exception(Member(line, "error"));
                    default:
                        await item(line);
                        break;
                }
            }
        });
        return summary ?? throw new CliException(ExitCode.Failed, $"{what} was cut off before it was done. It may be repeated.");
    }

    /// <summary>The numbers of a summary in a line.</summary>
    public static string Text(JsonObject summary) =>
        string.Join(", ", summary.Select(static fact => $"{WorkflowFinding.Title(fact.Key)} {Cell.Number(fact.Value).Text}"));

    /// <summary>What kind of line it is; histories are long and deep, so they are not parsed for that.</summary>
    private static string? FirstMember(string line)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(line));
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;
        }
        catch (JsonException)
        {
            throw new CliException(ExitCode.Failed, $"A line of the answer is not JSON: {line}");
        }
    }

    private static JsonObject Member(string line, string name) => JsonNode.Parse(line)?[name] as JsonObject ?? [];
}
