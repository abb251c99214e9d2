namespace Serverless.Workflows;

/// <summary>A durable timer.</summary>
public class DelayOptions : ICloneable
{
    /// <summary>The shortest delay.</summary>
    public DelayOptions()
        : this(TimeSpan.Zero)
    {
    }

    /// <summary>A delay.</summary>
    /// <param name="millisecondsDelay">How long, in milliseconds; -1: until cancelled.</param>
    /// <param name="summary">A line for people.</param>
    /// <param name="cancellationToken">Cancels the timer. Null (default): the workflow's token.</param>
    public DelayOptions(int millisecondsDelay, string? summary = null, CancellationToken? cancellationToken = null)
        : this(TimeSpan.FromMilliseconds(millisecondsDelay), summary, cancellationToken)
    {
    }

    /// <summary>A delay.</summary>
    /// <param name="delay">How long; infinite: until cancelled.</param>
    /// <param name="summary">A line for people.</param>
    /// <param name="cancellationToken">Cancels the timer. Null (default): the workflow's token.</param>
    public DelayOptions(TimeSpan delay, string? summary = null, CancellationToken? cancellationToken = null)
    {
        Delay = delay;
        Summary = summary;
        CancellationToken = cancellationToken;
    }

    /// <summary>How long. Zero is 1 ms; infinite: until cancelled; otherwise not negative.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>A line for people.</summary>
    public string? Summary { get; set; }

    /// <summary>Cancels the timer. Null (default): the workflow's token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}

/// <summary>Waiting for a condition.</summary>
public class WaitConditionOptions : ICloneable
{
    /// <summary>A condition that never holds, until it is set.</summary>
    public WaitConditionOptions()
        : this(static () => false)
    {
    }

    /// <summary>A condition.</summary>
    /// <param name="conditionCheck">True ends the wait. It must change nothing.</param>
    /// <param name="timeout">Longest wait. Null (default): no limit.</param>
    /// <param name="timeoutSummary">A line for people, on the time-out's timer.</param>
    /// <param name="cancellationToken">Cancels the wait. Null (default): the workflow's token.</param>
    public WaitConditionOptions(
        Func<bool> conditionCheck, TimeSpan? timeout = null, string? timeoutSummary = null, CancellationToken? cancellationToken = null)
    {
        ConditionCheck = conditionCheck;
        Timeout = timeout;
        TimeoutSummary = timeoutSummary;
        CancellationToken = cancellationToken;
    }

    /// <summary>True ends the wait. It must change nothing.</summary>
    public Func<bool> ConditionCheck { get; set; }

    /// <summary>Longest wait. Null (default): no limit.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>A line for people, on the time-out's timer.</summary>
    public string? TimeoutSummary { get; set; }

    /// <summary>Cancels the wait. Null (default): the workflow's token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}

/// <summary>Options of a signal to a child.</summary>
public class ChildWorkflowSignalOptions : ICloneable
{
    /// <summary>Cancels the signal as long as it has not left. Null (default): the workflow's token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}

/// <summary>Options of a signal to another workflow.</summary>
public class ExternalWorkflowSignalOptions : ICloneable
{
    /// <summary>Cancels the signal as long as it has not left. Null (default): the workflow's token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}
