using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>hub export and hub import: histories as lines of JSON.</summary>
internal sealed class HubHistories(Verbs verbs)
{
    public Command Export()
    {
        var query = FilterOption.Optional();
        var file = new Option<string?>("--file") { Description = "Writes to this file. Default: standard output.", HelpName = "file" };
        return verbs.Verb("export", "Write histories as lines of JSON, one run each.", [query, file], async session =>
        {
            var api = await session.ApiAsync();
            var lines = api.StreamAsync(HttpMethod.Get, ApiPath.Of("hub", "export").With("query", session.Value(query)), null, session.Cancellation);
            var summary = session.Value(file) is { } path
                ? await ToFileAsync(session, lines, path)
                : await LongWork.RunAsync(session, "Exporting", lines, history => session.Around.Out.WriteLineAsync(Printer.Text(history, indented: false)));
            await session.NoteAsync($"Exported: {LongWork.Text(summary)}");
            return ExitCode.Ok;
        });
    }

    public Command Import()
    {
        var file = new Argument<string>("file") { Description = "What 'hub export' wrote, or - for standard input." };
        var merge = new Option<bool>("--merge") { Description = "Also into a hub that is not empty." };
        return verbs.Verb("import", "Load exported histories into an empty hub.", [file, merge], async session =>
        {
            var name = session.Required(file);
            if (name != InputFiles.StandardInput && !File.Exists(name))
            {
                throw new CliException(ExitCode.NotFound, $"There is no file '{name}'.");
            }

            var api = await session.ApiAsync(mayCreate: true);
            await using var source = name == InputFiles.StandardInput ? session.Around.OpenInput() : File.OpenRead(name);
            using var body = new StreamContent(source);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            var lines = api.StreamAsync(HttpMethod.Post, ApiPath.Of("hub", "import").With("merge", session.Value(merge) ? "true" : null), body, session.Cancellation);
            var summary = await LongWork.RunAsync(session, "Importing", lines, item: null);
            session.Printer.Document(summary, view => view.Facts(summary.Select(static fact => (WorkflowFinding.Title(fact.Key), Cell.Number(fact.Value)))));
            return ExitCode.Ok;
        });
    }

    /// <summary>A file that is not whole must not look like one: it has its name when all is written.</summary>
    private static async Task<JsonObject> ToFileAsync(Session session, IAsyncEnumerable<JsonObject> lines, string path)
    {
        var partial = $"{path}.partial";
        JsonObject summary;
        await using (var writer = new StreamWriter(partial, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
        {
            summary = await LongWork.RunAsync(session, "Exporting", lines, history => writer.WriteLineAsync(Printer.Text(history, indented: false)));
        }

        File.Move(partial, path, overwrite: true);
        return summary;
    }
}
