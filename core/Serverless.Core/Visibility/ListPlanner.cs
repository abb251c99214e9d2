using Serverless.Api.Enums.V1;
using Serverless.Client;

namespace Serverless.Visibility;

/// <summary>Turns a filter into the plans that can answer it. Pure; which plan is best depends on what is stored: see <see cref="PlanChooser"/>.</summary>
/// <param name="declared">The search attributes that are indexed.</param>
/// <param name="now">What now() means.</param>
internal sealed class ListPlanner(IReadOnlyDictionary<string, IndexedValueType> declared, DateTimeOffset now)
{
    /// <summary>More ranges than these are not read for one filter.</summary>
    private const int MaxSpans = 200;

    private static readonly WorkflowExecutionStatus[] Statuses = [.. Enum.GetValues<WorkflowExecutionStatus>().Skip(1)];

    /// <summary>Every index that the filter allows, in the order in which it names them; then the rows themselves, which always do.</summary>
    public IReadOnlyList<ListPlan> Plans(FilterNode? condition)
    {
        var conjuncts = condition switch
        {
            null => [],
            FilterNode.And and => and.Operands,
            _ => [condition],
        };
        var bounds = conjuncts.Select(BoundsOf).ToList();
        var starts = bounds.Aggregate(StartBounds.All, static (all, b) => b is { } bound ? all.And(bound) : all);
        var sets = conjuncts.Select(SetsOf).ToList();
        var plans = new List<ListPlan>();
        foreach (var set in Merged(sets.SelectMany(static s => s)))
        {
            var plan = new ListPlan(set.Index, set.Spans, starts, null);
            plans.Add(plan with { Residual = Left(conjuncts, i => (plan.IsNewestFirst && bounds[i] is not null) || sets[i].Any(s => IsDecidedBy(set, s))) });
        }

        plans.Add(new ListPlan(null, [], starts, Left(conjuncts, i => bounds[i] is not null)));
        return plans;
    }

    /// <summary>True when counters alone can answer: nothing else is named.</summary>
    public static bool NamesOnlyCounted(FilterNode? node) => node is null || AttributesOf(node).All(static a => a is "ExecutionStatus" or "WorkflowType");

    private static IEnumerable<string> AttributesOf(FilterNode node) => node switch
    {
        FilterNode.And and => and.Operands.SelectMany(AttributesOf),
        FilterNode.Or or => or.Operands.SelectMany(AttributesOf),
        FilterNode.Not not => AttributesOf(not.Operand),
        FilterNode.Compare c => [c.Attribute.Name],
        FilterNode.In i => [i.Attribute.Name],
        FilterNode.Between b => [b.Attribute.Name],
        FilterNode.StartsWith s => [s.Attribute.Name],
        FilterNode.IsNull n => [n.Attribute.Name],
        _ => throw new ArgumentException($"{node.GetType().Name} can't be planned.", nameof(node)),
    };

    private static bool IsDecidedBy(KeySet chosen, KeySet conjunct) =>
        conjunct.IsExact && conjunct.Index == chosen.Index && (!chosen.Index.IsMany || conjunct.Spans.SequenceEqual(chosen.Spans));

    private static FilterNode? Left(IReadOnlyList<FilterNode> conjuncts, Func<int, bool> isDecided)
    {
        var left = conjuncts.Where((_, i) => !isDecided(i)).ToList();
        return left.Count switch
        {
            0 => null,
            1 => left[0],
            _ => new FilterNode.And(left),
        };
    }

    /// <summary>One set for each index: where a run has one value, all conditions on it hold at once.</summary>
    private static IReadOnlyList<KeySet> Merged(IEnumerable<KeySet> sets)
    {
        var merged = new List<KeySet>();
        foreach (var set in sets)
        {
            var at = set.Index.IsMany ? -1 : merged.FindIndex(m => m.Index == set.Index);
            if (at < 0)
            {
                merged.Add(set);
            }
            else
            {
                merged[at] = new KeySet(set.Index, KeySpan.Intersection(merged[at].Spans, set.Spans), merged[at].IsExact && set.IsExact);
            }
        }

        return [.. merged.Where(static m => m.Spans.Count <= MaxSpans)];
    }

    /// <summary>The key ranges of each index in which all lies that meets a condition.</summary>
    private IReadOnlyList<KeySet> SetsOf(FilterNode node)
    {
        if (AttributesOf(node).All(static a => a == "ExecutionStatus"))
        {
            return [StatusSet(status => FilterEvaluator.Matches(new ListFilter(node, [], null), new WorkflowSummary("", "", "", "", status), now))];
        }

        switch (node)
        {
            case FilterNode.And and:
                return [.. Merged(and.Operands.SelectMany(SetsOf)).Select(static s => s with { IsExact = false })];
            case FilterNode.Or or:
                var operands = or.Operands.Select(SetsOf).ToList();
                return [.. operands[0].Where(first => operands.All(o => o.Any(s => s.Index == first.Index))).DistinctBy(static s => s.Index).Select(first => Union(first.Index, operands))];
            case FilterNode.IsNull { Attribute.Name: "CloseTime" } isNull:
                return [StatusSet(status => status is WorkflowExecutionStatus.Running == !isNull.Negated)];
            case FilterNode.IsNull { Attribute.Name: "ParentWorkflowId", Negated: true } parent:
                return [new KeySet(IndexOf(parent.Attribute)!, [KeySpan.All], true)];
            default:
                return SetOf(node) is { } set ? [set] : [];
        }
    }

    private static KeySet Union(ListIndex index, List<IReadOnlyList<KeySet>> operands)
    {
        var sets = operands.Select(o => o.First(s => s.Index == index)).ToList();
        return new KeySet(index, KeySpan.Union(sets.SelectMany(static s => s.Spans)), sets.TrueForAll(static s => s.IsExact));
    }

    private static KeySet StatusSet(Func<WorkflowExecutionStatus, bool> isMeant) =>
        new(ListIndex.Status, KeySpan.Union(Statuses.Where(isMeant).Select(static s => KeySpan.Point(ListKeys.Value(s)))), true);

    private KeySet? SetOf(FilterNode node)
    {
        switch (node)
        {
            case FilterNode.Compare c when IndexOf(c.Attribute) is { } index && index.KeyOf(c.Value, now) is var (text, isCut):
                return SpanOf(c, text, isCut) is { } span ? Set(index, [span], !isCut || c.Operator == FilterOperator.Equal) : null;
            case FilterNode.In { Negated: false } i when IndexOf(i.Attribute) is { } index:
                var keys = i.Values.Select(v => index.KeyOf(v, now)).ToList();
                return keys.TrueForAll(static k => k is not null) ? Set(index, keys.Select(static k => KeySpan.Point(k!.Value.Text)), true) : null;
            case FilterNode.Between { Negated: false } b when IndexOf(b.Attribute) is { } index
                && SetOf(new FilterNode.Compare(b.Attribute, FilterOperator.GreaterOrEqual, b.Low)) is { } low
                && SetOf(new FilterNode.Compare(b.Attribute, FilterOperator.LessOrEqual, b.High)) is { } high:
                return new KeySet(index, KeySpan.Intersection(low.Spans, high.Spans), low.IsExact && high.IsExact);
            case FilterNode.StartsWith { Negated: false } s when IndexOf(s.Attribute) is { Type: IndexedValueType.Keyword } index:
                return Set(index, [KeySpan.Beginning(KeyText.BeginningOf(s.Prefix))], s.Prefix.Length <= KeyText.MaxUnits);
            default:
                return null;
        }
    }

    private static KeySet Set(ListIndex index, IEnumerable<KeySpan> spans, bool isExact) => new(index, KeySpan.Union(spans), isExact);

    /// <summary>A literal that was cut bounds only by its beginning.</summary>
    private static KeySpan? SpanOf(FilterNode.Compare compare, string text, bool isCut)
    {
        var beginning = isCut && compare.Value is FilterValue.Text literal ? KeySpan.Beginning(KeyText.BeginningOf(literal.Value)) : KeySpan.Point(text);
        return compare.Operator switch
        {
            FilterOperator.Equal => KeySpan.Point(text),
            FilterOperator.Less => KeySpan.All with { To = isCut ? beginning.To : beginning.From },
            FilterOperator.LessOrEqual => KeySpan.All with { To = beginning.To },
            FilterOperator.Greater => KeySpan.All with { From = isCut ? beginning.From : beginning.To },
            FilterOperator.GreaterOrEqual => KeySpan.All with { From = beginning.From },
            _ => null,
        };
    }

    private ListIndex? IndexOf(FilterAttribute attribute) => ListIndex.Find(attribute.Name, declared);

    private StartBounds? BoundsOf(FilterNode node) => node switch
    {
        FilterNode.Compare { Attribute.Name: "StartTime" } c when FilterEvaluator.MomentOf(c.Value, now) is { } moment => c.Operator switch
        {
            FilterOperator.Equal => new StartBounds(moment, moment),
            FilterOperator.Less when moment > DateTimeOffset.MinValue => new StartBounds(null, moment.AddTicks(-1)),
            FilterOperator.LessOrEqual => new StartBounds(null, moment),
            FilterOperator.Greater when moment < DateTimeOffset.MaxValue => new StartBounds(moment.AddTicks(1), null),
            FilterOperator.GreaterOrEqual => new StartBounds(moment, null),
            _ => null,
        },
        FilterNode.Between { Attribute.Name: "StartTime", Negated: false } b
            when FilterEvaluator.MomentOf(b.Low, now) is { } low && FilterEvaluator.MomentOf(b.High, now) is { } high => new StartBounds(low, high),
        _ => null,
    };

    /// <param name="Index">An index.</param>
    /// <param name="Spans">The values that may meet the condition; in order.</param>
    /// <param name="IsExact">True when every run with such a value meets it.</param>
    private sealed record KeySet(ListIndex Index, IReadOnlyList<KeySpan> Spans, bool IsExact);
}
