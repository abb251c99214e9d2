namespace Serverless.Common;

/// <summary>When and how often a failed attempt is repeated.</summary>
public record RetryPolicy
{
    /// <summary>Wait before the second attempt. Above zero; default 1 s.</summary>
    public TimeSpan InitialInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Factor from wait to wait. At least 1; default 2.</summary>
    public float BackoffCoefficient { get; init; } = 2.0f;

    /// <summary>Longest wait. At least <see cref="InitialInterval"/>; null (default) is 100 times it.</summary>
    public TimeSpan? MaximumInterval { get; init; }

    /// <summary>Attempts in all, the first included. 0 (default) is no limit, 1 is no retry.</summary>
    public int MaximumAttempts { get; init; }

    /// <summary>Error types (<c>ApplicationFailureException.ErrorType</c>, matched exactly) that are not retried. Null or empty (default): none.</summary>
    public IReadOnlyCollection<string>? NonRetryableErrorTypes { get; init; }
}
