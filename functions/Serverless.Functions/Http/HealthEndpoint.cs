using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Functions.Access;
using Serverless.Functions.Configuration;
using Serverless.Functions.Hosting;

namespace Serverless.Functions.Http;

/// <summary><c>GET /api/health</c>: 200 when the hub's storage was reached, 503 before. Anybody may ask; strangers are told no more than that.</summary>
internal static class HealthEndpoint
{
    public static void Map(RouteGroupBuilder app) =>
        app.MapGet("/api/health", async (HttpContext http, HubReadiness readiness, HostMode mode, EngineRuntime runtime, ServerlessWorkflowsOptions options) =>
        {
            var status = readiness.IsReady ? StatusCodes.Status200OK : mode.IsCustomHandler ? StatusCodes.Status500InternalServerError : StatusCodes.Status503ServiceUnavailable;
            var state = readiness.IsReady ? "ready" : "starting";
            var caller = await http.AuthenticateAsync(CallerAuthentication.SchemeName);
            return caller.Succeeded && Caller.MayAs(caller.Principal, ApiRole.Reader)
                ? Results.Json(
                    new
                    {
                        status = state,
                        mode = mode.IsCustomHandler ? "functions" : "self-hosted",
                        hub = options.Hub,
                        store = runtime.Store?.Description,
                        taskQueue = options.TaskQueue,
                        buildId = options.BuildId,
                        workflowTypes = runtime.WorkflowTypes.Names,
                        error = readiness.LastError,
                    },
                    statusCode: status)
                : Results.Json(new { status = state }, statusCode: status);
        }).AllowAnonymous().WithSummary("Whether the process can work.");
}
