using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Storage;

namespace Serverless.Visibility;

/// <summary>
/// The lists of workflows, derived from commits: a row for each run, keys by which runs are found, counters. Rows are written in groups, off the path of any step; a row that a
/// crash lost is written again by the redelivered nudge or by the next commit of its run.
/// </summary>
internal sealed class VisibilityIndex
{
    private const int RememberedRows = 4_000;

    /// <summary>Parts of a large group that are written at the same time, each with a slot of counters of its own.</summary>
    private const int Lanes = 4;

    /// <summary>A group with fewer changes for each lane takes fewer lanes.</summary>
    private const int MinLane = 25;
    private static readonly TimeSpan GroupDelay = TimeSpan.FromMilliseconds(20);
    private readonly TimeProvider _time;
    private readonly Dictionary<ListDivision, ListWriter[]> _writers;
    private readonly Lock _lock = new();
    private SortedDictionary<(ListDivision Division, string Suffix), ListChange> _waiting = NewGroup();
    private Task? _nextFlush;
    private Task _lastFlush = Task.CompletedTask;

    /// <param name="rows">Where the lists are stored.</param>
    /// <param name="time">Of the delay in which a group forms.</param>
    /// <param name="searchAttributes">What is indexed of the search attributes; null for none.</param>
    /// <param name="slot">The first slot of counters to take, from 0: processes take different ones.</param>
    public VisibilityIndex(IRowStore rows, TimeProvider time, IReadOnlyDictionary<string, IndexedValueType>? searchAttributes = null, int slot = 0)
    {
        _time = time;
        Rows = rows;
        SearchAttributes = searchAttributes ?? new Dictionary<string, IndexedValueType>();
        _writers = Enum.GetValues<ListDivision>().ToDictionary(static division => division, division =>
        {
            var memory = new ListMemory(RememberedRows);
            return Enumerable.Range(0, Lanes).Select(lane => new ListWriter(
                rows, division.Partition(), memory, new ListCounters(rows, division.Partition(), slot + (lane * ListCounters.Slots / Lanes)), SearchAttributes)).ToArray();
        });
    }

    public IRowStore Rows { get; }

    /// <summary>What is indexed of the search attributes, with the types they are declared with.</summary>
    public IReadOnlyDictionary<string, IndexedValueType> SearchAttributes { get; }

    /// <summary>Writes a row with the next group; completes when it is stored. A closed run's row is final: an open one never replaces it.</summary>
    /// <param name="summary">The run.</param>
    /// <param name="isFirst">True when the run was most likely not written before: its row is not looked for.</param>
    public Task ProjectAsync(WorkflowSummary summary, bool isFirst = false) =>
        Add(new ListChange(isFirst ? ListChangeKind.First : ListChangeKind.Again, summary), GroupDelay);

    /// <summary>Removes a run's row with its keys and counts it down. One that is not there is no error.</summary>
    public Task RemoveAsync(WorkflowSummary summary, CancellationToken cancellationToken) =>
        Add(new ListChange(ListChangeKind.Remove, summary), TimeSpan.Zero).WaitAsync(cancellationToken);

    /// <summary>Writes a run's row and keys again, whatever is there, unless that is of a later moment; counts what that changes.</summary>
    public Task RepairAsync(WorkflowSummary summary, CancellationToken cancellationToken) =>
        Add(new ListChange(ListChangeKind.Repair, summary), TimeSpan.Zero).WaitAsync(cancellationToken);

    /// <summary>Closed runs that closed before a moment, the first to close first: at most as many as asked for. Those of a page that was dealt with by removing them do not come again.</summary>
    public async Task<IReadOnlyList<WorkflowSummary>> ReadClosedAsync(
        ListDivision division, DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        var ranges = new ListRanges(Rows, division, [new KeyRange(ListKeys.ClosePrefix, ListKeys.ClosePrefix + KeyText.Of(before))], Math.Min(limit, StorageLimits.MaxPageRows));
        return [.. (await ranges.ReadAsync(limit, cancellationToken)).Take(limit).Select(static r => r.Row.Summary)];
    }

    /// <summary>A page of rows, newest first, from after a key. A null next key ends the list.</summary>
    public async Task<(IReadOnlyList<(string Key, WorkflowSummary Summary)> Rows, string? NextKey)> ReadAsync(
        ListDivision division, string? afterKey, int limit, CancellationToken cancellationToken)
    {
        var found = new List<(string, WorkflowSummary)>();
        var to = ListKeys.EndOf(ListKeys.RowPrefix);
        var query = new RowQuery(RowTable.Visibility, division.Partition(), afterKey is null ? ListKeys.RowPrefix : afterKey + KeyText.End, to, limit);
        do
        {
            var page = await Rows.QueryAsync(query, cancellationToken);
            found.AddRange(page.Rows.Select(static row => (row.Key, VisibilityRow.Decode(row.Data).Summary)));
            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null && found.Count < limit);

        return (found, query.Continuation is null ? null : found[^1].Item1);
    }

    private static SortedDictionary<(ListDivision, string), ListChange> NewGroup() =>
        new(Comparer<(ListDivision Division, string Suffix)>.Create(static (x, y) =>
            x.Division != y.Division ? x.Division.CompareTo(y.Division) : string.CompareOrdinal(x.Suffix, y.Suffix)));

    private Task Add(ListChange change, TimeSpan delay)
    {
        lock (_lock)
        {
            var key = (ListDivisions.Of(change.Summary.WorkflowType), change.Suffix);
            _waiting[key] = change.After(_waiting.GetValueOrDefault(key));
            return _nextFlush ??= FlushSoonAsync(_lastFlush, delay);
        }
    }

    private async Task FlushSoonAsync(Task before, TimeSpan delay)
    {
        // Never on the caller's stack: it holds the lock.
        await Task.Yield();
        await Task.Delay(delay, _time);

        // One group at a time, so that a slow older one can't overtake a newer one.
        await before.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Current);
        SortedDictionary<(ListDivision Division, string Suffix), ListChange> group;
        lock (_lock)
        {
            group = _waiting;
            _waiting = NewGroup();
            _lastFlush = _nextFlush ?? Task.CompletedTask;
            _nextFlush = null;
        }

        await Task.WhenAll(group.GroupBy(static c => c.Key.Division, static c => c.Value).SelectMany(part => WriteAsync(_writers[part.Key], [.. part])));
    }

    private static IEnumerable<Task> WriteAsync(ListWriter[] writers, IReadOnlyList<ListChange> changes)
    {
        var lanes = Math.Clamp(changes.Count / MinLane, 1, writers.Length);
        return changes.Index().GroupBy(c => c.Index * lanes / changes.Count, static c => c.Item).Select(lane => writers[lane.Key].WriteAsync([.. lane]));
    }
}
