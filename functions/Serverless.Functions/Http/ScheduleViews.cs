using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Client.Schedules;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Operations.Schedules;

namespace Serverless.Functions.Http;

/// <summary>How schedules look in answers: what describes one can be changed and sent back.</summary>
internal static class ScheduleViews
{
    public static JsonObject Description(string id, ScheduleView view, IReadOnlyDictionary<string, Payload> memo)
    {
        var (schedule, progress) = (view.Snapshot.Schedule, view.Snapshot.Progress);
        var node = new JsonObject
        {
            ["id"] = id,
            ["spec"] = Spec(schedule.Spec),
            ["action"] = Action(schedule.Action),
            ["policy"] = new JsonObject
            {
                ["overlap"] = schedule.Policy.Overlap.ToString(),
                ["catchupWindow"] = DurationText.Format(schedule.Policy.CatchupWindow),
                ["pauseOnFailure"] = schedule.Policy.PauseOnFailure,
            },
            ["state"] = StoredJson.Node(schedule.State),
        };
        AddValues(node, memo, view.SearchAttributes);
        node["info"] = new JsonObject
        {
            ["nextTimes"] = StoredJson.Node(view.Snapshot.Next),
            ["recentActions"] = Actions(progress.Recent),
            ["running"] = new JsonArray([.. progress.Running.Select(static r => new JsonObject { ["workflowId"] = r.WorkflowId, ["runId"] = r.RunId })]),
            ["numActions"] = progress.NumActions,
            ["missedCatchup"] = progress.NumMissed,
            ["skipped"] = progress.NumSkipped,
            ["buffered"] = progress.Buffer.Count,
            ["createdAt"] = progress.CreatedAt,
            ["updatedAt"] = progress.UpdatedAt,
        };
        return node;
    }

    public static JsonObject Row(ScheduleRow row, IReadOnlyDictionary<string, Payload> memo)
    {
        var node = new JsonObject { ["id"] = row.Id };
        if (row.Listing is { } listing)
        {
            node["spec"] = Spec(listing.Spec);
            node["action"] = new JsonObject { ["type"] = listing.WorkflowType };
            node["state"] = new JsonObject { ["paused"] = listing.Paused, ["note"] = listing.Note };
            node["info"] = new JsonObject { ["nextTimes"] = StoredJson.Node(listing.Next), ["recentActions"] = Actions(listing.Recent) };
        }

        AddValues(node, memo, row.SearchAttributes);
        return node;
    }

    private static JsonArray Actions(IEnumerable<RecentAction> actions) => new([.. actions.Select(StoredJson.Node)]);

    private static void AddValues(JsonObject node, IReadOnlyDictionary<string, Payload> memo, IReadOnlyDictionary<string, Payload> attributes)
    {
        foreach (var (name, values) in new[] { ("memo", memo), ("searchAttributes", attributes) })
        {
            if (values.Count > 0)
            {
                node[name] = Values(values);
            }
        }
    }

    private static JsonObject Values(IReadOnlyDictionary<string, Payload> values) => new(values.Select(static v => KeyValuePair.Create(v.Key, JsonPayloads.ToJson(v.Value))));

    private static JsonObject Spec(StoredSpec spec)
    {
        var node = StoredJson.Node(spec)!.AsObject();
        if (spec.Intervals.Count > 0)
        {
            node["intervals"] = new JsonArray([.. spec.Intervals.Select(Interval)]);
        }

        if (spec.Jitter is { } jitter)
        {
            node["jitter"] = DurationText.Format(jitter);
        }

        return node;
    }

    private static JsonObject Interval(StoredInterval interval)
    {
        var node = new JsonObject { ["every"] = DurationText.Format(interval.Every) };
        if (interval.Offset is { } offset)
        {
            node["offset"] = DurationText.Format(offset);
        }

        return node;
    }

    private static JsonObject Action(StoredAction action)
    {
        var started = ScheduleForms.StartedOf(action);
        var options = new JsonObject { ["taskQueue"] = started.TaskQueue };
        AddTexts(
            options,
            ("executionTimeout", Seconds(started.ExecutionTimeout)),
            ("runTimeout", Seconds(started.RunTimeout)),
            ("taskTimeout", Seconds(started.TaskTimeout)),
            ("summary", started.Summary),
            ("details", started.Details));
        AddValues(options, started.Memo, started.SearchAttributes);
        if (started.RetryPolicy is { } retry)
        {
            options["retryPolicy"] = StoredJson.Node(retry);
        }

        return new JsonObject
        {
            ["type"] = action.WorkflowType,
            ["id"] = action.WorkflowId,
            ["args"] = new JsonArray([.. started.Args.Select(JsonPayloads.ToJson)]),
            ["options"] = options,
        };
    }

    private static void AddTexts(JsonObject node, params ReadOnlySpan<(string Name, string? Text)> texts)
    {
        foreach (var (name, text) in texts)
        {
            if (text is not null)
            {
                node[name] = text;
            }
        }
    }

    private static string? Seconds(TimeSpan? duration) => duration is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds}s") : null;
}
