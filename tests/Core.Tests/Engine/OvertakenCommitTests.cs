using Microsoft.Extensions.Time.Testing;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Engine;

/// <summary>
/// The answer to a commit is lost, and before its writer looks whether it was applied, another process has committed on top of it: the commit id is another one then.
/// </summary>
[TestClass]
public sealed class OvertakenCommitTests
{
    private const string Commit = "Commit Workflows";

    [TestMethod]
    [DataRow("Chain", 3, "3")]
    [DataRow("FanOut", 5, "5")]
    [DataRow("Sleeper", 30.0, null)]
    [DataRow("Parent", "kid", "\"Hello kid\"")]
    [DataRow("Caller", 2, "2")]
    public async Task What_the_lost_commit_asked_for_is_dispatched(string type, object arg, string? expected)
    {
        for (var at = 2; await RunAsync(type, arg, expected, at); at++)
        {
        }
    }

    /// <summary>False when the scenario made fewer commits than <paramref name="at"/>.</summary>
    private static async Task<bool> RunAsync(string type, object arg, string? expected, int at)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time, seed: at);
        var commits = 0;
        var overtakes = false;
        var faulty = new FaultyHubStore(memory, (_, what) =>
        {
            if (overtakes)
            {
                overtakes = false;
                Overtake(memory);
            }

            commits += what == Commit ? 1 : 0;
            overtakes = what == Commit && commits == at;
            return overtakes ? Fault.FailAfter : Fault.None;
        });
        await using var host = new EngineHost(
            [typeof(Chain), typeof(FanOut), typeof(Sleeper), typeof(Parent), typeof(Hello), typeof(Caller), typeof(Collector)], new Steps(), EngineHost.Options, faulty, time);
        await host.StartAsync(type, "w", false, arg);
        var close = await host.CloseAsync("w");
        Assert.IsInstanceOfType<WorkflowCompleted>(close.Closed, $"commit {at}: {close.Closed}");
        if (expected is not null)
        {
            Assert.AreEqual(expected, System.Text.Encoding.UTF8.GetString(((WorkflowCompleted)close.Closed).Result!.Data.Span), $"commit {at}");
        }

        return commits >= at;
    }

    /// <summary>A commit of another process without events: it carries the marks along.</summary>
    private static void Overtake(MemoryHubStore memory)
    {
        var partition = WorkflowKey.Partition("w");
        var page = memory.Rows.QueryAsync(new RowQuery(RowTable.Workflows, partition, JournalKeys.Head, JournalKeys.Head + "\0"), default).AsTask().GetAwaiter().GetResult();
        if (page.Rows is [var row] && WorkflowHead.Decode(row.Data) is { IsOpen: true } head)
        {
            memory.Rows.CommitAsync(
                RowTable.Workflows, partition, [RowOperation.Replace(JournalKeys.Head, (head with { CommitId = "another" }).Encode(), row.Tag)], default).AsTask().GetAwaiter().GetResult();
        }
    }
}
