using Serverless.Api.Enums.V1;

namespace Serverless.Visibility;

/// <summary>One way to find rows: the keys that hold the values of one attribute.</summary>
/// <param name="Name">The attribute.</param>
/// <param name="Prefix">What its keys begin with, before the value.</param>
/// <param name="Type">How values are written; null for statuses.</param>
/// <param name="IsMany">True when a run may have several values, and so several keys.</param>
internal sealed record ListIndex(string Name, string Prefix, IndexedValueType? Type, bool IsMany = false)
{
    public static readonly ListIndex Status = new("ExecutionStatus", ListKeys.StatusPrefix, null);

    public static readonly ListIndex WorkflowType = new("WorkflowType", ListKeys.TypePrefix, IndexedValueType.Keyword);

    public static readonly ListIndex CloseTime = new("CloseTime", ListKeys.ClosePrefix, IndexedValueType.Datetime);

    private static readonly ListIndex[] BuiltIn =
    [
        Status,
        WorkflowType,
        CloseTime,
        new("WorkflowId", ListKeys.WorkflowPrefix, IndexedValueType.Keyword),
        new("ParentWorkflowId", ListKeys.ParentPrefix, IndexedValueType.Keyword),
    ];

    /// <summary>System attributes that are stored among the search attributes and are indexed without a declaration.</summary>
    private static readonly (FilterAttribute Attribute, IndexedValueType Type)[] StoredSystem =
    [
        (new("BuildIds", FilterType.KeywordList), IndexedValueType.KeywordList),
        (new("ScheduledById", FilterType.Keyword), IndexedValueType.Keyword),
        (new("BatchId", FilterType.Keyword), IndexedValueType.Keyword),
    ];

    /// <summary>True for the keys of search attributes, which a crowded run may lack.</summary>
    public bool IsOfAttributes => Prefix.StartsWith(ListKeys.AttributePrefix, StringComparison.Ordinal);

    /// <summary>The index of an attribute; null when it has none.</summary>
    /// <param name="name">The attribute, as a filter names it.</param>
    /// <param name="declared">The search attributes that are indexed here.</param>
    public static ListIndex? Find(string name, IReadOnlyDictionary<string, IndexedValueType> declared) =>
        Array.Find(BuiltIn, i => i.Name == name) is { } builtIn ? builtIn
        : Array.Find(StoredSystem, s => s.Attribute.Name == name) is { Attribute: not null } system ? OfAttribute(name, system.Type)
        : declared.TryGetValue(name, out var type) && type is not IndexedValueType.Text ? OfAttribute(name, type)
        : null;

    /// <summary>Beginnings of a run's attribute keys, up to and with the value; each once, in a fixed order.</summary>
    public static IEnumerable<string> ValuesOf(ListRow row) =>
        StoredSystem.Concat(row.Indexed.OrderBy(static i => i.Key, StringComparer.Ordinal).Select(static i => (new FilterAttribute(i.Key, null), i.Value)))
            .SelectMany(i => OfAttribute(i.Item1.Name, i.Item2).Written(FilterEvaluator.ValueOf(i.Item1, row.Summary)))
            .Distinct(StringComparer.Ordinal);

    /// <summary>The value of a literal as keys write it, and whether it was cut; null when the index holds no such values.</summary>
    public (string Text, bool IsCut)? KeyOf(FilterValue value, DateTimeOffset now) => (Type, value) switch
    {
        (null, FilterValue.Status status) => (ListKeys.Value(status.Value), false),
        (IndexedValueType.Keyword or IndexedValueType.KeywordList, FilterValue.Text text) => (KeyText.Of(text.Value), text.Value.Length > KeyText.MaxUnits),
        (IndexedValueType.Int, FilterValue.Int number) => (KeyText.Of(number.Value), false),
        (IndexedValueType.Double, FilterValue.Double number) => (KeyText.Of(number.Value), false),
        (IndexedValueType.Double, FilterValue.Int number) => (KeyText.Of((double)number.Value), false),
        (IndexedValueType.Bool, FilterValue.Bool flag) => (KeyText.Of(flag.Value), false),
        (IndexedValueType.Datetime, _) when FilterEvaluator.MomentOf(value, now) is { } moment => (KeyText.Of(moment), false),
        _ => null,
    };

    private static ListIndex OfAttribute(string name, IndexedValueType type) =>
        new(name, ListKeys.Attribute(name), type, IsMany: type is IndexedValueType.KeywordList);

    private IEnumerable<string> Written(object? value) => (Type, value) switch
    {
        (IndexedValueType.Keyword or IndexedValueType.KeywordList, string text) => [Prefix + KeyText.Of(text)],
        (IndexedValueType.KeywordList, IReadOnlyCollection<string> texts) => texts.Select(text => Prefix + KeyText.Of(text)),
        (IndexedValueType.Int, long number) => [Prefix + KeyText.Of(number)],
        (IndexedValueType.Double, double number) => [Prefix + KeyText.Of(number)],
        (IndexedValueType.Bool, bool flag) => [Prefix + KeyText.Of(flag)],
        (IndexedValueType.Datetime, DateTimeOffset time) => [Prefix + KeyText.Of(time)],
        _ => [],
    };
}
