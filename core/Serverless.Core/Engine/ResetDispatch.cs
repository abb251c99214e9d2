using Serverless.Client;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Does what a reset or fork leaves to be done once it is committed: its mark in the head says so until all of it is. Whoever works on the run does it before the code runs.
/// Every step may repeat. See ARCHITECTURE.md, "Reset and fork".
/// </summary>
internal sealed class ResetDispatch(EngineServices services, ChainParts parts, ChainActivities activities)
{
    private const string Reason = "A reset of the parent workflow ended it.";

    /// <summary>The mark of a reset or fork that made the run, while it stands; null when there is none.</summary>
    public static DispatchMark? Find(LiveRun run)
    {
        foreach (var mark in run.Head.Marks)
        {
            if (mark.RunNumber == run.RunNumber && DispatchMarks.IsOfReset(run.State, mark))
            {
                return mark;
            }
        }

        return null;
    }

    /// <summary>On return all is done, and answers that came at once are in the inbox.</summary>
    public async Task DispatchAsync(LiveRun run, DispatchMark mark, LocalInputs local, ChainDispatch dispatch)
    {
        foreach (var marks in run.Head.Marks.Where(m => m.Token == mark.Token && m.RunNumber < run.RunNumber).GroupBy(static m => m.RunNumber))
        {
            await CloseAsync(run, [.. marks], dispatch);
        }

        await EndChildrenAsync(run.State);
        await TellUpdatesAsync(run);
        await dispatch.ProjectAsync(run);
        if (run.State.IsOpen)
        {
            await local.PostAsync(await BeginWaitsAsync(run), run.Head.RunId);
        }
        else
        {
            await parts.Closing.DispatchAsync(run, run.RunNumber == run.Head.RunNumber, services.Shutdown);
        }
    }

    private async Task EndChildrenAsync(RunState state)
    {
        foreach (var child in state.Resets[^1].Ended)
        {
            await parts.Dispatcher.TerminateAsync(child.WorkflowId, child.RunId, Reason, services.Shutdown);
        }
    }

    /// <summary>A run that the reset ended, or one before it: it may have been made by a reset itself that was not seen to yet.</summary>
    private async Task CloseAsync(LiveRun run, IReadOnlyList<DispatchMark> marks, ChainDispatch dispatch)
    {
        if (await parts.Loader.LoadRunAsync(run.WorkflowId, run.Head, marks[0].RunNumber, services.Shutdown) is not { Damage: null } before)
        {
            return;
        }

        if (marks.Any(m => DispatchMarks.IsOfReset(before.State, m)))
        {
            await EndChildrenAsync(before.State);
        }

        await parts.Closing.DispatchAsync(before, chainEnds: false, services.Shutdown);
        await dispatch.ProjectAsync(before);
        await services.Journal.WriteRowsAsync(
            run.WorkflowId,
            [.. before.State.Updates.Where(static u => u.Value.Completed is null).Select(u => RowOperation.Upsert(
                JournalKeys.Update(u.Key, before.RunNumber), CommitBuilder.ClosedFirst(u.Key, before.RunNumber, before.Head.RunId)))],
            services.Shutdown);
    }

    /// <summary>Callers look for the outcome of their update in the run that is there now.</summary>
    private async Task TellUpdatesAsync(LiveRun run)
    {
        var inserts = new List<RowOperation>();
        foreach (var (id, update) in run.State.Updates)
        {
            var completed = update.Completed is { } e ? await services.Segments.RestoreAsync(e, services.Shutdown) : null;
            var outcome = new UpdateOutcome(id, true, completed is not null, completed?.Result, completed?.Failure) { RunId = run.State.Started.RunId };
            inserts.Add(RowOperation.Insert(JournalKeys.Update(id, run.RunNumber), new StoredUpdate(run.RunNumber, outcome).Encode()));
        }

        await services.Journal.WriteRowsAsync(run.WorkflowId, inserts, services.Shutdown);
    }

    /// <summary>
    /// Lets everything that is pending begin anew. Activities go to their queues, except those that run only here: whether their first attempt has begun is then a question of
    /// a message, as for any other.
    /// </summary>
    private async Task<IReadOnlyList<InputEvent>> BeginWaitsAsync(LiveRun run)
    {
        var state = run.State;
        var waits = new List<HistoryEvent>([state.Started, .. state.Timers.Values, .. state.Activities.Values, .. state.Externals.Values]);
        waits.AddRange(state.Children.Values.Select(static c => c.Initiated));
        waits.RemoveAll(e => state.ActivityCancels.Contains(e.Id));
        waits.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        var answers = new List<InputEvent>(await parts.Dispatcher.DispatchAsync(
            run, waits, job => job.Scheduled.IsLocal ? activities.StartAsync(job) : parts.Queues.SendAsync(job), services.Shutdown));

        // Asked to cancel before it began: nothing runs.
        answers.AddRange(state.ActivityCancels.Select(id => new ActivityCanceled(id, []) { Time = services.Time.GetUtcNow() }));
        var failed = answers.OfType<ChildWorkflowStartFailed>().Select(static a => a.InitiatedEventId).ToHashSet();
        foreach (var (id, child) in state.Children)
        {
            if (!failed.Contains(id) && await AskAsync(id, child.Initiated) is { } answer)
            {
                answers.Add(answer);
            }
        }

        return answers;
    }

    /// <summary>
    /// How a child of the copied part ended, if it has: what it told the run that was copied may have found that one closed. A child that is gone, or is another by now, has
    /// ended in a way that nobody can tell any more.
    /// </summary>
    private async Task<ChildWorkflowClosed?> AskAsync(long initiatedEventId, ChildWorkflowInitiated child)
    {
        var now = services.Time.GetUtcNow();
        if (await services.Reading.ReadHeadAsync(child.WorkflowId, services.Shutdown) is not { Head: var head } || head.FirstRunId != child.RunId)
        {
            return new ChildWorkflowTerminated(initiatedEventId) { Time = now };
        }

        if (head.IsOpen || await parts.Loader.LoadRunAsync(child.WorkflowId, head, head.RunNumber, services.Shutdown) is not { State.Closed: { } closed })
        {
            return null;
        }

        var answer = ClosingDispatch.AnswerOf(await services.Segments.RestoreAsync(closed, services.Shutdown), initiatedEventId);
        return answer is null ? null : answer with { Time = now };
    }
}
