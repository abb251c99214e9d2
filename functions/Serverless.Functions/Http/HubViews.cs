using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Client;

namespace Serverless.Functions.Http;

/// <summary>How what operators ask for looks in answers.</summary>
internal static class HubViews
{
    public static JsonObject Waits(WorkflowWaits waits)
    {
        var node = new JsonObject
        {
            ["workflowId"] = waits.WorkflowId,
            ["runId"] = waits.RunId,
            ["status"] = waits.Status.ToString(),
        };
        if (waits.Blocked is { } blocked)
        {
            node["blocked"] = StoredJson.Node(blocked);
        }

        node["waits"] = new JsonArray([.. waits.Waits.Select(Wait)]);
        if (waits.WakesAt is { } at)
        {
            node["wakesAt"] = at;
        }

        return node;
    }

    public static JsonObject Status(HubStatus status)
    {
        var node = new JsonObject
        {
            ["hub"] = status.Hub,
            ["store"] = status.Store,
            ["counts"] = Counts(status.Counts),
            ["queues"] = StoredJson.Node(status.Queues),
            ["blocked"] = status.Blocked,
        };
        if (status.BuildId is { } build)
        {
            node["builds"] = new JsonArray(build);
        }

        return node;
    }

    /// <summary>A report of long work as a line.</summary>
    public static string Line(HubReport report) => report switch
    {
        HubReport.Line line => line.Json,
        HubReport.Progress progress => new JsonObject { ["progress"] = new JsonObject { ["done"] = progress.Done, ["total"] = progress.Total } }.ToJsonString(),
        HubReport.Ended ended => new JsonObject { ["summary"] = Counts(ended.Counts) }.ToJsonString(),
        HubReport.Run { Of: var run } => new JsonObject
        {
            ["workflowId"] = run.WorkflowId,
            ["runId"] = run.RunId,
            ["type"] = run.WorkflowType,
            ["status"] = run.Status.ToString(),
            ["closeTime"] = run.CloseTime,
        }.ToJsonString(),
        HubReport.Skipped skipped => new JsonObject { ["workflowId"] = skipped.WorkflowId, ["runId"] = skipped.RunId, ["skipped"] = skipped.Reason }.ToJsonString(),
        HubReport.Finding finding => Finding(finding).ToJsonString(),
        _ => throw new InvalidOperationException($"Unknown report {report.GetType().Name}."),
    };

    private static JsonObject Finding(HubReport.Finding finding)
    {
        var node = new JsonObject { ["kind"] = JsonNamingPolicy.CamelCase.ConvertName(finding.Kind.ToString()) };
        foreach (var (name, id) in (ReadOnlySpan<(string, string?)>)[("workflowId", finding.WorkflowId), ("runId", finding.RunId)])
        {
            if (id is not null)
            {
                node[name] = id;
            }
        }

        node["detail"] = finding.Detail;
        node["repair"] = finding.Repair;
        node["repaired"] = finding.Repaired;
        return node;
    }

    private static JsonObject Counts(IReadOnlyDictionary<string, long> counts) =>
        new(counts.OrderBy(static c => c.Key, StringComparer.Ordinal).Select(static c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value)));

    private static JsonObject Wait(WorkflowWait wait)
    {
        var node = StoredJson.Node(wait)!.AsObject();
        node["kind"] = JsonNamingPolicy.CamelCase.ConvertName(wait.Kind.ToString());
        foreach (var (name, isNothing) in (ReadOnlySpan<(string, bool)>)[("eventId", wait.EventId == 0), ("attempt", wait.Attempt == 0)])
        {
            if (isNothing)
            {
                node.Remove(name);
            }
        }

        return node;
    }
}
