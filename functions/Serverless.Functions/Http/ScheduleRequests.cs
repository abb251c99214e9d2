using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Client.Schedules;
using Serverless.Common;
using Serverless.Functions.Hosting;
using Serverless.Operations.Schedules;

namespace Serverless.Functions.Http;

/// <summary>Turns bodies about schedules into what is stored.</summary>
internal static class ScheduleRequests
{
    /// <summary>The schedule of a body; <paramref name="before"/> has what the body leaves out, in a change.</summary>
    public static StoredSchedule Create(string id, ScheduleBody body, StoredSchedule? before, ServerlessWorkflowsOptions settings, WorkflowTypeList types)
    {
        if (before is null && body is { Action: null } or { Spec: null })
        {
            throw new ApiException(400, ProblemCodes.InvalidRequest,
                """The body must have a spec and an action: { "spec": { "cron": ["0 9 * * *"] }, "action": { "type": "Report", "args": [] } }.""");
        }

        return new()
        {
            Action = body.Action is { } action ? Action(id, action, settings, types) : before!.Action,
            Spec = body.Spec is { } spec ? Spec(spec) : before!.Spec,
            Policy = body.Policy is { } policy ? Policy(policy) : before?.Policy ?? new(),
            State = body.State is { } state
                ? new() { Paused = state.Paused, Note = state.Note, LimitedActions = state.LimitedActions, RemainingActions = state.RemainingActions }
                : before?.State ?? new(),
        };
    }

    public static IReadOnlyList<ScheduleSpan> Spans(IReadOnlyList<SpanBody> spans) =>
    [
        .. spans.Select(static s => s is { Start: { } start, End: { } end }
            ? new ScheduleSpan { After = start, Until = end, Overlap = s.Overlap }
            : throw new ApiException(400, ProblemCodes.InvalidRequest, "Each span to fill back needs a start and an end.")),
    ];

    private static StoredAction Action(string id, StartBody body, ServerlessWorkflowsOptions settings, WorkflowTypeList types)
    {
        var request = StartRequests.Create(body with { Id = body.Id ?? id }, TimeSpan.Zero, settings, types);
        var isPlain = body.Options is null or
        {
            StartDelay: null,
            CronSchedule: null,
            StartSignal: null,
            RequestId: null,
            IdReusePolicy: WorkflowIdReusePolicy.AllowDuplicate,
            IdConflictPolicy: WorkflowIdConflictPolicy.Fail,
        };
        return isPlain
            ? ScheduleForms.ActionOf(request.WorkflowId, request.Started)
            : throw new ApiException(400, ProblemCodes.InvalidRequest,
                "action.options: startDelay, cronSchedule, startSignal, requestId, idReusePolicy and idConflictPolicy can't be set for the action of a schedule.");
    }

    private static StoredSpec Spec(SpecBody body) => new()
    {
        Cron = Whole(body.Cron, "spec.cron"),
        Calendars = Whole(body.Calendars, "spec.calendars"),
        Intervals = [.. Whole(body.Intervals, "spec.intervals").Select(static i => new StoredInterval
        {
            Every = Duration(i.Every, "spec.intervals.every") ?? throw new ApiException(400, ProblemCodes.InvalidRequest, "spec.intervals.every is missing."),
            Offset = Duration(i.Offset, "spec.intervals.offset"),
        })],
        Skip = Whole(body.Skip, "spec.skip"),
        StartAt = body.StartAt,
        EndAt = body.EndAt,
        Jitter = Duration(body.Jitter, "spec.jitter"),
        TimeZone = body.TimeZone,
    };

    /// <summary>A list of a body without null among its items; empty where there is none.</summary>
    public static IReadOnlyList<T> Whole<T>(IReadOnlyList<T>? list, string member)
        where T : class =>
        list?.Any(static item => item is null) == true ? throw new ApiException(400, ProblemCodes.InvalidRequest, $"{member}: a list must not contain null.") : list ?? [];

    private static SchedulePolicy Policy(PolicyBody body)
    {
        var policy = new SchedulePolicy { Overlap = body.Overlap, PauseOnFailure = body.PauseOnFailure };
        return Duration(body.CatchupWindow, "policy.catchupWindow") is { } window ? policy with { CatchupWindow = window } : policy;
    }

    private static TimeSpan? Duration(string? text, string member) => text is null ? null
        : DurationText.TryParse(text, out var duration) ? duration
        : throw new ApiException(400, ProblemCodes.InvalidRequest, $"{member}: '{text}' is not a duration. Write numbers with the units {DurationText.UnitNames}, such as 90s or 1h30m.");
}
