using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Tests.Engine;

/// <summary>Every event of every recorded history is a point from which a workflow goes on to its end, as a reset and as a fork.</summary>
[TestClass]
public sealed class ResetTests
{
    private static readonly Type[] Types =
    [
        typeof(Hello), typeof(Chain), typeof(FanOut), typeof(Sleeper), typeof(Collector), typeof(Parent), typeof(Roller), typeof(Failing), typeof(Cancellable), typeof(Caller),
        typeof(Juggler), typeof(Dozer), typeof(Medley),
    ];

    [TestMethod]
    [DataRow("Hello", "x", 1000)]
    [DataRow("Hello", "x", 0)]
    [DataRow("Chain", 3, 1000)]
    [DataRow("Chain", 3, 0)]
    [DataRow("FanOut", 4, 1000)]
    [DataRow("Sleeper", 30.0, 1000)]
    [DataRow("Sleeper", 5000.0, 0)]
    [DataRow("Parent", "kid", 1000)]
    [DataRow("Parent", "kid", 0)]
    [DataRow("Caller", 2, 1000)]
    [DataRow("Caller", 2, 0)]
    [DataRow("Failing", 9, 1000)]
    [DataRow("Roller", 2, 1000)]
    [DataRow("Collector", null, 1000)]
    [DataRow("Collector", null, 0)]
    [DataRow("Cancellable", null, 1000)]
    [DataRow("Juggler", "kid", 1000)]
    [DataRow("Juggler", "kid", 0)]
    [DataRow("Medley", "x", 1000)]
    [DataRow("Medley", "x", 0)]
    public async Task Reset_at_every_event_leads_to_the_end(string type, object? arg, int cached)
    {
        await using var host = new EngineHost(Types, new Steps { FailFirst = type == "Failing" ? 1 : 0 }, EngineHost.Options with { CachedRuns = cached });
        var first = await RecordAsync(host, type, arg);
        foreach (var runId in await RunsAsync(host, "w", first))
        {
            var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("w", runId), 0, TimeSpan.Zero, default);
            foreach (var (reapply, children) in Options(type))
            {
                for (var at = 1; at <= history.Count; at++)
                {
                    var request = new ResetRequest(WorkflowResetPoint.AtEvent(at)) { Reapply = reapply, Children = children };
                    var context = $"{type} at {at} of {history.Count}, {reapply}, {children}";
                    var result = await host.Engine.Resets.ResetAsync(new WorkflowRef("w", runId), request, default);
                    Assert.IsTrue(result.EventId >= 1 && result.EventId <= at, context);
                    await EndAsync(host, "w", type, reapply, children, context);
                }
            }
        }
    }

    [TestMethod]
    [DataRow("Hello", "x", 1000)]
    [DataRow("Chain", 3, 1000)]
    [DataRow("Chain", 3, 0)]
    [DataRow("FanOut", 4, 1000)]
    [DataRow("Sleeper", 5000.0, 0)]
    [DataRow("Parent", "kid", 1000)]
    [DataRow("Caller", 2, 1000)]
    [DataRow("Failing", 9, 1000)]
    [DataRow("Roller", 2, 1000)]
    [DataRow("Collector", null, 1000)]
    [DataRow("Cancellable", null, 0)]
    [DataRow("Juggler", "kid", 1000)]
    [DataRow("Medley", "x", 0)]
    public async Task Fork_at_every_event_leads_to_the_end_and_leaves_its_source_alone(string type, object? arg, int cached)
    {
        await using var host = new EngineHost(Types, new Steps { FailFirst = type == "Failing" ? 1 : 0 }, EngineHost.Options with { CachedRuns = cached });
        var first = await RecordAsync(host, type, arg);
        var before = await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default);
        foreach (var runId in await RunsAsync(host, "w", first))
        {
            var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("w", runId), 0, TimeSpan.Zero, default);
            foreach (var (reapply, children) in Options(type).Where(static o => o.Children != WorkflowResetChildren.Keep))
            {
                for (var at = 1; at <= history.Count; at++)
                {
                    var request = new ResetRequest(WorkflowResetPoint.AtEvent(at)) { Reapply = reapply, Children = children };
                    var context = $"{type} at {at} of {history.Count}, {reapply}, {children}";
                    var result = await host.Engine.Resets.ForkAsync(new WorkflowRef("w", runId), null, request, default);
                    await EndAsync(host, result.WorkflowId, type, reapply, children, context);
                }
            }
        }

        var after = await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default);
        Assert.AreEqual(before.Summary.RunId, after.Summary.RunId);
        Assert.AreEqual(before.Summary.HistoryLength, after.Summary.HistoryLength);
    }

    /// <summary>Options that make a difference to the workflow.</summary>
    private static IEnumerable<(WorkflowResetReapply Reapply, WorkflowResetChildren Children)> Options(string type)
    {
        yield return (WorkflowResetReapply.All, WorkflowResetChildren.Restart);
        if (type is "Parent" or "Juggler" or "Medley")
        {
            yield return (WorkflowResetReapply.All, WorkflowResetChildren.Keep);
            yield return (WorkflowResetReapply.All, WorkflowResetChildren.Terminate);
        }

        if (type is "Collector" or "Cancellable" or "Juggler" or "Medley")
        {
            yield return (WorkflowResetReapply.Signals, WorkflowResetChildren.Restart);
            yield return (WorkflowResetReapply.None, WorkflowResetChildren.Terminate);
        }
    }

    private static async Task<string> RecordAsync(EngineHost host, string type, object? arg)
    {
        var started = await host.StartAsync(type, "w", false, arg is null ? [] : [arg]);
        await DriveAsync(host, "w", type);
        var close = await host.CloseAsync("w");
        Assert.IsInstanceOfType<WorkflowCompleted>(close.Closed, $"{close.Closed}");
        return started.RunId;
    }

    /// <summary>Sends what the workflow waits for.</summary>
    private static async Task DriveAsync(EngineHost host, string id, string type)
    {
        switch (type)
        {
            case "Collector":
                await host.SignalAsync(id, "Add", 1);
                await host.UntilAsync(async () => await host.QueryAsync<int>(id, "Count") > 0, "a signal");
                await host.Client.GetWorkflowHandle(id).ExecuteUpdateAsync<int>("AddNow", [2]);
                await host.SignalAsync(id, "Finish");
                break;
            case "Juggler":
                await host.SignalAsync(id, "Note", 1);
                await host.SignalAsync(id, "Finish");
                break;
            case "Medley":
                await host.Client.GetWorkflowHandle(id).ExecuteUpdateAsync<string>("Touch", ["test"]);
                break;
            case "Cancellable":
                await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef(id), default)).State.Timers.Count > 0, "a timer");
                await host.Engine.Service.CancelAsync(new WorkflowRef(id), "enough", default);
                break;
        }
    }

    /// <summary>Ids of all runs, the first one first.</summary>
    private static async Task<List<string>> RunsAsync(EngineHost host, string id, string first)
    {
        var runs = new List<string> { first };
        while (await host.Engine.Service.WaitForCloseAsync(new WorkflowRef(id, runs[^1]), false, TimeSpan.Zero, default) is { Closed: WorkflowContinuedAsNew next })
        {
            runs.Add(next.NewRunId);
        }

        return runs;
    }

    private static async Task EndAsync(
        EngineHost host, string id, string type, WorkflowResetReapply reapply, WorkflowResetChildren children, string context)
    {
        if (type is "Collector" or "Juggler" && reapply == WorkflowResetReapply.None)
        {
            await TryAsync(() => host.SignalAsync(id, "Finish"));
        }
        else if (type == "Cancellable" && reapply != WorkflowResetReapply.All)
        {
            await TryAsync(() => host.Engine.Service.CancelAsync(new WorkflowRef(id), "enough", default));
        }

        var close = await host.CloseAsync(id);
        var ends = close.Closed is WorkflowCompleted
            || (children == WorkflowResetChildren.Terminate && close.Closed is WorkflowFailed { Failure.Info: ChildWorkflowFailureInfo })
            || (type is "Caller" or "Medley" && close.Closed is WorkflowFailed { Failure.Info: ApplicationFailureInfo { Type: "WorkflowClosed" } });
        Assert.IsTrue(ends, $"{context}: {close.Closed}");
        var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef(id), 0, TimeSpan.Zero, default);
        CollectionAssert.AreEqual(Enumerable.Range(1, history.Count).ToList(), history.Select(static e => (int)e.Id).ToList(), context);
    }

    /// <summary>It may have ended by itself.</summary>
    private static async Task TryAsync(Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.Closed)
        {
        }
    }
}
