using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>list, count, explain.</summary>
internal sealed class WorkflowFinding(Verbs verbs)
{
    private const int MaxPage = 1000;
    private const int DefaultLimit = 50;

    public Command List()
    {
        var query = FilterOption.Optional();
        var limit = new Option<int?>("--limit", "-n") { Description = $"At most this many. Default: {DefaultLimit}.", HelpName = "number" };
        var all = new Option<bool>("--all") { Description = "All of them, page after page." };
        limit.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static token => int.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) && number < 1))
            {
                result.AddError("--limit must be at least 1.");
            }
        });
        return verbs.Verb("list", "List workflows, newest first.", [query, limit, all], async session =>
        {
            var most = session.Value(all) ? session.Value(limit) ?? int.MaxValue : session.Value(limit) ?? DefaultLimit;
            var items = session.Printer.Items(Columns(session.Printer.View.Moments));
            var more = await PagesAsync(session, session.Value(query), most, items);
            await items.EndAsync();
            if (items.Count == 0)
            {
                await session.NoteAsync("No workflows.");
            }
            else if (more)
            {
                await session.NoteAsync($"There are more than these {items.Count.ToString("N0", CultureInfo.InvariantCulture)}: see --limit and --all.");
            }

            return ExitCode.Ok;
        });
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

    /// <summary>True when there are more than asked for.</summary>
    private static async Task<bool> PagesAsync(Session session, string? query, int most, ItemWriter items)
    {
        string? token = null;
        do
        {
            var size = Math.Min(most - items.Count, MaxPage).ToString(CultureInfo.InvariantCulture);
            var page = await session.GetAsync(ApiPath.Of("workflows").With("query", query).With("pageSize", size).With("pageToken", token));
            foreach (var workflow in (page["workflows"] as JsonArray ?? []).OfType<JsonObject>())
            {
                await items.AddAsync(workflow);
            }

            token = (string?)page["nextPageToken"];
        }
        while (token is not null && items.Count < most);
        return token is not null;
    }

    private static Column[] Columns(Moments moments) =>
    [
        new("STATUS", static w => Cell.Status(w["status"])),
        new("ID", static w => Cell.Of(w["id"])),
        new("TYPE", static w => Cell.Of(w["type"])),
        new("STARTED", w => moments.Show(w["startTime"])),
        new("TOOK", static w => Moments.Parse(w["closeTime"]) - Moments.Parse(w["startTime"]) is { } took ? Moments.Show(took) : "", IsNumber: true),
    ];
}
