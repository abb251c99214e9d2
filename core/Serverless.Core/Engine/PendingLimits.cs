using Serverless.History;

namespace Serverless.Engine;

/// <summary>Finds a run that has asked for more at once than it may wait for. Pure.</summary>
internal static class PendingLimits
{
    /// <summary>What is wrong once a task is recorded; null for nothing. What a run had before its limit was set lower is no fault of a task that adds nothing.</summary>
    /// <param name="before">The run before the task.</param>
    /// <param name="events">What the task did, with what it was given.</param>
    /// <param name="limits">The limits.</param>
    public static string? ProblemOf(RunState before, IReadOnlyList<HistoryEvent> events, EngineLimits limits)
    {
        Change activities = default, children = default, externals = default, timers = default;
        foreach (var e in events)
        {
            if (e.Id <= before.LastEventId)
            {
                continue;
            }

            switch (e)
            {
                case ActivityScheduled: activities.Begun++; break;
                case ActivityClosed: activities.Ended++; break;
                case ChildWorkflowInitiated: children.Begun++; break;
                case ChildWorkflowStartFailed or ChildWorkflowClosed: children.Ended++; break;
                case ExternalSignalInitiated or ExternalCancelInitiated: externals.Begun++; break;
                case ExternalSignalClosed or ExternalCancelClosed: externals.Ended++; break;
                case TimerStarted: timers.Begun++; break;
                case TimerFired or TimerCanceled: timers.Ended++; break;
            }
        }

        return ProblemOf("activities", before.Activities.Count, activities, limits.MaxPending)
            ?? ProblemOf("child workflows", before.Children.Count, children, limits.MaxPending)
            ?? ProblemOf("signals and cancellations to other workflows", before.Externals.Count, externals, limits.MaxPending)
            ?? ProblemOf("timers", before.Timers.Count, timers, limits.MaxPendingTimers);
    }

    private static string? ProblemOf(string what, int before, Change change, int limit) =>
        change.Begun > 0 && before + change.Begun - change.Ended is var after && after > limit
            ? $"The run would have {after} pending {what}; the limit is {limit}. Begin some of them when others have ended."
            : null;

    private record struct Change(int Begun, int Ended);
}
