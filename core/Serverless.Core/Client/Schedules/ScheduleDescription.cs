using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Client.Schedules;

/// <summary>A schedule as it stands.</summary>
public class ScheduleDescription
{
    internal ScheduleDescription(
        string id, Schedule schedule, ScheduleInfo info, IReadOnlyDictionary<string, IEncodedRawValue> memo, SearchAttributeCollection attributes)
    {
        Id = id;
        Schedule = schedule;
        Info = info;
        Memo = memo;
        TypedSearchAttributes = attributes;
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>What it has done and is going to do.</summary>
    public ScheduleInfo Info { get; }

    /// <summary>Its memo.</summary>
    public IReadOnlyDictionary<string, IEncodedRawValue> Memo { get; }

    /// <summary>What it does, when, and under which rules.</summary>
    public Schedule Schedule { get; }

    /// <summary>Its search attributes.</summary>
    public SearchAttributeCollection TypedSearchAttributes { get; }

    /// <summary>How often it has been changed: an update is refused when another came between.</summary>
    internal long Version { get; init; }
}

/// <summary>What a schedule has done and is going to do. Times are in UTC.</summary>
public record ScheduleInfo
{
    internal ScheduleInfo()
    {
    }

    /// <summary>Workflows that it has started.</summary>
    public long NumActions { get; init; }

    /// <summary>Actions that were not started because they were later than the catch-up window.</summary>
    public long NumActionsMissedCatchupWindow { get; init; }

    /// <summary>Actions that were not started because a workflow of it, or of the same id, ran.</summary>
    public long NumActionsSkippedOverlap { get; init; }

    /// <summary>Its workflows that have not ended.</summary>
    public IReadOnlyCollection<ScheduleActionExecution> RunningActions { get; init; } = [];

    /// <summary>Its last ten actions, oldest first.</summary>
    public IReadOnlyCollection<ScheduleActionResult> RecentActions { get; init; } = [];

    /// <summary>Its next ten times, jitter included; also while it is paused.</summary>
    public IReadOnlyCollection<DateTime> NextActionTimes { get; init; } = [];

    /// <summary>When it was created.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>When it was updated last; null for never.</summary>
    public DateTime? LastUpdatedAt { get; init; }
}

/// <summary>What an action of a schedule began.</summary>
public abstract record ScheduleActionExecution
{
    private protected ScheduleActionExecution()
    {
    }
}

/// <summary>A workflow that a schedule started.</summary>
/// <param name="WorkflowId">The workflow id.</param>
/// <param name="FirstExecutionRunId">Its first run.</param>
public record ScheduleActionExecutionStartWorkflow(string WorkflowId, string FirstExecutionRunId) : ScheduleActionExecution;

/// <summary>An action of a schedule.</summary>
/// <param name="ScheduledAt">When it was due, jitter included, in UTC.</param>
/// <param name="StartedAt">When it was started, in UTC.</param>
/// <param name="Action">What it began.</param>
public record ScheduleActionResult(DateTime ScheduledAt, DateTime StartedAt, ScheduleActionExecution Action);

/// <summary>What an update gets.</summary>
/// <param name="Description">The schedule as it stands.</param>
public record ScheduleUpdateInput(ScheduleDescription Description);

/// <summary>What an update makes of a schedule.</summary>
/// <param name="Schedule">The schedule from now on.</param>
/// <param name="TypedSearchAttributes">Its search attributes from now on; null: as they are.</param>
public record ScheduleUpdate(Schedule Schedule, SearchAttributeCollection? TypedSearchAttributes = null);
