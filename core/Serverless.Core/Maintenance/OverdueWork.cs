using Serverless.Engine;
using Serverless.History;

namespace Serverless.Maintenance;

/// <summary>
/// Finds in an open run what should have happened by now, by itself, and has not. Pure. What may still be under way somewhere is not found: all is given
/// <see cref="Grace"/>, and an attempt that may wait for a process is lost only when its queue is empty.
/// </summary>
internal static class OverdueWork
{
    /// <summary>How long everything may be late.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <param name="run">The run as it is stored; begun.</param>
    /// <param name="facts">What else is known.</param>
    public static IEnumerable<OverdueEvent> Of(LiveRun run, OverdueFacts facts)
    {
        var late = facts.Now - Grace;
        if (run.State.Started.End() < late)
        {
            yield return new OverdueEvent(1, OverdueKind.Command, "its time is over, and it was not ended");
        }

        foreach (var timer in run.State.Timers.Values)
        {
            var due = timer.Time.After(timer.Delay);
            if (due < late)
            {
                yield return new OverdueEvent(timer.Id, OverdueKind.Command, $"timer {timer.TimerId} was due {due:O} and did not fire");
            }
            else if (due > facts.Now + Grace && !facts.IsParked(WorkKind.Timer, run.State.Started.RunId, timer.Id))
            {
                yield return new OverdueEvent(timer.Id, OverdueKind.Command, $"timer {timer.TimerId}, due {due:O}, is not among the parked timers");
            }
        }

        foreach (var child in run.State.Children.Values.Where(c => !c.Started && c.Initiated.Time < late))
        {
            yield return new OverdueEvent(child.Initiated.Id, OverdueKind.Command, $"the start of child workflow '{child.Initiated.WorkflowId}' was not answered");
        }

        foreach (var external in run.State.Externals.Values.Where(e => e.Time < late))
        {
            yield return new OverdueEvent(external.Id, OverdueKind.Command, "a message to another workflow was not answered");
        }

        foreach (var scheduled in run.State.Activities.Values)
        {
            if (OfActivity(run, scheduled, facts, late) is { } overdue)
            {
                yield return overdue;
            }
        }
    }

    private static OverdueEvent? OfActivity(LiveRun run, ActivityScheduled scheduled, OverdueFacts facts, DateTimeOffset late)
    {
        var job = ActivityJob.Of(run, scheduled, facts.TaskQueue);
        var attempts = run.Attempts.GetValueOrDefault(scheduled.Id);
        if (job.Deadline < late || (attempts is { CompletesAsync: true } && ActivityWaits.LeftOpenUntil(scheduled, attempts) < late))
        {
            return new OverdueEvent(scheduled.Id, OverdueKind.ActivityTimeout, $"a time-out of activity {scheduled.ActivityType} passed without effect");
        }

        if (attempts is { CompletesAsync: true } || facts.IsLimited(scheduled.ActivityType))
        {
            // Others complete it, or it waits for a place for as long as that takes.
            return null;
        }

        var end = ((DateTimeOffset?)(attempts?.Started ?? job.DueAt)).After(scheduled.StartToCloseTimeout);
        var mayWait = !scheduled.IsLocal && !(end.After(scheduled.ScheduleToStartTimeout) < late) && !facts.IsEmpty(job.Queue);
        return end < late && !mayWait
            ? new OverdueEvent(scheduled.Id, OverdueKind.Activity, $"attempt {job.Attempt} of activity {scheduled.ActivityType} should have ended by {end:O}, and no message brings it back")
            : null;
    }
}

/// <summary>What is known beside a run.</summary>
/// <param name="Now">The moment of the look.</param>
/// <param name="TaskQueue">Task queue whose activities wait on the hub's own queue.</param>
/// <param name="IsParked">True when a timer of a run and event is among the parked ones.</param>
/// <param name="IsEmpty">True when a queue holds no message, invisible ones included.</param>
/// <param name="IsLimited">True for activity types with limits.</param>
internal sealed record OverdueFacts(
    DateTimeOffset Now, string TaskQueue, Func<WorkKind, string, long, bool> IsParked, Func<string, bool> IsEmpty, Func<string, bool> IsLimited);

/// <summary>An event whose consequence is late.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Kind">What brings it about again.</param>
/// <param name="Detail">For people.</param>
internal sealed record OverdueEvent(long EventId, OverdueKind Kind, string Detail);

internal enum OverdueKind
{
    /// <summary>Sending it again: whoever has it already knows.</summary>
    Command,

    /// <summary>Ending the attempt as lost.</summary>
    Activity,

    /// <summary>Looking whether a time-out passed.</summary>
    ActivityTimeout,
}
