using System.Runtime.CompilerServices;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.History;
using Serverless.Storage;
using Serverless.Visibility;

namespace Serverless.Engine;

/// <summary>
/// Removes closed runs with all that belongs to them. What is interrupted is finished by doing it again: the head and the list row, by which the rest is found, go last. A workflow
/// id that is started again meanwhile is left alone from then on: each step that touches more than old runs holds only under the tag of the head. Where others may still be writing
/// about a run, a message stands behind its removal that looks again.
/// </summary>
internal sealed class RunRemoval(EngineServices services)
{
    private const int MaxTries = 10;
    private const int RowsAtOnce = StorageLimits.MaxOperations - 1;

    /// <summary>Blobs of an id that is gone may be those of a start that is under way, as long as they are younger than this.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(10);

    /// <summary>Nothing is written about a run any more that closed so long ago: whoever stood still goes on, and what a service still had in hand it has applied.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(12);

    /// <summary>Removes a closed run. The newest run of a workflow id takes the whole id with it.</summary>
    public async Task<RemovalOutcome> RemoveAsync(WorkflowSummary run, CancellationToken cancellationToken)
    {
        if (await services.Reading.ReadHeadAsync(run.WorkflowId, cancellationToken) is not { } found)
        {
            await RemoveLeftoversAsync(run.WorkflowId, cancellationToken);
        }
        else if (found.Head.RunId == run.RunId)
        {
            if (await RemoveIdAsync(run.WorkflowId, cancellationToken) is { Outcome: RemovalOutcome.StillOpen })
            {
                return RemovalOutcome.StillOpen;
            }
        }
        else if (await FindAsync(run, found.Head.RunNumber, cancellationToken) is { } number)
        {
            await RemoveRunAsync(run, number, cancellationToken);
        }

        await services.Visibility.RemoveAsync(run, cancellationToken);
        return RemovalOutcome.Removed;
    }

    /// <summary>Removes a closed workflow id with all its runs.</summary>
    /// <returns>What was done, and the run that stands in the way.</returns>
    public async Task<(RemovalOutcome Outcome, string? OpenRunId)> RemoveIdAsync(string workflowId, CancellationToken cancellationToken)
    {
        string? firstRunId = null;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await services.Reading.ReadHeadAsync(workflowId, cancellationToken) is not { } found)
            {
                return (await RemoveListedAsync(workflowId, cancellationToken) || tries > 0 ? RemovalOutcome.Removed : RemovalOutcome.NotFound, null);
            }

            if (found.Head.IsOpen)
            {
                return (RemovalOutcome.StillOpen, found.Head.RunId);
            }

            // What was started and ended while the other one was removed is not meant.
            firstRunId ??= found.Head.FirstRunId;
            if (found.Head.FirstRunId != firstRunId || await TryRemoveIdAsync(workflowId, found.Head, found.Tag, cancellationToken))
            {
                return (RemovalOutcome.Removed, null);
            }
        }

        throw Restless(workflowId);
    }

    /// <summary>
    /// Removes what is left of a run that was removed soon after its end: its head, and what was written about it while it was removed, or after. A removal that has not come to its end by then is
    /// finished. Whatever is of others stays.
    /// </summary>
    public async Task LookAgainAsync(string workflowId, string runId, CancellationToken cancellationToken)
    {
        for (var tries = 0; await services.Reading.ReadLastHeadAsync(workflowId, cancellationToken) is { Head: { IsOpen: false } left, Tag: var tag } && left.RunId == runId; tries++)
        {
            if (tries == MaxTries)
            {
                throw Restless(workflowId);
            }

            await TryRemoveIdAsync(workflowId, left, tag, cancellationToken);
        }

        await RemoveLeftoversAsync(workflowId, cancellationToken);
        if (!await ExistsAsync(workflowId, runId, cancellationToken))
        {
            await services.Segments.DeleteBlobsAsync(await services.Segments.BlobsAsync(workflowId, runId, cancellationToken), cancellationToken);
        }

        await foreach (var run in ListedAsync(workflowId, cancellationToken))
        {
            if (!await ExistsAsync(workflowId, run.RunId, cancellationToken))
            {
                await services.Visibility.RemoveAsync(run, cancellationToken);
            }
        }
    }

    /// <summary>True when a run is there, open or closed.</summary>
    public async Task<bool> ExistsAsync(string workflowId, string runId, CancellationToken cancellationToken)
    {
        if (await services.Reading.ReadRowAsync(workflowId, JournalKeys.Head, cancellationToken) is not { } row)
        {
            return false;
        }

        if (WorkflowHead.TryDecode(row.Data) is not { } head)
        {
            // Whose head can't be read may have it.
            return true;
        }

        if (head.IsGone)
        {
            return false;
        }

        for (var number = head.RunNumber; number > 0; number--)
        {
            if ((number == head.RunNumber ? head.RunId : (await ReadStartAsync(workflowId, number, cancellationToken))?.RunId) == runId)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> TryRemoveIdAsync(string workflowId, WorkflowHead head, string tag, CancellationToken cancellationToken)
    {
        services.Cache.Take(workflowId)?.Dispose();
        var keepHead = !head.IsGone && await ComeBackAsync(workflowId, head.RunId, head.Closed, cancellationToken);
        var blobs = await services.Segments.BlobsAsync(workflowId, null, cancellationToken);
        var (keys, starts) = await ReadIdAsync(workflowId, head, keepHead, cancellationToken);
        foreach (var start in starts.Values)
        {
            await ForgetTimeoutAsync(workflowId, start, cancellationToken);
        }

        await Task.WhenAll(starts.Where(s => s.Key != head.RunNumber).Select(s => services.Visibility.RemoveAsync(WorkflowSummaries.Of(workflowId, s.Value), cancellationToken)));

        foreach (var slice in keys.Chunk(RowsAtOnce))
        {
            var outcome = await CommitAsync(
                workflowId, [RowOperation.Replace(JournalKeys.Head, head.Encode(), tag), .. slice.Select(static key => RowOperation.Delete(key, null))], cancellationToken);
            if (!outcome.Committed)
            {
                return false;
            }

            tag = outcome.Tags[0]!;
        }

        await services.Blocked.RemoveAsync(workflowId, cancellationToken);
        var last = keepHead
            ? RowOperation.Replace(JournalKeys.Head, (head with { Status = WorkflowExecutionStatus.Unspecified, Marks = [], Blocked = null, RequestId = null, EarlierStarts = [] }).Encode(), tag)
            : RowOperation.Delete(JournalKeys.Head, tag);
        if (!(await CommitAsync(workflowId, [last], cancellationToken)).Committed)
        {
            return false;
        }

        var isNew = await services.Reading.ReadHeadAsync(workflowId, cancellationToken) is not null;
        await services.Segments.DeleteBlobsAsync(blobs.Where(name => !isNew || !Segments.IsOfId(name) || !IsYoung(name)), cancellationToken);
        await services.Visibility.RemoveAsync(WorkflowSummaries.Of(workflowId, starts[head.RunNumber]), cancellationToken);
        return true;
    }

    /// <summary>Removes the rows and blobs of a run that is not the newest of its id.</summary>
    private async Task RemoveRunAsync(WorkflowSummary run, int number, CancellationToken cancellationToken)
    {
        await ComeBackAsync(run.WorkflowId, run.RunId, run.CloseTime, cancellationToken);
        if (await ReadStartAsync(run.WorkflowId, number, cancellationToken) is { } start)
        {
            await ForgetTimeoutAsync(run.WorkflowId, BegunAt(start, run.StartTime), cancellationToken);
        }

        await services.Segments.DeleteBlobsAsync(await services.Segments.BlobsAsync(run.WorkflowId, run.RunId, cancellationToken), cancellationToken);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var rows = new List<Row>();
            await foreach (var row in RowsAsync(run.WorkflowId, "", null, cancellationToken))
            {
                if (JournalKeys.IsOf(number, row.Key))
                {
                    rows.Add(row);
                }
            }

            if (rows.Count == 0)
            {
                return;
            }

            await services.Segments.DeleteBlobsAsync(rows.Select(Segments.BlobOf).OfType<string>(), cancellationToken);
            var first = JournalKeys.Segment(number, 1);
            foreach (var slice in rows.Select(static r => r.Key).OrderBy(key => key == first).Chunk(StorageLimits.MaxOperations))
            {
                // A conflict: somebody else removes them too. What is left is seen by the next look.
                await CommitAsync(run.WorkflowId, [.. slice.Select(static key => RowOperation.Delete(key, null))], cancellationToken);
            }
        }

        throw new StorageException($"The rows of run {run.RunId} of workflow '{run.WorkflowId}' changed while they were deleted. Delete it again.", StorageOutcome.Unknown);
    }

    /// <summary>Finishes a removal that was interrupted after the head had gone. False when nothing was left.</summary>
    private async Task<bool> RemoveListedAsync(string workflowId, CancellationToken cancellationToken)
    {
        var isFound = false;
        await foreach (var run in ListedAsync(workflowId, cancellationToken))
        {
            isFound = true;
            await RemoveAsync(run, cancellationToken);
        }

        return isFound;
    }

    /// <summary>Runs of a workflow id that the lists show.</summary>
    private async IAsyncEnumerable<WorkflowSummary> ListedAsync(string workflowId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = FilterPrinter.Print(ListFilter.All with { Condition = new FilterNode.Compare(new("WorkflowId", FilterType.Keyword), FilterOperator.Equal, new FilterValue.Text(workflowId)) });
        var lister = new WorkflowLister(services.Visibility, services.Time);
        foreach (var division in Enum.GetValues<ListDivision>())
        {
            string? token = null;
            do
            {
                var page = await lister.ListAsync(filter, StorageLimits.MaxOperations, token, cancellationToken, division);
                foreach (var run in page.Workflows)
                {
                    yield return run;
                }

                token = page.NextPageToken;
            }
            while (token is not null);
        }
    }

    /// <summary>Sends a message that makes somebody look again, where the run closed a moment ago. False where it did not.</summary>
    private async Task<bool> ComeBackAsync(string workflowId, string runId, DateTimeOffset? closed, CancellationToken cancellationToken)
    {
        var now = services.Time.GetUtcNow();
        if (closed < now - Settled)
        {
            return false;
        }

        var message = new WorkMessage(WorkKind.Removal, services.Ids.NextUlid(), workflowId) { RunId = runId, DueAt = now + Settled };
        await QueueSending.SendAsync(services.Store.Queues, services.Retry, QueueNames.Timers, message, Settled, cancellationToken);
        return true;
    }

    /// <summary>The head is gone: what an interrupted removal left of the blobs goes too, and what was written late.</summary>
    private async Task RemoveLeftoversAsync(string workflowId, CancellationToken cancellationToken)
    {
        var blobs = await services.Segments.BlobsAsync(workflowId, null, cancellationToken);
        if (blobs.Count > 0 && await services.Reading.ReadHeadAsync(workflowId, cancellationToken) is null)
        {
            await services.Segments.DeleteBlobsAsync(blobs.Where(name => !IsYoung(name)), cancellationToken);
        }
    }

    private static StorageException Restless(string workflowId) =>
        new($"The rows of workflow '{workflowId}' changed {MaxTries} times while it was deleted. Delete it again.", StorageOutcome.Unknown);

    private bool IsYoung(string blobName) => IdSource.TimeOf(blobName[(blobName.LastIndexOf('/') + 1)..]) > services.Time.GetUtcNow() - Young;

    /// <summary>All keys but the head's and, where that stays, those of requests in doubt; and how the runs began whose beginning can be read.</summary>
    private async Task<(List<string> Keys, SortedDictionary<int, WorkflowStarted> Starts)> ReadIdAsync(
        string workflowId, WorkflowHead head, bool keepHead, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        var starts = new SortedDictionary<int, WorkflowStarted>();
        await foreach (var row in RowsAsync(workflowId, "", null, cancellationToken))
        {
            if (row.Key == JournalKeys.Head || (keepHead && JournalKeys.IsInDoubt(row)))
            {
                continue;
            }

            keys.Add(row.Key);
            if (row.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal))
            {
                var number = JournalKeys.RunOf(row.Key);
                foreach (var e in await PeekAsync(row, cancellationToken))
                {
                    if (e is WorkflowStarted started)
                    {
                        starts[number] = started;
                    }
                    else if (e is WorkflowResetMarked && starts.TryGetValue(number, out var start))
                    {
                        starts[number] = BegunAt(start, e.Time);
                    }
                }
            }
        }

        // The head knows of the newest run what the list knows of it, whatever became of its history.
        var newest = starts.GetValueOrDefault(head.RunNumber) ?? new WorkflowStarted(head.WorkflowType, "", []) { Id = 1, RunId = head.RunId, Time = head.Started };
        starts[head.RunNumber] = BegunAt(newest, head.Started);
        return (keys, starts);
    }

    /// <summary>The start of a run that took its beginning from another one: its times count from when it was made.</summary>
    private static WorkflowStarted BegunAt(WorkflowStarted start, DateTimeOffset time) =>
        start.Time == time ? start : start with { Time = time, FirstRunStarted = time, FirstTaskDelay = null };

    /// <summary>The number of a run that is not the newest; null when nothing of it is there. Later runs have higher numbers.</summary>
    private async Task<int?> FindAsync(WorkflowSummary run, int newest, CancellationToken cancellationToken)
    {
        var (low, high) = (1, newest - 1);
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            var start = await ReadStartAsync(run.WorkflowId, middle, cancellationToken);
            if (start?.RunId == run.RunId)
            {
                return middle;
            }

            // One that is missing was removed: the older ones are the first to go.
            (low, high) = start is null || start.Time < run.StartTime ? (middle + 1, high) : (low, middle - 1);
        }

        for (var number = newest - 1; number > 0; number--)
        {
            if ((await ReadStartAsync(run.WorkflowId, number, cancellationToken))?.RunId == run.RunId)
            {
                return number;
            }
        }

        return null;
    }

    private async Task<WorkflowStarted?> ReadStartAsync(string workflowId, int number, CancellationToken cancellationToken)
    {
        var key = JournalKeys.Segment(number, 1);
        await foreach (var row in RowsAsync(workflowId, key, key + "\0", cancellationToken))
        {
            return await PeekAsync(row, cancellationToken) is [WorkflowStarted start, ..] ? start : null;
        }

        return null;
    }

    /// <summary>The events of a segment; none where it can't be read.</summary>
    private async Task<IReadOnlyList<HistoryEvent>> PeekAsync(Row row, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Segments.PeekAsync(row.Data, cancellationToken);
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    private Task ForgetTimeoutAsync(string workflowId, WorkflowStarted start, CancellationToken cancellationToken) =>
        start.End() is { } end
            ? services.Timers.CancelAsync(Dispatcher.TimeoutMessage(workflowId, start, end), cancellationToken)
            : Task.CompletedTask;

    private IAsyncEnumerable<Row> RowsAsync(string workflowId, string from, string? to, CancellationToken cancellationToken) =>
        services.Rows(new RowQuery(RowTable.Workflows, WorkflowKey.Partition(workflowId), from, to), cancellationToken);

    private Task<TransactionOutcome> CommitAsync(string workflowId, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken) =>
        services.Retry.WriteAsync(() => services.Store.Rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition(workflowId), operations, cancellationToken), cancellationToken);
}

/// <summary>What became of a run that was to be removed.</summary>
internal enum RemovalOutcome
{
    /// <summary>Nothing of it is left.</summary>
    Removed,

    /// <summary>It is open.</summary>
    StillOpen,

    /// <summary>There was no such workflow id.</summary>
    NotFound,
}
