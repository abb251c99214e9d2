using Serverless.Api.Enums.V1;
using Serverless.Converters;

namespace Serverless.History;

/// <summary>An exception as stored: message, stack trace, kind and cause. The family of <c>Serverless.Exceptions</c> maps to it one to one.</summary>
internal sealed record Failure(string Message, FailureInfo Info)
{
    public string? Source { get; init; }

    public string? StackTrace { get; init; }

    public Failure? Cause { get; init; }

    /// <summary>Message and stack trace when the failure converter encodes them; null otherwise.</summary>
    public Payload? EncodedAttributes { get; init; }
}

/// <summary>What kind of failure it is, with the facts of that kind.</summary>
internal abstract record FailureInfo;

internal sealed record ApplicationFailureInfo(string? Type, bool NonRetryable) : FailureInfo
{
    public IReadOnlyList<Payload> Details { get; init; } = [];

    public TimeSpan? NextRetryDelay { get; init; }

    public ApplicationErrorCategory Category { get; init; }
}

internal sealed record TimeoutFailureInfo(TimeoutType Type) : FailureInfo
{
    public IReadOnlyList<Payload> LastHeartbeatDetails { get; init; } = [];
}

internal sealed record CanceledFailureInfo(IReadOnlyList<Payload> Details) : FailureInfo;

internal sealed record TerminatedFailureInfo : FailureInfo;

internal sealed record ServerFailureInfo(bool NonRetryable) : FailureInfo;

internal sealed record ActivityFailureInfo(
    long ScheduledEventId, string ActivityType, string ActivityId, string? Identity, RetryState RetryState) : FailureInfo;

internal sealed record ChildWorkflowFailureInfo(
    string Namespace, string WorkflowId, string RunId, string WorkflowType, long InitiatedEventId, RetryState RetryState) : FailureInfo;
