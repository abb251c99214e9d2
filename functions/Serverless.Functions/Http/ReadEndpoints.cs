using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Common;
using Serverless.Functions.Access;
using Serverless.Functions.Hosting;

namespace Serverless.Functions.Http;

/// <summary>List, count, describe, result and history.</summary>
internal static class ReadEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var readers = group.For(ApiRole.Reader);
        readers.MapGet("/workflows", ListAsync).WithSummary("List workflows, newest first; ?query= filters, ?pageSize= and ?pageToken= page.");
        readers.MapGet("/workflows/count", CountAsync).WithSummary("Count workflows; ?query= filters and may end with GROUP BY ExecutionStatus.");
        readers.MapGet("/workflows/explain", ExplainAsync).WithSummary("How a ?query= would be answered: by which index, how many rows are read, what is checked afterwards.");
        readers.MapGet("/workflows/{id}", DescribeAsync).WithSummary("Describe a workflow: state, times, and everything it waits for.");
        readers.MapGet("/workflows/{id}/result", ResultAsync).WithSummary("The result; ?wait=30s waits for it.");
        readers.MapGet("/workflows/{id}/history", HistoryAsync).WithSummary("Events after ?after=; ?wait=30s waits for a first one.");
        readers.MapGet("/search-attributes", SearchAttributes).WithSummary("The declared search attributes and their types.");
    }

    private static IResult SearchAttributes(ServerlessWorkflowsOptions options) => Results.Json(new JsonObject(
        options.SearchAttributes.ByName.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)SearchAttributeTypes.NameOf(pair.Value)))));

    private static async Task<IResult> ListAsync(HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var page = await runtime.Reader.ListAsync(
            RequestParts.Text(http, "query"), RequestParts.Number(http, "pageSize", 50, 1, 1000), RequestParts.Text(http, "pageToken"), http.RequestAborted);
        var workflows = new JsonArray();
        foreach (var workflow in page.Workflows)
        {
            workflows.Add(WorkflowViews.Summary(await edge.DecodeAsync(workflow)));
        }

        return Results.Json(new JsonObject
        {
            ["workflows"] = workflows,
            ["nextPageToken"] = page.NextPageToken,
        });
    }

    private static async Task<IResult> CountAsync(HttpContext http, EngineRuntime runtime)
    {
        var counts = await runtime.Reader.CountAsync(RequestParts.Text(http, "query"), http.RequestAborted);
        var groups = counts.Where(pair => pair.Key.Length > 0).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        var answer = new JsonObject { ["count"] = counts.Values.Sum() };
        if (groups.Count > 0)
        {
            answer["groups"] = new JsonArray([.. groups.Select(pair => new JsonObject { ["value"] = pair.Key, ["count"] = pair.Value })]);
        }

        return Results.Json(answer);
    }

    private static async Task<IResult> ExplainAsync(HttpContext http, EngineRuntime runtime)
    {
        var plan = await runtime.Reader.ExplainAsync(RequestParts.Text(http, "query"), http.RequestAborted);
        return Results.Json(new JsonObject
        {
            ["index"] = plan.Index,
            ["keys"] = new JsonArray([.. plan.Keys.Select(static key => (JsonNode)key)]),
            ["expectedRows"] = plan.ExpectedRows,
            ["exact"] = plan.IsExact,
            ["filteredAfterwards"] = plan.FilteredAfterwards,
            ["order"] = plan.Order,
            ["count"] = plan.Count,
        });
    }

    private static async Task<IResult> DescribeAsync(string id, HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var description = await runtime.Reader.DescribeAsync(RequestParts.Workflow(http, id), http.RequestAborted);
        var view = WorkflowViews.Description(await edge.DecodeAsync(description));
        if (description.State.Closed is { } closed)
        {
            view["closed"] = StoredJson.Event((await edge.DecodeAsync(id, [closed]))[0]);
        }

        return Results.Json(view);
    }

    private static async Task<IResult> ResultAsync(string id, HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var workflow = RequestParts.Workflow(http, id);
        var close = await runtime.Service.WaitForCloseAsync(workflow, followRuns: true, RequestParts.Wait(http), http.RequestAborted);
        return close is null ? WorkflowOutcomes.Running(id, workflow.RunId) : WorkflowOutcomes.Closed(id, await edge.DecodeAsync(id, close));
    }

    private static async Task<IResult> HistoryAsync(string id, HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var after = RequestParts.Number(http, "after", 0, 0, int.MaxValue);
        var events = await runtime.Reader.ReadHistoryAsync(RequestParts.Workflow(http, id), after, RequestParts.Wait(http), http.RequestAborted);
        return Results.Json(new JsonObject { ["events"] = new JsonArray([.. (await edge.DecodeAsync(id, events)).Select(StoredJson.Event)]) });
    }
}
