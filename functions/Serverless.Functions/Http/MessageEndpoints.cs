using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Functions.Access;
using Serverless.Functions.Hosting;
using Serverless.History;

namespace Serverless.Functions.Http;

/// <summary>Signals, queries and updates. Their body is a JSON array of arguments.</summary>
internal static class MessageEndpoints
{
    private static readonly TimeSpan _defaultUpdateWait = TimeSpan.FromSeconds(10);

    public static void Map(RouteGroupBuilder group)
    {
        var readers = group.For(ApiRole.Reader);
        var operators = group.For(ApiRole.Operator);
        operators.MapPost("/workflows/{id}/signals/{name}", SignalAsync).WithSummary("Send a signal. Once accepted it is applied exactly once.");
        readers.MapPost("/workflows/{id}/queries/{name}", QueryAsync).WithSummary("Ask a running or closed workflow.");
        operators.MapPost("/workflows/{id}/updates/{name}", UpdateAsync).WithSummary("Send an update and wait for its outcome; ?updateId= makes repeating it safe.");
    }

    private static async Task<IResult> SignalAsync(string id, string name, HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var workflow = RequestParts.Workflow(http, id);
        var signal = new WorkflowSignaled(name, await edge.EncodeAsync(id, await RequestParts.ArgumentsAsync(http)));
        await runtime.Service.SignalAsync(workflow, signal, RequestParts.Text(http, "requestId"), http.RequestAborted);
        return Results.Json(new { id, signal = name }, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> QueryAsync(string id, string name, HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var workflow = RequestParts.Workflow(http, id);
        var result = await runtime.Service.QueryAsync(workflow, name, await edge.EncodeAsync(id, await RequestParts.ArgumentsAsync(http)), WorkflowStarted.Empty, http.RequestAborted);
        return Results.Json(new JsonObject { ["result"] = await edge.DecodeAsync(id, result) });
    }

    private static async Task<IResult> UpdateAsync(string id, string name, HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var workflow = RequestParts.Workflow(http, id);
        var updateId = RequestParts.Text(http, "updateId") ?? Guid.NewGuid().ToString("N");
        var update = new WorkflowUpdateAccepted(updateId, name, await edge.EncodeAsync(id, await RequestParts.ArgumentsAsync(http)));
        var outcome = await runtime.Service.UpdateAsync(workflow, update, untilCompleted: true, RequestParts.Wait(http, _defaultUpdateWait), http.RequestAborted);
        if (outcome is null or { Accepted: true, Completed: false })
        {
            return Results.Json(new { id, updateId, status = outcome is null ? "Sent" : "Accepted" }, statusCode: StatusCodes.Status202Accepted);
        }

        if (outcome.Failure is null)
        {
            return Results.Json(new JsonObject { ["updateId"] = updateId, ["status"] = "Completed", ["result"] = await edge.DecodeAsync(id, outcome.Result) });
        }

        var failure = await edge.DecodeAsync(id, outcome.Failure);
        return ProblemFilter.Result(
            StatusCodes.Status422UnprocessableEntity,
            outcome.Accepted ? ProblemCodes.UpdateFailed : ProblemCodes.UpdateRejected,
            $"Update '{name}' was {(outcome.Accepted ? "accepted and failed" : "rejected")}: {WorkflowOutcomes.Innermost(failure).Message}",
            [new("updateId", updateId), new("failure", StoredJson.Node(failure))]);
    }
}
