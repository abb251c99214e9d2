using Serverless.Api.Enums.V1;
using Serverless.Client.Schedules;

namespace Serverless.Operations.Schedules;

/// <summary>A run of a schedule's workflow: the schedule, and how far the runs before came with it.</summary>
internal sealed record ScheduleInput
{
    public string Id { get; init; } = "";

    public StoredSchedule Schedule { get; init; } = new();

    public ScheduleProgress Progress { get; init; } = new();
}

/// <summary>A schedule as it is stored.</summary>
internal sealed record StoredSchedule
{
    public StoredAction Action { get; init; } = new();

    public StoredSpec Spec { get; init; } = new();

    public SchedulePolicy Policy { get; init; } = new();

    public ScheduleState State { get; init; } = new();
}

/// <summary>What a schedule starts.</summary>
internal sealed record StoredAction
{
    /// <summary>What the time of the action is put behind.</summary>
    public string WorkflowId { get; init; } = "";

    public string WorkflowType { get; init; } = "";

    /// <summary>The first event of each run, in wire form. Its payloads are not encoded by the codec, for the record around them is.</summary>
    public byte[] Start { get; init; } = [];
}

/// <summary>What a schedule has done and has still to do.</summary>
internal sealed record ScheduleProgress
{
    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Grows with each update.</summary>
    public long Version { get; init; }

    /// <summary>Nominal times up to this one have been seen to.</summary>
    public DateTimeOffset After { get; init; }

    public long NumActions { get; init; }

    public long NumMissed { get; init; }

    public long NumSkipped { get; init; }

    /// <summary>Starts that are due and wait.</summary>
    public IReadOnlyList<PendingStart> Buffer { get; init; } = [];

    public IReadOnlyList<ScheduleSpan> Backfills { get; init; } = [];

    public IReadOnlyList<ScheduleRun> Running { get; init; } = [];

    /// <summary>The last ten.</summary>
    public IReadOnlyList<RecentAction> Recent { get; init; } = [];

    /// <summary>How the last action that completed ended: a closing event in wire form.</summary>
    public byte[]? LastResult { get; init; }

    /// <summary>How the last action ended, when it failed: a closing event in wire form.</summary>
    public byte[]? LastFailure { get; init; }
}

/// <summary>A start that is due.</summary>
internal sealed record PendingStart
{
    public DateTimeOffset Nominal { get; init; }

    public DateTimeOffset Actual { get; init; }

    /// <summary>Unspecified: the schedule's.</summary>
    public ScheduleOverlapPolicy Overlap { get; init; }

    /// <summary>True when it was asked for: then neither a pause nor a limit holds it back.</summary>
    public bool IsManual { get; init; }
}

/// <summary>A span of time whose actions are to be started.</summary>
internal sealed record ScheduleSpan
{
    /// <summary>Exclusive.</summary>
    public DateTimeOffset After { get; init; }

    /// <summary>Inclusive.</summary>
    public DateTimeOffset Until { get; init; }

    public ScheduleOverlapPolicy Overlap { get; init; }
}

/// <summary>A workflow that has been started and has not ended.</summary>
internal sealed record ScheduleRun
{
    /// <summary>Comes back with the news of its end; the request id of its start too.</summary>
    public string Correlation { get; init; } = "";

    public string WorkflowId { get; init; } = "";

    /// <summary>Its first run; empty until the start is answered.</summary>
    public string RunId { get; init; } = "";

    /// <summary>True when it has been asked to end.</summary>
    public bool IsCanceled { get; init; }
}

/// <summary>An action that was taken.</summary>
internal sealed record RecentAction
{
    public DateTimeOffset ScheduledAt { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public string WorkflowId { get; init; } = "";

    public string RunId { get; init; } = "";
}

/// <summary>A change of a schedule, made from a version of it.</summary>
internal sealed record ScheduleChange
{
    public long Version { get; init; }

    public StoredSchedule Schedule { get; init; } = new();

    /// <summary>The search attributes from now on, as the start of a workflow has them, in wire form; null: as they are.</summary>
    public byte[]? Attributes { get; init; }
}

/// <summary>A schedule as its workflow describes it.</summary>
internal sealed record ScheduleSnapshot
{
    public StoredSchedule Schedule { get; init; } = new();

    public ScheduleProgress Progress { get; init; } = new();

    public IReadOnlyList<DateTimeOffset> Next { get; init; } = [];
}

/// <summary>A schedule as its row of the list has it, in the memo.</summary>
internal sealed record ScheduleListing
{
    public string WorkflowType { get; init; } = "";

    public StoredSpec Spec { get; init; } = new();

    public string? Note { get; init; }

    public bool Paused { get; init; }

    public IReadOnlyList<RecentAction> Recent { get; init; } = [];

    public IReadOnlyList<DateTimeOffset> Next { get; init; } = [];
}
