using Serverless.Client;

namespace Serverless.Visibility;

/// <summary>How a filter is answered.</summary>
/// <param name="Index">The attribute whose keys are read; <c>StartTime</c>: the rows themselves, newest first.</param>
/// <param name="Keys">The key ranges.</param>
/// <param name="ExpectedRows">Rows in these ranges.</param>
/// <param name="IsExact">False: at least so many.</param>
/// <param name="FilteredAfterwards">What is checked row by row; null for nothing.</param>
/// <param name="Order">How the answer gets its order.</param>
/// <param name="Count">What answers a count: <c>counters</c>, or an index.</param>
internal sealed record ListExplanation(
    string Index, IReadOnlyList<string> Keys, long ExpectedRows, bool IsExact, string? FilteredAfterwards, string Order, string Count);

/// <summary>
/// Lists and counts by the best plan for a filter. A page is what matches when it is read, strictly after where the page before ended, whatever was added or changed since:
/// a run that does not change is seen once.
/// </summary>
internal sealed class WorkflowLister(VisibilityIndex index, TimeProvider time)
{
    public const string Counters = "counters";

    /// <summary>How old the counters may be by which plans are chosen. Counts read them fresh.</summary>
    private static readonly TimeSpan CountsAge = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyDictionary<string, FilterType> _attributes = FilterAttributes.TypesOf(index.SearchAttributes);
    private readonly (DateTimeOffset At, IReadOnlyList<ListCount>? Counts)[] _counts = new (DateTimeOffset, IReadOnlyList<ListCount>?)[Enum.GetValues<ListDivision>().Length];

    /// <exception cref="FilterSyntaxException">The filter can't be read.</exception>
    /// <exception cref="WorkflowServiceException">The page token is of another filter, or damaged.</exception>
    public async Task<WorkflowPage> ListAsync(
        string? filter, int pageSize, string? pageToken, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows)
    {
        var parsed = FilterParser.Parse(filter, _attributes);
        if (parsed.GroupBy is not null)
        {
            throw FilterError.At(0, "GROUP BY belongs to counts, not to lists.");
        }

        // The order of the list is that of no columns, written or not.
        var order = IsNewestFirst(parsed) ? [] : parsed.Order;
        var token = pageToken is null ? null : PageToken.Read(pageToken, parsed with { Order = order }, division);
        var request = new ListRequest(parsed with { Order = order }, division, token?.Now ?? time.GetUtcNow(), token?.After, pageSize);
        return order.Count == 0 ? await NewestFirstAsync(request, cancellationToken) : await SortedAsync(request, cancellationToken);
    }

    /// <exception cref="FilterSyntaxException">The filter can't be read.</exception>
    public async Task<IReadOnlyDictionary<string, long>> CountAsync(
        string? filter, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows)
    {
        var parsed = FilterParser.Parse(filter, _attributes);
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        if (parsed.GroupBy is null)
        {
            counts[""] = 0;
        }

        var now = time.GetUtcNow();
        if (IsCounted(parsed))
        {
            foreach (var count in await ListCounters.TotalsAsync(index.Rows, division.Partition(), cancellationToken))
            {
                Add(parsed, new WorkflowSummary("", "", count.WorkflowType, "", count.Status), count.Count);
            }

            return counts;
        }

        var reading = await Chooser(division).ForAllAsync(Plans(parsed, now), cancellationToken);
        await foreach (var row in reading.Ranges.AllAsync(cancellationToken))
        {
            Add(parsed, row.Summary, 1);
        }

        return counts;

        void Add(ListFilter condition, WorkflowSummary summary, long by)
        {
            if (FilterEvaluator.Matches(condition, summary, now))
            {
                var group = FilterEvaluator.GroupOf(condition, summary);
                counts[group] = counts.GetValueOrDefault(group) + by;
            }
        }
    }

    /// <summary>How a filter would be answered now. Reads counters and a few rows, not the answer.</summary>
    /// <exception cref="FilterSyntaxException">The filter can't be read.</exception>
    public async Task<ListExplanation> ExplainAsync(string? filter, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows)
    {
        var parsed = FilterParser.Parse(filter, _attributes);
        var plans = Plans(parsed, time.GetUtcNow());
        var counts = await ListCounters.TotalsAsync(index.Rows, division.Partition(), cancellationToken);
        var chooser = new PlanChooser(index.Rows, division, () => Task.FromResult(counts));
        var all = await chooser.ForAllAsync(plans, cancellationToken);
        var isSorted = !IsNewestFirst(parsed);
        var (plan, ranges) = isSorted ? all : (await chooser.ForPageAsync(plans, PlanChooser.Probe, null, cancellationToken)).Followed;
        var counted = plan.Starts == StartBounds.All ? plan.Counted(counts) : null;
        var isExact = counted is not null || await ranges.FillAsync(PlanChooser.Probe, cancellationToken);
        return new ListExplanation(
            plan.Name,
            [.. plan.Ranges(null).Select(static r => r.ToString())],
            counted ?? ranges.Count,
            isExact,
            plan.Residual is { } left ? FilterPrinter.Print(left) : null,
            isSorted ? $"all are read, then sorted: {FilterPrinter.Print(new ListFilter(null, parsed.Order, null))}"
            : plan.IsNewestFirst ? "newest first, as stored" : "all are read, then sorted newest first",
            IsCounted(parsed) ? Counters : all.Plan.Name);
    }

    private static bool IsNewestFirst(ListFilter filter) => filter.Order is [] or [{ Attribute.Name: "StartTime", Descending: true }];

    private static bool IsCounted(ListFilter filter) => ListPlanner.NamesOnlyCounted(filter.Condition) && filter.GroupBy is null or { Name: "ExecutionStatus" or "WorkflowType" };

    private IReadOnlyList<ListPlan> Plans(ListFilter filter, DateTimeOffset now) => new ListPlanner(index.SearchAttributes, now).Plans(filter.Condition);

    private PlanChooser Chooser(ListDivision division) => new(index.Rows, division, () => CountsAsync(division));

    private async Task<IReadOnlyList<ListCount>> CountsAsync(ListDivision division)
    {
        var now = time.GetUtcNow();
        var (at, counts) = _counts[(int)division];
        if (counts is null || now - at > CountsAge)
        {
            counts = await ListCounters.TotalsAsync(index.Rows, division.Partition(), CancellationToken.None);
            _counts[(int)division] = (now, counts);
        }

        return counts;
    }

    /// <summary>Follows the best plan that is in the order of the list. When many rows do not match, a plan in another order gets the same chance once.</summary>
    private async Task<WorkflowPage> NewestFirstAsync(ListRequest request, CancellationToken cancellationToken)
    {
        var chooser = Chooser(request.Division);
        var afterSuffix = request.After is { } after ? ListKeys.Suffix(after.Start, after.RunId) : null;
        var (followed, tried) = await chooser.ForPageAsync(Plans(request.Filter, request.Now), request.PageSize, afterSuffix, cancellationToken);
        if (!followed.Plan.IsNewestFirst)
        {
            return await PageAsync(request, followed.Ranges, cancellationToken);
        }

        var budget = tried is null ? long.MaxValue : await chooser.BudgetAsync(request.PageSize);
        var found = new List<WorkflowSummary>();
        await foreach (var (_, row) in followed.Ranges.NewestFirstAsync(cancellationToken))
        {
            if (FilterEvaluator.Matches(request.Filter, row.Summary, request.Now))
            {
                found.Add(row.Summary);
                if (found.Count == request.PageSize)
                {
                    return new WorkflowPage(found, followed.Ranges.IsEmpty ? null : request.TokenAfter(row.Summary));
                }
            }

            if (followed.Ranges.Count > budget)
            {
                if (await tried!.Ranges.FillAsync(budget, cancellationToken))
                {
                    return await PageAsync(request, tried.Ranges, cancellationToken);
                }

                budget = long.MaxValue;
            }
        }

        return new WorkflowPage(found, null);
    }

    private async Task<WorkflowPage> SortedAsync(ListRequest request, CancellationToken cancellationToken)
    {
        var reading = await Chooser(request.Division).ForAllAsync(Plans(request.Filter, request.Now), cancellationToken);
        return await PageAsync(request, reading.Ranges, cancellationToken);
    }

    /// <summary>The page among rows in no order: the first of those that match and come after where the page before ended.</summary>
    private static async Task<WorkflowPage> PageAsync(ListRequest request, ListRanges ranges, CancellationToken cancellationToken)
    {
        var order = new FilterComparer(request.Filter.Order);

        // The last of the page is on top: it leaves when a better one comes.
        var best = new PriorityQueue<WorkflowSummary, ListPosition>(Comparer<ListPosition>.Create((x, y) => order.Compare(y, x)));
        var hasMore = false;
        await foreach (var row in ranges.AllAsync(cancellationToken))
        {
            if (!FilterEvaluator.Matches(request.Filter, row.Summary, request.Now))
            {
                continue;
            }

            var position = order.PositionOf(row.Summary);
            if (request.After is { } after && order.Compare(position, after) <= 0)
            {
                continue;
            }

            best.Enqueue(row.Summary, position);
            if (best.Count > request.PageSize)
            {
                best.Dequeue();
                hasMore = true;
            }
        }

        var found = new WorkflowSummary[best.Count];
        for (var i = found.Length - 1; i >= 0; i--)
        {
            found[i] = best.Dequeue();
        }

        return new WorkflowPage(found, hasMore ? request.TokenAfter(found[^1]) : null);
    }

    /// <param name="Filter">Its order is empty for that of the list.</param>
    /// <param name="Division">Which list.</param>
    /// <param name="Now">What now() means.</param>
    /// <param name="After">Where the page before ended; null for the first page.</param>
    /// <param name="PageSize">Rows of a page.</param>
    private sealed record ListRequest(ListFilter Filter, ListDivision Division, DateTimeOffset Now, ListPosition? After, int PageSize)
    {
        public string TokenAfter(WorkflowSummary last) => new PageToken(Now, new FilterComparer(Filter.Order).PositionOf(last)).Write(Filter, Division);
    }
}
