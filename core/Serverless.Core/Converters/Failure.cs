using Serverless.Api.Enums.V1;

namespace Serverless.Api.Failure.V1;

/// <summary>An exception as stored: message, stack trace, kind and cause. Does not change; make another one with <c>with</c>.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Info">What kind of failure it is, with the facts of that kind.</param>
public sealed record Failure(string Message, FailureInfo Info)
{
    /// <summary>The SDK that wrote it; null when it is not known.</summary>
    public string? Source { get; init; }

    /// <summary>Where it was thrown; null when that is not known.</summary>
    public string? StackTrace { get; init; }

    /// <summary>Its cause; null for none.</summary>
    public Failure? Cause { get; init; }

    /// <summary>Message and stack trace when the failure converter encodes them; null otherwise.</summary>
    public Payload? EncodedAttributes { get; init; }
}

/// <summary>What kind of failure it is, with the facts of that kind. The kinds are those of <c>Serverless.Exceptions</c>.</summary>
public abstract record FailureInfo
{
    private protected FailureInfo()
    {
    }
}

/// <summary>An <see cref="Exceptions.ApplicationFailureException"/>, or any exception that is no failure.</summary>
/// <param name="Type">Error type: what retry policies go by.</param>
/// <param name="NonRetryable">True: never retried.</param>
public sealed record ApplicationFailureInfo(string? Type, bool NonRetryable) : FailureInfo
{
    /// <summary>Details.</summary>
    public IReadOnlyList<Payload> Details { get; init; } = [];

    /// <summary>Time until the next attempt, instead of the retry policy's; null for that.</summary>
    public TimeSpan? NextRetryDelay { get; init; }

    /// <summary>How it is logged.</summary>
    public ApplicationErrorCategory Category { get; init; }
}

/// <summary>A <see cref="Exceptions.TimeoutFailureException"/>.</summary>
/// <param name="Type">Which time-out.</param>
public sealed record TimeoutFailureInfo(TimeoutType Type) : FailureInfo
{
    /// <summary>What the last heartbeat said.</summary>
    public IReadOnlyList<Payload> LastHeartbeatDetails { get; init; } = [];
}

/// <summary>A <see cref="Exceptions.CanceledFailureException"/>.</summary>
/// <param name="Details">Details.</param>
public sealed record CanceledFailureInfo(IReadOnlyList<Payload> Details) : FailureInfo;

/// <summary>A <see cref="Exceptions.TerminatedFailureException"/>.</summary>
public sealed record TerminatedFailureInfo : FailureInfo;

/// <summary>A <see cref="Exceptions.ServerFailureException"/>.</summary>
/// <param name="NonRetryable">True: never retried.</param>
public sealed record ServerFailureInfo(bool NonRetryable) : FailureInfo;

/// <summary>An <see cref="Exceptions.ActivityFailureException"/>; its cause says why.</summary>
/// <param name="ScheduledEventId">The event that scheduled it.</param>
/// <param name="ActivityType">Type of the activity.</param>
/// <param name="ActivityId">Its id.</param>
/// <param name="Identity">The process that ran it; null when it did not run.</param>
/// <param name="RetryState">Why it was not tried again.</param>
public sealed record ActivityFailureInfo(
    long ScheduledEventId, string ActivityType, string ActivityId, string? Identity, RetryState RetryState) : FailureInfo;

/// <summary>A <see cref="Exceptions.ChildWorkflowFailureException"/>; its cause says why.</summary>
/// <param name="Namespace">The hub.</param>
/// <param name="WorkflowId">Id of the child.</param>
/// <param name="RunId">Its run.</param>
/// <param name="WorkflowType">Its type.</param>
/// <param name="InitiatedEventId">The event that started it.</param>
/// <param name="RetryState">Why it was not tried again.</param>
public sealed record ChildWorkflowFailureInfo(
    string Namespace, string WorkflowId, string RunId, string WorkflowType, long InitiatedEventId, RetryState RetryState) : FailureInfo;
