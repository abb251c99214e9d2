using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Functions.Hosting;

namespace Serverless.Functions.Http;

/// <summary>What operators ask and do: why a workflow waits, how the hub stands.</summary>
internal static class HubEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/workflows/{id}/why", WhyAsync).WithSummary("Everything that a workflow waits for, and what will wake it.");
        group.MapGet("/hub", StatusAsync).WithSummary("Workflows by status, queues, poison messages, blocked workflows.");
    }

    private static async Task<IResult> WhyAsync(string id, HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var waits = await runtime.Hub.WhyAsync(RequestParts.Workflow(http, id), http.RequestAborted);
        return Results.Json(HubViews.Waits(await edge.DecodeAsync(waits)));
    }

    private static async Task<IResult> StatusAsync(HttpContext http, EngineRuntime runtime) =>
        Results.Json(HubViews.Status(await runtime.Hub.ReadStatusAsync(http.RequestAborted)));
}
