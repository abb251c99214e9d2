using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Visibility;

namespace Serverless.Operations;

/// <summary>The filter of a batch.</summary>
internal static class TargetFilter
{
    /// <summary>The filter with the present in place of <c>now()</c>: what it finds does not change while a batch goes through it.</summary>
    /// <exception cref="FilterSyntaxException">The filter can't be read.</exception>
    /// <exception cref="WorkflowServiceException">It has an order or groups.</exception>
    public static string Freeze(string query, DateTimeOffset now, IReadOnlyDictionary<string, IndexedValueType> attributes)
    {
        var filter = FilterParser.Parse(query, FilterAttributes.TypesOf(attributes));
        return filter is { Order.Count: 0, GroupBy: null }
            ? FilterPrinter.Print(filter with { Condition = filter.Condition is { } condition ? Freeze(condition, now) : null })
            : throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, "A batch goes through its workflows in its own order: leave out ORDER BY and GROUP BY.");
    }

    private static FilterNode Freeze(FilterNode node, DateTimeOffset now) => node switch
    {
        FilterNode.And and => new FilterNode.And([.. and.Operands.Select(o => Freeze(o, now))]),
        FilterNode.Or or => new FilterNode.Or([.. or.Operands.Select(o => Freeze(o, now))]),
        FilterNode.Not not => new FilterNode.Not(Freeze(not.Operand, now)),
        FilterNode.Compare compare => compare with { Value = Freeze(compare.Value, now) },
        FilterNode.In among => among with { Values = [.. among.Values.Select(v => Freeze(v, now))] },
        FilterNode.Between between => between with { Low = Freeze(between.Low, now), High = Freeze(between.High, now) },
        _ => node,
    };

    private static FilterValue Freeze(FilterValue value, DateTimeOffset now) => value is FilterValue.Now relative ? new FilterValue.Time(now + relative.Offset) : value;
}
