using Serverless.Api.Enums.V1;
using Serverless.Storage;

namespace Serverless.Visibility;

/// <summary>
/// Writes rows of one list with their keys and the counters, each transaction whole. A row is replaced under its tag, and what it replaces decides which keys go and how the
/// counters change; so the counters are exact whoever else writes, whatever is repeated, and whether or not the answer to a transaction was lost. One call at a time.
/// </summary>
internal sealed class ListWriter(
    IRowStore rows, string partition, ListMemory memory, ListCounters counters, IReadOnlyDictionary<string, IndexedValueType> indexed)
{
    private const int ReadsAtOnce = 16;
    private const int MaxTries = 20;

    /// <summary>Changes whose present rows are in memory at once.</summary>
    private const int MaxRemembered = 1000;

    /// <summary>Tries of an answer that was lost; then the caller is told.</summary>
    private const int MaxUnknown = 3;

    /// <summary>Writes changes of different runs.</summary>
    /// <exception cref="StorageException">What was asked for may be written in part; asking again is harmless.</exception>
    public async Task WriteAsync(IReadOnlyList<ListChange> changes)
    {
        try
        {
            foreach (var part in changes.Chunk(MaxRemembered))
            {
                await WriteAsync(part, 0);
            }
        }
        catch
        {
            Forget(changes, isSuspect: false);
            throw;
        }
    }

    private async Task WriteAsync(IReadOnlyList<ListChange> changes, int tries)
    {
        await RecallAsync(changes, tries);
        await counters.LoadAsync(CancellationToken.None);
        for (var next = 0; next < changes.Count;)
        {
            var transaction = new ListTransaction();
            var first = next;
            while (next < changes.Count && (StepOf(changes[next]) is not { } step || transaction.TryAdd(step)))
            {
                next++;
            }

            if (transaction.Steps.Count > 0 && !await TryCommitAsync(transaction, tries))
            {
                await RepeatAsync([.. transaction.Steps.Select(static s => s.Change)], tries + 1);
                await counters.LoadAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>What did not go together the second time is written one by one.</summary>
    private async Task RepeatAsync(IReadOnlyList<ListChange> changes, int tries)
    {
        if (tries == MaxTries)
        {
            throw new StorageException($"A row of the list could not be written in {MaxTries} tries: others change it all the time.", StorageOutcome.NotApplied);
        }

        foreach (var part in tries == 1 ? [changes] : changes.Chunk(1).AsEnumerable<IReadOnlyList<ListChange>>())
        {
            await WriteAsync(part, tries);
        }
    }

    private ListStep? StepOf(ListChange change) => ListStep.Of(change, memory.Find(change.Suffix) ?? StoredRow.None, indexed);

    /// <summary>False: nothing was written, or nobody knows.</summary>
    private async Task<bool> TryCommitAsync(ListTransaction transaction, int tries)
    {
        var counting = counters.Change(transaction.Counts);
        try
        {
            var outcome = await rows.CommitAsync(RowTable.Visibility, partition, [.. transaction.Operations, .. counting], CancellationToken.None);
            if (!outcome.Committed)
            {
                Forget(transaction.Steps.Select(static s => s.Change), isSuspect: true);
                return false;
            }

            var at = 0;
            foreach (var step in transaction.Steps)
            {
                Remember(step.Change.Suffix, step.After with { Tag = outcome.Tags[at] ?? "" });
                at += step.Operations.Count;
            }

            counters.Written(counting, outcome.Tags.Skip(at));
            return true;
        }
        catch (StorageException e) when (e.Outcome == StorageOutcome.Unknown && tries < MaxUnknown)
        {
            Forget(transaction.Steps.Select(static s => s.Change), isSuspect: false);
            return false;
        }
    }

    /// <summary>Reads the rows that are not remembered, several at once. After a second failure a row's keys are read too: some may be missing.</summary>
    private async Task RecallAsync(IReadOnlyList<ListChange> changes, int tries)
    {
        var unknown = changes.Where(c => c.Kind == ListChangeKind.Repair || ((tries > 0 || c.Kind != ListChangeKind.First) && memory.Find(c.Suffix) is null));
        foreach (var part in unknown.Chunk(ReadsAtOnce))
        {
            var read = await Task.WhenAll(part.Select(c => ReadAsync(c.Suffix, withKeys: tries > 1 || c.Kind is ListChangeKind.Repair)));
            foreach (var (change, stored) in part.Zip(read))
            {
                Remember(change.Suffix, stored);
            }
        }
    }

    /// <summary>Only rows are remembered: that there is none may be another writer's doing tomorrow.</summary>
    private void Remember(string suffix, StoredRow stored)
    {
        if (stored.Row is null)
        {
            memory.Forget(suffix);
        }
        else
        {
            memory.Remember(suffix, stored);
        }
    }

    private async Task<StoredRow> ReadAsync(string suffix, bool withKeys)
    {
        if (await rows.GetAsync(partition, ListKeys.Row(suffix), CancellationToken.None) is not { } found)
        {
            return StoredRow.None;
        }

        var row = VisibilityRow.Decode(found.Data);
        var keys = ListKeys.Of(row);
        if (withKeys)
        {
            var there = await Task.WhenAll(keys.Select(k => rows.GetAsync(partition, k, CancellationToken.None)));
            keys = [.. keys.Zip(there).Where(static k => k.Second is not null).Select(static k => k.First)];
        }

        return new StoredRow(row, found.Tag, keys);
    }

    private void Forget(IEnumerable<ListChange> changes, bool isSuspect)
    {
        counters.Forget(isSuspect);
        foreach (var change in changes)
        {
            memory.Forget(change.Suffix);
        }
    }
}
