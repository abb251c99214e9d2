using Serverless.Client;

namespace Serverless.Visibility;

/// <summary>Where a workflow stands in an order: the values of the columns, then the newest start, then the run id.</summary>
internal sealed record ListPosition(IReadOnlyList<object?> Values, DateTimeOffset Start, string RunId);

/// <summary>A value that has no order, such as a list: all of a type are equal.</summary>
internal sealed record UnorderedValue(string TypeName);

/// <summary>
/// The order that a filter asks for; by default, and among equals, the newest start first, then by run id. A workflow without the attribute counts as greater than
/// all others, so that open workflows come first when close times are descending.
/// </summary>
internal sealed class FilterComparer(IReadOnlyList<FilterOrder> order) : IComparer<WorkflowSummary>, IComparer<ListPosition>
{
    public ListPosition PositionOf(WorkflowSummary summary) =>
        new([.. order.Select(column => Ordered(FilterEvaluator.ValueOf(column.Attribute, summary)))], summary.StartTime, summary.RunId);

    public int Compare(WorkflowSummary? x, WorkflowSummary? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        return Compare(PositionOf(x), PositionOf(y));
    }

    public int Compare(ListPosition? x, ListPosition? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        for (var i = 0; i < order.Count; i++)
        {
            var result = Compare(x.Values[i], y.Values[i]);
            if (result != 0)
            {
                return order[i].Descending ? -result : result;
            }
        }

        var newest = y.Start.CompareTo(x.Start);
        return newest != 0 ? newest : string.CompareOrdinal(x.RunId, y.RunId);
    }

    private static object? Ordered(object? value) => value is null or IComparable ? value : new UnorderedValue(value.GetType().Name);

    private static int Compare(object? x, object? y) => (x, y) switch
    {
        (null, null) => 0,
        (null, _) => 1,
        (_, null) => -1,
        (string a, string b) => string.CompareOrdinal(a, b),
        (long a, double b) => ((double)a).CompareTo(b),
        (double a, long b) => a.CompareTo(b),
        (IComparable a, _) when a.GetType() == y.GetType() => a.CompareTo(y),

        // Workflows may give one custom name different types: types are kept apart, in a fixed order.
        _ => string.CompareOrdinal(TypeName(x), TypeName(y)),
    };

    private static string TypeName(object value) => value is UnorderedValue unordered ? unordered.TypeName : value.GetType().Name;
}
