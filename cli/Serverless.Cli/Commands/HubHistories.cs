using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>hub export and hub import: histories as lines of JSON, which pass through as they are.</summary>
internal sealed class HubHistories(Verbs verbs)
{
    private readonly Option<string?> _blob = new("--blob") { Description = "In the hub's own blobs under this name, and not here.", HelpName = "name" };

    public Command Export()
    {
        var query = FilterOption.Optional();
        var file = new Option<string?>("--file") { Description = "Writes to this file. Default: standard output.", HelpName = "file" };
        return verbs.Verb("export", "Write histories as lines of JSON, one run each; the last line says that it is whole.", [query, file, _blob], async session =>
        {
            var api = await session.ApiAsync();
            var path = ApiPath.Of("hub", "export").With("query", session.Value(query)).With("blob", session.Value(_blob));
            var lines = api.LinesAsync(HttpMethod.Get, path, null, session.Cancellation);
            var summary = session.Value(file) is { } name
                ? await ToFileAsync(session, lines, name)
                : await WriteAsync(session, lines, session.Value(_blob) is null ? session.Around.Out : TextWriter.Null, streams: session.Value(_blob) is null);
            await session.NoteAsync($"Exported: {LongWork.Text(summary)}.");
            return ExitCode.Ok;
        });
    }

    public Command Import()
    {
        var file = new Argument<string?>("file") { Description = "What 'hub export' wrote, or - for standard input.", Arity = ArgumentArity.ZeroOrOne };
        var merge = new Option<bool>("--merge") { Description = "Also into a hub that is not empty; workflow ids that are in use are left alone and named." };
        return verbs.Verb("import", "Load exported histories into an empty hub.", [file, _blob, merge], async session =>
        {
            var (name, blob) = (session.Value(file), session.Value(_blob));
            if (name is null == blob is null)
            {
                throw new CliException(ExitCode.Usage, $"Say what to import: a file or {_blob.Name}.");
            }

            await using var source = name is null ? Stream.Null : InputFiles.Open(session, name);
            var api = await session.ApiAsync(mayCreate: true);
            using var body = new StreamContent(source);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            var path = ApiPath.Of("hub", "import").With("merge", session.Value(merge) ? "true" : null).With("blob", blob);
            return await ImportAsync(session, api.LinesAsync(HttpMethod.Post, path, body, session.Cancellation));
        });
    }

    private static async Task<ExitCode> ImportAsync(Session session, IAsyncEnumerable<string> lines)
    {
        var items = session.Printer.Items(
            [new("WORKFLOW", static r => Cell.Of(r["workflowId"])), new("RUN", static r => Cell.Of(r["runId"])), new("NOT IMPORTED", static r => Cell.Of(r["skipped"]), Wraps: true)]);
        var summary = await LongWork.RunAsync(session, "Importing", lines, items.AddAsync);
        await items.EndAsync();
        var isWhole = (int?)summary["complete"] != 0;
        summary.Remove("complete");
        await session.NoteAsync($"{LongWork.Text(summary)}.");
        if (!isWhole)
        {
            await session.NoteAsync("error: The export was cut off: it has no last line, and histories are missing.");
        }

        return isWhole ? ExitCode.Ok : ExitCode.Incomplete;
    }

    /// <summary>A file that is not whole must not look like one: it has its name when all is written.</summary>
    private static async Task<JsonObject> ToFileAsync(Session session, IAsyncEnumerable<string> lines, string path)
    {
        var partial = $"{path}.partial";
        JsonObject summary;
        await using (var writer = new StreamWriter(partial, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
        {
            summary = await WriteAsync(session, lines, writer, streams: false);
        }

        File.Move(partial, path, overwrite: true);
        return summary;
    }

    /// <summary>Lines end as JSON lines do, on every system.</summary>
    private static Task<JsonObject> WriteAsync(Session session, IAsyncEnumerable<string> lines, TextWriter writer, bool streams)
    {
        Task LineAsync(string line) => writer.WriteAsync($"{(streams ? VisibleText.Of(line) : line)}\n");
        return LongWork.RunAsync(session, "Exporting", lines, LineAsync, LineAsync, streams);
    }
}
