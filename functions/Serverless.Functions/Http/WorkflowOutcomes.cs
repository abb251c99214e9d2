using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Serverless.Client;
using Serverless.History;

namespace Serverless.Functions.Http;

/// <summary>Answers that tell how a workflow ended: its result, or problem details that carry its failure.</summary>
internal static class WorkflowOutcomes
{
    public static IResult Closed(string id, CloseResult close) => close.Closed switch
    {
        WorkflowCompleted e => Results.Json(new JsonObject
        {
            ["id"] = id,
            ["runId"] = close.RunId,
            ["status"] = close.Status.ToString(),
            ["result"] = JsonPayloads.ToJson(e.Result),
        }),
        WorkflowFailed e => Problem(id, close, ProblemCodes.WorkflowFailed, $"Workflow '{id}' failed: {Innermost(e.Failure).Message}", StoredJson.Node(e.Failure)),
        WorkflowCanceled => Problem(id, close, ProblemCodes.WorkflowCanceled, $"Workflow '{id}' ended by honouring a cancellation."),
        WorkflowTerminated e => Problem(id, close, ProblemCodes.WorkflowTerminated, $"Workflow '{id}' was terminated{(e.Reason is null ? "." : $": {e.Reason}")}"),
        WorkflowTimedOut => Problem(id, close, ProblemCodes.WorkflowTimedOut, $"Workflow '{id}' passed its time-out."),
        _ => Running(id, close.RunId),
    };

    public static IResult Running(string id, string? runId) =>
        Results.Json(new { id, runId, status = "Running" }, statusCode: StatusCodes.Status202Accepted);

    public static Failure Innermost(Failure failure) => failure.Cause is { } cause ? Innermost(cause) : failure;

    private static IResult Problem(string id, CloseResult close, string code, string detail, JsonNode? failure = null)
    {
        List<KeyValuePair<string, object?>> facts = [new("id", id), new("runId", close.RunId), new("workflowStatus", close.Status.ToString())];
        if (failure is not null)
        {
            facts.Add(new("failure", failure));
        }

        return ProblemFilter.Result(StatusCodes.Status422UnprocessableEntity, code, detail, facts);
    }
}
