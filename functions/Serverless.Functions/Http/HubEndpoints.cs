using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Functions.Access;
using Serverless.Functions.Hosting;

namespace Serverless.Functions.Http;

/// <summary>What operators ask and do: why a workflow waits, how the hub stands.</summary>
internal static class HubEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var readers = group.For(ApiRole.Reader);
        var admins = group.For(ApiRole.Admin);
        readers.MapGet("/workflows/{id}/why", WhyAsync).WithSummary("Everything that a workflow waits for, and what will wake it.");
        readers.MapGet("/hub", StatusAsync).WithSummary("Workflows by status, queues, poison messages, blocked workflows.");
        admins.MapGet("/hub/doctor", (HttpContext http, EngineRuntime runtime) => ExamineAsync(http, runtime, new DoctorBody()))
            .WithSummary("Everything that will not heal by itself, as lines of JSON.");
        admins.MapPost("/hub/doctor", async (HttpContext http, EngineRuntime runtime) =>
                await ExamineAsync(http, runtime, await RequestParts.BodyAsync<DoctorBody>(http) ?? new DoctorBody()))
            .WithSummary("The same; repair mends it, rebuild writes the list anew from the histories.");
        admins.MapPost("/hub/purge", PurgeAsync).WithSummary("Remove the closed runs that a query finds; dryRun only names them.");
        admins.MapGet("/hub/export", ExportAsync).WithSummary("Workflows as lines of JSON; ?query= chooses, ?blob= keeps them among the hub's blobs.");
        admins.MapPost("/hub/import", ImportAsync).WithSummary("Load the lines of an export, from the body or from ?blob=; ?merge=true also into a hub that is not empty.");
    }

    private static Task<IResult> ExamineAsync(HttpContext http, EngineRuntime runtime, DoctorBody body) =>
        JsonLines.WriteAsync(http, runtime.Hub.ExamineAsync(body.Repair, body.Rebuild, http.RequestAborted));

    private static async Task<IResult> PurgeAsync(HttpContext http, EngineRuntime runtime)
    {
        var body = await RequestParts.BodyAsync<PurgeBody>(http) ?? new PurgeBody();
        return await JsonLines.WriteAsync(http, runtime.Hub.PurgeAsync(body.Query ?? "", body.DryRun, http.RequestAborted));
    }

    private static Task<IResult> ExportAsync(HttpContext http, EngineRuntime runtime)
    {
        var query = RequestParts.Text(http, "query");
        return JsonLines.WriteAsync(http, RequestParts.Text(http, "blob") is { } name
            ? runtime.Hub.ExportToBlobAsync(name, query, http.RequestAborted)
            : runtime.Hub.ExportAsync(query, http.RequestAborted));
    }

    private static Task<IResult> ImportAsync(HttpContext http, EngineRuntime runtime)
    {
        var merge = RequestParts.Text(http, "merge") is "true";
        var lines = RequestParts.Text(http, "blob") is { } name ? runtime.Hub.ReadExportAsync(name, http.RequestAborted) : JsonLines.ReadAsync(http, http.RequestAborted);
        return JsonLines.WriteAsync(http, runtime.Hub.ImportAsync(lines, merge, http.RequestAborted));
    }

    private static async Task<IResult> WhyAsync(string id, HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var waits = await runtime.Hub.WhyAsync(RequestParts.Workflow(http, id), http.RequestAborted);
        return Results.Json(HubViews.Waits(await edge.DecodeAsync(waits)));
    }

    private static async Task<IResult> StatusAsync(HttpContext http, EngineRuntime runtime) =>
        Results.Json(HubViews.Status(await runtime.Hub.ReadStatusAsync(http.RequestAborted)));

    private sealed record DoctorBody
    {
        public bool Repair { get; init; }

        public bool Rebuild { get; init; }
    }

    private sealed record PurgeBody
    {
        public string? Query { get; init; }

        public bool DryRun { get; init; }
    }
}
