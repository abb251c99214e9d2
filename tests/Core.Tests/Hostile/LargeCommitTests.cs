using System.Text;
using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Workflows;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Core.Tests.Hostile;

/// <summary>Many things that are each within their limits come together: what they become is within the limit of a record, or is done in parts.</summary>
[TestClass]
public sealed class LargeCommitTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [TestMethod]
    [DataRow(20, 1, 4_000_000, DisplayName = "Payloads that are blobs")]
    [DataRow(5, 1_000, 30_000, DisplayName = "Payloads that are too small for blobs")]
    public async Task Messages_that_are_more_than_a_record_together_are_applied(int messages, int args, int bytes)
    {
        var time = new FakeTimeProvider(Begin);
        var store = new MemoryHubStore(time);
        List<Payload> values = [.. Enumerable.Repeat(EngineHost.Value(new string('x', bytes)), args)];
        await using (var deaf = new EngineHost(
            [typeof(Counter)], options: EngineHost.Options with { Identity = "deaf" }, store: new FaultyHubStore(store, static (_, _) => Fault.None) { IsDeaf = true }, time: time))
        {
            await deaf.StartAsync("Counter", "w", false, messages);
            for (var i = 0; i < messages; i++)
            {
                await deaf.Engine.Service.SignalAsync(new WorkflowRef("w"), new WorkflowSignaled("Count", values), null, default);
            }
        }

        await using var host = new EngineHost([typeof(Counter)], options: EngineHost.Options with { Identity = "late" }, store: store, time: time);
        Assert.AreEqual(messages, await host.ResultAsync<int>("w"));
    }

    /// <summary>Segments that compress well are small, and what they would be merged to is not.</summary>
    [TestMethod]
    public async Task Segments_that_are_more_than_a_record_together_are_not_merged()
    {
        await using var host = new EngineHost([typeof(Repeater)], new Filler(), EngineHost.Options with { CachedRuns = 0 });
        await host.StartAsync("Repeater", "w", false, 70);
        Assert.AreEqual(70, await host.ResultAsync<int>("w"));
    }

    [TestMethod]
    public async Task A_call_has_a_limit_for_all_its_values_together()
    {
        await using var host = new EngineHost([typeof(Counter)], options: EngineHost.Options with { Limits = new EngineLimits { MaxCallBytes = 1_000 } });
        await host.StartAsync("Counter", "w", false, 1);
        var half = Raw(500);
        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => TellAsync(half, Raw(501)));
        Assert.StartsWith("The arguments of signal 'Count' have 1001 bytes together; the limit is 1000.", e.Message);
        await TellAsync(half, half);
        Assert.AreEqual(1, await host.ResultAsync<int>("w"));

        Task TellAsync(params Payload[] values) => host.Engine.Service.SignalAsync(new WorkflowRef("w"), new WorkflowSignaled("Count", values), null, default);
    }

    private static Payload Raw(int length) => new(EngineHost.Value("").Metadata, Encoding.UTF8.GetBytes($"\"{new string('x', length - 2)}\""));

    [Workflow]
    public class Counter
    {
        private int _count;

        [WorkflowRun]
        public async Task<int> RunAsync(int until)
        {
            await Workflow.WaitConditionAsync(() => _count == until);
            return _count;
        }

        [WorkflowSignal(Dynamic = true)]
        public Task CountAsync(string name, IRawValue[] args)
        {
            _count++;
            return Task.CompletedTask;
        }
    }

    public sealed class Filler
    {
        [Activity]
        public int Measure(string text) => text.Length;
    }

    [Workflow]
    public class Repeater
    {
        [WorkflowRun]
        public async Task<int> RunAsync(int rounds)
        {
            var text = new string('x', 30_000);
            for (var i = 0; i < rounds; i++)
            {
                await Workflow.WhenAllAsync(Enumerable.Range(0, 40).Select(_ => Workflow.ExecuteActivityAsync(
                    (Filler f) => f.Measure(text), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) })));
            }

            return rounds;
        }
    }
}
