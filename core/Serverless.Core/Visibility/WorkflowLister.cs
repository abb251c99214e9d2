using Serverless.Client;

namespace Serverless.Visibility;

/// <summary>Lists and counts by reading rows newest first and keeping those that match.</summary>
internal sealed class WorkflowLister(VisibilityIndex index)
{
    private const int ReadRows = 500;

    public async Task<WorkflowPage> ListAsync(string? filter, int pageSize, string? pageToken, CancellationToken cancellationToken)
    {
        _ = filter;
        var found = new List<WorkflowSummary>();
        var after = pageToken;
        while (true)
        {
            var (rows, next) = await index.ReadAsync(after, ReadRows, cancellationToken);
            foreach (var (key, summary) in rows)
            {
                found.Add(summary);
                after = key;
                if (found.Count == pageSize)
                {
                    return new WorkflowPage(found, after);
                }
            }

            if (next is null)
            {
                return new WorkflowPage(found, null);
            }
        }
    }

    public async Task<IReadOnlyDictionary<string, long>> CountAsync(string? filter, CancellationToken cancellationToken)
    {
        var page = await ListAsync(filter, int.MaxValue, null, cancellationToken);
        return new Dictionary<string, long> { [""] = page.Workflows.Count };
    }
}
