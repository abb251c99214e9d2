using System.Globalization;
using Serverless.Client;

namespace Serverless.Visibility;

/// <summary>
/// Lists and counts by reading rows newest first and keeping those that match. Another order reads all rows, sorts those that match, and pages by position: a workflow
/// that starts or changes between two pages may then be missed or seen twice.
/// </summary>
internal sealed class WorkflowLister(VisibilityIndex index, TimeProvider time, IReadOnlyDictionary<string, FilterType> attributes)
{
    private const int ReadRows = 500;
    private const char PositionToken = '#';

    /// <exception cref="FilterSyntaxException">The filter can't be read.</exception>
    public async Task<WorkflowPage> ListAsync(string? filter, int pageSize, string? pageToken, CancellationToken cancellationToken)
    {
        var parsed = FilterParser.Parse(filter, attributes);
        if (parsed.GroupBy is not null)
        {
            throw FilterError.At(0, "GROUP BY belongs to counts, not to lists.");
        }

        return parsed.Order is [] or [{ Attribute.Name: "StartTime", Descending: true }]
            ? await NewestFirstAsync(parsed, pageSize, pageToken, cancellationToken)
            : await SortedAsync(parsed, pageSize, Position(pageToken), cancellationToken);
    }

    /// <exception cref="FilterSyntaxException">The filter can't be read.</exception>
    public async Task<IReadOnlyDictionary<string, long>> CountAsync(string? filter, CancellationToken cancellationToken)
    {
        var parsed = FilterParser.Parse(filter, attributes);
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        if (parsed.GroupBy is null)
        {
            counts[""] = 0;
        }

        await foreach (var (_, summary) in MatchingAsync(parsed, null, cancellationToken))
        {
            var group = FilterEvaluator.GroupOf(parsed, summary);
            counts[group] = counts.GetValueOrDefault(group) + 1;
        }

        return counts;
    }

    private async Task<WorkflowPage> NewestFirstAsync(ListFilter filter, int pageSize, string? pageToken, CancellationToken cancellationToken)
    {
        var found = new List<WorkflowSummary>();
        await foreach (var (key, summary) in MatchingAsync(filter, pageToken, cancellationToken))
        {
            found.Add(summary);
            if (found.Count == pageSize)
            {
                return new WorkflowPage(found, key);
            }
        }

        return new WorkflowPage(found, null);
    }

    private async Task<WorkflowPage> SortedAsync(ListFilter filter, int pageSize, int position, CancellationToken cancellationToken)
    {
        var found = new List<WorkflowSummary>();
        await foreach (var (_, summary) in MatchingAsync(filter, null, cancellationToken))
        {
            found.Add(summary);
        }

        found.Sort(new FilterComparer(filter.Order));
        var next = Math.Min((long)position + pageSize, found.Count);
        return new WorkflowPage(
            [.. found.Skip(position).Take(pageSize)],
            next < found.Count ? string.Create(CultureInfo.InvariantCulture, $"{PositionToken}{next}") : null);
    }

    private async IAsyncEnumerable<(string Key, WorkflowSummary Summary)> MatchingAsync(
        ListFilter filter, string? afterKey, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var after = afterKey;
        do
        {
            var (rows, next) = await index.ReadAsync(after, ReadRows, cancellationToken);
            foreach (var row in rows)
            {
                if (FilterEvaluator.Matches(filter, row.Summary, now))
                {
                    yield return row;
                }
            }

            after = next;
        }
        while (after is not null);
    }

    private static int Position(string? pageToken)
    {
        if (pageToken is null)
        {
            return 0;
        }

        return pageToken.StartsWith(PositionToken) && int.TryParse(pageToken.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? position
            : throw new WorkflowServiceException(
                WorkflowServiceError.InvalidArgument, $"The page token '{pageToken}' does not belong to this filter. Repeat the filter that gave it, unchanged.");
    }
}
