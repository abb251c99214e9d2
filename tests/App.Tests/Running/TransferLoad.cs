using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace App.Tests.Running;

/// <summary>Transfers between a few accounts, some with faults; each is started until somebody has taken it.</summary>
internal sealed class TransferLoad(int count, int seed)
{
    private static readonly string[] _faults = ["None", "None", "None", "WithdrawAnswerLost", "DepositAnswerLost", "DepositUnavailable", "DepositRefused"];

    public IReadOnlyList<string> Ids { get; } = [.. Enumerable.Range(1, count).Select(i => $"load-{i:000}")];

    /// <summary>Effects that all transfers have together: two each.</summary>
    public int Effects => 2 * count;

    /// <summary>Starts all transfers, one after the other, by whichever process answers.</summary>
    public Task StartAllAsync(Func<HttpClient> http, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            for (var i = 0; i < Ids.Count; i++)
            {
                await StartAsync(i, http, cancellationToken);
                await Task.Delay(5, cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>Starts one transfer by whichever process answers. An unanswered start is repeated: the id makes that safe.</summary>
    public async Task StartAsync(int index, Func<HttpClient> http, CancellationToken cancellationToken)
    {
        var random = new Random(seed + index);
        var body = ApiCalls.Transfer(Ids[index], $"account-{random.Next(10)}", $"account-{10 + random.Next(10)}", random.Next(1, 400) / 100m, _faults[random.Next(_faults.Length)]);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var (status, answer) = await http().PostAsync("api/workflows", body);
                if (status is HttpStatusCode.Created or HttpStatusCode.Conflict)
                {
                    return;
                }

                Assert.IsGreaterThanOrEqualTo(500, (int)status, answer.ToString());
            }
            catch (Exception e) when (e is HttpRequestException or ObjectDisposedException or TaskCanceledException or IOException)
            {
                // Killed meanwhile.
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>What the workflows are at, for the message of a failed test.</summary>
    public async Task<string> DescribeAsync(HttpClient http, IEnumerable<string> ids)
    {
        StringBuilder text = new();
        foreach (var id in ids)
        {
            var (_, description) = await http.ReadAsync($"api/workflows/{id}");
            var (_, history) = await http.ReadAsync($"api/workflows/{id}/history");
            text.AppendLine(description.ToJsonString()).AppendLine(history.ToJsonString());
        }

        return text.ToString();
    }

    /// <summary>Waits for every transfer and returns the ids of those that did not end well.</summary>
    public Task<List<string>> UnfinishedAsync(HttpClient http, string wait) => UnfinishedAsync(http, wait, Ids);

    /// <summary>Waits for some transfers and returns the ids of those that did not end well.</summary>
    public async Task<List<string>> UnfinishedAsync(HttpClient http, string wait, IEnumerable<string> ids)
    {
        List<string> unfinished = [];
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (id, _) =>
        {
            var (status, body) = await http.ReadAsync($"api/workflows/{id}/result?wait={wait}");
            if (status != HttpStatusCode.OK || body["result"]?["status"] is not JsonValue)
            {
                lock (unfinished)
                {
                    unfinished.Add(id);
                }
            }
        });
        return unfinished;
    }

    public async Task DeleteAsync(HttpClient http)
    {
        foreach (var id in Ids)
        {
            var (status, body) = await http.RemoveAsync($"api/workflows/{id}");
            Assert.AreEqual(HttpStatusCode.NoContent, status, body.ToString());
        }
    }
}
