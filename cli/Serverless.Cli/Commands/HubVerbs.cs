using System.CommandLine;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary><c>hub</c>: everything of one application at once.</summary>
internal static class HubVerbs
{
    public static Command Create(Verbs verbs)
    {
        var histories = new HubHistories(verbs);
        return Verbs.Group("hub", "See to a whole hub.", [Status(verbs), Doctor(verbs), Purge(verbs), histories.Export(), histories.Import()]);
    }

    private static Command Status(Verbs verbs) => verbs.Verb("status", "Show workflows by status, queues, and what is wrong.", [], async session =>
    {
        var hub = await session.GetAsync(ApiPath.Of("hub"));
        session.Printer.Document(hub, view =>
        {
            view.Facts(("hub", Cell.Of(hub["hub"])), ("store", Cell.Of(hub["store"])), ("blocked", Cell.Number(hub["blocked"])), ("builds", Cell.Of(hub["builds"])));
            WorkflowPages.Section(view, "Workflows", (hub["counts"] as JsonObject ?? []).Select(static c => new JsonObject { ["status"] = c.Key, ["count"] = c.Value?.DeepClone() }),
                [new("STATUS", static c => Cell.Status(c["status"])), new("COUNT", static c => Cell.Number(c["count"]), IsNumber: true)]);
            WorkflowPages.Section(view, "Queues", WorkflowPages.Items(hub, "queues"),
                [new("NAME", static q => Cell.Of(q["name"])), new("MESSAGES", static q => Cell.Number(q["messages"]), IsNumber: true), new("POISON", static q => Cell.Number(q["poison"]), IsNumber: true)]);
        });
        return ExitCode.Ok;
    });

    private static Command Doctor(Verbs verbs)
    {
        var repair = new Option<bool>("--repair") { Description = "Repairs what is found." };
        var rebuild = new Option<bool>("--rebuild") { Description = "Writes the list of workflows anew from the workflows themselves." };
        return verbs.Verb("doctor", "Look for what is broken: lost wake-ups, poison messages, blocked workflows, orphans.", [repair, rebuild], async session =>
        {
            var api = await session.ApiAsync();
            var items = session.Printer.Items(
            [
                new("KIND", static f => Cell.Of(f["kind"])),
                new("WORKFLOW", static f => Cell.Of(f["workflowId"])),
                new("WHAT", static f => Cell.Of(f["detail"]), Wraps: true),
                new("REPAIR", static f => Cell.Of(f["repair"]), Wraps: true),
            ]);
            var changes = session.Value(repair) || session.Value(rebuild);
            using var body = changes ? new StringContent(new JsonObject { ["repair"] = session.Value(repair), ["rebuild"] = session.Value(rebuild) }.ToJsonString()) : null;
            var lines = api.StreamAsync(changes ? HttpMethod.Post : HttpMethod.Get, ApiPath.Of("hub", "doctor"), body, session.Cancellation);
            var summary = await LongWork.RunAsync(session, "Looking", lines, items.AddAsync);
            await items.EndAsync();
            await session.NoteAsync(items.Count == 0 ? $"Nothing is wrong. {LongWork.Text(summary)}" : LongWork.Text(summary));
            return items.Count == 0 || session.Value(repair) ? ExitCode.Ok : ExitCode.Incomplete;
        });
    }

    private static Command Purge(Verbs verbs)
    {
        var query = FilterOption.Required("which closed workflows");
        var dry = new Option<bool>("--dry-run") { Description = "Only counts." };
        var yes = Confirmation.Option();
        return verbs.Verb("purge", "Delete closed workflows.", [query, dry, yes], async session =>
        {
            var api = await session.ApiAsync();
            Task<JsonObject> RunAsync(bool counts)
            {
                var body = new StringContent(new JsonObject { ["query"] = session.Value(query), ["dryRun"] = counts }.ToJsonString());
                return LongWork.RunAsync(session, counts ? "Counting" : "Deleting", api.StreamAsync(HttpMethod.Post, ApiPath.Of("hub", "purge"), body, session.Cancellation), item: null);
            }

            if (!session.Value(dry))
            {
                await Confirmation.AskAsync(session, yes, "Deleting these workflows", async () => $" ({LongWork.Text(await RunAsync(counts: true))})");
            }

            var summary = await RunAsync(session.Value(dry));
            session.Printer.Document(summary, view => view.Facts(summary.Select(static fact => (WorkflowFinding.Title(fact.Key), Cell.Number(fact.Value)))));
            return ExitCode.Ok;
        });
    }
}
