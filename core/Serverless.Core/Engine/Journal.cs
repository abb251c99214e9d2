using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// The partition of a workflow id: what is read for a task, how a commit becomes one transaction, how senders post to the inbox.
/// Conflicts are results. See ARCHITECTURE.md, "What is stored".
/// </summary>
internal sealed class Journal(IRowStore rows, Segments segments, StorageRetry retry, EngineLimits limits)
{
    /// <summary>Readings of a history whose pages don't fit together; then it is damaged.</summary>
    private const int MaxTornReads = 10;
    private const int MaxTries = 10;

    /// <summary>Head, gate and inbox: one request as long as the inbox fits a page. Null when the workflow id does not exist.</summary>
    public async Task<WarmRead?> ReadWarmAsync(string workflowId, CancellationToken cancellationToken)
    {
        var read = new PartitionRead(limits);
        var pages = new PageCount();
        await foreach (var row in RangeAsync(workflowId, JournalKeys.WarmFrom, JournalKeys.WarmTo, pages, cancellationToken))
        {
            await CollectAsync(read, row, cancellationToken);
            read.Place(row.Key, pages.Number);
            if (read.IsInboxCut)
            {
                break;
            }
        }

        await CompleteInboxAsync(workflowId, read, cancellationToken);
        return read.ToWarm();
    }

    /// <summary>
    /// All that a task needs when the run is not in memory, or head and inbox only where <paramref name="headSuffices"/> says so. Null when the workflow id does not exist.
    /// </summary>
    /// <exception cref="InvalidDataException">A row is damaged; the message names it.</exception>
    public async Task<ColdRead?> ReadColdAsync(string workflowId, CancellationToken cancellationToken, Func<WorkflowHead, bool>? headSuffices = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (read, pages) = await ReadPartitionAsync(workflowId, headSuffices, cancellationToken);
            var headOnly = read.Head is { } head && headSuffices?.Invoke(head) == true;

            // While pages are read, a commit may merge segments of which some are behind and some ahead.
            if (pages == 1 || attempt == MaxTornReads || headOnly || read.IsWhole(read.Head?.LastEventId))
            {
                await CompleteInboxAsync(workflowId, read, cancellationToken);
                return read.ToCold() is { } cold ? cold with { HeadOnly = headOnly } : null;
            }
        }
    }

    private async Task<(PartitionRead Read, int Pages)> ReadPartitionAsync(string workflowId, Func<WorkflowHead, bool>? headSuffices, CancellationToken cancellationToken)
    {
        var read = new PartitionRead(limits);
        var pages = new PageCount();
        await foreach (var row in TaskRowsAsync(workflowId, read, pages, cancellationToken))
        {
            if (row.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal)
                && (read.Head is null || headSuffices?.Invoke(read.Head) == true || !row.Key.StartsWith(JournalKeys.SegmentsOf(read.Head.RunNumber), StringComparison.Ordinal)))
            {
                // Segments of earlier runs follow those of the newest.
                break;
            }

            await CollectAsync(read, row, cancellationToken);
            read.Place(row.Key, pages.Number);
        }

        return (read, pages.Number);
    }

    /// <summary>The events of one run, older runs included.</summary>
    /// <exception cref="InvalidDataException">A segment is damaged; the message names it.</exception>
    public async Task<IReadOnlyList<StoredSegment>> ReadSegmentsAsync(string workflowId, int runNumber, CancellationToken cancellationToken)
    {
        var prefix = JournalKeys.SegmentsOf(runNumber);
        for (var attempt = 1; ; attempt++)
        {
            var read = new PartitionRead(limits);
            var pages = new PageCount();
            await foreach (var row in RangeAsync(workflowId, prefix, prefix[..^1] + ";", pages, cancellationToken))
            {
                await CollectAsync(read, row, cancellationToken);
            }

            if (pages.Number == 1 || attempt == MaxTornReads || read.IsWhole(null))
            {
                return read.Segments;
            }
        }
    }

    /// <summary>One activity's attempts so far and whether it was asked to cancel. Default when nothing is stored.</summary>
    public async Task<(ActivityAttemptRow? Attempts, bool CancelRequested)> ReadActivityAsync(
        string workflowId, int runNumber, long scheduledEventId, CancellationToken cancellationToken)
    {
        var key = JournalKeys.Activity(runNumber, scheduledEventId);
        ActivityAttemptRow? attempts = null;
        var cancel = false;
        await foreach (var row in RangeAsync(workflowId, key, key + ";", new PageCount(), cancellationToken))
        {
            if (row.Key == key)
            {
                attempts = ActivityAttemptRow.Decode(row.Data);
            }
            else
            {
                cancel = true;
            }
        }

        return (attempts, cancel);
    }

    /// <summary>
    /// Writes a row beside the history, on condition that the workflow id is open. False when it is not.
    /// </summary>
    public async Task<bool> WriteWhileOpenAsync(string workflowId, string key, byte[] data, CancellationToken cancellationToken)
    {
        var stored = await segments.MoveLargeRowAsync(workflowId, data, oneOfMany: false, cancellationToken);
        return await TryAsync(JournalKeys.Gate) || await TryAsync(JournalKeys.FullGate) || await TryAsync(JournalKeys.Gate);

        async Task<bool> TryAsync(string gate) => (await retry.ReadAsync(
            () => rows.CommitAsync(
                RowTable.Workflows, WorkflowKey.Partition(workflowId), [RowOperation.Touch(gate), RowOperation.Upsert(key, stored)], cancellationToken),
            cancellationToken)).Committed;
    }

    /// <summary>A row beside the history, or null.</summary>
    public async Task<Row?> ReadRowAsync(string workflowId, string key, CancellationToken cancellationToken)
    {
        var query = new RowQuery(RowTable.Workflows, WorkflowKey.Partition(workflowId), key, key + "\0", 1);
        return await retry.Rows(rows, query, cancellationToken).FirstAsync() is { } row ? await segments.RestoreAsync(row, cancellationToken) : null;
    }

    /// <summary>True when a request with this id was accepted before.</summary>
    public async Task<bool> HasArrivedAsync(string workflowId, string requestId, CancellationToken cancellationToken) =>
        await ReadRowAsync(workflowId, JournalKeys.Request(requestId), cancellationToken) is not null;

    /// <summary>What became of an update in each run that has decided on it, the newest first; empty when none has.</summary>
    public async Task<IReadOnlyList<StoredUpdate>> ReadUpdateAsync(string workflowId, string updateId, CancellationToken cancellationToken)
    {
        var found = new List<StoredUpdate>();
        var prefix = JournalKeys.UpdatesOf(updateId);
        await foreach (var row in RangeAsync(workflowId, prefix, prefix[..^1] + ";", new PageCount(), cancellationToken))
        {
            found.Add(StoredUpdate.Decode(row.Data));
        }

        return found;
    }

    /// <summary>
    /// Puts an item into the inbox of an open workflow id. Accepted means: it will be consumed before the id closes. An item with the same key, or the same
    /// <paramref name="requestId"/>, that was accepted before is accepted again without effect. Messages from outside are refused while the inbox is full; answers to what
    /// the workflow asked for, and cancellations, are not.
    /// </summary>
    /// <param name="workflowId">Whose inbox.</param>
    /// <param name="key">The item's key: the same item has the same.</param>
    /// <param name="item">The item.</param>
    /// <param name="requestId">The sender's name for its request, or null.</param>
    /// <param name="cancellationToken">Gives up between requests.</param>
    /// <param name="evenIfFull">True for a message that is an answer.</param>
    /// <exception cref="StorageException">Nobody can tell whether it was accepted.</exception>
    public async Task<PostOutcome> PostAsync(
        string workflowId, string key, InboxItem item, string? requestId, CancellationToken cancellationToken, bool evenIfFull = false)
    {
        evenIfFull |= item.Event is not (WorkflowSignaled or WorkflowUpdateAccepted or WorkflowPropertiesModified);

        // Blobs outlive runs: those of inbox items are filed under the workflow id.
        var stored = item with { Event = await segments.MoveLargePayloadsAsync(workflowId, Segments.InboxFolder, item.Event, cancellationToken) };
        var data = await segments.MoveLargeRowAsync(workflowId, stored.Encode(), oneOfMany: false, cancellationToken);
        List<RowOperation> operations = [RowOperation.Touch(JournalKeys.Gate), RowOperation.Insert(JournalKeys.Inbox(key), data)];
        if (requestId is not null)
        {
            operations.Add(RowOperation.Insert(JournalKeys.Request(requestId), default));
        }

        StorageException? unknown = null;
        var unknowns = 0;
        for (var left = MaxTries; ; left--)
        {
            try
            {
                var outcome = await retry.WriteAsync(
                    () => rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition(workflowId), operations, cancellationToken), cancellationToken);
                var found = outcome.Committed ? PostOutcome.Accepted : await ExplainAsync(workflowId, key, requestId, unknown is not null, cancellationToken);
                if (found != PostOutcome.Full || (!evenIfFull && unknown is null))
                {
                    return found;
                }

                if (!evenIfFull || left == 0)
                {
                    throw unknown ?? new StorageException($"The inbox of workflow '{workflowId}' does not hold still.", StorageOutcome.NotApplied);
                }

                operations[0] = RowOperation.Touch(operations[0].Key == JournalKeys.Gate ? JournalKeys.FullGate : JournalKeys.Gate);
            }
            catch (StorageException e) when (e.Outcome == StorageOutcome.Unknown && e != unknown && ++unknowns < 3)
            {
                // The same keys again: if it was applied, the insert says so.
                unknown = e;
            }
        }
    }

    /// <summary>
    /// Applies a commit as one transaction. When the store can't tell whether it was, or says that it conflicts (with itself, if it was sent twice on the way), the head tells.
    /// </summary>
    public async Task<CommitResult> CommitAsync(JournalCommit commit, CancellationToken cancellationToken)
    {
        var plan = await CommitPlan.CreateAsync(commit, segments, cancellationToken);
        try
        {
            var outcome = await retry.WriteAsync(
                () => rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition(commit.WorkflowId), plan.Operations, cancellationToken), cancellationToken);
            if (outcome.Committed)
            {
                return plan.Result(outcome.Tags);
            }
        }
        catch (StorageException e) when (e.Outcome == StorageOutcome.Unknown)
        {
            // The head tells.
        }

        return await ReadRowAsync(commit.WorkflowId, JournalKeys.Head, cancellationToken) is { } row && WorkflowHead.TryDecode(row.Data)?.CommitId == commit.Head.CommitId
            ? new CommitResult(plan.Head, row.Tag, null, null)
            : CommitResult.Conflict;
    }

    /// <summary>
    /// Closes the gate of a full inbox to senders from outside, or opens it to them again. A conflict means that somebody else did; whoever reads next puts right what was too late.
    /// </summary>
    public async Task TurnGateAsync(LiveRun run, CancellationToken cancellationToken)
    {
        if (run.GateMustTurn)
        {
            RowOperation[] turn = [RowOperation.Delete(JournalKeys.GateOf(run.IsFull), null), RowOperation.Insert(JournalKeys.GateOf(!run.IsFull), default)];
            await retry.ReadAsync(() => rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition(run.WorkflowId), turn, cancellationToken), cancellationToken);
            run.GateTurned();
        }
    }

    /// <summary>Replaces the head alone. False on conflict.</summary>
    public async Task<bool> MarkAsync(LiveRun run, WorkflowHead head, CancellationToken cancellationToken)
    {
        var commit = new JournalCommit(run.WorkflowId, head) { HeadTag = run.HeadTag, EventsRunNumber = run.RunNumber, EventsRunId = run.Head.RunId };
        return (await CommitAsync(commit, cancellationToken)).Committed;
    }

    /// <summary>Writes rows beside the history, each for itself: those that are to be inserted and exist stay as they are.</summary>
    public async Task WriteRowsAsync(string workflowId, IReadOnlyList<RowOperation> writes, CancellationToken cancellationToken)
    {
        foreach (var slice in writes.Chunk(StorageLimits.MaxOperations / 2))
        {
            var operations = new List<RowOperation>();
            foreach (var write in slice)
            {
                operations.Add(write with { Data = await segments.MoveLargeRowAsync(workflowId, write.Data, oneOfMany: true, cancellationToken) });
            }

            if (!await TryAsync(operations))
            {
                foreach (var operation in operations)
                {
                    await TryAsync([operation]);
                }
            }
        }

        async Task<bool> TryAsync(IReadOnlyList<RowOperation> operations) => (await retry.ReadAsync(
            () => rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition(workflowId), operations, cancellationToken), cancellationToken)).Committed;
    }

    /// <summary>Adds a row, with the payloads that code may see, to what is read of a partition. One that can't be read is noted as its damage.</summary>
    public async Task CollectAsync(PartitionRead read, Row row, CancellationToken cancellationToken)
    {
        try
        {
            if (row.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal))
            {
                read.Segments.Add(new StoredSegment(row.Key, row.Tag, await segments.DecodeAsync(row.Data, cancellationToken), row.Data.Length, Segments.IsPlain(row.Data)) { Content = Segments.ContentOf(row.Data) });
            }
            else if (row.Key.StartsWith(JournalKeys.InboxPrefix, StringComparison.Ordinal))
            {
                var item = InboxItem.Decode(row.Data);
                read.Add(new InboxRow(row.Key, row.Written, item with { Event = await segments.RestoreAsync(item.Event, cancellationToken) }), row.Data.Length);
            }
            else
            {
                read.Add(row);
            }
        }
        catch (InvalidDataException e)
        {
            read.Damage ??= $"Row '{row.Key}' can't be read: {e.Message}";
        }
    }

    private async Task<PostOutcome> ExplainAsync(
        string workflowId, string key, string? requestId, bool repeated, CancellationToken cancellationToken)
    {
        if ((requestId is not null && await HasArrivedAsync(workflowId, requestId, cancellationToken))
            || await ReadRowAsync(workflowId, JournalKeys.Inbox(key), cancellationToken) is not null)
        {
            return PostOutcome.Accepted;
        }

        if (await ReadRowAsync(workflowId, JournalKeys.Head, cancellationToken) is not { } head)
        {
            return PostOutcome.NotFound;
        }

        if (!WorkflowHead.Decode(head.Data).IsOpen)
        {
            return PostOutcome.Closed;
        }

        if (await ReadRowAsync(workflowId, JournalKeys.FullGate, cancellationToken) is not null)
        {
            return PostOutcome.Full;
        }

        // Open, and our key is not there: a first try that timed out was applied, consumed and the id is still open.
        return repeated ? PostOutcome.Accepted : PostOutcome.Closed;
    }

    /// <summary>All that a task needs; of the inbox, no more than is read at once.</summary>
    private async IAsyncEnumerable<Row> TaskRowsAsync(
        string workflowId, PartitionRead read, PageCount pages, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in RangeAsync(workflowId, JournalKeys.ActivityPrefix, JournalKeys.ColdTo, pages, cancellationToken))
        {
            yield return row;
            if (read.IsInboxCut)
            {
                break;
            }
        }

        if (read.IsInboxCut)
        {
            await foreach (var row in RangeAsync(workflowId, JournalKeys.SegmentPrefix, JournalKeys.ColdTo, pages, cancellationToken))
            {
                yield return row;
            }
        }
    }

    /// <summary>
    /// Pages are no snapshot: while they are read, a message may arrive in one that is behind and the sender's next one in one that is ahead. Where the inbox took more than one page, it is
    /// read again: what was accepted before something of the first reading is in the second.
    /// </summary>
    private async Task CompleteInboxAsync(string workflowId, PartitionRead read, CancellationToken cancellationToken)
    {
        if (!read.InboxIsSplit || read.Inbox.Count == 0)
        {
            return;
        }

        var latest = read.Inbox.Max(static r => r.Written);
        read.ClearInbox();
        await foreach (var row in RangeAsync(workflowId, JournalKeys.InboxPrefix, JournalKeys.WarmTo, new PageCount(), cancellationToken))
        {
            if (row.Written <= latest)
            {
                await CollectAsync(read, row, cancellationToken);
            }

            if (read.IsInboxCut)
            {
                break;
            }
        }
    }

    private async IAsyncEnumerable<Row> RangeAsync(
        string workflowId,
        string from,
        string? to,
        PageCount pages,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new RowQuery(RowTable.Workflows, WorkflowKey.Partition(workflowId), from, to);
        var range = RowPages.RangeAsync(query, page =>
        {
            pages.Number++;
            return retry.ReadAsync(() => rows.QueryAsync(page, cancellationToken), cancellationToken);
        });
        await foreach (var row in range)
        {
            yield return await segments.RestoreAsync(row, cancellationToken);
        }
    }
}
