using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;

namespace Serverless.Visibility;

/// <summary>
/// Decides which workflows a filter means. An attribute that a workflow has not satisfies IS NULL and no other comparison, != and NOT IN included;
/// NOT (…) is plain negation. Keywords are compared ordinally, texts word by word without case, a list by any of its elements.
/// </summary>
internal static class FilterEvaluator
{
    public static bool Matches(ListFilter filter, WorkflowSummary workflow, DateTimeOffset now) =>
        filter.Condition is null || Matches(filter.Condition, workflow, now);

    /// <summary>The group of a count that the workflow belongs to; "" when the filter has no GROUP BY.</summary>
    public static string GroupOf(ListFilter filter, WorkflowSummary workflow) =>
        filter.GroupBy is null ? "" : ValueOf(filter.GroupBy, workflow)?.ToString() ?? "";

    /// <summary>What the workflow has: string, string[], long, double, bool, DateTimeOffset, TimeSpan or status; null for nothing.</summary>
    public static object? ValueOf(FilterAttribute attribute, WorkflowSummary workflow) => attribute.Name switch
    {
        "WorkflowId" => workflow.WorkflowId,
        "RunId" => workflow.RunId,
        "WorkflowType" => workflow.WorkflowType,
        "ExecutionStatus" => workflow.Status,
        "StartTime" => workflow.StartTime,
        "CloseTime" => workflow.CloseTime,
        "ExecutionTime" => workflow.ExecutionTime,
        "ExecutionDuration" => workflow.CloseTime - workflow.ExecutionTime,
        "HistoryLength" => workflow.HistoryLength,
        "HistorySizeBytes" => workflow.HistoryBytes,
        "TaskQueue" => workflow.TaskQueue,
        "ParentWorkflowId" => workflow.ParentWorkflowId,
        "RootWorkflowId" => workflow.RootWorkflowId,
        _ => workflow.SearchAttributes.TryGetValue(attribute.Name, out var payload)
            || (attribute.Type is not null && workflow.SearchAttributes.TryGetValue("Temporal" + attribute.Name, out payload))
            ? SearchAttributeEncoding.TryDecode(attribute.Name, payload) is { } found
                ? found.Key.ValueType == IndexedValueType.Text ? new Words((string)found.Value) : found.Value
                : null
            : null,
    };

    /// <summary>The moment that a literal means; null when it is no time.</summary>
    public static DateTimeOffset? MomentOf(FilterValue literal, DateTimeOffset now) => literal switch
    {
        FilterValue.Time time => time.Value,
        FilterValue.Now relative => Shift(now, relative.Offset),
        FilterValue.Text text when FilterLiterals.TryTime(text.Value, out var moment) => moment,
        _ => null,
    };

    public static bool Matches(FilterNode node, WorkflowSummary workflow, DateTimeOffset now)
    {
        switch (node)
        {
            case FilterNode.And and: return and.Operands.All(o => Matches(o, workflow, now));
            case FilterNode.Or or: return or.Operands.Any(o => Matches(o, workflow, now));
            case FilterNode.Not not: return !Matches(not.Operand, workflow, now);
            case FilterNode.IsNull isNull: return (ValueOf(isNull.Attribute, workflow) is null) != isNull.Negated;
        }

        return node switch
        {
            FilterNode.Compare c => ValueOf(c.Attribute, workflow) is { } value && Compare(value, c.Operator, c.Value, now),
            FilterNode.In i => ValueOf(i.Attribute, workflow) is { } value
                && (i.Negated
                    ? i.Values.All(v => Compare(value, FilterOperator.NotEqual, v, now))
                    : i.Values.Any(v => Compare(value, FilterOperator.Equal, v, now))),
            FilterNode.Between b => ValueOf(b.Attribute, workflow) is { } value
                && Order(value, b.Low, now) is { } low && Order(value, b.High, now) is { } high
                && (low >= 0 && high <= 0) != b.Negated,
            FilterNode.StartsWith s => ValueOf(s.Attribute, workflow) is string value
                && value.StartsWith(s.Prefix, StringComparison.Ordinal) != s.Negated,
            _ => throw new ArgumentException($"{node.GetType().Name} can't be evaluated.", nameof(node)),
        };
    }

    private static bool Compare(object value, FilterOperator op, FilterValue literal, DateTimeOffset now)
    {
        if (Contains(value, literal) is { } contains)
        {
            return op == FilterOperator.Equal ? contains : op == FilterOperator.NotEqual && !contains;
        }

        return Order(value, literal, now) is { } order && op switch
        {
            FilterOperator.Equal => order == 0,
            FilterOperator.NotEqual => order != 0,
            FilterOperator.Less => order < 0,
            FilterOperator.LessOrEqual => order <= 0,
            FilterOperator.Greater => order > 0,
            _ => order >= 0,
        };
    }

    /// <summary>Null when the value is not one that is searched.</summary>
    private static bool? Contains(object value, FilterValue literal) => (value, literal) switch
    {
        (IReadOnlyCollection<string> list, FilterValue.Text text) => list.Contains(text.Value, StringComparer.Ordinal),
        (Words words, FilterValue.Text text) => words.ContainsAnyOf(text.Value),
        _ => null,
    };

    /// <summary>Null when the two can't be compared.</summary>
    private static int? Order(object value, FilterValue literal, DateTimeOffset now) => (value, literal) switch
    {
        (string text, FilterValue.Text l) => string.CompareOrdinal(text, l.Value),
        (long number, FilterValue.Int l) => number.CompareTo(l.Value),
        (long number, FilterValue.Double l) => ((double)number).CompareTo(l.Value),
        (double number, FilterValue.Double l) => number.CompareTo(l.Value),
        (double number, FilterValue.Int l) => number.CompareTo(l.Value),
        (bool flag, FilterValue.Bool l) => flag.CompareTo(l.Value),
        (DateTimeOffset time, _) => MomentOf(literal, now) is { } moment ? time.CompareTo(moment) : null,
        (TimeSpan span, FilterValue.Duration l) => span.CompareTo(l.Value),
        (WorkflowExecutionStatus status, FilterValue.Status l) => status.CompareTo(l.Value),
        _ => null,
    };

    private static DateTimeOffset Shift(DateTimeOffset now, TimeSpan offset) =>
        offset < TimeSpan.Zero
            ? now - DateTimeOffset.MinValue < -offset ? DateTimeOffset.MinValue : now + offset
            : DateTimeOffset.MaxValue - now < offset ? DateTimeOffset.MaxValue : now + offset;

    /// <summary>A text attribute: its words, without case.</summary>
    private sealed class Words(string text)
    {
        private readonly HashSet<string> _words = Split(text);

        public bool ContainsAnyOf(string words) => _words.Overlaps(Split(words));

        private static HashSet<string> Split(string text)
        {
            var words = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            for (int start = 0, end; start < text.Length; start = end + 1)
            {
                end = start;
                while (end < text.Length && char.IsLetterOrDigit(text[end]))
                {
                    end++;
                }

                if (end > start)
                {
                    words.Add(text[start..end]);
                }
            }

            return words;
        }
    }
}
