using System.Diagnostics;
using System.Net;
using App.Tests.Running;
using Serverless.Testbed.Azurite;

namespace App.Tests.Crash;

/// <summary>A workflow that is flooded with signals while it continues as new again and again, in processes that die.</summary>
[TestClass]
public sealed class FloodTests
{
    private const int Senders = 20;
    private const int SignalsOfEach = 100;
    private const int Rolls = 50;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task Signals_OfManySenders_ArriveOnceAndInOrder_WhileTheWorkflowRollsOverAndAProcessDies()
    {
        using var folder = new TempFolder();
        await using var azurite = await AzuriteProcess.StartAsync();
        (string, string)[] environment = [("AzureWebJobsStorage", azurite.ConnectionString), ("Serverless__MaxPollInterval", "500ms"), ("Logging__LogLevel__Default", "Warning")];
        await using var first = await AppProcess.StartAsync(TestBuilds.FloodApp, folder.Path, null, environment);
        await using var second = await AppProcess.StartAsync(TestBuilds.FloodApp, folder.Path, null, environment);
        var (started, answer) = await second.Http.PostAsync(
            "api/workflows",
            $$"""{"type":"Flood","id":"flood","args":[{"expected":{{Senders * SignalsOfEach}},"rollsLeft":{{Rolls}},"seen":0,"last":{},"wrong":[]}]}""");
        Assert.AreEqual(HttpStatusCode.Created, started, answer.ToString());

        var sent = 0;
        var halfway = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sending = Parallel.ForEachAsync(
            Enumerable.Range(0, Senders),
            new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = TestContext.CancellationToken },
            async (sender, cancellation) =>
            {
                for (var number = 1; number <= SignalsOfEach; number++)
                {
                    await SignalAsync(sender, number, () => (sender + number) % 2 == 0 && !first.HasExited ? first.Http : second.Http, cancellation);
                    if (Interlocked.Increment(ref sent) == Senders * SignalsOfEach / 2)
                    {
                        halfway.SetResult();
                    }
                }
            });
        await Task.WhenAny(halfway.Task, sending);
        await first.KillAsync();
        await sending;
        var (status, body) = await second.Http.ReadAsync("api/workflows/flood/result?wait=100s");

        Assert.AreEqual(HttpStatusCode.OK, status, $"{body}\n{await DescribeAsync(second.Http)}\n{second.Log}");
        var flood = body["result"]!;
        Assert.AreEqual("[]", flood["wrong"]!.ToJsonString());
        Assert.AreEqual(Senders * SignalsOfEach, flood["seen"]!.GetValue<int>());
        Assert.IsTrue(flood["last"]!.AsObject().All(static s => s.Value!.GetValue<int>() == SignalsOfEach), flood["last"]!.ToJsonString());

        // The list row of a run that the dead process closed comes when its message does.
        var listed = Stopwatch.GetTimestamp();
        while (await RunsAsync(second.Http) is var runs && runs != Rolls + 1)
        {
            Assert.IsLessThan(TimeSpan.FromSeconds(45), Stopwatch.GetElapsedTime(listed), $"{runs} of {Rolls + 1} runs are listed");
            await Task.Delay(250, TestContext.CancellationToken);
        }
    }

    /// <summary>Sends until it is accepted: the request id makes a repetition harmless when the first answer was lost.</summary>
    private static async Task SignalAsync(int sender, int number, Func<HttpClient> http, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var (status, answer) = await http().PostAsync($"api/workflows/flood/signals/Add?requestId=s{sender}-{number}", $"""["s{sender}",{number}]""");
                if (status == HttpStatusCode.Accepted)
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

    private static async Task<string> DescribeAsync(HttpClient http)
    {
        var (_, description) = await http.ReadAsync("api/workflows/flood");
        var (_, history) = await http.ReadAsync("api/workflows/flood/history");
        return $"{description.ToJsonString()}\n{history.ToJsonString()}";
    }

    private static async Task<int> RunsAsync(HttpClient http)
    {
        var (_, answer) = await http.ReadAsync("api/workflows/count?query=" + Uri.EscapeDataString("WorkflowId = 'flood'"));
        return answer["count"]!.GetValue<int>();
    }
}
