using System.Globalization;
using Serverless.Common;

namespace Serverless.Visibility;

/// <summary>Writes filters: what it writes is read back as the same filter.</summary>
internal static class FilterPrinter
{
    public static string Print(ListFilter filter)
    {
        List<string> parts = [];
        if (filter.Condition is { } condition)
        {
            parts.Add(Print(condition));
        }

        if (filter.Order.Count > 0)
        {
            parts.Add("ORDER BY " + string.Join(", ", filter.Order.Select(o => Name(o.Attribute) + (o.Descending ? " DESC" : ""))));
        }

        if (filter.GroupBy is { } group)
        {
            parts.Add("GROUP BY " + Name(group));
        }

        return string.Join(' ', parts);
    }

    public static string Print(FilterNode node) => node switch
    {
        FilterNode.And and => string.Join(" AND ", and.Operands.Select(Operand)),
        FilterNode.Or or => string.Join(" OR ", or.Operands.Select(o => o is FilterNode.And ? Print(o) : Operand(o))),
        FilterNode.Not not => "NOT " + Operand(not.Operand),
        FilterNode.Compare c => $"{Name(c.Attribute)} {Symbol(c.Operator)} {Print(c.Value)}",
        FilterNode.In i => $"{Name(i.Attribute)} {Not(i.Negated)}IN ({string.Join(", ", i.Values.Select(Print))})",
        FilterNode.Between b => $"{Name(b.Attribute)} {Not(b.Negated)}BETWEEN {Print(b.Low)} AND {Print(b.High)}",
        FilterNode.StartsWith s => $"{Name(s.Attribute)} {Not(s.Negated)}STARTS_WITH {Quote(s.Prefix)}",
        FilterNode.IsNull n => $"{Name(n.Attribute)} IS {Not(n.Negated)}NULL",
        _ => throw new ArgumentException($"{node.GetType().Name} has no written form.", nameof(node)),
    };

    public static string Print(FilterValue value) => value switch
    {
        FilterValue.Text text => Quote(text.Value),
        FilterValue.Int number => number.Value.ToString(CultureInfo.InvariantCulture),
        FilterValue.Double number => Number(number.Value),
        FilterValue.Bool flag => flag.Value ? "true" : "false",
        FilterValue.Time time => Quote(FilterLiterals.Format(time.Value)),
        FilterValue.Now { Offset.Ticks: 0 } => "now()",
        FilterValue.Now now => $"now() {(now.Offset < TimeSpan.Zero ? '-' : '+')} {DurationText.Format(now.Offset)}",
        FilterValue.Duration span => (span.Value < TimeSpan.Zero ? "-" : "") + DurationText.Format(span.Value),
        FilterValue.Status status => Quote(status.Value.ToString()),
        _ => throw new ArgumentException($"{value.GetType().Name} has no written form.", nameof(value)),
    };

    private static string Operand(FilterNode node) => node is FilterNode.And or FilterNode.Or ? $"({Print(node)})" : Print(node);

    private static string Not(bool negated) => negated ? "NOT " : "";

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Name(FilterAttribute attribute) =>
        FilterTokens.IsPlainName(attribute.Name)
            ? attribute.Name
            : $"`{attribute.Name.Replace("`", "``", StringComparison.Ordinal)}`";

    /// <summary>A whole number is given a fraction, so that it is read back as a floating-point one.</summary>
    private static string Number(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }

    private static string Symbol(FilterOperator op) => op switch
    {
        FilterOperator.Equal => "=",
        FilterOperator.NotEqual => "!=",
        FilterOperator.Less => "<",
        FilterOperator.LessOrEqual => "<=",
        FilterOperator.Greater => ">",
        _ => ">=",
    };
}
