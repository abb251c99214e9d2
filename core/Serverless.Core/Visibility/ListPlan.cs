namespace Serverless.Visibility;

/// <summary>One way to find what a filter means: key ranges of one index, and what is still to be checked of the rows that they lead to.</summary>
/// <param name="Index">Null: the rows themselves, newest first.</param>
/// <param name="Spans">The values that are read.</param>
/// <param name="Starts">Only runs that started then.</param>
/// <param name="Residual">What the keys do not decide; null for nothing.</param>
internal sealed record ListPlan(ListIndex? Index, IReadOnlyList<KeySpan> Spans, StartBounds Starts, FilterNode? Residual)
{
    /// <summary>True when every range is in the order of the list.</summary>
    public bool IsNewestFirst => Index is null || Spans.All(static s => s.IsPoint);

    /// <summary>For people: the attribute whose keys are read.</summary>
    public string Name => Index?.Name ?? "StartTime";

    /// <summary>The ranges; in the order of the list only those from after a run.</summary>
    /// <param name="afterSuffix">The run; null for all.</param>
    public IReadOnlyList<KeyRange> Ranges(string? afterSuffix)
    {
        if (Starts.IsEmpty)
        {
            return [];
        }

        if (!IsNewestFirst)
        {
            return [.. Spans.Select(s => new KeyRange(Index!.Prefix + s.From, Index.Prefix + s.To)), .. Crowded(null, StartBounds.All)];
        }

        return Index is null
            ? [Newest(ListKeys.RowPrefix, afterSuffix, Starts)]
            : [.. Spans.Select(s => Newest(Index.Prefix + s.From, afterSuffix, Starts)), .. Crowded(afterSuffix, Starts)];
    }

    /// <summary>How many rows the ranges hold by the counters; null when counters do not tell. Exact when all starts are meant.</summary>
    public long? Counted(IReadOnlyList<ListCount> counts) =>
        Index is null ? counts.Sum(static c => c.Count)
        : Index == ListIndex.Status ? counts.Where(c => Spans.Any(s => s.Contains(ListKeys.Value(c.Status)))).Sum(static c => c.Count)
        : Index == ListIndex.WorkflowType ? counts.Where(c => Spans.Any(s => s.Contains(KeyText.Of(c.WorkflowType)))).Sum(static c => c.Count)
        : null;

    private static KeyRange Newest(string prefix, string? afterSuffix, StartBounds starts)
    {
        var from = starts.Last is { } last ? prefix + ListKeys.Inverted(last) : prefix;
        var after = afterSuffix is null ? "" : prefix + afterSuffix + KeyText.End;
        return new KeyRange(
            string.CompareOrdinal(after, from) > 0 ? after : from,
            starts.First is { } first ? prefix + ListKeys.Inverted(first) + "." : ListKeys.EndOf(prefix));
    }

    /// <summary>Runs that may lack a key are read beside attribute keys.</summary>
    private IEnumerable<KeyRange> Crowded(string? afterSuffix, StartBounds starts) =>
        Index is { IsOfAttributes: true } ? [Newest(ListKeys.CrowdedPrefix, afterSuffix, starts)] : [];
}

/// <summary>When runs started.</summary>
/// <param name="First">The earliest start, inclusive; null for any.</param>
/// <param name="Last">The latest start, inclusive; null for any.</param>
internal readonly record struct StartBounds(DateTimeOffset? First, DateTimeOffset? Last)
{
    public static StartBounds All { get; } = new(null, null);

    public bool IsEmpty => First > Last;

    public StartBounds And(StartBounds other) => new(
        First is null || other.First > First ? other.First : First,
        Last is null || other.Last < Last ? other.Last : Last);
}
