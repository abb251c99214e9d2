using Serverless.Visibility;

namespace Core.Tests.Visibility;

/// <summary>What must hold in a list whatever happened to its writers.</summary>
internal static class ListChecks
{
    /// <summary>Every row has its keys, every key its row, and the counters are the numbers of rows.</summary>
    public static async Task ConsistentAsync(VisibilityIndex index)
    {
        var repair = new ListRepair(index);
        foreach (var division in Enum.GetValues<ListDivision>())
        {
            Assert.IsEmpty((await repair.RecountAsync(division, mends: false, default))!, "counters that are wrong");
            await foreach (var stray in repair.StrayKeysAsync(division, default))
            {
                Assert.Fail($"{stray.Key} belongs to no row");
            }

            foreach (var (_, summary) in (await index.ReadAsync(division, null, 1000, default)).Rows)
            {
                Assert.IsEmpty(await repair.DifferencesAsync(summary, default), $"keys of {summary.RunId}");
            }
        }
    }
}
