using Serverless.History;

namespace Serverless.Engine;

/// <summary>Which marks a commit carries. Pure. See ARCHITECTURE.md, "Dispatch marks".</summary>
internal static class DispatchMarks
{
    private const int MaxOfOtherRuns = 8;

    /// <param name="run">The run before the commit.</param>
    /// <param name="events">What the commit appends.</param>
    /// <param name="token">The chain's token.</param>
    /// <param name="owns">True for tokens whose work this chain has taken over.</param>
    /// <param name="local">Activities that run here.</param>
    public static IReadOnlyList<DispatchMark> After(
        LiveRun run, IReadOnlyList<HistoryEvent> events, string token, Func<string, bool> owns, SortedSet<long> local)
    {
        var marks = new List<DispatchMark>();
        var tooMany = run.Head.Marks.Count(m => m.RunNumber != run.RunNumber && !owns(m.Token)) - MaxOfOtherRuns;
        foreach (var mark in run.Head.Marks)
        {
            // Of other runs, the newest: the messages of the oldest have long been deleted.
            if (!owns(mark.Token) && (mark.RunNumber == run.RunNumber ? IsNeeded(run.State, mark) : --tooMany < 0))
            {
                marks.Add(mark);
            }
        }

        AddLocal(marks, run, token, local);
        if (events.Count > 0)
        {
            marks.Add(new DispatchMark(token, run.RunNumber, events[0].Id, events[^1].Id));
        }

        return marks;
    }

    /// <summary>True when the mark stands for all that a reset or fork left to do: that which made this run of the mark's number.</summary>
    public static bool IsOfReset(RunState state, DispatchMark mark) =>
        state.Resets.Count > 0 && state.Resets[^1].Id is var id && id >= mark.FirstEventId && id <= mark.LastEventId;

    private static void AddLocal(List<DispatchMark> marks, LiveRun run, string token, SortedSet<long> local)
    {
        long first = 0, last = -1;
        foreach (var id in local)
        {
            if (!run.State.Activities.ContainsKey(id))
            {
                continue;
            }

            if (id != last + 1 && last >= first && last > 0)
            {
                marks.Add(new DispatchMark(token, run.RunNumber, first, last));
            }

            first = id == last + 1 && last > 0 ? first : id;
            last = id;
        }

        if (last > 0)
        {
            marks.Add(new DispatchMark(token, run.RunNumber, first, last));
        }
    }

    // A mark of others is kept while any command of its range is not settled. That of a run's first commit stands for the run's list row too, of which only its holder knows.
    private static bool IsNeeded(RunState state, DispatchMark mark) =>
        mark.FirstEventId == 1
        || IsOfReset(state, mark)
        || AnyIn(state.Activities.Keys, mark)
        || AnyIn(state.Timers.Keys, mark)
        || AnyIn(state.Externals.Keys, mark)
        || state.Children.Any(c => !c.Value.Started && c.Key >= mark.FirstEventId && c.Key <= mark.LastEventId);

    private static bool AnyIn(IEnumerable<long> ids, DispatchMark mark) => ids.Any(id => id >= mark.FirstEventId && id <= mark.LastEventId);
}
