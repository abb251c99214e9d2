using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Client;
using Serverless.Functions.Access;
using Serverless.Functions.Hosting;
using Serverless.Operations;

namespace Serverless.Functions.Http;

/// <summary>Batches: start, list, describe, cancel.</summary>
internal static class BatchEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var readers = group.For(ApiRole.Reader);
        var operators = group.For(ApiRole.Operator);
        operators.MapPost("/batches", StartAsync).WithSummary("Do something to all workflows that a filter finds.");
        readers.MapGet("/batches", ListAsync).WithSummary("List batches, newest first; ?pageSize= and ?pageToken= page.");
        readers.MapGet("/batches/{id}", DescribeAsync).WithSummary("Describe a batch: how far it is, and what could not be done.");
        operators.MapPost("/batches/{id}/cancel", CancelAsync).WithSummary("Stop a batch before its next operation.");
    }

    private static async Task<IResult> StartAsync(HttpContext http, EngineRuntime runtime, ServerlessWorkflowsOptions settings)
    {
        var body = await RequestParts.BodyAsync<BatchBody>(http);
        if (body is not { Query: { } query, Action: { } action })
        {
            throw new ApiException(400, ProblemCodes.InvalidRequest,
                """The body must have a query and an action: { "query": "WorkflowType = 'Greeting'", "action": "terminate" }.""");
        }

        if (action == BatchAction.DeleteName)
        {
            AccessRules.Require(http, ApiRole.Admin, "A batch that deletes");
        }

        var id = body.Id ?? Guid.NewGuid().ToString("N");
        WorkflowIdRules.Check(id);
        var request = new BatchRequest
        {
            Id = id,
            Query = query,
            Operation = new BatchOperation
            {
                Action = action,
                Signal = body.Signal?.Name,
                Reset = body.Reset is { } reset ? BatchReset.Of(reset.ToRequest()) : null,
                SearchAttributes = SearchAttributeJson.Changes(body.SearchAttributes, settings.SearchAttributes.ByName, "searchAttributes")
                    .ToDictionary(static a => a.Key, static a => a.Value is { } value ? PayloadTexts.Write(value) : null),
                Args = [.. (body.Signal?.Args ?? []).Select(value => PayloadTexts.Write(JsonPayloads.FromJson(value)))],
            },
            Reason = body.Reason,
            OperationsPerSecond = body.Rate,
        };
        try
        {
            await runtime.Batches.StartAsync(request, http.RequestAborted);
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.AlreadyStarted)
        {
            throw new ApiException(409, ProblemCodes.BatchAlreadyExists, e.Message);
        }

        http.Response.Headers.Location = $"/api/batches/{Uri.EscapeDataString(id)}";
        return Results.Json(new { id }, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, EngineRuntime runtime)
    {
        var page = await runtime.Batches.ListAsync(RequestParts.Number(http, "pageSize", 50, 1, 1000), RequestParts.Text(http, "pageToken"), http.RequestAborted);
        return Results.Json(new JsonObject
        {
            ["batches"] = new JsonArray([.. page.Batches.Select(View)]),
            ["nextPageToken"] = page.NextPageToken,
        });
    }

    private static async Task<IResult> DescribeAsync(string id, HttpContext http, EngineRuntime runtime)
    {
        WorkflowIdRules.Check(id);
        var batch = await FoundAsync(async () => await runtime.Batches.DescribeAsync(id, http.RequestAborted));
        var view = View(batch);
        view["failures"] = StoredJson.Node(batch.Failures);
        return Results.Json(view);
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext http, EngineRuntime runtime)
    {
        WorkflowIdRules.Check(id);
        var body = await RequestParts.BodyAsync<ReasonBody>(http);
        await FoundAsync(async () =>
        {
            await runtime.Batches.CancelAsync(id, body?.Reason, http.RequestAborted);
            return id;
        });
        return Results.Json(new { id }, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<T> FoundAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.NotFound)
        {
            throw new ApiException(404, ProblemCodes.BatchNotFound, e.Message);
        }
    }

    private static JsonObject View(BatchDescription batch)
    {
        var view = new JsonObject
        {
            ["id"] = batch.Id,
            ["query"] = batch.Query,
            ["action"] = batch.Action,
            ["status"] = batch.Status.ToString(),
            ["startTime"] = batch.StartTime,
            ["total"] = batch.Total,
            ["done"] = batch.Done,
            ["failed"] = batch.Failed,
            ["rate"] = batch.OperationsPerSecond,
        };
        if (batch.Reason is { } reason)
        {
            view["reason"] = reason;
        }

        if (batch.CloseTime is { } closed)
        {
            view["closeTime"] = closed;
        }

        return view;
    }

    /// <summary>The body of a start.</summary>
    private sealed record BatchBody
    {
        public string? Id { get; init; }

        public string? Query { get; init; }

        public string? Action { get; init; }

        public string? Reason { get; init; }

        public SignalBody? Signal { get; init; }

        public IReadOnlyDictionary<string, JsonElement>? SearchAttributes { get; init; }

        public ResetBody? Reset { get; init; }

        public int Rate { get; init; } = BatchOptions.DefaultOperationsPerSecond;
    }

    private sealed record ReasonBody
    {
        public string? Reason { get; init; }
    }
}
