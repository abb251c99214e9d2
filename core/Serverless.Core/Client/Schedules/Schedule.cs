using Serverless.Api.Enums.V1;

namespace Serverless.Client.Schedules;

/// <summary>A schedule: what it does, when, and under which rules.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Spec">When.</param>
public record Schedule(ScheduleAction Action, ScheduleSpec Spec)
{
    /// <summary>Its rules.</summary>
    public SchedulePolicy Policy { get; init; } = new();

    /// <summary>Its state.</summary>
    public ScheduleState State { get; init; } = new();
}

/// <summary>The rules of a schedule.</summary>
public record SchedulePolicy
{
    /// <summary>What to do while one of its workflows runs. Default: skip.</summary>
    public ScheduleOverlapPolicy Overlap { get; init; } = ScheduleOverlapPolicy.Skip;

    /// <summary>
    /// How late an action may start when no process ran at its time. What is later is counted as missed. At least 10 s; less counts as 10 s. Default 365 days.
    /// </summary>
    public TimeSpan CatchupWindow { get; init; } = TimeSpan.FromDays(365);

    /// <summary>True: the schedule is paused when one of its workflows fails or times out, its retries included. Default false.</summary>
    public bool PauseOnFailure { get; init; }
}

/// <summary>What changes of a schedule while it lives.</summary>
public record ScheduleState
{
    /// <summary>A note for people: what pauses a schedule replaces it.</summary>
    public string? Note { get; init; }

    /// <summary>True: it acts only when it is triggered or filled back. Times that pass meanwhile are not made up for. Default false.</summary>
    public bool Paused { get; init; }

    /// <summary>True: it acts <see cref="RemainingActions"/> more times. Default false.</summary>
    public bool LimitedActions { get; init; }

    /// <summary>How many actions are left, with <see cref="LimitedActions"/>. Triggered, back-filled and skipped ones do not count.</summary>
    public long RemainingActions { get; init; }
}

/// <summary>A span of time whose actions are to be started now.</summary>
/// <param name="StartAt">Times after it count. A time without a kind is UTC.</param>
/// <param name="EndAt">Times up to it count, itself included. A time without a kind is UTC.</param>
/// <param name="Overlap">What to do while one of its workflows runs. Default: as the schedule says.</param>
public record ScheduleBackfill(DateTime StartAt, DateTime EndAt, ScheduleOverlapPolicy Overlap = ScheduleOverlapPolicy.Unspecified);
