using Serverless.Converters;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>One attempt of an activity, to be run here.</summary>
internal sealed record ActivityJob(string WorkflowId, string RunId, int RunNumber, long ScheduledEventId, ActivityScheduled Scheduled)
{
    public required string WorkflowType { get; init; }

    /// <summary>The build that the workflow was pinned to; null for none.</summary>
    public string? BuildId { get; init; }

    /// <summary>When the activity was scheduled first.</summary>
    public required DateTimeOffset ScheduledAt { get; init; }

    public int Attempt { get; init; } = 1;

    /// <summary>When this attempt was due.</summary>
    public DateTimeOffset DueAt { get; init; }

    public Failure? LastFailure { get; init; }

    public IReadOnlyList<Payload> HeartbeatDetails { get; init; } = [];

    /// <summary>No attempt may start at or after it.</summary>
    public DateTimeOffset? Deadline => Scheduled.ScheduleToCloseTimeout is { } timeout ? ScheduledAt + timeout : null;

    public string Key => JournalKeys.Activity(RunNumber, ScheduledEventId);

    public string CancelKey => JournalKeys.ActivityCancel(RunNumber, ScheduledEventId);

    /// <summary>A message about this activity.</summary>
    public WorkMessage Message(WorkKind kind, string token) => new(kind, token, WorkflowId)
    {
        RunId = RunId,
        RunNumber = RunNumber,
        EventId = ScheduledEventId,
        Attempt = Attempt,
        Activity = Scheduled,
        WorkflowType = WorkflowType,
        ScheduledAt = ScheduledAt,
        BuildId = BuildId,
    };
}
