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
            ["counts"] = new JsonObject(status.Counts.OrderBy(static c => c.Key, StringComparer.Ordinal).Select(static c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))),
            ["queues"] = StoredJson.Node(status.Queues),
            ["blocked"] = status.Blocked,
        };
        if (status.BuildId is { } build)
        {
            node["builds"] = new JsonArray(build);
        }

        return node;
    }

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
