using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Client;
using Serverless.Common;
using Serverless.Functions.Access;
using Serverless.Functions.Hosting;

namespace Serverless.Functions.Http;

/// <summary>Reset and fork.</summary>
internal static class ResetEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var operators = group.For(ApiRole.Operator);
        operators.MapPost("/workflows/{id}/reset", ResetAsync).WithSummary("Let a workflow go on from a point of a run's history, in a new run.");
        operators.MapPost("/workflows/{id}/fork", ForkAsync).WithSummary("Start another workflow from a point of a run's history.");
    }

    private static async Task<IResult> ResetAsync(string id, HttpContext http, EngineRuntime runtime)
    {
        var workflow = Source(http, id);
        var body = await RequestParts.BodyAsync<ResetBody>(http) ?? new();
        var result = await runtime.Resets.ResetAsync(workflow, body.ToRequest(), http.RequestAborted);
        return Results.Json(new { workflowId = result.WorkflowId, runId = result.RunId, @event = result.EventId });
    }

    private static async Task<IResult> ForkAsync(string id, HttpContext http, EngineRuntime runtime)
    {
        var workflow = Source(http, id);
        var body = await RequestParts.BodyAsync<ForkBody>(http) ?? new();
        if (body.Id is { } given)
        {
            WorkflowIdRules.Check(given);
        }

        var result = await runtime.Resets.ForkAsync(workflow, body.Id, body.ToRequest(), http.RequestAborted);
        http.Response.Headers.Location = $"/api/workflows/{Uri.EscapeDataString(result.WorkflowId)}";
        return Results.Json(
            new { workflowId = result.WorkflowId, runId = result.RunId, @event = result.EventId }, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>What the platform runs itself may be a batch that deletes: who lets it act again must be allowed to.</summary>
    private static WorkflowRef Source(HttpContext http, string id)
    {
        if (MemberNames.IsSystem(id))
        {
            AccessRules.Require(http, ApiRole.Admin, $"To reset or fork '{id}'");
        }

        return RequestParts.Workflow(http, id);
    }
}

/// <summary>The body of a reset.</summary>
internal record ResetBody
{
    public long? Event { get; init; }

    public string? To { get; init; }

    public string? BuildId { get; init; }

    public string? Reason { get; init; }

    public string? Reapply { get; init; }

    public string? Children { get; init; }

    public string? RequestId { get; init; }

    /// <exception cref="ApiException">A value is none of those there are, or there is not one point.</exception>
    public ResetRequest ToRequest() => new(Point())
    {
        Reason = Reason,
        Reapply = Choice(nameof(Reapply), Reapply, WorkflowResetReapply.All),
        Children = Children is null ? null : Choice(nameof(Children), Children, WorkflowResetChildren.Keep),
        RequestId = RequestId,
    };

    private WorkflowResetPoint Point() => (Event, To, BuildId) switch
    {
        ({ } id, null, null) => WorkflowResetPoint.AtEvent(id),
        (null, "firstWorkflowTask", null) => WorkflowResetPoint.FirstWorkflowTask,
        (null, "lastWorkflowTask", null) => WorkflowResetPoint.LastWorkflowTask,
        (null, null, { Length: > 0 } build) => WorkflowResetPoint.BeforeBuild(build),
        _ => throw new ApiException(
            400, ProblemCodes.InvalidRequest, "Say one point: \"event\" with an event id, \"to\" with firstWorkflowTask or lastWorkflowTask, or \"buildId\"."),
    };

    private static T Choice<T>(string name, string? text, T fallback)
        where T : struct, Enum
    {
        if (text is null)
        {
            return fallback;
        }

        return Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(text, ignoreCase: true)
            : throw new ApiException(
                400, ProblemCodes.InvalidRequest, $"\"{name.ToLowerInvariant()}\" is one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}, not '{text}'.");
    }
}

/// <summary>The body of a fork.</summary>
internal sealed record ForkBody : ResetBody
{
    public string? Id { get; init; }
}
