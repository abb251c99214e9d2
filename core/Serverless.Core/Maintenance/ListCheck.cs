using System.Runtime.CompilerServices;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;
using Serverless.Visibility;

namespace Serverless.Maintenance;

/// <summary>Compares the lists with the journal, from which they are derived.</summary>
internal sealed class ListCheck(EngineServices services, RunRemoval runs)
{
    private readonly ListRepair _repair = new(services.Visibility);

    /// <summary>Keys that belong to no row, and rows that can't be read.</summary>
    public async IAsyncEnumerable<Trouble> StraysAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var division in Enum.GetValues<ListDivision>())
        {
            await foreach (var stray in _repair.StrayKeysAsync(division, cancellationToken))
            {
                yield return Trouble.Of(
                    FindingKind.ListRow, null, $"'{stray.Key}' of the list '{division.Partition()}' can't be read or belongs to no row", "remove it",
                    token => _repair.RemoveStrayAsync(stray, token));
            }
        }
    }

    /// <summary>A run whose row or keys are missing or say something else; null when all is right.</summary>
    public async Task<Trouble?> LookAsync(WorkflowSummary run, CancellationToken cancellationToken)
    {
        var (isThere, stored) = await StoredAsync(run, cancellationToken);

        // The list says of an open run how long its history was when the row was written, and sizes of a history change when it is merged.
        var expected = stored is null ? run : run with { HistoryBytes = stored.HistoryBytes, HistoryLength = run.CloseTime is null ? stored.HistoryLength : run.HistoryLength };
        var wrong = isThere && stored is null ? ["r:"] : await _repair.DifferencesAsync(expected, cancellationToken);
        return wrong.Count == 0
            ? null
            : Trouble.Of(
                FindingKind.ListRow,
                new WorkflowRef(run.WorkflowId, run.RunId),
                isThere ? $"{wrong.Count} of its keys in the list are missing or differ" : "it is not in the list",
                "write its row and keys again",
                token => _repair.RepairAsync(run, token));
    }

    /// <summary>Writes a run's row and keys whatever is there.</summary>
    public Task RebuildAsync(WorkflowSummary run, CancellationToken cancellationToken) => _repair.RepairAsync(run, cancellationToken);

    /// <summary>Rows of runs that do not exist.</summary>
    public async IAsyncEnumerable<Trouble> OrphansAsync(Func<string, string, bool> wasSeen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var division in Enum.GetValues<ListDivision>())
        {
            var rows = new RowQuery(RowTable.Visibility, division.Partition(), ListKeys.RowPrefix, ListKeys.EndOf(ListKeys.RowPrefix));
            await foreach (var row in services.Rows(rows, cancellationToken))
            {
                if (Decode(row) is { } run && !wasSeen(run.WorkflowId, run.RunId) && !await runs.ExistsAsync(run.WorkflowId, run.RunId, cancellationToken))
                {
                    yield return Trouble.Of(
                        FindingKind.ListRow, new WorkflowRef(run.WorkflowId, run.RunId), "the list has a run that does not exist", "remove its row",
                        token => services.Visibility.RemoveAsync(run, token));
                }
            }
        }
    }

    /// <summary>Counters that are wrong. A list that changes all the time can't be counted: nothing is found then.</summary>
    public async IAsyncEnumerable<Trouble> CountsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var division in Enum.GetValues<ListDivision>())
        {
            if (await _repair.RecountAsync(division, mends: false, cancellationToken) is { Count: > 0 } wrong)
            {
                yield return Trouble.Of(
                    FindingKind.ListCount,
                    null,
                    $"counters of the list '{division.Partition()}' are wrong: {string.Join(", ", wrong.Select(static c => $"{c.Status} {c.WorkflowType} by {-c.Count}"))}",
                    "count again",
                    token => _repair.RecountAsync(division, mends: true, token));
            }
        }
    }

    private async Task<(bool IsThere, WorkflowSummary? Stored)> StoredAsync(WorkflowSummary run, CancellationToken cancellationToken)
    {
        var key = ListKeys.Row(ListKeys.Suffix(run));
        return await services.Visibility.Rows.GetAsync(ListDivisions.Of(run.WorkflowType).Partition(), key, cancellationToken) is { } row ? (true, Decode(row)) : (false, null);
    }

    private static WorkflowSummary? Decode(Row row)
    {
        try
        {
            return VisibilityRow.Decode(row.Data).Summary;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
