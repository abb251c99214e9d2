using Serverless.Converters;
using Serverless.History;

namespace Serverless.Activities;

/// <summary>Runs the activity code of one application: decoding, dependency injection, context, interceptors, failure conversion.</summary>
internal interface IActivityInvoker
{
    /// <summary>True when the application has the type, or a dynamic activity.</summary>
    bool Knows(string activityType);

    /// <summary>
    /// Runs one attempt to its end. Never throws: every way to end is an outcome. The caller enforces time-outs by cancelling
    /// <see cref="ActivityInvocation.Cancel"/> and by no longer waiting.
    /// </summary>
    Task<ActivityOutcome> InvokeAsync(ActivityInvocation invocation);
}

/// <summary>One attempt of an activity.</summary>
internal sealed record ActivityInvocation
{
    public required string WorkflowId { get; init; }

    public required string RunId { get; init; }

    public required string WorkflowType { get; init; }

    public required long ScheduledEventId { get; init; }

    public required ActivityScheduled Scheduled { get; init; }

    public required int Attempt { get; init; }

    /// <summary>When the activity was scheduled first.</summary>
    public required DateTimeOffset ScheduledTime { get; init; }

    /// <summary>When this attempt was due.</summary>
    public required DateTimeOffset CurrentAttemptScheduledTime { get; init; }

    public required DateTimeOffset StartedTime { get; init; }

    /// <summary>Details of the last heartbeat of an earlier attempt.</summary>
    public IReadOnlyList<Payload> HeartbeatDetails { get; init; } = [];

    /// <summary>Names this attempt to whoever completes it from outside.</summary>
    public required ReadOnlyMemory<byte> TaskToken { get; init; }

    /// <summary>Cancelled when the activity should stop.</summary>
    public required CancellationToken Cancel { get; init; }

    /// <summary>Why <see cref="Cancel"/> was cancelled; read when it is.</summary>
    public required Func<ActivityCancelReason> CancelReason { get; init; }

    /// <summary>Cancelled when the process is going to stop.</summary>
    public required CancellationToken WorkerShutdown { get; init; }

    /// <summary>Called for each heartbeat of the code, from any thread; returns at once. The caller throttles.</summary>
    public required Action<IReadOnlyList<Payload>> Heartbeat { get; init; }
}

/// <summary>How an attempt ended.</summary>
internal abstract record ActivityOutcome
{
    public sealed record Completed(Payload? Result) : ActivityOutcome;

    public sealed record Failed(Failure Failure) : ActivityOutcome;

    /// <summary>The code honoured a cancellation that was asked of it.</summary>
    public sealed record Canceled(IReadOnlyList<Payload> Details) : ActivityOutcome;

    /// <summary>The code threw <c>CompleteAsyncException</c>: somebody else will complete it by its token.</summary>
    public sealed record WillCompleteAsync : ActivityOutcome;
}

/// <summary>Why an activity's cancellation token was cancelled.</summary>
public enum ActivityCancelReason
{
    /// <summary>It was not.</summary>
    None = 0,

    /// <summary>The activity is not known any more: its workflow closed or the attempt was given up.</summary>
    GoneFromServer = 1,

    /// <summary>The workflow asked for it.</summary>
    CancelRequested = 2,

    /// <summary>A time-out of the activity passed.</summary>
    Timeout = 3,

    /// <summary>The process is going to stop.</summary>
    WorkerShutdown = 4,

    /// <summary>A heartbeat could not be encoded or recorded.</summary>
    HeartbeatRecordFailure = 5,

    /// <summary>Held up from outside. Not given so far: activities can't be paused.</summary>
    Paused = 6,

    /// <summary>Begun anew from outside. Not given so far: activities can't be reset.</summary>
    Reset = 7,
}
