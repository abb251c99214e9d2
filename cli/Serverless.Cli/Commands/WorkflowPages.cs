using System.Text.Json.Nodes;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>How one workflow looks to people.</summary>
internal static class WorkflowPages
{
    public static void Describe(View view, JsonObject workflow)
    {
        var moments = view.Moments;
        view.Facts(
            ("id", Cell.Of(workflow["id"])),
            ("run", Cell.Of(workflow["runId"])),
            ("type", Cell.Of(workflow["type"])),
            ("status", Cell.Status(workflow["status"])),
            ("task queue", Cell.Of(workflow["taskQueue"])),
            ("build", Cell.Of(workflow["buildId"])),
            ("pinned to build", Cell.Of(workflow["pinnedBuildId"])),
            ("started", moments.Show(workflow["startTime"])),
            ("closed", moments.Show(workflow["closeTime"])),
            ("parent", Cell.Of(workflow["parentWorkflowId"])),
            ("history", $"{Cell.Number(workflow["historyLength"]).Text} events, {Cell.Number(workflow["historyBytes"]).Text} bytes"),
            ("messages waiting", (long?)workflow["inboxCount"] > 0 ? Cell.Number(workflow["inboxCount"]) : ""),
            ("cancel requested", (bool?)workflow["cancelRequested"] == true ? "yes" : ""),
            ("memo", Cell.Of(workflow["memo"])),
            ("search attributes", Cell.Of(workflow["searchAttributes"])),
            ("result", Closed(workflow, "result")),
            ("failure", EventText.Failure(workflow["closed"]?["attributes"]?["failure"])),
            ("reason", Closed(workflow, "reason")));
        if (workflow["blocked"] is JsonObject blocked)
        {
            view.Heading("Blocked until its code is mended");
            view.Facts(blocked.Select(fact => (WorkflowFinding.Title(fact.Key), Value(moments, fact.Value))));
        }

        Activities(view, Items(workflow, "pendingActivities"));
        Section(view, "Pending timers", Items(workflow, "pendingTimers"),
            [new("EVENT", static t => Cell.Of(t["eventId"]), true), new("TIMER", static t => Cell.Of(t["id"])), new("DUE", t => moments.Show(t["due"])), new("SUMMARY", static t => Cell.Of(t["summary"]), Wraps: true)]);
        Section(view, "Pending child workflows", Items(workflow, "pendingChildren"),
            [new("EVENT", static c => Cell.Of(c["eventId"]), true), new("TYPE", static c => Cell.Of(c["type"])), new("ID", static c => Cell.Of(c["id"])), new("STARTED", static c => Cell.Of(c["started"]))]);
        view.Lines("Waits for", (workflow["waitsFor"] as JsonArray ?? []).Select(static text => Cell.Of(text)));
    }

    public static void Why(View view, JsonObject answer)
    {
        var moments = view.Moments;
        view.Facts(
            ("id", Cell.Of(answer["workflowId"])),
            ("run", Cell.Of(answer["runId"])),
            ("status", Cell.Status(answer["status"])),
            ("wakes", moments.Show(answer["wakesAt"])));
        if (answer["blocked"] is JsonObject blocked)
        {
            view.Heading("Blocked until its code is mended");
            view.Facts(blocked.Select(fact => (WorkflowFinding.Title(fact.Key), Value(moments, fact.Value))));
        }

        Section(view, "Waits for", Items(answer, "waits"),
        [
            new("KIND", static w => Cell.Of(w["kind"])),
            new("WHAT", static w => Cell.Of(w["what"]), Wraps: true),
            new("SINCE", w => moments.Show(w["since"])),
            new("UNTIL", w => moments.Show(w["until"])),
            new("WOKEN BY", static w => Cell.Of(w["wokenBy"]), Wraps: true),
        ]);
    }

    public static IEnumerable<JsonObject> Items(JsonObject parent, string name) => (parent[name] as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>A heading and a table; nothing when there are no items.</summary>
    public static void Section(View view, string heading, IEnumerable<JsonObject> items, IReadOnlyList<Column> columns)
    {
        var rows = items.ToList();
        if (rows.Count > 0)
        {
            view.Heading(heading);
            view.Table(columns, rows);
        }
    }

    public static Cell Value(Moments moments, JsonNode? node) => moments.Show(node) is { Length: > 0 } moment ? moment : Cell.Of(node);

    private static void Activities(View view, IEnumerable<JsonObject> activities) => Section(view, "Pending activities", activities,
    [
        new("EVENT", static a => Cell.Of(a["eventId"]), true),
        new("TYPE", static a => Cell.Of(a["type"])),
        new("ATTEMPT", static a => Cell.Of(a["attempt"]), true),
        new("SCHEDULED", a => view.Moments.Show(a["scheduled"])),
        new("NEXT ATTEMPT", a => view.Moments.Show(a["nextAttempt"])),
        new("LAST FAILURE", static a => EventText.Failure(a["lastFailure"]), Wraps: true),
    ]);

    private static Cell Closed(JsonObject workflow, string name) =>
        workflow["closed"]?["attributes"] is JsonObject attributes && attributes.ContainsKey(name) ? Cell.Json(attributes[name]) : "";
}
