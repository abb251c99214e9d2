using System.Runtime.CompilerServices;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;

namespace Serverless.Maintenance;

/// <summary>
/// Looks at all of a hub for what will not heal by itself, and mends it where asked to. Everything may run while workflows run: what was just changed is given time, and what looks wrong
/// is looked at again before it is believed.
/// </summary>
internal sealed class HubDoctor(EngineServices services, ChainParts parts)
{
    private const int ListChecksAtOnce = 16;
    private readonly HashSet<int> _ids = [];
    private readonly HashSet<int> _runs = [];
    private readonly HashSet<string> _blocked = new(StringComparer.Ordinal);
    private readonly RunRemoval _existing = new(services);
    private readonly TimerCheck _timers = new(services);
    private readonly ListCheck _list = new(services, new RunRemoval(services));

    public async IAsyncEnumerable<HubReport> RunAsync(bool repair, bool rebuild, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal) { ["found"] = 0, ["repaired"] = 0, ["workflows"] = 0 };
        await foreach (var trouble in AllAsync(rebuild, cancellationToken))
        {
            if (trouble is null)
            {
                counts["workflows"]++;
                yield return new HubReport.Progress(counts["workflows"], null);
                continue;
            }

            counts["found"]++;
            if (repair && trouble.Mend is { } mend)
            {
                await mend(cancellationToken);
                counts["repaired"]++;
            }

            yield return trouble.Finding with { Repaired = repair && trouble.Mend is not null };
        }

        yield return new HubReport.Ended(counts);
    }

    /// <summary>All that is wrong, and a null for each workflow that was looked at.</summary>
    private async IAsyncEnumerable<Trouble?> AllAsync(bool rebuild, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var trouble in PoisonAsync(cancellationToken).Concat(_timers.LookAsync(cancellationToken)).Concat(_list.StraysAsync(cancellationToken)))
        {
            yield return trouble;
        }

        await foreach (var trouble in WorkflowsAsync(rebuild, cancellationToken))
        {
            yield return trouble;
        }

        var blobs = new BlobCheck(services, _existing);
        await foreach (var trouble in _timers.OrphansAsync(id => ExistsAsync(id, cancellationToken), cancellationToken)
            .Concat(blobs.LookAsync(WasSeen, cancellationToken))
            .Concat(_list.OrphansAsync(WasSeen, cancellationToken))
            .Concat(BlockedListAsync(cancellationToken))
            .Concat(_list.CountsAsync(cancellationToken)))
        {
            yield return trouble;
        }
    }

    private async IAsyncEnumerable<Trouble> PoisonAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var queue in services.KnownQueues)
        {
            var poison = PoisonSweep.PoisonOf(queue);
            if (await services.Retry.ReadAsync(() => services.Store.Queues.CountAsync(poison, cancellationToken), cancellationToken) is > 0 and var count)
            {
                yield return Trouble.Of(
                    FindingKind.Poison, null, $"{count} messages in {poison}", "take back those that can be read; others are left there for people",
                    token => new PoisonSweep(services).RunAsync([queue], token));
            }
        }
    }

    private async IAsyncEnumerable<Trouble?> WorkflowsAsync(bool rebuild, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PartitionScan? scan = null;
        var listed = new List<WorkflowSummary>();
        await foreach (var (partition, row) in services.Scan(RowTable.Workflows, cancellationToken))
        {
            var id = WorkflowKey.WorkflowId(partition);
            if (scan is not null && id != scan.WorkflowId)
            {
                foreach (var trouble in await LookAsync(scan, listed, cancellationToken))
                {
                    yield return trouble;
                }

                if (scan.Head is not { IsGone: true })
                {
                    yield return null;
                }

                scan = null;
            }

            if (listed.Count >= ListChecksAtOnce)
            {
                foreach (var trouble in await LookAtListAsync(listed, rebuild, cancellationToken))
                {
                    yield return trouble;
                }

                listed.Clear();
            }

            if (id is not null)
            {
                scan ??= new PartitionScan(services, id);
                await scan.AddAsync(row, cancellationToken);
            }
        }

        if (scan is not null)
        {
            foreach (var trouble in await LookAsync(scan, listed, cancellationToken))
            {
                yield return trouble;
            }

            if (scan.Head is not { IsGone: true })
            {
                yield return null;
            }
        }

        foreach (var trouble in await LookAtListAsync(listed, rebuild, cancellationToken))
        {
            yield return trouble;
        }
    }

    /// <summary>One workflow id. Runs whose list rows are to be looked at are added to <paramref name="listed"/>.</summary>
    private async Task<IReadOnlyList<Trouble>> LookAsync(PartitionScan scan, List<WorkflowSummary> listed, CancellationToken cancellationToken)
    {
        if (scan.Head is { IsGone: true })
        {
            return [];
        }

        var cold = scan.ToCold();
        if (scan.Head is not { } head || cold is null)
        {
            return await LookAtHeadlessAsync(scan, cancellationToken);
        }

        _ids.Add(scan.WorkflowId.GetHashCode(StringComparison.Ordinal));
        _runs.Add(HashCode.Combine(scan.WorkflowId, head.RunId));
        var late = services.Time.GetUtcNow() - OverdueWork.Grace;
        foreach (var (number, run) in scan.Runs)
        {
            _runs.Add(HashCode.Combine(scan.WorkflowId, run.RunId));
            if (number == head.RunNumber ? IdSource.TimeOf(head.CommitId) < late : run.CloseTime < late)
            {
                listed.Add(run);
            }
        }

        if (head is { IsOpen: true, Blocked: not null })
        {
            _blocked.Add(scan.WorkflowId);
        }

        List<Trouble> found =
        [
            .. scan.Damage.Select(problem => Trouble.Of(
                FindingKind.Unreadable, new WorkflowRef(scan.WorkflowId), problem, "delete the workflow once it is closed; its present run goes on without that row", null)),
        ];
        if (head.IsOpen)
        {
            found.AddRange(await new OpenRunCheck(services, parts, _timers.IsParked).LookAsync(scan.WorkflowId, cold, cancellationToken));
        }

        return found;
    }

    /// <summary>Rows without a head are those of an import that is not finished, or of a head that was lost or damaged.</summary>
    private async Task<IReadOnlyList<Trouble>> LookAtHeadlessAsync(PartitionScan scan, CancellationToken cancellationToken)
    {
        _ids.Add(scan.WorkflowId.GetHashCode(StringComparison.Ordinal));
        foreach (var (_, run) in scan.Runs)
        {
            _runs.Add(HashCode.Combine(scan.WorkflowId, run.RunId));
        }

        var row = await services.Reading.ReadRowAsync(scan.WorkflowId, JournalKeys.Head, cancellationToken);
        return row is { } found && WorkflowHead.TryDecode(found.Data) is not null
            ? []
            :
            [
                Trouble.Of(
                    FindingKind.Unreadable,
                    new WorkflowRef(scan.WorkflowId),
                    row is null ? "it has rows and no head row: its import has not ended, or the row was lost" : "its head row can't be read",
                    "import it again", null),
            ];
    }

    private async Task<IReadOnlyList<Trouble>> LookAtListAsync(IReadOnlyList<WorkflowSummary> runs, bool rebuild, CancellationToken cancellationToken)
    {
        if (rebuild)
        {
            await Task.WhenAll(runs.Select(run => _list.RebuildAsync(run, cancellationToken)));
            return [];
        }

        return [.. (await Task.WhenAll(runs.Select(run => _list.LookAsync(run, cancellationToken)))).OfType<Trouble>()];
    }

    private async IAsyncEnumerable<Trouble> BlockedListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var noted = (await services.Blocked.ReadAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        foreach (var id in noted.Union(_blocked).Except(noted.Intersect(_blocked)).Order(StringComparer.Ordinal))
        {
            var row = await services.Reading.ReadRowAsync(id, JournalKeys.Head, cancellationToken);
            var isBlocked = row is { } found && WorkflowHead.TryDecode(found.Data) is { IsOpen: true, Blocked: not null };
            if (isBlocked != noted.Contains(id))
            {
                yield return Trouble.Of(
                    FindingKind.BlockedNote, new WorkflowRef(id), isBlocked ? "it is blocked, and not among those that are counted as such" : "it is counted as blocked, and is not",
                    "correct the list of blocked workflows", token => isBlocked ? services.Blocked.AddAsync(id, token) : services.Blocked.RemoveAsync(id, token));
            }
        }
    }

    private bool WasSeen(string workflowId, string runId) => _runs.Contains(HashCode.Combine(workflowId, runId));

    private async Task<bool> ExistsAsync(string workflowId, CancellationToken cancellationToken) =>
        _ids.Contains(workflowId.GetHashCode(StringComparison.Ordinal)) || await services.Reading.ExistsAsync(workflowId, cancellationToken);
}
