using System.Text.Json.Serialization;
using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Activities;

/// <summary>Facts about the attempt of an activity that is running.</summary>
public record ActivityInfo
{
    /// <summary>Id of the activity within its run.</summary>
    public required string ActivityId { get; init; }

    /// <summary>Type of the activity.</summary>
    public required string ActivityType { get; init; }

    /// <summary>Which attempt this is, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>When this attempt was due, in UTC.</summary>
    public required DateTime CurrentAttemptScheduledTime { get; init; }

    /// <summary>Converts heartbeat details.</summary>
    [JsonIgnore]
    public DataConverter DataConverter { get; init; } = DataConverter.Default;

    /// <summary>What the last heartbeat of an earlier attempt said; empty when there was none. See <see cref="HeartbeatDetailAtAsync"/>.</summary>
    public IReadOnlyCollection<Payload> HeartbeatDetails { get; init; } = [];

    /// <summary>Longest time between heartbeats; null for no limit.</summary>
    public TimeSpan? HeartbeatTimeout { get; init; }

    /// <summary>True for a local activity.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The hub.</summary>
    public required string Namespace { get; init; }

    /// <summary>Priority of the activity.</summary>
    public Priority Priority { get; init; } = Priority.Default;

    /// <summary>The retry policy; null when none was given, which is the default policy.</summary>
    public RetryPolicy? RetryPolicy { get; init; }

    /// <summary>Time for all attempts together; null for no limit.</summary>
    public TimeSpan? ScheduleToCloseTimeout { get; init; }

    /// <summary>When the activity was scheduled first, in UTC.</summary>
    public required DateTime ScheduledTime { get; init; }

    /// <summary>Time for one attempt; null for no limit.</summary>
    public TimeSpan? StartToCloseTimeout { get; init; }

    /// <summary>When this attempt started, in UTC.</summary>
    public required DateTime StartedTime { get; init; }

    /// <summary>The task queue.</summary>
    public required string TaskQueue { get; init; }

    /// <summary>Names this activity to a client that completes it.</summary>
    public required byte[] TaskToken { get; init; }

    /// <summary>The workflow that asked for it.</summary>
    public string? WorkflowId { get; init; }

    /// <summary>The hub of the workflow: same as <see cref="Namespace"/>.</summary>
    public string? WorkflowNamespace { get; init; }

    /// <summary>The run that asked for it.</summary>
    public string? WorkflowRunId { get; init; }

    /// <summary>Type of the workflow.</summary>
    public string? WorkflowType { get; init; }

    /// <summary>True when a workflow asked for it.</summary>
    public bool IsWorkflowActivity => WorkflowId is not null;

    /// <summary>Converts one of <see cref="HeartbeatDetails"/>.</summary>
    /// <typeparam name="T">What to make of it.</typeparam>
    /// <param name="index">Position, from 0.</param>
    public Task<T> HeartbeatDetailAtAsync<T>(int index) => DataConverter.ToValueAsync<T>(HeartbeatDetails.ElementAt(index));
}
