using System.Text;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// What is written to the partition of a workflow id: how a commit becomes one transaction, how senders post to the inbox. Conflicts are results.
/// See ARCHITECTURE.md, "What is stored".
/// </summary>
internal sealed class Journal(IRowStore rows, JournalReader reader, Segments segments, StorageRetry retry)
{
    private const int MaxTries = 10;

    /// <summary>
    /// Writes a row beside the history, on condition that the workflow id is open. False when it is not.
    /// </summary>
    public async Task<bool> WriteWhileOpenAsync(string workflowId, string key, byte[] data, CancellationToken cancellationToken)
    {
        var stored = await segments.MoveLargeRowAsync(workflowId, data, oneOfMany: false, cancellationToken);
        return await CommitWhileOpenAsync(workflowId, RowOperation.Upsert(key, stored), cancellationToken);
    }

    /// <summary>
    /// Takes an activity for one holder, while the workflow id is open. Who has it then: this holder, the one who came before, or null when nobody can have it or nobody can tell.
    /// </summary>
    public async Task<string?> HoldAsync(string workflowId, string key, string holder, CancellationToken cancellationToken)
    {
        return await CommitWhileOpenAsync(workflowId, RowOperation.Insert(key, Encoding.ASCII.GetBytes(holder)), cancellationToken)
            ? holder
            : await reader.ReadRowAsync(workflowId, key, cancellationToken) is { } row ? Encoding.ASCII.GetString(row.Data.Span) : null;
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
                var found = outcome.Committed ? PostOutcome.Accepted : await ExplainAsync(workflowId, key, requestId, cancellationToken);
                if (found is not (null or PostOutcome.Full) || (found == PostOutcome.Full && !evenIfFull && unknown is null))
                {
                    return found.Value;
                }

                // What was applied and taken meanwhile leaves a trace only if it has a request id.
                if ((unknown is not null && (requestId is null || !evenIfFull)) || left == 0)
                {
                    throw unknown ?? new StorageException($"The inbox of workflow '{workflowId}' does not hold still.", StorageOutcome.NotApplied);
                }

                if (found == PostOutcome.Full)
                {
                    operations[0] = RowOperation.Touch(operations[0].Key == JournalKeys.Gate ? JournalKeys.FullGate : JournalKeys.Gate);
                }
            }
            catch (StorageException e) when (e.Outcome == StorageOutcome.Unknown && e != unknown && ++unknowns < 3)
            {
                // The same keys again: if it was applied, the insert says so. If it is going to be, the row must be there whatever becomes of the workflow.
                unknown = e;
                if (requestId is not null)
                {
                    operations[^1] = RowOperation.Insert(JournalKeys.Request(requestId), JournalKeys.InDoubt);
                }
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

        return await reader.ReadRowAsync(commit.WorkflowId, JournalKeys.Head, cancellationToken) is { } row && WorkflowHead.TryDecode(row.Data)?.CommitId == commit.Head.CommitId
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

    private async Task<bool> CommitWhileOpenAsync(string workflowId, RowOperation operation, CancellationToken cancellationToken)
    {
        // The gate may turn between two tries.
        return await TryAsync(JournalKeys.Gate) || await TryAsync(JournalKeys.FullGate) || await TryAsync(JournalKeys.Gate);

        async Task<bool> TryAsync(string gate) => (await retry.ReadAsync(
            () => rows.CommitAsync(RowTable.Workflows, WorkflowKey.Partition(workflowId), [RowOperation.Touch(gate), operation], cancellationToken),
            cancellationToken)).Committed;
    }

    /// <summary>Why an item was not inserted; null when nothing that is there now is the reason.</summary>
    private async Task<PostOutcome?> ExplainAsync(string workflowId, string key, string? requestId, CancellationToken cancellationToken)
    {
        if ((requestId is not null && await reader.HasArrivedAsync(workflowId, requestId, cancellationToken))
            || await reader.ReadRowAsync(workflowId, JournalKeys.Inbox(key), cancellationToken) is not null)
        {
            return PostOutcome.Accepted;
        }

        if (await reader.ReadHeadAsync(workflowId, cancellationToken) is not { } found)
        {
            return PostOutcome.NotFound;
        }

        if (!found.Head.IsOpen)
        {
            return PostOutcome.Closed;
        }

        if (await reader.ReadRowAsync(workflowId, JournalKeys.FullGate, cancellationToken) is not null)
        {
            return PostOutcome.Full;
        }

        // What refused it is over: the run that was closed then is followed by another, or the gate has turned.
        return null;
    }
}
