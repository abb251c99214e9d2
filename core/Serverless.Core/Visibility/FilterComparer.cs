using Serverless.Client;

namespace Serverless.Visibility;

/// <summary>
/// The order that a filter asks for; by default, and among equals, the newest start first, then by run id. A workflow without the attribute counts as greater than
/// all others, so that open workflows come first when close times are descending.
/// </summary>
internal sealed class FilterComparer(IReadOnlyList<FilterOrder> order) : IComparer<WorkflowSummary>
{
    public int Compare(WorkflowSummary? x, WorkflowSummary? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        foreach (var column in order)
        {
            var result = Compare(FilterEvaluator.ValueOf(column.Attribute, x), FilterEvaluator.ValueOf(column.Attribute, y));
            if (result != 0)
            {
                return column.Descending ? -result : result;
            }
        }

        var newest = y.StartTime.CompareTo(x.StartTime);
        return newest != 0 ? newest : string.CompareOrdinal(x.RunId, y.RunId);
    }

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
        _ => string.CompareOrdinal(x.GetType().Name, y.GetType().Name),
    };
}
