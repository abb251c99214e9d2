using System.Net;
using System.Text.Json.Nodes;
using Serverless.Storage;

namespace App.Tests.Running;

/// <summary>What holds once the faults are over, whatever they were.</summary>
internal static class TransferChecks
{
    private static readonly string[] _ends = ["ActivityCompleted", "ActivityFailed", "ActivityTimedOut", "ActivityCanceled"];

    /// <summary>Every transfer ended well, money was neither made nor lost, and each effect was booked once.</summary>
    public static async Task AssertDoneAsync(TransferLoad load, AppProcess app, string folder, string wait = "120s")
    {
        var unfinished = await load.UnfinishedAsync(app.Http, wait);
        foreach (var id in unfinished)
        {
            // One whose message six killed processes had is put off for minutes, unless somebody says otherwise.
            await app.Http.PostAsync($"api/workflows/{id}/resume");
        }

        unfinished = unfinished.Count == 0 ? unfinished : await load.UnfinishedAsync(app.Http, wait);
        Assert.IsEmpty(unfinished, $"{await load.DescribeAsync(app.Http, unfinished)}\n{app.Log}");
        var books = new AccountBooks(folder);
        Assert.AreEqual(0, books.Drift());
        Assert.AreEqual(0, books.Unexplained());
        Assert.AreEqual(load.Effects, books.Effects());
        await AssertHistoriesAsync(load, app.Http);
    }

    /// <summary>Purging leaves nothing in the store.</summary>
    public static async Task AssertPurgedAsync(TransferLoad load, HttpClient http, IHubStore store)
    {
        await load.DeleteAsync(http);
        var left = await HubContents.SettleAsync(store, load.Ids, TimeSpan.FromSeconds(100));
        Assert.IsEmpty(left, $"{left.Count} left: {string.Join("\n", left.Take(20))}");
    }

    /// <summary>I1 and I3: event ids are 1..n, and each activity that was scheduled ended once.</summary>
    private static async Task AssertHistoriesAsync(TransferLoad load, HttpClient http)
    {
        foreach (var id in load.Ids)
        {
            var (status, history) = await http.ReadAsync($"api/workflows/{id}/history");
            Assert.AreEqual(HttpStatusCode.OK, status, history.ToString());
            var events = history["events"]!.AsArray();
            CollectionAssert.AreEqual(Enumerable.Range(1, events.Count).ToList(), events.Select(static e => e!["id"]!.GetValue<int>()).ToList(), history.ToJsonString());
            var scheduled = events.Where(static e => Type(e) == "ActivityScheduled").Select(static e => e!["id"]!.GetValue<int>()).ToList();
            var ended = events.Where(static e => _ends.Contains(Type(e))).Select(static e => e!["attributes"]!["scheduledEventId"]!.GetValue<int>()).Order().ToList();
            CollectionAssert.AreEqual(scheduled, ended, history.ToJsonString());
        }
    }

    private static string Type(JsonNode? e) => e!["type"]!.GetValue<string>();
}
