using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Functions.Access;
using Serverless.Functions.Hosting;

namespace Serverless.Functions.Http;

/// <summary><c>POST /api/workflows</c>.</summary>
internal static class StartEndpoint
{
    public static void Map(RouteGroupBuilder group) =>
        group.For(ApiRole.Operator).MapPost("/workflows", StartAsync).WithSummary("Start a workflow; with ?wait=10s, return its result if it ends in time.");

    private static async Task<IResult> StartAsync(HttpContext http, EngineRuntime runtime, PayloadEdge edge, ServerlessWorkflowsOptions settings)
    {
        var wait = RequestParts.Wait(http);
        var request = StartRequests.Create(await RequestParts.BodyAsync<StartBody>(http), wait, settings, runtime.WorkflowTypes);
        var id = request.WorkflowId;
        request = request with
        {
            Started = await edge.EncodeAsync(id, request.Started),
            Signal = request.Signal is { } signal ? await edge.EncodeAsync(id, signal) : null,
        };
        var result = await runtime.Service.StartAsync(request, http.RequestAborted);
        var location = $"/api/workflows/{Uri.EscapeDataString(id)}";
        http.Response.Headers.Location = location;
        if (result.Close is { } close)
        {
            return WorkflowOutcomes.Closed(id, await edge.DecodeAsync(id, close));
        }

        if (wait > TimeSpan.Zero)
        {
            return WorkflowOutcomes.Running(id, result.RunId);
        }

        var answer = new { id, runId = result.RunId, firstRunId = result.FirstRunId, status = result.Status.ToString(), started = result.Started };
        return result.Started ? Results.Json(answer, statusCode: StatusCodes.Status201Created) : Results.Json(answer);
    }
}
