using Serverless.Api.Enums.V1;
using Serverless.Client;

namespace Serverless.Storage.Tests.Lists;

/// <summary>Compares a list with a plain evaluation over all runs in memory, page by page, while runs are added and change between the pages.</summary>
internal static class ListAnswers
{
    private const int MaxPages = 6;

    public static async Task CheckAllAsync(IRowStore rows, int count, int open)
    {
        var world = new ListWorld(rows, count);
        await world.FillAsync(count, open);
        var wrong = new List<string>();
        foreach (var query in ListQueries.All)
        {
            wrong.AddRange(await PagesAsync(world, query));
            var counted = (await world.Lister.CountAsync(query.Filter, default))[""];
            var expected = world.Runs.Count(query.Means);
            wrong.AddRange(counted == expected ? [] : [$"{query.Filter}: counted {counted}, expected {expected}"]);
        }

        wrong.AddRange(await GroupsAsync(world, "GROUP BY ExecutionStatus", _ => true, r => r.Status.ToString()));
        wrong.AddRange(await GroupsAsync(world, "WorkflowType != 'Order' GROUP BY WorkflowType", r => r.Type != "Order", r => r.Type));
        wrong.AddRange(await GroupsAsync(world, "Vip = true GROUP BY ExecutionStatus", r => r.Vip == true, r => r.Status.ToString()));
        Assert.IsEmpty(wrong, string.Join("\n", wrong));
    }

    private static async Task<IEnumerable<string>> PagesAsync(ListWorld world, ListQuery query)
    {
        ListedRun? last = null;
        string? token = null;
        for (var page = 1; page <= MaxPages; page++)
        {
            var expected = Expected(world, query, last);
            var answer = await world.Lister.ListAsync(query.Filter, query.PageSize, token, default);
            var wanted = expected.Take(query.PageSize).Select(r => r.Run).ToList();
            var got = answer.Workflows.Select(w => w.RunId).ToList();
            if (!wanted.SequenceEqual(got))
            {
                return [$"{query.Filter}: page {page} has {got.Count} runs, {got.Intersect(wanted).Count()} of the {wanted.Count} expected; first difference at {wanted.Zip(got).TakeWhile(p => p.First == p.Second).Count()}"];
            }

            if (answer.NextPageToken is null)
            {
                return expected.Count > got.Count ? [$"{query.Filter}: page {page} is the last, with {expected.Count - got.Count} runs to come"] : [];
            }

            last = expected[got.Count - 1];
            token = answer.NextPageToken;
            await world.GoOnAsync();
        }

        return [];
    }

    private static async Task<IEnumerable<string>> GroupsAsync(ListWorld world, string filter, Func<ListedRun, bool> means, Func<ListedRun, string> group)
    {
        var expected = world.Runs.Where(means).GroupBy(group).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} {g.Count()}");
        var counted = (await world.Lister.CountAsync(filter, default)).Select(c => $"{c.Key} {c.Value}");
        return expected.SequenceEqual(counted) ? [] : [$"{filter}: {string.Join(", ", counted)}; expected {string.Join(", ", expected)}"];
    }

    /// <summary>What matches now, after a run that was as given when it was listed.</summary>
    private static List<ListedRun> Expected(ListWorld world, ListQuery query, ListedRun? after)
    {
        var order = Comparer<ListedRun>.Create((x, y) =>
            query.Order is not null && query.Order(x, y) is not 0 and var byColumns ? byColumns
            : x.Start != y.Start ? y.Start.CompareTo(x.Start)
            : string.CompareOrdinal(x.Run, y.Run));
        var matching = world.Runs.Where(r => query.Means(r) && (after is null || order.Compare(r, after) > 0)).ToList();
        matching.Sort(order);
        return matching;
    }
}
