using Serverless.Api.Enums.V1;
using Serverless.Converters;

namespace Serverless.Exceptions;

/// <summary>
/// A failure of the application itself. Throw it from activities and workflows to say how the failure counts; any other exception of an activity
/// arrives as one of these too, retryable, with the name of its class as <see cref="ErrorType"/>.
/// </summary>
public class ApplicationFailureException : FailureException
{
    /// <summary>Creates the failure.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="errorType">A name for this sort of failure, for retry policies and handlers.</param>
    /// <param name="nonRetryable">True: never retried, whatever the retry policy says. Default false.</param>
    /// <param name="details">Values for whoever handles it.</param>
    /// <param name="nextRetryDelay">Wait before the next attempt, in place of the retry policy's. Default: the policy's.</param>
    /// <param name="category">How the failure is logged and counted.</param>
    public ApplicationFailureException(
        string message,
        string? errorType = null,
        bool nonRetryable = false,
        IReadOnlyCollection<object?>? details = null,
        TimeSpan? nextRetryDelay = null,
        ApplicationErrorCategory category = ApplicationErrorCategory.Unspecified)
        : this(message, null, errorType, nonRetryable, details, nextRetryDelay, category)
    {
    }

    /// <summary>Creates the failure with its cause.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="inner">Its cause.</param>
    /// <param name="errorType">A name for this sort of failure, for retry policies and handlers.</param>
    /// <param name="nonRetryable">True: never retried, whatever the retry policy says. Default false.</param>
    /// <param name="details">Values for whoever handles it.</param>
    /// <param name="nextRetryDelay">Wait before the next attempt, in place of the retry policy's. Default: the policy's.</param>
    /// <param name="category">How the failure is logged and counted.</param>
    public ApplicationFailureException(
        string message,
        Exception? inner,
        string? errorType = null,
        bool nonRetryable = false,
        IReadOnlyCollection<object?>? details = null,
        TimeSpan? nextRetryDelay = null,
        ApplicationErrorCategory category = ApplicationErrorCategory.Unspecified)
        : base(message, inner)
    {
        ErrorType = errorType;
        NonRetryable = nonRetryable;
        Details = new OutboundFailureDetails(details);
        NextRetryDelay = nextRetryDelay;
        Category = category;
    }

    internal ApplicationFailureException(Failure failure, Exception? inner, IPayloadConverter converter)
        : base(failure, inner)
    {
        var info = Facts<ApplicationFailureInfo>(failure);
        ErrorType = info.Type;
        NonRetryable = info.NonRetryable;
        Details = new InboundFailureDetails(converter, info.Details);
        NextRetryDelay = info.NextRetryDelay;
        Category = info.Category;
    }

    /// <summary>The sort of failure; null when none was given.</summary>
    public string? ErrorType { get; protected init; }

    /// <summary>True when it is never retried.</summary>
    public bool NonRetryable { get; protected init; }

    /// <summary>Values it carries.</summary>
    public IFailureDetails Details { get; protected init; }

    /// <summary>Wait before the next attempt; null for the retry policy's.</summary>
    public TimeSpan? NextRetryDelay { get; protected init; }

    /// <summary>How it is logged and counted.</summary>
    public ApplicationErrorCategory Category { get; protected init; }
}
