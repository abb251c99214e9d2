using System.Text.Json;
using Serverless.Api.Enums.V1;
using Serverless.Operations.Schedules;

namespace Serverless.Functions.Http;

/// <summary>The body of a creation or a change of a schedule. In a change, what is left out stays as it is.</summary>
internal sealed record ScheduleBody
{
    public string? Id { get; init; }

    public StartBody? Action { get; init; }

    public SpecBody? Spec { get; init; }

    public PolicyBody? Policy { get; init; }

    public StateBody? State { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? SearchAttributes { get; init; }

    /// <summary>Of a creation only, as the two that follow.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Memo { get; init; }

    public bool TriggerImmediately { get; init; }

    public IReadOnlyList<SpanBody>? Backfills { get; init; }

    /// <summary>What a description tells beyond the schedule itself; a change may hold it, without effect.</summary>
    public JsonElement? Info { get; init; }
}

/// <summary>When a schedule acts; durations are texts such as "1h30m", fields of calendars are written as in cron.</summary>
internal sealed record SpecBody
{
    public IReadOnlyList<string>? Cron { get; init; }

    public IReadOnlyList<StoredCalendar>? Calendars { get; init; }

    public IReadOnlyList<IntervalBody>? Intervals { get; init; }

    public IReadOnlyList<StoredCalendar>? Skip { get; init; }

    public DateTimeOffset? StartAt { get; init; }

    public DateTimeOffset? EndAt { get; init; }

    public string? Jitter { get; init; }

    public string? TimeZone { get; init; }
}

/// <summary>Times at equal distances.</summary>
internal sealed record IntervalBody
{
    public string? Every { get; init; }

    public string? Offset { get; init; }
}

/// <summary>The rules of a schedule.</summary>
internal sealed record PolicyBody
{
    public ScheduleOverlapPolicy Overlap { get; init; } = ScheduleOverlapPolicy.Skip;

    public string? CatchupWindow { get; init; }

    public bool PauseOnFailure { get; init; }
}

/// <summary>The state of a schedule.</summary>
internal sealed record StateBody
{
    public bool Paused { get; init; }

    public string? Note { get; init; }

    public bool LimitedActions { get; init; }

    public long RemainingActions { get; init; }
}

/// <summary>A span of time to fill back.</summary>
internal sealed record SpanBody
{
    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? End { get; init; }

    public ScheduleOverlapPolicy Overlap { get; init; }
}
