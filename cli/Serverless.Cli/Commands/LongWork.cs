using System.Text.Json.Nodes;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>Work that the API tells about while it goes on, line by line: data, how far it is, and at the end a summary.</summary>
internal static class LongWork
{
    /// <param name="session">The run of the verb.</param>
    /// <param name="what">What is done, such as "Exporting".</param>
    /// <param name="lines">The answer of the API.</param>
    /// <param name="item">Takes the data; null when there is none to take.</param>
    /// <returns>The summary.</returns>
    /// <exception cref="CliException">The answer ended before the work did, or tells of an error.</exception>
    public static async Task<JsonObject> RunAsync(Session session, string what, IAsyncEnumerable<JsonObject> lines, Func<JsonObject, Task>? item)
    {
        JsonObject? summary = null;
        var streams = item is not null && session.Printer.Format != OutputFormat.Table;
        await new Progress(session.Around, streams).RunAsync(what, async report =>
        {
            await foreach (var line in lines)
            {
                if (line["progress"] is JsonObject progress)
                {
                    report(progress);
                }
                else if (line["summary"] is JsonObject last)
                {
                    summary = last;
                }
                else if (line["error"] is JsonObject error)
                {
                    throw new CliException(ExitCode.Failed, $"{what} failed: {(string?)error["detail"] ?? Cell.Json(error)}");
                }
                else if (item is not null)
                {
                    await item(line);
                }
            }
        });
        return summary ?? throw new CliException(ExitCode.Failed, $"{what} was cut off before it was done. It may be repeated.");
    }

    /// <summary>The numbers of a summary in a line.</summary>
    public static string Text(JsonObject summary) =>
        string.Join(", ", summary.Select(static fact => $"{WorkflowFinding.Title(fact.Key)} {Cell.Number(fact.Value).Text}"));
}
