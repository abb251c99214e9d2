using System.Text.Json.Nodes;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>How a schedule looks to people.</summary>
internal static class SchedulePage
{
    public static void Show(View view, JsonObject schedule)
    {
        var state = schedule["state"] as JsonObject ?? [];
        var info = schedule["info"] as JsonObject ?? [];
        view.Facts(
            ("id", Cell.Of(schedule["id"])),
            ("starts", Starts(schedule["action"] as JsonObject ?? [])),
            ("paused", (bool?)state["paused"] == true ? "yes" : "no"),
            ("note", Cell.Of(state["note"])),
            ("memo", Cell.Of(schedule["memo"])),
            ("search attributes", Cell.Of(schedule["searchAttributes"])),
            ("starts left", (bool?)state["limitedActions"] == true ? Cell.Number(state["remainingActions"]) : ""));
        Section(view, "Times", schedule["spec"] as JsonObject);
        Section(view, "Policy", schedule["policy"] as JsonObject);
        view.Heading("So far");
        view.Facts(info.Where(static fact => fact.Value is JsonValue).Select(fact => (WorkflowFinding.Title(fact.Key), WorkflowPages.Value(view.Moments, fact.Value))));
        view.Lines("Next times", (info["nextTimes"] as JsonArray ?? []).Select(time => new Cell(view.Moments.Show(time))));
        WorkflowPages.Section(view, "Last starts", WorkflowPages.Items(info, "recentActions"),
        [
            new("WORKFLOW", static a => Cell.Of(a["workflowId"])),
            new("DUE", a => view.Moments.ShowTime(a["scheduledAt"])),
            new("STARTED", a => view.Moments.Show(a["startedAt"])),
        ]);
        WorkflowPages.Section(view, "Running", WorkflowPages.Items(info, "running"), [new("WORKFLOW", static r => Cell.Of(r["workflowId"])), new("RUN", static r => Cell.Of(r["runId"]))]);
    }

    private static Cell Starts(JsonObject action)
    {
        var args = action["args"] is JsonArray { Count: > 0 } given ? $"({string.Join(", ", given.Select(static a => Cell.Json(a, 200)))})" : "";
        return $"{(string?)action["type"]}{args}{((string?)action["id"] is { } id ? $" as {id}" : "")}";
    }

    /// <summary>What is set of a part of the schedule.</summary>
    private static void Section(View view, string heading, JsonObject? part)
    {
        var facts = (part ?? []).Where(static fact => fact.Value is not null and not JsonArray { Count: 0 }).ToList();
        if (facts.Count > 0)
        {
            view.Heading(heading);
            view.Facts(facts.Select(fact => (WorkflowFinding.Title(fact.Key), WorkflowPages.Value(view.Moments, fact.Value))));
        }
    }
}
