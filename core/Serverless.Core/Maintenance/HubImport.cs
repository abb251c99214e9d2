using System.Runtime.CompilerServices;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Maintenance;

/// <summary>
/// Stores exported runs. The head of a workflow id is written after everything else of it: an import that was interrupted is finished by doing it again. What is open goes on: all that is
/// pending is dispatched anew, with a message behind it until that is done.
/// </summary>
internal sealed class HubImport(EngineServices services, ChainParts parts)
{
    private const int EventsPerSegment = 100;
    private const int RowsAtOnce = 50;
    private const int BytesAtOnce = StorageLimits.MaxTransactionBytes / 2;
    private readonly Rearming _rearming = new(services, parts);

    public async IAsyncEnumerable<HubReport> RunAsync(IAsyncEnumerable<string> lines, bool merge, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!merge && await HasWorkflowsAsync(cancellationToken))
        {
            throw new WorkflowServiceException(
                WorkflowServiceError.InvalidArgument, "The hub is not empty. Import into an empty one, or ask for a merge: workflow ids that are in use are left alone then.");
        }

        var (imported, skipped, isComplete, number) = (0L, 0L, false, 0L);
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || Read(line, number, ref isComplete) is not { } run)
            {
                continue;
            }

            if (await ImportAsync(run, number, cancellationToken) is { } reason)
            {
                skipped++;
                yield return new HubReport.Skipped(run.WorkflowId, run.RunId, reason);
            }
            else
            {
                imported++;
            }

            yield return new HubReport.Progress(imported + skipped, null);
        }

        yield return new HubReport.Ended(new Dictionary<string, long> { ["imported"] = imported, ["skipped"] = skipped, ["complete"] = isComplete ? 1 : 0 });
    }

    private static ExportedRun? Read(string line, long number, ref bool isComplete)
    {
        try
        {
            var run = ExportLine.Read(line, out var isEnd);
            isComplete |= isEnd;
            return run is null || WorkflowKey.Problem(run.WorkflowId) is not { } problem ? run : throw new InvalidDataException(problem);
        }
        catch (InvalidDataException e)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, $"Line {number} can't be imported: {e.Message}");
        }
    }

    private async Task<bool> HasWorkflowsAsync(CancellationToken cancellationToken)
    {
        await foreach (var (_, row) in services.Scan(RowTable.Workflows, cancellationToken))
        {
            if (row.Key == JournalKeys.Head && WorkflowHead.TryDecode(row.Data) is not { IsGone: true })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Null when it was stored, else why not.</summary>
    /// <exception cref="WorkflowServiceException">It can't be a run: its events make no sense, or a key or time is none.</exception>
    private async Task<string?> ImportAsync(ExportedRun run, long number, CancellationToken cancellationToken)
    {
        try
        {
            return await ImportAsync(run, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, $"Line {number} can't be imported: {e.Message}");
        }
    }

    private async Task<string?> ImportAsync(ExportedRun run, CancellationToken cancellationToken)
    {
        var existing = await services.Reading.ReadLastHeadAsync(run.WorkflowId, cancellationToken);
        if (existing is { Head: { IsGone: false } head })
        {
            return head.RunId == run.CurrentRunId ? "it is here already" : "its workflow id is in use";
        }

        if (run.Events.Count > 0 && run.Events[0] is not WorkflowStarted)
        {
            throw new InvalidDataException("its history does not begin with the start of a run");
        }

        var state = new RunState();
        foreach (var e in run.Events)
        {
            state.Apply(e);
        }

        var bytes = await WriteHistoryAsync(run, cancellationToken);
        if (!run.IsCurrent)
        {
            await ListAsync(run, state, bytes, cancellationToken);
            return null;
        }

        await WriteInboxAsync(run, cancellationToken);
        return await WriteHeadAsync(run, state, bytes, existing?.Tag, cancellationToken) ? null : "its workflow id has just been used";
    }

    /// <summary>Segments and the rows beside them; answers the size of the history.</summary>
    private async Task<long> WriteHistoryAsync(ExportedRun run, CancellationToken cancellationToken)
    {
        var rows = new List<RowOperation>();
        long bytes = 0;
        foreach (var part in run.Events.Chunk(EventsPerSegment))
        {
            var data = await services.Segments.EncodeAsync(run.WorkflowId, run.RunId, part, cancellationToken);
            bytes += data.Length;
            rows.Add(RowOperation.Upsert(JournalKeys.Segment(run.RunNumber, part[0].Id), data));
        }

        foreach (var update in run.Updates)
        {
            rows.Add(RowOperation.Upsert(JournalKeys.Update(update.UpdateId, run.RunNumber), new StoredUpdate(run.RunNumber, update).Encode()));
        }

        foreach (var attempts in run.Attempts)
        {
            if (attempts.Row is { } row)
            {
                rows.Add(RowOperation.Upsert(JournalKeys.Activity(run.RunNumber, attempts.ScheduledEventId), row.Encode()));
            }

            if (attempts.CancelRequested)
            {
                rows.Add(RowOperation.Upsert(JournalKeys.ActivityCancel(run.RunNumber, attempts.ScheduledEventId), default));
            }
        }

        rows.AddRange(run.Requests.Select(static r => RowOperation.Upsert(JournalKeys.RequestPrefix + r.Key, r.Answer)));
        await WriteAsync(run.WorkflowId, rows, cancellationToken);
        return bytes;
    }

    private async Task WriteAsync(string workflowId, IReadOnlyList<RowOperation> rows, CancellationToken cancellationToken)
    {
        var (slice, bytes) = (new List<RowOperation>(), 0);
        foreach (var row in rows)
        {
            var fitting = row.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal)
                ? row
                : row with { Data = await services.Segments.MoveLargeRowAsync(workflowId, row.Data, oneOfMany: true, cancellationToken) };
            if (slice.Count == RowsAtOnce || (slice.Count > 0 && bytes + fitting.Data.Length > BytesAtOnce))
            {
                await CommitAsync(workflowId, slice, cancellationToken);
                (slice, bytes) = ([], 0);
            }

            slice.Add(fitting);
            bytes += fitting.Data.Length;
        }

        if (slice.Count > 0)
        {
            await CommitAsync(workflowId, slice, cancellationToken);
        }
    }

    /// <summary>Each by itself: the store's clock is their order.</summary>
    private async Task WriteInboxAsync(ExportedRun run, CancellationToken cancellationToken)
    {
        foreach (var message in run.Inbox)
        {
            var moved = await services.Segments.MoveLargePayloadsAsync(run.WorkflowId, Segments.InboxFolder, message.Event, cancellationToken);
            var data = await services.Segments.MoveLargeRowAsync(run.WorkflowId, new InboxItem(moved, message.RunId).Encode(), oneOfMany: false, cancellationToken);
            await CommitAsync(run.WorkflowId, [RowOperation.Upsert(JournalKeys.Inbox(message.Key), data)], cancellationToken);
        }
    }

    /// <param name="run">The run.</param>
    /// <param name="state">What its history says.</param>
    /// <param name="bytes">The size of its history.</param>
    /// <param name="goneTag">Tag of the head that is left of a workflow of this id; null where there was none.</param>
    /// <param name="cancellationToken">Gives up between requests.</param>
    private async Task<bool> WriteHeadAsync(ExportedRun run, RunState state, long bytes, string? goneTag, CancellationToken cancellationToken)
    {
        var start = state.Started ?? run.Inbox.Select(static m => m.Event).OfType<WorkflowStarted>().FirstOrDefault()
            ?? throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, $"Run {run.RunId} of workflow '{run.WorkflowId}' has no start.");
        var token = services.Ids.NextUlid();

        // A mark over the event of a reset would ask for all of the reset again.
        var first = state.Resets.Count > 0 ? state.Resets[^1].Id + 1 : 1;
        var head = new WorkflowHead
        {
            RunNumber = run.RunNumber,
            RunId = run.RunId,
            FirstRunId = start.FirstRunId,
            WorkflowType = start.WorkflowType,
            Status = run.Status,
            Started = start.Time,
            Closed = state.Closed?.Time,
            LastEventId = state.LastEventId,
            HistoryBytes = bytes,
            CommitId = services.Ids.NextUlid(),
            Marks = run.IsOpen && first <= state.LastEventId ? [new DispatchMark(token, run.RunNumber, first, state.LastEventId)] : [],
            PinnedBuildId = run.PinnedBuildId,
            RequestId = run.StartRequestId,
        };

        // Whoever gets this message finds the mark, if this process dies before it has dispatched what is pending.
        var backup = new MessageBackup(services, new WorkMessage(WorkKind.Nudge, token, run.WorkflowId) { BuildId = run.PinnedBuildId });
        if (run.IsOpen)
        {
            await backup.BeginAsync();
        }

        var stored = goneTag is null ? RowOperation.Insert(JournalKeys.Head, head.Encode()) : RowOperation.Replace(JournalKeys.Head, head.Encode(), goneTag);
        RowOperation[] rows = [stored, .. run.IsOpen ? [RowOperation.Insert(JournalKeys.Gate, default)] : (RowOperation[])[]];
        var isStored = await CommitAsync(run.WorkflowId, rows, cancellationToken);
        if (isStored)
        {
            await ListAsync(run, state, bytes, cancellationToken);
            await GoOnAsync(run, state, cancellationToken);
        }

        await backup.EndAsync();
        return isStored;
    }

    private async Task ListAsync(ExportedRun run, RunState state, long bytes, CancellationToken cancellationToken)
    {
        if (state.LastEventId == 0)
        {
            return;
        }

        await services.Visibility.ProjectAsync(WorkflowSummaries.Of(run.WorkflowId, state, bytes)).WaitAsync(cancellationToken);
        if (!run.IsOpen)
        {
            await services.Retention.ArmAsync(state, cancellationToken);
        }
    }

    private async Task GoOnAsync(ExportedRun run, RunState state, CancellationToken cancellationToken)
    {
        if (!run.IsOpen)
        {
            return;
        }

        if (state.LastEventId == 0)
        {
            await parts.Dispatcher.WakeUnbegunAsync(run.WorkflowId, cancellationToken);
        }
        else if (await parts.Loader.LoadAsync(run.WorkflowId, cancellationToken) is { Run: var loaded })
        {
            using (loaded)
            {
                await _rearming.AllAsync(loaded, cancellationToken);
            }
        }
    }

    private async Task<bool> CommitAsync(string workflowId, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken) =>
        (await services.Retry.WriteAsync(
            () => services.Store.Rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition(workflowId), operations, cancellationToken), cancellationToken)).Committed;
}
