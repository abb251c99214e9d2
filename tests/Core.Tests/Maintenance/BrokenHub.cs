using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Workflows;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Serverless.Tests.Maintenance;

/// <summary>A hub that is broken on purpose, and what the doctor says about it.</summary>
internal static class BrokenHub
{
    public static readonly DateTimeOffset Begin = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan Later = TimeSpan.FromMinutes(12);
    public static readonly Type[] Types = [typeof(Hello), typeof(Sleeper), typeof(Collector), typeof(Cancellable), typeof(FailingElsewhere), typeof(Outlived), typeof(Big), typeof(LongParent)];

    /// <summary>Runs a hub, breaks what it left, and opens it again after a while with a clock that does not jump ahead.</summary>
    public static async Task<EngineHost> BrokenAsync(
        Func<EngineHost, Task> run, Func<MemoryHubStore, FakeTimeProvider, Task> harm, bool deaf = false, TimeSpan? wait = null)
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time);
        IHubStore store = deaf ? new FaultyHubStore(memory, static (_, _) => Fault.None) { IsDeaf = true } : memory;
        await using (var first = new EngineHost(Types, new Steps(), EngineHost.Options, store, time) { Jumps = false })
        {
            await run(first);
        }

        await harm(memory, time);
        var host = new EngineHost(Types, new Steps(), EngineHost.Options with { Identity = "second" }, memory, time) { Jumps = false };
        await PassAsync(host, wait ?? Later);
        return host;
    }

    /// <summary>Finds just what is expected (null: whatever it is), mends it, and finds nothing more.</summary>
    public static async Task MendAsync(EngineHost host, string? expected)
    {
        using (host.Hold())
        {
            var found = await FindAsync(host, repair: false);
            Assert.AreEqual(expected ?? found, found);
            Assert.AreNotEqual("", found);
        }

        var mended = await HubRows.ListAsync<HubReport.Finding>(host.Engine.Hub.ExamineAsync(repair: true, rebuild: false, default));
        Assert.IsTrue(mended.All(static f => f.Repaired), Text(mended));
        await host.UntilAsync(async () => await FindAsync(host, repair: false) == "", "nothing is found any more");
    }

    public static async Task<string> FindAsync(EngineHost host, bool repair) =>
        Text(await HubRows.ListAsync<HubReport.Finding>(host.Engine.Hub.ExamineAsync(repair, rebuild: false, default)));

    public static string Text(IReadOnlyList<HubReport.Finding> found) =>
        string.Join("|", found.Select(static f => $"{f.Kind} {f.WorkflowId}").Order(StringComparer.Ordinal));

    public static async Task StartAsync(EngineHost host, string type, params object?[] args)
    {
        await host.StartAsync(type, "w", false, args);
        await RestAsync(host, "w");
    }

    public static async Task CloseHelloAsync(EngineHost host)
    {
        await host.StartAsync("Hello", "w", false, "you");
        await host.CloseAsync("w");
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync("ExecutionStatus = 'Completed'", default))[""] == 1, "the list");
    }

    public static Task RestAsync(EngineHost host, string id) => host.UntilAsync(
        async () => host.IsQuiet && (await host.Engine.Reader.DescribeAsync(new WorkflowRef(id), default)).State.LastTask is not null
            && (await host.Engine.Reader.CountAsync($"WorkflowId = '{id}'", default))[""] == 1,
        "the first task");

    public static async Task PassAsync(EngineHost host, TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            await host.PassAsync(time);
        }
    }

    public static async Task DropAsync(MemoryHubStore store, string queue)
    {
        // A lease of a second: what was received before comes back when the clock has passed it.
        foreach (var message in await store.Queues.ReceiveAsync(queue, 32, TimeSpan.FromSeconds(1), default))
        {
            await store.Queues.DeleteAsync(message.Receipt, default);
        }
    }

    public static async Task DeleteRowsAsync(MemoryHubStore store, RowTable table, Func<Row, bool> which)
    {
        await foreach (var (partition, row) in HubRows.RowsAsync(store, table))
        {
            if (which(row))
            {
                await store.Rows.CommitAsync(table, partition, [RowOperation.Delete(row.Key, null)], default);
            }
        }
    }

    [Workflow]
    public sealed class Outlived
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteActivityAsync(
            (Steps s) => s.Greet("x"),
            new() { TaskQueue = "nowhere", StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { MaximumAttempts = 1 } });
    }

    [Workflow]
    public sealed class Big
    {
        [WorkflowRun]
        public Task<string> RunAsync(string data) => Task.FromResult(data);
    }

    [Workflow]
    public sealed class LongParent
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteChildWorkflowAsync((Cancellable c) => c.RunAsync(), new() { Id = "a-child" });
    }
}
