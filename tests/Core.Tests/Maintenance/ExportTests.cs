using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Workflows;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Serverless.Tests.Maintenance;

/// <summary>What is exported comes back in another hub: the same histories, found by the same filters, and what was open goes on.</summary>
[TestClass]
public sealed class ExportTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly Type[] Types = [typeof(Hello), typeof(Roller), typeof(Collector), typeof(Sleeper), typeof(Parent), typeof(RemovalTests.Keeper), typeof(Patient)];

    [TestMethod]
    public async Task An_export_of_an_import_is_the_same_export()
    {
        var lines = await ExportedHubAsync();
        var memory = new MemoryHubStore(new FakeTimeProvider(Begin), seed: 9);
        await using var host = Deaf(memory);

        var reports = await HubRows.ListAsync<HubReport>(host.Engine.Hub.ImportAsync(Lines(lines), merge: false, default));

        Assert.AreEqual($"complete=1,imported={lines.Count - 1},skipped=0", Counts(reports));
        CollectionAssert.AreEqual(lines.SkipLast(1).ToArray(), (await ExportAsync(host)).ToArray());
        var counts = await host.Engine.Reader.CountAsync("GROUP BY ExecutionStatus", default);
        Assert.AreEqual("Completed=3,ContinuedAsNew=2,Running=4", string.Join(",", counts.OrderBy(static c => c.Key).Select(static c => $"{c.Key}={c.Value}")));
        Assert.AreEqual(1, (await host.Engine.Reader.CountAsync("WorkflowType = 'Keeper' AND ExecutionStatus = 'Completed'", default))[""]);
    }

    [TestMethod]
    public async Task Open_workflows_go_on_where_they_are_imported()
    {
        var lines = await ExportedHubAsync();
        var time = new FakeTimeProvider(Begin);
        await using var host = new EngineHost(Types, new Steps(), EngineHost.Options with { Identity = "other" }, new MemoryHubStore(time), time);

        await HubRows.ListAsync<HubReport>(host.Engine.Hub.ImportAsync(Lines(lines), merge: false, default));

        Assert.AreEqual("Hello x", await host.ResultAsync<string>("patient"));
        await host.CloseAsync("sleeper");
        await host.UntilAsync(async () => await host.QueryAsync<int>("collector", "Count") == 2, "the signal that waited is applied");
        await host.SignalAsync("collector", "Finish");
        CollectionAssert.AreEqual(new[] { 1, 2 }, await host.ResultAsync<List<int>>("collector"));
        Assert.AreEqual("Hello there", await host.ResultAsync<string>("waiting"));
        Assert.AreEqual(100_000, (await host.ResultAsync<string>("keeper")).Length);
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync("ExecutionStatus = 'Running'", default))[""] == 0, "all are closed");
    }

    [TestMethod]
    public async Task A_hub_that_is_not_empty_is_refused_and_a_merge_leaves_ids_in_use_alone()
    {
        var lines = await ExportedHubAsync();
        var time = new FakeTimeProvider(Begin);
        await using var host = new EngineHost(Types, new Steps(), EngineHost.Options, new MemoryHubStore(time), time);
        await host.StartAsync("Hello", "other", false, "you");
        await host.CloseAsync("other");
        await host.StartAsync("Hello", "hello", false, "somebody else");
        await host.CloseAsync("hello");

        var refused = await Assert.ThrowsAsync<WorkflowServiceException>(() => HubRows.ListAsync<HubReport>(host.Engine.Hub.ImportAsync(Lines(lines), merge: false, default)));
        StringAssert.Contains(refused.Message, "not empty");
        var reports = await HubRows.ListAsync<HubReport>(host.Engine.Hub.ImportAsync(Lines(lines), merge: true, default));

        Assert.AreEqual($"complete=1,imported={lines.Count - 2},skipped=1", Counts(reports));
        Assert.AreEqual("hello: its workflow id is in use", string.Join(",", reports.OfType<HubReport.Skipped>().Select(static s => $"{s.WorkflowId}: {s.Reason}")));
        Assert.AreEqual("Hello somebody else", await host.ResultAsync<string>("hello"));
        reports = await HubRows.ListAsync<HubReport>(host.Engine.Hub.ImportAsync(Lines(lines), merge: true, default));
        Assert.AreEqual($"complete=1,imported=0,skipped={lines.Count - 1}", Counts(reports));
    }

    [TestMethod]
    [DataRow((int)Fault.CrashBefore)]
    [DataRow((int)Fault.CrashAfter)]
    public async Task An_import_that_dies_is_finished_by_the_next(int fault)
    {
        var lines = (await ExportedHubAsync()).Where(static l => l.Contains("\"collector\"", StringComparison.Ordinal) || l.Contains("\"sleeper\"", StringComparison.Ordinal)).ToList();
        for (var at = 1; await DieAsync((Fault)fault, at, lines); at++)
        {
        }
    }

    [TestMethod]
    public async Task An_export_is_kept_among_the_blobs_and_no_orphan()
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time);
        await using var host = new EngineHost(Types, new Steps(), EngineHost.Options, memory, time) { Jumps = false };
        await host.StartAsync("Hello", "hello", false, "you");
        await host.CloseAsync("hello");
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync("ExecutionStatus = 'Completed'", default))[""] == 1, "the list");

        var reports = await HubRows.ListAsync<HubReport>(host.Engine.Hub.ExportToBlobAsync("monday", "WorkflowType = 'Hello'", default));

        Assert.AreEqual("parts=1,runs=1,workflows=1", Counts(reports));
        var lines = new List<string>();
        await foreach (var line in host.Engine.Hub.ReadExportAsync("monday", default))
        {
            lines.Add(line);
        }

        CollectionAssert.AreEqual((string[])[.. await ExportAsync(host), Summary(1, 1)], lines.ToArray());
        await Assert.ThrowsAsync<WorkflowServiceException>(() => HubRows.ListAsync<HubReport>(host.Engine.Hub.ExportToBlobAsync("monday", null, default)));
        await host.PassAsync(TimeSpan.FromHours(3));
        Assert.IsEmpty(await HubRows.ListAsync<HubReport.Finding>(host.Engine.Hub.ExamineAsync(false, false, default)));
    }

    [TestMethod]
    public async Task A_run_that_a_reset_made_comes_back_and_goes_on()
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time);
        await using (var host = new EngineHost(Types, new Steps(), EngineHost.Options, memory, time) { Jumps = false })
        {
            await host.StartAsync("Sleeper", "sleeper", false, 300_000.0);
            await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync(null, default))[""] == 1, "the list");
            await host.PassAsync(TimeSpan.FromHours(1));
            await host.Engine.Resets.ResetAsync(new WorkflowRef("sleeper"), new ResetRequest(WorkflowResetPoint.AtEvent(3)) { RequestId = "r:1" }, default);
            await host.UntilAsync(async () => host.IsQuiet && (await host.Engine.Reader.CountAsync("ExecutionStatus = 'Running'", default))[""] == 1, "the reset");
        }

        await using var first = Deaf(memory);
        var lines = await ExportAsync(first);
        var later = new FakeTimeProvider(Begin + TimeSpan.FromHours(2));
        await using var second = new EngineHost(Types, new Steps(), EngineHost.Options with { Identity = "second" }, new MemoryHubStore(later), later) { Jumps = false };
        await HubRows.ListAsync<HubReport>(second.Engine.Hub.ImportAsync(Lines(lines), merge: false, default));

        Assert.HasCount(2, lines);
        CollectionAssert.AreEqual(lines.ToArray(), (await ExportAsync(second)).ToArray());
        Assert.AreEqual(1, (await second.Engine.Reader.CountAsync("ExecutionStatus = 'Terminated'", default))[""]);
        await second.PassAsync(TimeSpan.FromDays(4));
        await second.CloseAsync("sleeper");
    }

    private static async Task<bool> DieAsync(Fault fault, int at, IReadOnlyList<string> lines)
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time, seed: at);
        var hit = "";
        var dying = new FaultyHubStore(memory, (n, what) =>
        {
            hit = n == at ? what : hit;
            return n == at ? fault : Fault.None;
        })
        {
            IsDeaf = true,
        };
        await using (var first = new EngineHost(Types, new Steps(), EngineHost.Options, dying, time))
        {
            try
            {
                await HubRows.ListAsync<HubReport>(first.Engine.Hub.ImportAsync(Lines(lines), merge: true, default));
            }
            catch (Exception e) when (e is OperationCanceledException or StorageException)
            {
            }

            dying.Kill();
        }

        await using var second = new EngineHost(Types, new Steps(), EngineHost.Options with { Identity = "second" }, memory, time);
        await HubRows.ListAsync<HubReport>(second.Engine.Hub.ImportAsync(Lines(lines), merge: true, default));
        var context = $"{fault} at call {at} ({hit})";
        await second.CloseAsync("sleeper");
        await second.UntilAsync(async () => await second.QueryAsync<int>("collector", "Count") == 2, $"the signal is applied, {context}");
        return hit.Length > 0;
    }

    /// <summary>A hub with runs of all kinds, exported while nothing runs it.</summary>
    private static async Task<IReadOnlyList<string>> ExportedHubAsync()
    {
        var time = new FakeTimeProvider(Begin);
        var memory = new MemoryHubStore(time);
        await using (var host = new EngineHost(Types, new Steps { FailFirst = 1 }, EngineHost.Options, memory, time) { Jumps = false })
        {
            await host.StartAsync("Hello", "hello", false, "you");
            await host.StartAsync("Roller", "roller", false, 2);
            await host.StartAsync("Keeper", "keeper", false, new string('x', 100_000));
            await Task.WhenAll(host.CloseAsync("hello"), host.CloseAsync("roller"), host.CloseAsync("keeper"));
            await host.Client.StartWorkflowAsync((Hello h) => h.RunAsync("there"), new("waiting") { StartDelay = TimeSpan.FromDays(2) });
            await host.StartAsync("Sleeper", "sleeper", false, 300_000.0);
            await host.StartAsync("Collector", "collector", false);
            await host.SignalAsync("collector", "Add", 1);
            await host.UntilAsync(async () => await host.QueryAsync<int>("collector", "Count") == 1, "the first signal");
            await host.Engine.Service.UpdateAsync(
                new WorkflowRef("collector"), new WorkflowUpdateAccepted("u", "AddNow", [EngineHost.Value(-1)]), true, TimeSpan.FromSeconds(30), default);
            await host.StartAsync("Patient", "patient", false);
            await host.UntilAsync(
                async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef("patient"), default)).Attempts.Values.Any(static a => a.Attempt == 2), "the second attempt");
            await host.UntilAsync(async () => host.IsQuiet && (await host.Engine.Reader.CountAsync(null, default))[""] == 9, "all are listed");
        }

        await using var deaf = Deaf(memory);
        await deaf.SignalAsync("collector", "Add", 2);
        return [.. await ExportAsync(deaf), Summary(7, 9)];
    }

    private static string Summary(int workflows, int runs) => $"{{\"summary\":{{\"workflows\":{workflows},\"runs\":{runs}}}}}";

    /// <summary>A process that gets no message.</summary>
    private static EngineHost Deaf(MemoryHubStore memory) => new(
        Types, new Steps(), EngineHost.Options with { Identity = "deaf" }, new FaultyHubStore(memory, static (_, _) => Fault.None) { IsDeaf = true }, new FakeTimeProvider(Begin + TimeSpan.FromHours(1)));

    private static async Task<IReadOnlyList<string>> ExportAsync(EngineHost host) =>
        [.. (await HubRows.ListAsync<HubReport.Line>(host.Engine.Hub.ExportAsync(null, default))).Select(static l => l.Json)];

    private static string Counts(IReadOnlyList<HubReport> reports) =>
        string.Join(",", ((HubReport.Ended)reports[^1]).Counts.OrderBy(static c => c.Key, StringComparer.Ordinal).Select(static c => $"{c.Key}={c.Value}"));

    private static async IAsyncEnumerable<string> Lines(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            await Task.Yield();
            yield return line;
        }
    }

    [Workflow]
    public class Patient
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteActivityAsync(
            (Steps s) => s.Greet("x"), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { InitialInterval = TimeSpan.FromDays(1) } });
    }
}
