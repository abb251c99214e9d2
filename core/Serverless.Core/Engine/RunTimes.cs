using Serverless.History;

namespace Serverless.Engine;

/// <summary>The moments that a start decides. Pure.</summary>
internal static class RunTimes
{
    /// <summary>True when its first task is not due at once.</summary>
    public static bool Waits(this WorkflowStarted started) => started.FirstTaskDelay > TimeSpan.Zero;

    /// <summary>When its first task is due.</summary>
    public static DateTimeOffset FirstTaskDue(this WorkflowStarted started) => started.Waits() ? started.Time.After(started.FirstTaskDelay!.Value) : started.Time;

    /// <summary>When the chain of runs must have ended, waits included; null for never.</summary>
    public static DateTimeOffset? ChainEnd(this WorkflowStarted started) =>
        started.ExecutionTimeout is { } timeout ? started.FirstRunStarted.After(timeout) : null;

    /// <summary>When the run must have ended; null for never. Its own time-out counts from when its first task is due.</summary>
    public static DateTimeOffset? End(this WorkflowStarted started)
    {
        var (own, chain) = (started.RunTimeout is { } timeout ? started.FirstTaskDue().After(timeout) : (DateTimeOffset?)null, started.ChainEnd());
        return own is null || chain < own ? chain : own;
    }

}

/// <summary>Moments that waits lead to. Pure.</summary>
internal static class Moments
{
    /// <summary>The moment after a wait. What would lie beyond the calendar is its last day, or its first.</summary>
    public static DateTimeOffset After(this DateTimeOffset time, TimeSpan wait) =>
        wait >= DateTimeOffset.MaxValue - time ? DateTimeOffset.MaxValue
        : wait <= DateTimeOffset.MinValue - time ? DateTimeOffset.MinValue
        : time + wait;

    /// <summary>The moment after a wait; null where there is no wait, or nothing that it begins with.</summary>
    public static DateTimeOffset? After(this DateTimeOffset? time, TimeSpan? wait) => time is { } begin && wait is { } length ? begin.After(length) : null;
}
