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
        new("ScheduledById", FilterType.Keyword),
        new("BatchId", FilterType.Keyword),
    ];

    /// <summary>Names that a count can be grouped by: those with few values.</summary>
    public static IReadOnlyList<string> Groupable { get; } = ["ExecutionStatus", "WorkflowType", "TaskQueue"];

    /// <summary>Finds a system attribute by its exact name, or by the name with the prefix <c>Temporal</c> that other tools write.</summary>
    public static FilterAttribute? Find(string name) =>
        System.FirstOrDefault(a => a.Name == name)
        ?? System.FirstOrDefault(a => name.StartsWith("Temporal", StringComparison.Ordinal) && name.AsSpan(8).SequenceEqual(a.Name));

    /// <summary>The system attribute that a misspelt name most likely means.</summary>
    public static string? Resembling(string name) =>
        System.FirstOrDefault(a => string.Equals(a.Name, name.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))?.Name;

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
}
