namespace Serverless.Common;

/// <summary>When and how often a failed attempt is repeated.</summary>
public record RetryPolicy
{
    /// <summary>Wait before the second attempt. Above zero; default 1 s.</summary>
    public TimeSpan InitialInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Factor from wait to wait. At least 1; default 2.</summary>
    public float BackoffCoefficient { get; set; } = 2.0f;

    /// <summary>Longest wait. At least <see cref="InitialInterval"/>; null (default) is 100 times it.</summary>
    public TimeSpan? MaximumInterval { get; set; }

    /// <summary>Attempts in all, the first included. 0 (default) is no limit, 1 is no retry.</summary>
    public int MaximumAttempts { get; set; }

    /// <summary>Error types (<c>ApplicationFailureException.ErrorType</c>, matched exactly) that are not retried. Null or empty (default): none.</summary>
    public IReadOnlyCollection<string>? NonRetryableErrorTypes { get; set; }

    /// <summary>What is stored must not change with the caller's object.</summary>
    internal RetryPolicy Copy() => this with { NonRetryableErrorTypes = NonRetryableErrorTypes?.ToArray() };
}
