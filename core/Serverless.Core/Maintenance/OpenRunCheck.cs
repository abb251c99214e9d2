using Serverless.Client;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Maintenance;

/// <summary>Finds open workflows that nothing is going to wake. What a look at rows that others were changing suggests is believed only after a second look at all of the workflow.</summary>
internal sealed class OpenRunCheck(EngineServices services, ChainParts parts, Func<WorkKind, string, long, bool> isParked)
{
    private readonly Rearming _rearming = new(services, parts);

    /// <param name="cold">The rows of an open workflow.</param>
    /// <param name="workflowId">Its id.</param>
    /// <param name="cancellationToken">Gives up between steps.</param>
    public async Task<IReadOnlyList<Trouble>> LookAsync(string workflowId, ColdRead cold, CancellationToken cancellationToken)
    {
        using var seen = LiveRun.FromStore(workflowId, cold);
        if ((await JudgeAsync(seen, cold.Warm.Inbox, cancellationToken)).Count == 0)
        {
            return [];
        }

        if (await parts.Loader.LoadAsync(workflowId, cancellationToken) is not { } fresh)
        {
            return [];
        }

        using (fresh.Run)
        {
            return fresh.Run.Head.IsOpen ? await JudgeAsync(fresh.Run, fresh.Inbox, cancellationToken) : [];
        }
    }

    private async Task<IReadOnlyList<Trouble>> JudgeAsync(LiveRun run, IReadOnlyList<InboxRow> inbox, CancellationToken cancellationToken)
    {
        var now = services.Time.GetUtcNow();
        var late = now - OverdueWork.Grace;
        Trouble Of(FindingKind kind, string detail, string repair, Func<CancellationToken, Task>? mend) =>
            Trouble.Of(kind, new WorkflowRef(run.WorkflowId, run.Head.RunId), detail, repair, mend);
        Task NudgeAsync(CancellationToken token) => services.NudgeAsync(run.WorkflowId, token, run.Head.PinnedBuildId);

        if (run.Head.Blocked is { } note)
        {
            return [OfBlock(note, late, Of, NudgeAsync)];
        }

        if (run.Damage is { } damage)
        {
            return [Of(FindingKind.Unreadable, damage, Repairs.OfBlock(nameof(Replay.WorkflowTaskFailedCause.CorruptHistory)), null)];
        }

        if (run.State.LastEventId == 0)
        {
            return Unbegun(run, inbox, late, now) is { } detail
                ? [Of(FindingKind.NotBegun, detail, "make a process begin it", token => parts.Dispatcher.WakeUnbegunAsync(run.WorkflowId, token))]
                : [];
        }

        if (ResetDispatch.Find(run) is not null)
        {
            // Whoever works on it carries the reset through first.
            return IdSource.TimeOf(run.Head.CommitId) < late
                ? [Of(FindingKind.Overdue, "it was made by a reset or a fork that was not carried through", "make a process look at it", NudgeAsync)]
                : [];
        }

        var found = new List<Trouble>();
        if (inbox.Any(r => r.Item.Event.Time < late) || (run.Trailing.Count > 0 && IdSource.TimeOf(run.Head.CommitId) < late))
        {
            found.Add(Of(FindingKind.NotApplied, $"{inbox.Count + run.Trailing.Count} messages have arrived and nobody applies them", "make a process look at it", NudgeAsync));
        }

        var overdue = OverdueWork.Of(run, await FactsAsync(run, now, cancellationToken)).ToList();
        if (overdue.Count > 0)
        {
            found.Add(Of(FindingKind.Overdue, string.Join("; ", overdue.Select(static o => o.Detail)), "send it again", token => AgainAsync(run.WorkflowId, overdue, token)));
        }

        foreach (var child in run.State.Children.Values.Where(static c => c.Started))
        {
            if (await LookAtChildAsync(child, late, cancellationToken) is var (detail, mend))
            {
                found.Add(Of(FindingKind.Overdue, detail, mend is null ? "cancel or terminate it: the child's result is lost" : "send the child's answer again", mend));
            }
        }

        return found;
    }

    private static Trouble OfBlock(
        BlockedNote note, DateTimeOffset late, Func<FindingKind, string, string, Func<CancellationToken, Task>?, Trouble> of, Func<CancellationToken, Task> nudge)
    {
        var isForgotten = note.NextAttempt < late;
        return of(
            FindingKind.Blocked,
            $"{note.Cause} since {note.Since:O}, tried {note.Attempts} times{(isForgotten ? $"; it should have been tried again {note.NextAttempt:O}" : "")}: {note.Message}",
            Repairs.OfBlock(note.Cause),
            isForgotten ? nudge : null);
    }

    private string? Unbegun(LiveRun run, IReadOnlyList<InboxRow> inbox, DateTimeOffset late, DateTimeOffset now)
    {
        if (inbox.Select(static r => r.Item.Event).OfType<WorkflowStarted>().FirstOrDefault() is not { } start)
        {
            return null;
        }

        var due = start.FirstTaskDue();
        return due < late ? $"its first task was due {due:O}"
            : due > now + OverdueWork.Grace && !(start.ChainEnd() <= due) && !isParked(WorkKind.Nudge, start.RunId, 0) ? $"its first task, due {due:O}, is not among the parked timers of run {run.Head.RunId}"
            : null;
    }

    private async Task<OverdueFacts> FactsAsync(LiveRun run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var empty = new HashSet<string>(StringComparer.Ordinal);
        foreach (var queue in run.State.Activities.Values.Select(a => ActivityJob.Of(run, a, services.Options.TaskQueue).Queue).Distinct(StringComparer.Ordinal))
        {
            if (await services.Retry.ReadAsync(() => services.Store.Queues.CountAsync(queue, cancellationToken), cancellationToken) is null or 0)
            {
                empty.Add(queue);
            }
        }

        return new OverdueFacts(now, services.Options.TaskQueue, isParked, empty.Contains, services.Options.ActivityLimits.ContainsKey);
    }

    private async Task AgainAsync(string workflowId, IReadOnlyList<OverdueEvent> overdue, CancellationToken cancellationToken)
    {
        if (await parts.Loader.LoadAsync(workflowId, cancellationToken) is { Run: var run })
        {
            using (run)
            {
                await _rearming.AgainAsync(run, overdue, cancellationToken);
            }
        }
    }

    /// <summary>A child that closed long ago and whose answer is not here, and what sends it again: null where there is nobody to send it.</summary>
    private async Task<(string Detail, Func<CancellationToken, Task>? Mend)?> LookAtChildAsync(PendingChild child, DateTimeOffset late, CancellationToken cancellationToken)
    {
        var id = child.Initiated.WorkflowId;
        var row = await services.Reading.ReadRowAsync(id, JournalKeys.Head, cancellationToken);
        var head = row is { } found ? WorkflowHead.TryDecode(found.Data) : null;
        if (row is not null && head is null)
        {
            // Its own finding tells.
            return null;
        }

        if (head is null or { IsGone: true } || head.FirstRunId != child.Initiated.RunId)
        {
            return ($"child workflow '{id}' does not exist any more", null);
        }

        return head.IsOpen || !(head.Closed < late) ? null : ($"child workflow '{id}' closed {head.Closed:O}, and its answer did not arrive", async token =>
        {
            if (await parts.Loader.LoadAsync(id, token) is { Run: var run })
            {
                using (run)
                {
                    await parts.Closing.DispatchAsync(run, chainEnds: true, token);
                }
            }
        });
    }
}
