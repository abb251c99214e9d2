using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Engine;
using Serverless.History;
using Serverless.Operations;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Workflows;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Serverless.Tests.Operations;

/// <summary>A batch of each kind, run once for each storage call it makes and each kind of fault at that call: it misses no target and repeats none.</summary>
[TestClass]
public sealed class BatchFaultTests
{
    private const int Targets = 2;
    private const string Query = "WorkflowType = 'Watched'";

    private static readonly SearchAttributeKey<long> Size = SearchAttributeKey.CreateLong("Size");

    [TestMethod]
    [DataRow(BatchAction.SignalName)]
    [DataRow(BatchAction.CancelName)]
    [DataRow(BatchAction.TerminateName)]
    [DataRow(BatchAction.DeleteName)]
    [DataRow(BatchAction.UpsertName)]
    [DataRow(BatchAction.ResumeName)]
    [DataRow(BatchAction.ResetName)]
    public async Task Batch_does_everything_once_whatever_single_fault_hits_it(string action)
    {
        foreach (var fault in Faults.All)
        {
            for (var at = 1; await RunAsync(action, fault, at); at++)
            {
            }
        }
    }

    /// <summary>False when the batch made fewer calls than <paramref name="at"/>.</summary>
    private static async Task<bool> RunAsync(string action, Fault fault, int at)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time, seed: at);
        await PrepareAsync(memory, time, action);
        var where = "";
        var faulty = new FaultyHubStore(memory, (n, what) =>
        {
            where = n == at ? what : where;
            return n == at ? fault : Fault.None;
        });
        await using var first = new EngineHost([typeof(Watched)], store: faulty, time: time);
        var started = await TryStartAsync(first, action);
        if (started)
        {
            await first.UntilAsync(async () => faulty.IsDead || await IsClosedAsync(memory), $"{action}, {fault} at call {at} ({where})");
        }

        await using var second = new EngineHost([typeof(Watched)], null, EngineHost.Options with { Identity = "second" }, memory, time);
        if (!started)
        {
            // The caller was told that it failed, and tries again; what it finds may be its own.
            await TryStartAsync(second, action);
        }

        var context = $"{action}, {fault} at call {at} ({where})";
        var close = await second.CloseAsync("serverless-batch:b");
        Assert.AreEqual(WorkflowExecutionStatus.Completed, close.Status, $"{context}: {close.Closed}");
        var batch = await second.Engine.Batches.DescribeAsync("b", default);
        Assert.AreEqual(((long?)Targets, (long)Targets, 0L), (batch.Total, batch.Done, batch.Failed), $"{context}: {string.Join(", ", batch.Failures)}");
        for (var i = 0; i < Targets; i++)
        {
            await AssertDoneOnceAsync(second, action, $"w{i}", context);
        }

        return faulty.Count >= at;
    }

    private static async Task PrepareAsync(MemoryHubStore memory, FakeTimeProvider time, string action)
    {
        await using var host = new EngineHost([typeof(Watched)], null, EngineHost.Options with { Identity = "before" }, memory, time);
        for (var i = 0; i < Targets; i++)
        {
            await host.StartAsync("Watched", $"w{i}", eager: false, action != BatchAction.DeleteName);
        }

        var expected = action == BatchAction.DeleteName ? "Completed" : "Running";
        await host.UntilAsync(
            async () => (await host.Engine.Reader.CountAsync($"{Query} AND ExecutionStatus = '{expected}'", default)).Values.Sum() == Targets, "targets in the list");
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
    }

    private static async Task<bool> TryStartAsync(EngineHost host, string action)
    {
        var operation = new BatchOperation { Action = action };
        operation = action switch
        {
            BatchAction.SignalName => operation with { Signal = "Add", Args = [PayloadTexts.Write(EngineHost.Value(5))] },
            BatchAction.UpsertName => operation with { SearchAttributes = new Dictionary<string, string?> { ["Size"] = PayloadTexts.Write(Size.ValueSet(5).ToPayload()!) } },
            BatchAction.ResetName => operation with { Reset = new() },
            _ => operation,
        };
        try
        {
            var starting = host.Engine.Batches.StartAsync(new BatchRequest { Id = "b", Query = Query, Operation = operation, OperationsPerSecond = 1_000 }, default);
            if (await Task.WhenAny(starting, Task.Delay(TimeSpan.FromSeconds(10))) != starting)
            {
                return false;
            }

            await starting;
            return true;
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException or WorkflowServiceException)
        {
            return false;
        }
    }

    private static async Task<bool> IsClosedAsync(MemoryHubStore memory)
    {
        await Task.Delay(1);
        var partition = WorkflowKey.Partition("serverless-batch:b");
        var head = await memory.Rows.QueryAsync(
            new RowQuery(RowTable.Workflows, partition, JournalKeys.Head, JournalKeys.Head + "\0"), default);
        return head.Rows.Count > 0 && !WorkflowHead.Decode(head.Rows[0].Data).IsOpen;
    }

    private static async Task AssertDoneOnceAsync(EngineHost host, string action, string id, string context)
    {
        if (action == BatchAction.DeleteName)
        {
            var missing = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Reader.DescribeAsync(new WorkflowRef(id), default), context);
            Assert.AreEqual(WorkflowServiceError.NotFound, missing.Code, context);
            return;
        }

        Func<HistoryEvent, bool>? effect = action switch
        {
            BatchAction.SignalName => static e => e is WorkflowSignaled { Name: "Add" },
            BatchAction.CancelName => static e => e is WorkflowCancelRequested,
            BatchAction.TerminateName => static e => e is WorkflowTerminated,
            BatchAction.UpsertName => static e => e is WorkflowPropertiesModified,
            BatchAction.ResetName => static e => e is WorkflowResetMarked,
            _ => null,
        };
        IReadOnlyList<HistoryEvent> history = [];
        await host.UntilAsync(
            async () =>
            {
                history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef(id), 0, TimeSpan.Zero, default);
                return effect is null || history.Any(effect);
            },
            context);
        Assert.AreEqual(effect is null ? 0 : 1, history.Count(e => effect?.Invoke(e) == true), context);
        CollectionAssert.AreEqual(Enumerable.Range(1, history.Count).ToList(), history.Select(static e => (int)e.Id).ToList(), context);
    }

    /// <summary>Ends at once or never.</summary>
    [Workflow]
    public class Watched
    {
        [WorkflowRun]
        public Task RunAsync(bool waits) => Workflow.WaitConditionAsync(() => !waits);

        [WorkflowSignal]
        public Task AddAsync(int number) => Task.CompletedTask;
    }
}
