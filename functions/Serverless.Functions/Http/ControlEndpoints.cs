using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Client;
using Serverless.Functions.Access;
using Serverless.Functions.Hosting;
using Serverless.History;

namespace Serverless.Functions.Http;

/// <summary>Cancel, terminate, change, resume and delete.</summary>
internal static class ControlEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var operators = group.For(ApiRole.Operator);
        var admins = group.For(ApiRole.Admin);
        operators.MapPost("/workflows/{id}/cancel", CancelAsync).WithSummary("Ask a workflow to cancel; its code decides what that means.");
        operators.MapPost("/workflows/{id}/terminate", TerminateAsync).WithSummary("Close a workflow without running its code.");
        operators.MapPost("/workflows/{id}/search-attributes", UpsertAsync).WithSummary("Set search attributes of an open workflow; null removes one.");
        operators.MapPost("/workflows/{id}/resume", ResumeAsync).WithSummary("Let the code of a blocked workflow try again now.");
        admins.MapDelete("/workflows/{id}", DeleteAsync).WithSummary("Delete a closed workflow with all its runs.");
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext http, EngineRuntime runtime)
    {
        var workflow = RequestParts.Workflow(http, id);
        var body = await RequestParts.BodyAsync<ReasonBody>(http);
        await runtime.Service.CancelAsync(workflow, body?.Reason, http.RequestAborted);
        return Results.Json(new { id }, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> TerminateAsync(string id, HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var workflow = RequestParts.Workflow(http, id);
        var body = await RequestParts.BodyAsync<ReasonBody>(http);
        var details = await edge.EncodeAsync(id, body?.Details ?? []);
        await runtime.Service.TerminateAsync(workflow, body?.Reason, details, http.RequestAborted);
        return Results.Json(new { id, status = "Terminated" });
    }

    private static async Task<IResult> UpsertAsync(string id, HttpContext http, EngineRuntime runtime, ServerlessWorkflowsOptions settings)
    {
        var workflow = RequestParts.Workflow(http, id);
        var body = await RequestParts.BodyAsync<IReadOnlyDictionary<string, JsonElement>>(http);
        var attributes = SearchAttributeJson.Changes(body, settings.SearchAttributes.ByName, "The body");
        await runtime.Steering.ModifyAsync(workflow, new WorkflowPropertiesModified(WorkflowStarted.Empty!, attributes), RequestParts.Text(http, "requestId"), http.RequestAborted);
        return Results.Json(new { id }, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ResumeAsync(string id, HttpContext http, EngineRuntime runtime)
    {
        var resumed = await runtime.Steering.ResumeAsync(RequestParts.Workflow(http, id), http.RequestAborted);
        return Results.Json(new { id, resumed }, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext http, EngineRuntime runtime)
    {
        WorkflowIdRules.Check(id);
        await runtime.Service.DeleteAsync(id, http.RequestAborted);
        return Results.NoContent();
    }

    private sealed record ReasonBody
    {
        public string? Reason { get; init; }

        public IReadOnlyList<JsonElement>? Details { get; init; }
    }
}
