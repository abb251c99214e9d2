using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Under the Functions host a message is leased for ten minutes: a died process must be noticed sooner.</summary>
[TestClass]
public sealed class LongLeaseTests
{
    private static readonly EngineOptions Options = EngineHost.Options with
    {
        BackupAfter = TimeSpan.FromSeconds(2),
        MaxConcurrentActivities = 1,
        SpillAfter = TimeSpan.FromSeconds(1),
    };

    [TestMethod]
    public async Task Work_of_a_died_process_goes_on_elsewhere_within_a_minute_or_so()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time);
        var first = new FaultyHubStore(memory, static (_, _) => Fault.None);
        var code = new ActivityTests.WaitingSteps();
        await using var host = new EngineHost([typeof(TwoWaits)], code, Options, first, time) { Lease = TimeSpan.FromMinutes(10) };
        await host.StartAsync("TwoWaits", "w", false);

        // One attempt runs ahead with its chain, the other waits for a place with its queue message.
        await host.UntilAsync(async () => code.Attempts == 1 && await memory.Queues.CountAsync(QueueNames.Timers, default) == 2, "two backups");
        first.Kill();
        var died = time.GetUtcNow();
        await using var second = new EngineHost(
            [typeof(TwoWaits)], code, Options with { Identity = "second", MaxConcurrentActivities = 2 }, memory, time) { Lease = TimeSpan.FromMinutes(10) };
        await second.UntilAsync(() => Task.FromResult(code.Attempts >= 3), "both attempts to be made again");
        Assert.IsLessThan(TimeSpan.FromSeconds(90), time.GetUtcNow() - died);
        await second.Engine.Service.TerminateAsync(new WorkflowRef("w"), null, [], default);
    }

    [Workflow]
    public class TwoWaits
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.WhenAllAsync(WaitAsync(), WaitAsync());

        private static Task<string> WaitAsync() => Workflow.ExecuteActivityAsync(
            (ActivityTests.WaitingSteps s) => s.WaitAsync(), new() { StartToCloseTimeout = TimeSpan.FromHours(1) });
    }
}
