using Serverless.Common;
using Serverless.Converters;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>One attempt of an activity, to be run here.</summary>
internal sealed record ActivityJob(string WorkflowId, string RunId, int RunNumber, long ScheduledEventId, ActivityScheduled Scheduled)
{
    private const int DefaultPriority = 3;

    public required string WorkflowType { get; init; }

    /// <summary>The build that the workflow was pinned to; null for none.</summary>
    public string? BuildId { get; init; }

    /// <summary>When the activity was scheduled first.</summary>
    public required DateTimeOffset ScheduledAt { get; init; }

    public int Attempt { get; init; } = 1;

    /// <summary>When this attempt was due.</summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>Queue of the hub on which attempts wait for a process that runs them.</summary>
    public string Queue { get; init; } = QueueNames.Activities;

    /// <summary>True when the clocks are set that end the attempt's wait.</summary>
    public bool IsWatched { get; init; }

    /// <summary>True when it was asked to cancel, as far as history says.</summary>
    public bool CancelRequested { get; init; }

    public Failure? LastFailure { get; init; }

    public IReadOnlyList<Payload> HeartbeatDetails { get; init; } = [];

    /// <summary>No attempt may start at or after it.</summary>
    public DateTimeOffset? Deadline => Scheduled.ScheduleToCloseTimeout is { } timeout ? ScheduledAt.After(timeout) : null;

    /// <summary>When the attempt must have started; null for no limit.</summary>
    public DateTimeOffset? StartBy => LatestStart is { } start && !(Deadline < start) ? start : Deadline;

    /// <summary>When its wait for a process or a place is over; null for no limit.</summary>
    public DateTimeOffset? LatestStart => Scheduled.ScheduleToStartTimeout is { } timeout ? DueAt.After(timeout) : null;

    /// <summary>True when the workflow's own process may run it without a detour over the queue.</summary>
    public bool RunsAhead => Scheduled.IsLocal || (Queue is QueueNames.Activities or QueueNames.Workflows && !Scheduled.GoesToQueue);

    /// <summary>True when its policy allows one attempt: it must not begin twice, whatever is delivered twice.</summary>
    public bool RunsOnce => Scheduled.RetryPolicy?.MaximumAttempts == 1;

    /// <summary>Order among attempts that wait for a place in a process: 1 goes first.</summary>
    public int Priority => Scheduled.Priority?.PriorityKey ?? DefaultPriority;

    public string Key => JournalKeys.Activity(RunNumber, ScheduledEventId);

    public string CancelKey => JournalKeys.ActivityCancel(RunNumber, ScheduledEventId);

    /// <summary>
    /// The attempt that a run waits for. An activity of its workflow's task queue runs wherever workflows run; so does one of the task queue that
    /// this process takes for everybody's. What the platform's own workflows ask for waits with the workflows: each process that runs those can do it.
    /// </summary>
    public static ActivityJob Of(LiveRun run, ActivityScheduled scheduled, string defaultTaskQueue)
    {
        var started = run.State.Started;
        var attempts = run.Attempts.GetValueOrDefault(scheduled.Id);
        return new ActivityJob(run.WorkflowId, started.RunId, run.RunNumber, scheduled.Id, scheduled)
        {
            WorkflowType = started.WorkflowType,
            BuildId = run.PinnedBuildId,
            ScheduledAt = scheduled.Time,
            DueAt = attempts?.DueAt ?? scheduled.Time,
            Attempt = attempts?.Attempt ?? 1,
            Queue = MemberNames.IsSystem(started.WorkflowType) ? QueueNames.Workflows
                : scheduled.TaskQueue == started.TaskQueue ? QueueNames.Activities
                : QueueNames.ActivitiesOf(scheduled.TaskQueue, defaultTaskQueue),
            LastFailure = attempts?.LastFailure,
            HeartbeatDetails = attempts?.HeartbeatDetails ?? [],
            CancelRequested = run.State.ActivityCancels.Contains(scheduled.Id),
        };
    }

    /// <summary>The attempt that a message asks for, as far as the message knows it; null when the message does not hold the activity.</summary>
    public static ActivityJob? Of(WorkMessage message) => message.Activity is not { } scheduled
        ? null
        : new ActivityJob(message.WorkflowId, message.RunId, message.RunNumber, message.EventId, scheduled)
        {
            WorkflowType = message.WorkflowType,
            BuildId = message.BuildId,
            ScheduledAt = message.ScheduledAt ?? scheduled.Time,
            DueAt = message.WaitsSince ?? message.DueAt ?? message.ScheduledAt ?? scheduled.Time,
            Attempt = message.Attempt,
            Queue = message.Queue,
            IsWatched = message.WaitsSince is not null,
        };

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
        Queue = Queue,
        WaitsSince = IsWatched ? DueAt : null,
    };
}
