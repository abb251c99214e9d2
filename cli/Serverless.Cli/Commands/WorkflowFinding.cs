using System.CommandLine;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>list, count, explain.</summary>
internal sealed class WorkflowFinding(Verbs verbs)
{
    public Command List()
    {
        var query = FilterOption.Optional();
        var listing = new Listing();
        return verbs.Verb("list", "List workflows, newest first.", [query, .. listing.All], session =>
            listing.PrintAsync(session, Columns(session.Printer.View.Moments), () => ApiPath.Of("workflows").With("query", session.Value(query)), "workflows"));
    }

    public Command Count()
    {
        var query = FilterOption.Optional();
        return verbs.Verb("count", "Count workflows; the filter may end with GROUP BY ExecutionStatus.", [query], async session =>
        {
            var answer = await session.GetAsync(ApiPath.Of("workflows", "count").With("query", session.Value(query)));
            session.Printer.Document(answer, view =>
            {
                if (answer["groups"] is JsonArray groups)
                {
                    view.Table([new("VALUE", static g => Cell.Status(g["value"])), new("COUNT", static g => Cell.Number(g["count"]), IsNumber: true)], groups.OfType<JsonObject>());
                }
                else
                {
                    view.Line(Cell.Of(answer["count"]));
                }
            });
            return ExitCode.Ok;
        });
    }

    public Command Explain()
    {
        var query = FilterOption.Required("what would be listed");
        return verbs.Verb("explain", "Show how a list filter would be answered, without answering it.", [query], async session =>
        {
            var answer = await session.GetAsync(ApiPath.Of("workflows", "explain").With("query", session.Value(query)));
            session.Printer.Document(answer, view => view.Facts(answer.Select(static fact => (Title(fact.Key), Cell.Of(fact.Value)))));
            return ExitCode.Ok;
        });
    }

    /// <summary>A name in camel case as words.</summary>
    internal static string Title(string name) => string.Concat(name.Select(static c => char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));

    private static Column[] Columns(Moments moments) =>
    [
        new("STATUS", static w => Cell.Status(w["status"])),
        new("ID", static w => Cell.Of(w["id"])),
        new("TYPE", static w => Cell.Of(w["type"])),
        new("STARTED", w => moments.Show(w["startTime"])),
        new("TOOK", static w => Moments.Parse(w["closeTime"]) - Moments.Parse(w["startTime"]) is { } took ? Moments.Show(took) : "", IsNumber: true),
    ];
}
