using Serverless.Storage;

namespace Serverless.Visibility;

/// <summary>A plan and what was read by it so far.</summary>
internal sealed record PlanReading(ListPlan Plan, ListRanges Ranges);

/// <summary>
/// Finds out which plan reads the fewest rows. What counters tell is known; of other indexes the first rows are read, and an index that ends with them is small. Rows that
/// were read to find out are not read again.
/// </summary>
/// <param name="rows">Where the list is stored.</param>
/// <param name="division">Which list.</param>
/// <param name="counts">Asked for the counters when they matter; they may be a little old.</param>
internal sealed class PlanChooser(IRowStore rows, ListDivision division, Func<Task<IReadOnlyList<ListCount>>> counts)
{
    /// <summary>Rows of an index that are read to see whether there are more.</summary>
    public const int Probe = 100;

    private const int Growth = 4;

    /// <summary>
    /// For one page in the order of the list: the plan to follow row by row, and one that is not in that order and is worth a try when many rows do not match. A single
    /// plan may come instead that is read already.
    /// </summary>
    public async Task<(PlanReading Followed, PlanReading? Tried)> ForPageAsync(
        IReadOnlyList<ListPlan> plans, int pageSize, string? afterSuffix, CancellationToken cancellationToken)
    {
        var readings = plans.Select(p => Read(p, p.IsNewestFirst ? pageSize + 1 : Probe, afterSuffix)).ToList();
        var (indexes, all) = (readings[..^1], readings[^1]);
        if (indexes.Count == 0 || indexes is [{ Plan.IsNewestFirst: true }])
        {
            return (readings[0], null);
        }

        var counted = await SmallestAsync(indexes);
        if (counted.Rows <= Probe)
        {
            return (counted.Reading ?? all, null);
        }

        var others = indexes.FindAll(r => r.Plan.Counted([]) is null);
        await Task.WhenAll(others.Select(r => r.Ranges.FillAsync(Probe, cancellationToken)));
        if (others.Where(static r => r.Ranges.IsEnded).MinBy(static r => r.Ranges.Count) is { } small)
        {
            return (small, null);
        }

        if (counted.Reading is { } byCount && others.Exists(static r => r.Plan.IsNewestFirst))
        {
            await byCount.Ranges.FillAsync(Probe, cancellationToken);
        }

        var followed = indexes.Where(r => r.Plan.IsNewestFirst && (r == counted.Reading || others.Contains(r))).MaxBy(static r => r.Ranges.Reach, StringComparer.Ordinal);
        return (followed ?? all, others.Concat(indexes).FirstOrDefault(static r => !r.Plan.IsNewestFirst));
    }

    /// <summary>For all rows that match, in any order.</summary>
    public async Task<PlanReading> ForAllAsync(IReadOnlyList<ListPlan> plans, CancellationToken cancellationToken)
    {
        var readings = plans.Select(p => Read(p, p.Index is null ? StorageLimits.MaxPageRows : Probe, null)).ToList();
        var indexes = readings[..^1];
        if (indexes.Count <= 1)
        {
            return readings[0];
        }

        var counted = await SmallestAsync(indexes);
        var others = indexes.FindAll(r => r.Plan.Counted([]) is null);
        for (long read = Probe; read < counted.Rows; read *= Growth)
        {
            await Task.WhenAll(others.Select(r => r.Ranges.FillAsync(read, cancellationToken)));
            if (others.Where(static r => r.Ranges.IsEnded).MinBy(static r => r.Ranges.Count) is { } small)
            {
                return small;
            }
        }

        return counted.Reading ?? others[0];
    }

    /// <summary>Rows that a plan in no order may read before the rows themselves are followed, or the other way round: neither is then far worse than the better one.</summary>
    public async Task<long> BudgetAsync(int pageSize) =>
        Math.Max(Probe, (long)Math.Sqrt((double)pageSize * (await counts()).Sum(static c => c.Count)));

    private PlanReading Read(ListPlan plan, int firstPage, string? afterSuffix) =>
        new(plan, new ListRanges(rows, division, plan.Ranges(plan.IsNewestFirst ? afterSuffix : null), Math.Min(firstPage, StorageLimits.MaxPageRows)));

    /// <summary>The smallest of the indexes that counters know, and its rows; without one, the rows of the whole list.</summary>
    private async Task<(PlanReading? Reading, long Rows)> SmallestAsync(List<PlanReading> indexes)
    {
        var now = await counts();
        var known = indexes.FindAll(r => r.Plan.Counted(now) is not null);
        return known.MinBy(r => r.Plan.Counted(now)) is { } smallest ? (smallest, smallest.Plan.Counted(now)!.Value) : (null, now.Sum(static c => c.Count));
    }
}
