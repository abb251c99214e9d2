using Serverless.Api.Enums.V1;

namespace Serverless.Visibility;

/// <summary>A list filter as understood: which workflows, in which order, counted by what.</summary>
/// <param name="Condition">Null: all.</param>
/// <param name="Order">Empty: newest start first.</param>
/// <param name="GroupBy">For counts only; null for one count.</param>
internal sealed record ListFilter(FilterNode? Condition, IReadOnlyList<FilterOrder> Order, FilterAttribute? GroupBy)
{
    public static ListFilter All { get; } = new(null, [], null);
}

/// <summary>One column of ORDER BY.</summary>
internal sealed record FilterOrder(FilterAttribute Attribute, bool Descending);

/// <summary>What a filter names. The type is null for a custom attribute whose type only the workflows know.</summary>
internal sealed record FilterAttribute(string Name, FilterType? Type);

/// <summary>The types of attributes: those of search attributes, and two that only system attributes have.</summary>
internal enum FilterType
{
    Keyword,
    KeywordList,
    Text,
    Int,
    Double,
    Bool,
    Time,
    Duration,
    Status,
}

/// <summary>A condition.</summary>
internal abstract record FilterNode
{
    public sealed record And(IReadOnlyList<FilterNode> Operands) : FilterNode;

    public sealed record Or(IReadOnlyList<FilterNode> Operands) : FilterNode;

    public sealed record Not(FilterNode Operand) : FilterNode;

    public sealed record Compare(FilterAttribute Attribute, FilterOperator Operator, FilterValue Value) : FilterNode;

    public sealed record In(FilterAttribute Attribute, IReadOnlyList<FilterValue> Values, bool Negated) : FilterNode;

    public sealed record Between(FilterAttribute Attribute, FilterValue Low, FilterValue High, bool Negated) : FilterNode;

    public sealed record StartsWith(FilterAttribute Attribute, string Prefix, bool Negated) : FilterNode;

    public sealed record IsNull(FilterAttribute Attribute, bool Negated) : FilterNode;
}

internal enum FilterOperator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <summary>A literal, of its attribute's type; as written where the attribute's type is not known.</summary>
internal abstract record FilterValue
{
    public sealed record Text(string Value) : FilterValue;

    public sealed record Int(long Value) : FilterValue;

    public sealed record Double(double Value) : FilterValue;

    public sealed record Bool(bool Value) : FilterValue;

    public sealed record Time(DateTimeOffset Value) : FilterValue;

    /// <summary>Relative to the moment of the request.</summary>
    public sealed record Now(TimeSpan Offset) : FilterValue;

    public sealed record Duration(TimeSpan Value) : FilterValue;

    public sealed record Status(WorkflowExecutionStatus Value) : FilterValue;
}
