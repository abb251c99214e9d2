using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Does what commits left to be done whose process died, or of whose success this chain did not know. Every step may repeat.
/// </summary>
internal sealed class Redispatch(EngineServices services, ChainParts parts, ChainActivities activities)
{
    private readonly HashSet<DispatchMark> _settled = [];
    private readonly HashSet<DispatchMark> _tried = [];

    /// <summary>
    /// Notes how a commit of this chain went: it dispatches what the marks stand for, or it may yet find that the commit was applied, late or under somebody else's. Nothing that such a one asked
    /// for has left.
    /// </summary>
    public void Note(JournalCommit commit, CommitResult result)
    {
        if (result.Committed)
        {
            _settled.UnionWith(commit.Head.Marks);
        }
        else if (commit.Events.Count > 0)
        {
            _tried.Add(commit.Head.Marks[^1]);
        }
    }

    /// <summary>Notes marks that this chain has put into the head for what it works on.</summary>
    public void Keep(IReadOnlyList<DispatchMark> marks) => _settled.UnionWith(marks);

    /// <summary>
    /// Marks of the head for which nobody here works: their message has come back, or the chain has taken over their token and did not see to them itself. Such a one is of a commit of the
    /// chain's own that was taken for refused because somebody else's came on top before the head was read again; or of a process that stood still, came back, and went on with a token whose
    /// message is here now and is going to be deleted.
    /// </summary>
    /// <exception cref="StorageException">Another process has the chain's message and works with it: what this chain has in hand must come back.</exception>
    public async Task<IReadOnlyList<DispatchMark>> FindAsync(LiveRun run, IReadOnlySet<string> tokens, ChainBacking backing)
    {
        List<DispatchMark> found = [.. run.Head.Marks.Where(
            m => (tokens.Contains(m.Token) || (backing.Owns(m.Token) && !_settled.Contains(m)))
                && !activities.LocalOf(run.Head.RunId).Any(id => id >= m.FirstEventId && id <= m.LastEventId))];
        foreach (var mark in backing.IsSure ? [] : found.Where(m => !tokens.Contains(m.Token)))
        {
            if (!_tried.Contains(mark) || !await IsOwnAsync(run, mark))
            {
                throw new StorageException($"Another process has the message of this work on workflow '{run.WorkflowId}': it goes on there.", StorageOutcome.Unknown);
            }
        }

        return found;
    }

    /// <summary>True unless somebody else's code made the commit of a mark.</summary>
    private async Task<bool> IsOwnAsync(LiveRun run, DispatchMark mark) =>
        (await EventsOfAsync(run, mark)).OfType<WorkflowTaskCompleted>().All(task => task.Identity == services.Options.Identity);

    private async Task<List<HistoryEvent>> EventsOfAsync(LiveRun run, DispatchMark mark)
    {
        var segments = await services.Reading.ReadSegmentsAsync(run.WorkflowId, mark.RunNumber, services.Shutdown);
        return [.. segments.SelectMany(static s => s.Events).Where(e => e.Id >= mark.FirstEventId && e.Id <= mark.LastEventId)];
    }

    /// <summary>
    /// Dispatches what is pending in the ranges of marks. Where a message has come back, the run's list row is made sure of too: another process's commit may have dropped the mark by which it would be
    /// written again.
    /// </summary>
    public async Task AgainAsync(LiveRun run, IReadOnlyList<DispatchMark> marks, LocalInputs local, ChainDispatch dispatch, bool hasReturned)
    {
        foreach (var mark in marks)
        {
            _settled.Add(mark);
            var (answers, of) = await AgainAsync(run, mark);
            local.AddRange(answers);
            if (of is not null)
            {
                // Its list row too, which an earlier commit of the lost chain may have left: that one's mark is gone.
                await dispatch.ProjectAsync(of);
            }
        }

        if (hasReturned && run is { Damage: null, State.LastEventId: > 0 } && !marks.Any(m => m.RunNumber == run.RunNumber))
        {
            await dispatch.ProjectAsync(run);
        }
    }

    /// <summary>What is left to do for a run that turns out to be closed.</summary>
    public async Task ClosedAsync(LiveRun run, IReadOnlyList<DispatchMark> marks, LocalInputs local, ChainDispatch dispatch)
    {
        if (marks.Count > 0)
        {
            await dispatch.ProjectAsync(run);
        }

        if (local.All.Any(static i => i.Event is ChildWorkflowStarted))
        {
            // Whoever closed it did not find the children that this chain has started meanwhile.
            await parts.Closing.DispatchAsync(run, chainEnds: false, services.Shutdown);
        }
    }

    /// <summary>Dispatches what is pending in a mark's range. Answers that came at once, and the run; null when it is gone.</summary>
    private async Task<(IReadOnlyList<(InputEvent Event, string? RunId)> Answers, LiveRun? Of)> AgainAsync(LiveRun run, DispatchMark mark)
    {
        var of = mark.RunNumber == run.RunNumber
            ? run
            : await parts.Loader.LoadRunAsync(run.WorkflowId, run.Head, mark.RunNumber, services.Shutdown);
        if (of is null)
        {
            return ([], null);
        }

        if (!of.State.IsOpen)
        {
            await parts.Closing.DispatchAsync(of, of.RunNumber == run.Head.RunNumber && !run.Head.IsOpen, services.Shutdown);
            if (of.RunNumber + 1 == run.Head.RunNumber && run.Head.LastEventId == 0)
            {
                await parts.Dispatcher.SendNextRunAsync(of, services.Shutdown);
            }

            return ([], of);
        }

        // Attempts are counted beside the history: a run from the cache does not know of those counted since.
        if (await parts.Loader.LoadAsync(run.WorkflowId, services.Shutdown) is { Run: var fresh } && fresh.RunNumber == of.RunNumber)
        {
            of.RefreshAttempts(fresh);
        }

        var events = await EventsOfAsync(run, mark);
        var answers = new List<(InputEvent, string?)>();
        var immediate = await parts.Dispatcher.DispatchAsync(of, events, job => _tried.Contains(mark) ? activities.StartAsync(job) : LostOrSentAsync(of, job, answers), services.Shutdown);
        answers.AddRange(immediate.Select(a => (a, (string?)run.Head.RunId)));
        return (answers, of);
    }

    private async Task LostOrSentAsync(LiveRun run, ActivityJob job, List<(InputEvent, string?)> answers)
    {
        var attempts = run.Attempts.GetValueOrDefault(job.ScheduledEventId);
        if (attempts is { Attempt: > 1, CompletesAsync: false })
        {
            // The next attempt is counted already; its timer may not have left.
            await parts.Runner.ScheduleAttemptAsync(job);
        }
        else if (attempts is null && !job.RunsAhead)
        {
            await parts.Queues.SendAsync(job);
        }
        else if (job.RunsAhead || attempts is { CompletesAsync: true })
        {
            if (await LostOrLeftOpenAsync(run, job) is { } closed)
            {
                answers.Add((closed, job.RunId));
            }
        }

        // Else its first attempt has left for another process, which wrote the row: a message of its own stands behind it.
    }

    private Task<ActivityClosed?> LostOrLeftOpenAsync(LiveRun run, ActivityJob job) =>
        run.Attempts.GetValueOrDefault(job.ScheduledEventId) is { CompletesAsync: true } leftOpen
            ? parts.Runner.TimeOutLeftOpenAsync(job, leftOpen)
            : parts.Runner.LostAsync(job);
}
