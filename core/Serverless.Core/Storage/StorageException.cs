namespace Serverless.Storage;

/// <summary>A storage call failed for a reason that is not the caller's: network, throttling, time-out, outage.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, on which object, and what to do.</param>
    /// <param name="outcome">Whether the call may have had its effect.</param>
    /// <param name="retryAfter">How long the service asks to wait, if it said so.</param>
    /// <param name="inner">The cause.</param>
    public StorageException(string message, StorageOutcome outcome, TimeSpan? retryAfter = null, Exception? inner = null)
        : base(message, inner)
    {
        Outcome = outcome;
        RetryAfter = retryAfter;
    }

    /// <summary>Whether the call may have had its effect.</summary>
    public StorageOutcome Outcome { get; }

    /// <summary>How long the service asks to wait before the next try; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; }
}

/// <summary>What is known about the effect of a failed storage call.</summary>
public enum StorageOutcome
{
    /// <summary>It may or may not have been applied: re-read before repeating.</summary>
    Unknown,

    /// <summary>It was certainly not applied: throttled or refused.</summary>
    NotApplied,

    /// <summary>A message was not sent or received: its queue does not exist.</summary>
    NoSuchQueue,
}
