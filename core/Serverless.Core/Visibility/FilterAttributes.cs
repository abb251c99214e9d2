using Serverless.Api.Enums.V1;

namespace Serverless.Visibility;

/// <summary>The attributes that every workflow has.</summary>
internal static class FilterAttributes
{
    public static readonly FilterAttribute StartTime = new("StartTime", FilterType.Time);

    public static IReadOnlyList<FilterAttribute> System { get; } =
    [
        new("WorkflowId", FilterType.Keyword),
        new("RunId", FilterType.Keyword),
        new("WorkflowType", FilterType.Keyword),
        new("ExecutionStatus", FilterType.Status),
        StartTime,
        new("CloseTime", FilterType.Time),
        new("ExecutionTime", FilterType.Time),
        new("ExecutionDuration", FilterType.Duration),
        new("HistoryLength", FilterType.Int),
        new("HistorySizeBytes", FilterType.Int),
        new("TaskQueue", FilterType.Keyword),
        new("BuildIds", FilterType.KeywordList),
        new("ChangeVersion", FilterType.KeywordList),
        new("ParentWorkflowId", FilterType.Keyword),
        new("RootWorkflowId", FilterType.Keyword),
        new("ScheduledStartTime", FilterType.Time),
        new("SchedulePaused", FilterType.Bool),
        new("ScheduledById", FilterType.Keyword),
        new("BatchId", FilterType.Keyword),
    ];

    /// <summary>Names that a count can be grouped by: those with few values.</summary>
    public static IReadOnlyList<string> Groupable { get; } = ["ExecutionStatus", "WorkflowType", "TaskQueue"];

    /// <summary>Finds a system attribute by its exact name, or by the name with the prefix <c>Temporal</c> that other tools write.</summary>
    public static FilterAttribute? Find(string name) =>
        System.FirstOrDefault(a => a.Name == name)
        ?? System.FirstOrDefault(a => name.StartsWith("Temporal", StringComparison.Ordinal) && name.AsSpan(8).SequenceEqual(a.Name));

    /// <summary>Finds a system or custom attribute; without a table, a name that is not that of a system attribute but for case and underscores is a custom one without a type.</summary>
    public static FilterAttribute? Find(string name, IReadOnlyDictionary<string, FilterType>? custom)
    {
        if (Find(name) is { } system)
        {
            return system;
        }

        if (custom is null)
        {
            return Same(name, Names(null)) is null ? new FilterAttribute(name, null) : null;
        }

        return custom.TryGetValue(name, out var type) ? new FilterAttribute(name, type) : null;
    }

    /// <summary>The names that a filter can use, in the order to show them.</summary>
    public static IEnumerable<string> Names(IReadOnlyDictionary<string, FilterType>? custom) =>
        System.Select(a => a.Name).Concat((custom?.Keys ?? []).Order(StringComparer.Ordinal));

    /// <summary>The attribute that a misspelt name most likely means: one that differs in case, in underscores or by few letters.</summary>
    public static string? Resembling(string name, IReadOnlyDictionary<string, FilterType> custom) =>
        Same(name, Names(custom)) ?? Names(custom)
            .Select(known => (Known: known, Changes: Spelling.Changes(Letters(known), Letters(name), Math.Min(3, name.Length / 3))))
            .Where(static found => found.Changes is not null)
            .OrderBy(static found => found.Changes)
            .Select(static found => found.Known)
            .FirstOrDefault();

    /// <summary>Declared attributes as filters see them.</summary>
    public static IReadOnlyDictionary<string, FilterType> TypesOf(IReadOnlyDictionary<string, IndexedValueType> declared) =>
        declared.ToDictionary(static d => d.Key, static d => TypeOf(d.Value), StringComparer.Ordinal);

    /// <summary>The operators that a type has, for checks and for messages.</summary>
    public static bool Allows(FilterType type, FilterOperator op) => type switch
    {
        FilterType.Text or FilterType.KeywordList or FilterType.Bool or FilterType.Status => op is FilterOperator.Equal or FilterOperator.NotEqual,
        _ => true,
    };

    public static bool AllowsIn(FilterType type) => type is not FilterType.Text;

    public static bool AllowsBetween(FilterType type) =>
        type is FilterType.Keyword or FilterType.Int or FilterType.Double or FilterType.Time or FilterType.Duration;

    public static bool AllowsStartsWith(FilterType type) => type is FilterType.Keyword;

    public static bool AllowsOrder(FilterType type) => type is not (FilterType.Text or FilterType.KeywordList);

    private static FilterType TypeOf(IndexedValueType type) => type switch
    {
        IndexedValueType.Keyword => FilterType.Keyword,
        IndexedValueType.KeywordList => FilterType.KeywordList,
        IndexedValueType.Text => FilterType.Text,
        IndexedValueType.Int => FilterType.Int,
        IndexedValueType.Double => FilterType.Double,
        IndexedValueType.Bool => FilterType.Bool,
        IndexedValueType.Datetime => FilterType.Time,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "A search attribute needs a type."),
    };

    private static string? Same(string name, IEnumerable<string> known) => known.FirstOrDefault(k => Letters(k) == Letters(name));

    private static string Letters(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
