using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Engine;

/// <summary>
/// A reset or fork with one fault: it is run once for each storage call that it makes, and each kind of fault at that call. Whoever asked asks again, by the same request. It
/// happened once then, everything that was pending comes to its end, and no run is half closed.
/// </summary>
[TestClass]
public sealed class ResetFaultTests
{
    private static readonly Type[] Types = [typeof(Hello), typeof(Chain), typeof(Sleeper), typeof(Collector), typeof(Parent), typeof(Juggler), typeof(Dozer)];
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(10);

    [TestMethod]
    [DataRow(true, false)]
    [DataRow(false, false)]
    [DataRow(false, true)]
    public async Task Reset_or_fork_happens_once_whatever_single_fault_hits_it(bool isFork, bool isClosed)
    {
        foreach (var fault in Faults.All)
        {
            for (var at = 1; await RunAsync(isFork, isClosed, fault, at); at++)
            {
            }
        }
    }

    /// <summary>False when the scenario made fewer calls than <paramref name="at"/>.</summary>
    private static async Task<bool> RunAsync(bool isFork, bool isClosed, Fault fault, int at)
    {
        var context = $"{(isFork ? "fork" : "reset")} of a {(isClosed ? "closed" : "running")} workflow, {fault} at call {at}";
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time, seed: at);
        string sourceRun;
        await using (var before = new EngineHost(Types, new Steps(), EngineHost.Options with { Identity = "before" }, memory, time))
        {
            using var held = before.Hold();
            sourceRun = (await before.StartAsync(nameof(Juggler), "w", false, "w-child")).RunId;
            await before.UntilAsync(async () => (await before.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).State.Children.Count > 0, "a child");
            await before.SignalAsync("w", "Note", 1);
            if (isClosed)
            {
                await before.SignalAsync("w", "Finish");
                held.Dispose();
                await before.CloseAsync("w");
            }
            else
            {
                await before.UntilAsync(async () => await IsBusyAsync(before), "the signal");
            }
        }

        var counted = 0;
        var hit = "";
        var faulty = new FaultyHubStore(memory, (n, what) =>
        {
            counted = n;
            hit = n == at ? what : hit;
            return n == at ? fault : Fault.None;
        });
        ResetResult? result;
        await using (var first = new EngineHost(Types, new Steps(), EngineHost.Options, faulty, time))
        {
            result = await TryAsync(first, isFork);
            if (result is not null)
            {
                await TryFinishAsync(first, result.WorkflowId);
                await first.UntilAsync(async () => faulty.IsDead || await IsClosedAsync(memory, result.WorkflowId), context);
            }
        }

        await using var second = new EngineHost(Types, new Steps(), EngineHost.Options with { Identity = "second" }, memory, time);
        var again = await TryAsync(second, isFork);
        Assert.IsNotNull(again, $"{context} ({hit})");
        Assert.AreEqual(result ?? again, again, $"{context} ({hit})");
        await TryFinishAsync(second, again.WorkflowId);
        var close = await second.CloseAsync(again.WorkflowId);
        Assert.AreEqual(again.RunId, close.RunId, $"{context} ({hit})");
        Assert.IsInstanceOfType<WorkflowCompleted>(close.Closed, $"{context} ({hit}): {close.Closed}");
        Assert.AreEqual("1 Hello step Hello w-child", EngineHost.Of<string>(((WorkflowCompleted)close.Closed).Result), $"{context} ({hit})");
        await CheckAsync(second, again, sourceRun, isFork, isClosed, $"{context} ({hit})");
        return counted >= at;
    }

    /// <summary>The activity is done, the child sleeps, the signal has arrived.</summary>
    private static async Task<bool> IsBusyAsync(EngineHost host)
    {
        var parent = (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).State;
        return parent is { Activities.Count: 0, SignalCount: 1 }
            && parent.Children.Values.All(static c => c.Started)
            && (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w-child"), default)).State.Timers.Count > 0;
    }

    private static async Task CheckAsync(EngineHost host, ResetResult result, string sourceRun, bool isFork, bool isClosed, string context)
    {
        var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef(result.WorkflowId), 0, TimeSpan.Zero, default);
        CollectionAssert.AreEqual(Enumerable.Range(1, history.Count).ToList(), history.Select(static e => (int)e.Id).ToList(), context);
        Assert.AreEqual(1, history.OfType<WorkflowResetMarked>().Count(), context);
        var source = await host.Engine.Reader.DescribeAsync(new WorkflowRef("w", sourceRun), default);
        var expected = isClosed ? WorkflowExecutionStatus.Completed : isFork ? WorkflowExecutionStatus.Running : WorkflowExecutionStatus.Terminated;
        Assert.AreEqual(expected, source.Summary.Status, context);
        WorkflowPage page = null!;
        await host.UntilAsync(
            async () =>
            {
                page = await host.Engine.Reader.ListAsync("WorkflowType = 'Juggler'", 100, null, default);
                return page.Workflows.Count == 2 && page.Workflows.All(w => w.Status == (w.RunId == sourceRun ? expected : WorkflowExecutionStatus.Completed));
            },
            $"{context}: the list");
        Assert.AreEqual(1, page.Workflows.Count(w => w.RunId == result.RunId && w.WorkflowId == result.WorkflowId), context);
    }

    private static async Task<ResetResult?> TryAsync(EngineHost host, bool isFork)
    {
        var workflow = new WorkflowRef("w");
        var request = new ResetRequest(WorkflowResetPoint.LastWorkflowTask) { RequestId = "once", Children = isFork ? WorkflowResetChildren.Restart : WorkflowResetChildren.Keep };
        try
        {
            var asking = isFork ? host.Engine.Resets.ForkAsync(workflow, "f", request, default) : host.Engine.Resets.ResetAsync(workflow, request, default);
            return await Task.WhenAny(asking, Task.Delay(Moment)) == asking ? await asking : null;
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task TryFinishAsync(EngineHost host, string id)
    {
        try
        {
            var sending = host.SignalAsync(id, "Finish");
            _ = await Task.WhenAny(sending, Task.Delay(Moment)) == sending ? sending : throw new OperationCanceledException();
            await sending;
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException || e is WorkflowServiceException { Code: WorkflowServiceError.Closed })
        {
        }
    }

    private static async Task<bool> IsClosedAsync(MemoryHubStore memory, string id)
    {
        var head = await memory.Rows.QueryAsync(
            new RowQuery(RowTable.Workflows, WorkflowKey.Partition(id), JournalKeys.Head, JournalKeys.Head + "\0"), default);
        await Task.Delay(1);
        return head.Rows.Count > 0 && !WorkflowHead.Decode(head.Rows[0].Data).IsOpen;
    }
}
