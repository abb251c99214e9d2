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
                new("REPAIR", static f => $"{((bool?)f["repaired"] == true ? "done: " : "")}{(string?)f["repair"]}", Wraps: true),
            ]);
            var left = 0;
            var changes = session.Value(repair) || session.Value(rebuild);
            using var body = changes ? new StringContent(new JsonObject { ["repair"] = session.Value(repair), ["rebuild"] = session.Value(rebuild) }.ToJsonString()) : null;
            var lines = api.LinesAsync(changes ? HttpMethod.Post : HttpMethod.Get, ApiPath.Of("hub", "doctor"), body, session.Cancellation);
            var summary = await LongWork.RunAsync(session, "Looking", lines, finding =>
            {
                left += (bool?)finding["repaired"] == true ? 0 : 1;
                return items.AddAsync(finding);
            });
            await items.EndAsync();
            await session.NoteAsync(items.Count == 0 ? $"Nothing is wrong: {LongWork.Text(summary)}." : $"{LongWork.Text(summary)}.");
            return left == 0 ? ExitCode.Ok : ExitCode.Incomplete;
        });
    }

    private static Command Purge(Verbs verbs)
    {
        var query = FilterOption.Required("which closed workflows");
        var dry = new Option<bool>("--dry-run") { Description = "Only names them." };
        var yes = Confirmation.Option();
        return verbs.Verb("purge", "Delete closed workflows and name them.", [query, dry, yes], async session =>
        {
            var api = await session.ApiAsync();
            var counts = session.Value(dry);
            if (!counts)
            {
                await Confirmation.AskAsync(session, yes, "Deleting these workflows", async () => $" ({LongWork.Text(await RunAsync(isDry: true, static _ => Task.CompletedTask))})");
            }

            var items = session.Printer.Items(RunColumns(session.Printer.View.Moments));
            var summary = await RunAsync(counts, items.AddAsync);
            await items.EndAsync();
            await session.NoteAsync($"{LongWork.Text(summary)}.");
            return ExitCode.Ok;

            Task<JsonObject> RunAsync(bool isDry, Func<JsonObject, Task> item)
            {
                var body = new StringContent(new JsonObject { ["query"] = session.Value(query), ["dryRun"] = isDry }.ToJsonString());
                return LongWork.RunAsync(session, isDry ? "Counting" : "Deleting", api.LinesAsync(HttpMethod.Post, ApiPath.Of("hub", "purge"), body, session.Cancellation), item);
            }
        });
    }

    private static Column[] RunColumns(Moments moments) =>
    [
        new("STATUS", static r => Cell.Status(r["status"])),
        new("WORKFLOW", static r => Cell.Of(r["workflowId"])),
        new("RUN", static r => Cell.Of(r["runId"])),
        new("TYPE", static r => Cell.Of(r["type"])),
        new("CLOSED", r => moments.Show(r["closeTime"])),
    ];
}
