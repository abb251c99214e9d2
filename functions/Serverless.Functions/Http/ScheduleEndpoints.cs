using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Client.Schedules;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Functions.Access;
using Serverless.Functions.Hosting;
using Serverless.Operations.Schedules;

namespace Serverless.Functions.Http;

/// <summary>Schedules: create, list, describe, change, pause, let go on, trigger, fill back, delete.</summary>
internal static class ScheduleEndpoints
{
    private const int TriesPerUpdate = 20;

    public static void Map(RouteGroupBuilder group)
    {
        var readers = group.For(ApiRole.Reader);
        var operators = group.For(ApiRole.Operator);
        operators.MapPost("/schedules", CreateAsync).WithSummary("Create a schedule.");
        readers.MapGet("/schedules", ListAsync).WithSummary("List schedules, newest first; ?query= filters, ?pageSize= and ?pageToken= page.");
        readers.MapGet("/schedules/{id}", DescribeAsync).WithSummary("Describe a schedule: what it does, has done and is going to do.");
        operators.MapPut("/schedules/{id}", UpdateAsync).WithSummary("Change a schedule; what the body leaves out stays as it is.");
        operators.MapDelete("/schedules/{id}", DeleteAsync).WithSummary("Delete a schedule; what it has started goes on.");
        operators.MapPost("/schedules/{id}/pause", (string id, HttpContext http, EngineRuntime runtime) => PauseAsync(id, true, http, runtime)).WithSummary("Pause a schedule.");
        operators.MapPost("/schedules/{id}/unpause", (string id, HttpContext http, EngineRuntime runtime) => PauseAsync(id, false, http, runtime)).WithSummary("Let a schedule go on.");
        operators.MapPost("/schedules/{id}/trigger", TriggerAsync).WithSummary("Let a schedule act once, now.");
        operators.MapPost("/schedules/{id}/backfill", BackfillAsync).WithSummary("Start the actions of spans of time now.");
    }

    private static async Task<IResult> CreateAsync(HttpContext http, EngineRuntime runtime, PayloadEdge edge, ServerlessWorkflowsOptions settings)
    {
        var body = await RequestParts.BodyAsync<ScheduleBody>(http) ?? new();
        var id = body.Id ?? Guid.NewGuid().ToString("N");
        WorkflowIdRules.Check(id);
        var schedule = ScheduleRequests.Create(id, body, null, settings, runtime.WorkflowTypes);
        var memo = (body.Memo ?? new Dictionary<string, System.Text.Json.JsonElement>()).ToDictionary(static m => m.Key, static m => JsonPayloads.FromJson(m.Value), StringComparer.Ordinal);
        try
        {
            await runtime.Schedules.CreateAsync(
                new ScheduleCreation(id, schedule)
                {
                    Trigger = body.TriggerImmediately ? schedule.Policy.Overlap : null,
                    Backfills = ScheduleRequests.Spans(body.Backfills ?? []),
                    Memo = await edge.EncodeAsync(ScheduleWorkflow.IdPrefix + id, memo),
                    SearchAttributes = Attributes(body, settings) ?? new Dictionary<string, Payload>(),
                },
                http.RequestAborted);
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.AlreadyStarted)
        {
            throw new ApiException(409, ProblemCodes.ScheduleAlreadyExists, e.Message);
        }

        http.Response.Headers.Location = $"/api/schedules/{Uri.EscapeDataString(id)}";
        return Results.Json(new { id }, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, EngineRuntime runtime, PayloadEdge edge)
    {
        var page = await runtime.Schedules.ListAsync(
            RequestParts.Text(http, "query"), RequestParts.Number(http, "pageSize", 50, 1, 1000), RequestParts.Text(http, "pageToken"), http.RequestAborted);
        var rows = new JsonArray();
        foreach (var row in page.Schedules)
        {
            rows.Add(ScheduleViews.Row(row, await edge.DecodeAsync(ScheduleWorkflow.IdPrefix + row.Id, row.Memo)));
        }

        return Results.Json(new JsonObject { ["schedules"] = rows, ["nextPageToken"] = page.NextPageToken });
    }

    private static Task<IResult> DescribeAsync(string id, HttpContext http, EngineRuntime runtime, PayloadEdge edge) => FoundAsync(id, async () =>
    {
        var view = await runtime.Schedules.DescribeAsync(id, http.RequestAborted);
        return Results.Json(ScheduleViews.Description(id, view, await edge.DecodeAsync(ScheduleWorkflow.IdPrefix + id, view.Memo)));
    });

    private static async Task<IResult> UpdateAsync(string id, HttpContext http, EngineRuntime runtime, ServerlessWorkflowsOptions settings)
    {
        var body = await RequestParts.BodyAsync<ScheduleBody>(http) ?? new();
        if ((body.Id is { } named && named != id) || body.TriggerImmediately || body.Backfills is not null)
        {
            throw new ApiException(400, ProblemCodes.InvalidRequest, "A change can't name another id, and neither triggers nor fills back: there are requests of their own for that.");
        }

        return await FoundAsync(id, async () =>
        {
            var requestId = Guid.NewGuid().ToString("N");
            for (var attempt = 0; attempt < TriesPerUpdate; attempt++)
            {
                var before = (await runtime.Schedules.DescribeAsync(id, http.RequestAborted)).Snapshot;
                var change = new ScheduleChange
                {
                    Version = before.Progress.Version,
                    Schedule = ScheduleRequests.Create(id, body, before.Schedule, settings, runtime.WorkflowTypes),
                    Attributes = Attributes(body, settings) is { } attributes ? ScheduleForms.WireFormOf(SearchAttributeCollection.FromPayloads(attributes)) : null,
                };
                if (await runtime.Schedules.UpdateAsync(id, change, $"{requestId}-{attempt}", http.RequestAborted))
                {
                    return Results.Json(new { id });
                }
            }

            throw new ApiException(409, ProblemCodes.ScheduleChanged, $"Schedule '{id}' was changed {TriesPerUpdate} times meanwhile. Try again.");
        });
    }

    private static Task<IResult> DeleteAsync(string id, HttpContext http, EngineRuntime runtime) => FoundAsync(id, async () =>
    {
        await runtime.Schedules.DeleteAsync(id, http.RequestAborted);
        return Results.NoContent();
    });

    private static async Task<IResult> PauseAsync(string id, bool paused, HttpContext http, EngineRuntime runtime)
    {
        var note = (await RequestParts.BodyAsync<NoteBody>(http))?.Note ?? (paused ? "Paused over HTTP." : "Let go on over HTTP.");
        return await DoneAsync(id, () => runtime.Schedules.PauseAsync(id, paused, note, http.RequestAborted));
    }

    private static async Task<IResult> TriggerAsync(string id, HttpContext http, EngineRuntime runtime)
    {
        var overlap = (await RequestParts.BodyAsync<TriggerBody>(http))?.Overlap ?? ScheduleOverlapPolicy.Unspecified;
        return await DoneAsync(id, () => runtime.Schedules.TriggerAsync(id, overlap, http.RequestAborted));
    }

    private static async Task<IResult> BackfillAsync(string id, HttpContext http, EngineRuntime runtime)
    {
        if (await RequestParts.BodyAsync<BackfillBody>(http) is not { Ranges: { Count: > 0 } ranges })
        {
            throw new ApiException(400, ProblemCodes.InvalidRequest,
                """The body must have at least one span: { "ranges": [{ "start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z" }] }.""");
        }

        var spans = ScheduleRequests.Spans(ranges);
        return await DoneAsync(id, () => runtime.Schedules.BackfillAsync(id, spans, http.RequestAborted));
    }

    private static Dictionary<string, Payload>? Attributes(ScheduleBody body, ServerlessWorkflowsOptions settings) =>
        body.SearchAttributes?.ToDictionary(static a => a.Key, a => SearchAttributeJson.Encode(a.Key, a.Value, settings.SearchAttributes.ByName, "searchAttributes"), StringComparer.Ordinal);

    private static Task<IResult> DoneAsync(string id, Func<Task> call) => FoundAsync(id, async () =>
    {
        await call();
        return Results.Json(new { id }, statusCode: StatusCodes.Status202Accepted);
    });

    private static async Task<IResult> FoundAsync(string id, Func<Task<IResult>> call)
    {
        WorkflowIdRules.Check(id);
        try
        {
            return await call();
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.NotFound)
        {
            throw new ApiException(404, ProblemCodes.ScheduleNotFound, e.Message);
        }
    }

    private sealed record NoteBody
    {
        public string? Note { get; init; }
    }

    private sealed record TriggerBody
    {
        public ScheduleOverlapPolicy Overlap { get; init; }
    }

    private sealed record BackfillBody
    {
        public IReadOnlyList<SpanBody>? Ranges { get; init; }
    }
}
