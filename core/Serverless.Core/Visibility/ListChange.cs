using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Storage;

namespace Serverless.Visibility;

internal enum ListChangeKind
{
    /// <summary>A run that was most likely never written.</summary>
    First,

    /// <summary>A run that may have been written before.</summary>
    Again,

    /// <summary>A run whose row and keys are written whatever is there, unless that is newer.</summary>
    Repair,

    /// <summary>A run that is to leave the list.</summary>
    Remove,
}

/// <summary>What a run's row shall be.</summary>
internal sealed record ListChange(ListChangeKind Kind, WorkflowSummary Summary)
{
    public string Suffix { get; } = ListKeys.Suffix(Summary);

    /// <summary>The one of two changes of a run that were asked for one after the other which is to be written.</summary>
    public ListChange After(ListChange? before) =>
        before is null || Kind == ListChangeKind.Remove ? this
        : before.Kind == ListChangeKind.Remove || !Supersedes(before.Summary) ? before
        : this with { Kind = before.Kind == ListChangeKind.First || Kind == ListChangeKind.First ? ListChangeKind.First : Kind };

    /// <summary>True when a row is to be replaced: a closed run's row is final, an open one's grows with its history.</summary>
    public bool Supersedes(WorkflowSummary stored) => Kind switch
    {
        ListChangeKind.Remove => true,
        ListChangeKind.Repair => (stored.CloseTime is null || Summary.CloseTime is not null) && stored.HistoryLength <= Summary.HistoryLength,
        _ => stored.CloseTime is null && (Summary.CloseTime is not null || stored.HistoryLength < Summary.HistoryLength),
    };
}

/// <summary>The operations that one change comes to. The first is that of the row itself, under its tag.</summary>
internal sealed record ListStep(ListChange Change, StoredRow After, IReadOnlyList<RowOperation> Operations, IReadOnlyList<ListCount> Counts)
{
    /// <summary>Copies of rows up to this size stand at every key; a larger row is read where its keys lead.</summary>
    public const int MaxCopyBytes = 4 * 1024;

    /// <summary>From what is stored to what shall be. Null: it is so already.</summary>
    /// <param name="change">What shall be.</param>
    /// <param name="stored">What is.</param>
    /// <param name="indexed">The attributes to index.</param>
    public static ListStep? Of(ListChange change, StoredRow stored, IReadOnlyDictionary<string, IndexedValueType> indexed)
    {
        if (stored.Row is { } old ? !change.Supersedes(old.Summary) : change.Kind == ListChangeKind.Remove)
        {
            return null;
        }

        var rowKey = ListKeys.Row(change.Suffix);
        if (change.Kind == ListChangeKind.Remove)
        {
            return new ListStep(
                change,
                StoredRow.None,
                [RowOperation.Delete(rowKey, stored.Tag), .. stored.Keys.Select(static k => RowOperation.Delete(k, null))],
                [Count(stored.Row!, -1)]);
        }

        var (row, data) = VisibilityRow.Fit(new ListRow(change.Summary, Indexed(change.Summary, indexed, stored.Row)));
        var keys = ListKeys.Of(row);
        var copy = data.Length <= MaxCopyBytes ? data : [];
        return new ListStep(
            change,
            new StoredRow(row, "", keys),
            [
                stored.Row is null ? RowOperation.Insert(rowKey, data) : RowOperation.Replace(rowKey, data, stored.Tag),
                .. keys.Select(k => RowOperation.Upsert(k, copy)),
                .. stored.Keys.Except(keys, StringComparer.Ordinal).Select(static k => RowOperation.Delete(k, null)),
            ],
            stored.Row is null ? [Count(row, 1)] : [Count(stored.Row, -1), Count(row, 1)]);
    }

    /// <summary>The declared attributes that the run has, and those by which it could be found so far: a process that does not know them leaves them there.</summary>
    private static SortedDictionary<string, IndexedValueType> Indexed(
        WorkflowSummary summary, IReadOnlyDictionary<string, IndexedValueType> declared, ListRow? old)
    {
        var indexed = new SortedDictionary<string, IndexedValueType>(StringComparer.Ordinal);
        foreach (var name in summary.SearchAttributes.Keys)
        {
            if (declared.TryGetValue(name, out var type) || old?.Indexed.TryGetValue(name, out type) == true)
            {
                indexed[name] = type;
            }
        }

        return indexed;
    }

    private static ListCount Count(ListRow row, long by) => new(row.Summary.Status, row.Summary.WorkflowType, by);
}

/// <summary>Steps that are taken together: as many as one transaction holds, by number and by size, with the counters that they change.</summary>
internal sealed class ListTransaction
{
    private readonly List<ListStep> _steps = [];
    private readonly List<RowOperation> _operations = [];
    private readonly Dictionary<(WorkflowExecutionStatus, string), long> _counts = [];
    private int _bytes;

    public IReadOnlyList<ListStep> Steps => _steps;

    public IReadOnlyList<RowOperation> Operations => _operations;

    public IEnumerable<ListCount> Counts => _counts.Select(static c => new ListCount(c.Key.Item1, c.Key.Item2, c.Value));

    /// <summary>False: it is full.</summary>
    public bool TryAdd(ListStep step)
    {
        var bytes = step.Operations.Sum(static o => o.Data.Length + o.Key.Length);
        var counters = _counts.Keys.Union(step.Counts.Select(Key)).Count();
        if (_steps.Count > 0
            && (_operations.Count + step.Operations.Count + counters > StorageLimits.MaxOperations
                || _bytes + bytes + (counters * StorageLimits.MaxKeyLength * 2) > StorageLimits.MaxTransactionBytes))
        {
            return false;
        }

        _steps.Add(step);
        _operations.AddRange(step.Operations);
        _bytes += bytes;
        foreach (var count in step.Counts)
        {
            _counts[Key(count)] = _counts.GetValueOrDefault(Key(count)) + count.Count;
        }

        return true;
    }

    private static (WorkflowExecutionStatus, string) Key(ListCount count) => (count.Status, count.WorkflowType);
}
