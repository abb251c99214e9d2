using Serverless.History;

namespace Serverless.Engine;

/// <summary>The moments that a start decides. What would lie beyond the calendar is its last day. Pure.</summary>
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

    private static DateTimeOffset After(this DateTimeOffset time, TimeSpan wait) => wait < DateTimeOffset.MaxValue - time ? time + wait : DateTimeOffset.MaxValue;
}
