using Serverless.Activities;
using Serverless.Client;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.Simulation.Hosts;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>
/// Parents with children: the results of those that end come in; those that are open when the parent closes, however it closes, end as their policy says, and the code that a request to
/// cancel lets run runs to its end.
/// </summary>
internal sealed class Children(SimWorld world) : Workload(world)
{
    public override IReadOnlyList<object> Activities => [World.Notes];

    public override Task RunAsync(SimClient client) => EachAsync(client, i => OneAsync(client, $"parent-{i}"));

    private async Task OneAsync(SimClient client, string id)
    {
        var ends = Enumerable.Range(0, 1 + Random.Next(4)).Select(_ => Random.Next(3)).ToList();
        var policies = Enumerable.Range(0, 1 + Random.Next(3)).Select(_ => (ParentClosePolicy)Random.Next(1, 4)).ToList();
        var close = Random.Next(3);
        await client.AskAsync(c => c.StartWorkflowAsync((Parent p) => p.RunAsync(ends, policies, close), Of(id)));
        if (close == Parent.IsTerminated)
        {
            // Only when all its children are there: what it does then is known.
            await client.AskAsync(c => UntilReadyAsync(c, id, client.Time));
            await TerminateAsync(client, id);
        }

        var expected = close switch { Parent.IsTerminated => "Terminated", Parent.Fails => "Failed", _ => "Completed" };
        var end = await EndAsync(client, id);
        Expect(end == expected, $"{id} ended {end}, not {expected}");
        if (close == Parent.Completes)
        {
            var results = await client.ResultAsync<List<string>>(id);
            var right = ends.Select((kind, i) => kind == Child.Fails ? "failed" : $"{id}-child-{i}");
            Expect(results.SequenceEqual(right, StringComparer.Ordinal), $"{id} has of its children {string.Join(" ", results)}");
        }

        for (var i = 0; i < policies.Count; i++)
        {
            await CheckAsync(client, $"{id}-open-{i}", policies[i]);
        }
    }

    private static async Task<bool> UntilReadyAsync(IWorkflowClient client, string id, TimeProvider time)
    {
        while (!await IsReadyAsync(client.GetWorkflowHandle<Parent>(id)))
        {
            await Task.Delay(TimeSpan.FromSeconds(5), time);
        }

        return true;
    }

    private static async Task<bool> IsReadyAsync(WorkflowHandle<Parent> parent)
    {
        try
        {
            return await parent.QueryAsync(static p => p.IsReady);
        }
        catch (WorkflowQueryFailedException e) when (e.Message.Contains("has not begun", StringComparison.Ordinal))
        {
            // Its message came back so often, from processes that died, that it is tried again later.
            return false;
        }
    }

    private static Task TerminateAsync(SimClient client, string id) => client.AskAsync(async c =>
    {
        try
        {
            await c.GetWorkflowHandle(id).TerminateAsync("enough");
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            // It was done the first time.
        }
    });

    private async Task CheckAsync(SimClient client, string child, ParentClosePolicy policy)
    {
        if (policy == ParentClosePolicy.Abandon)
        {
            await client.AskAsync(c => c.GetWorkflowHandle<Child>(child).SignalAsync(w => w.FinishAsync(), new WorkflowSignalOptions { RequestId = "finish" }));
        }

        var end = await EndAsync(client, child);
        var expected = policy switch { ParentClosePolicy.Abandon => "Completed", ParentClosePolicy.RequestCancel => "Canceled", _ => "Terminated" };
        Expect(end == expected, $"{child} with the policy {policy} ended {end}");
        Expect(World.Notes.CountOf($"{child}/cleanup") == (policy == ParentClosePolicy.RequestCancel ? 1 : 0), $"{child} with the policy {policy} cleaned up {World.Notes.CountOf($"{child}/cleanup")} times");
    }
}

/// <summary>Waits for some children, leaves others open, and closes in one way or another.</summary>
[Workflow]
internal sealed class Parent
{
    public const int Completes = 0;
    public const int Fails = 1;
    public const int IsTerminated = 2;

    [WorkflowQuery]
    public bool IsReady { get; set; }

    [WorkflowRun]
    public async Task<List<string>> RunAsync(List<int> ends, List<ParentClosePolicy> policies, int close)
    {
        var id = Workflow.Info.WorkflowId;
        for (var i = 0; i < policies.Count; i++)
        {
            await Workflow.StartChildWorkflowAsync((Child c) => c.RunAsync(Child.Waits), new() { Id = $"{id}-open-{i}", ParentClosePolicy = policies[i] });
        }

        var results = await Workflow.WhenAllAsync(ends.Select((kind, i) => ChildAsync(kind, $"{id}-child-{i}")));
        IsReady = true;
        if (close == IsTerminated)
        {
            await Workflow.WaitConditionAsync(() => false);
        }

        return close == Fails ? throw new ApplicationFailureException("It fails.") : [.. results];
    }

    private static async Task<string> ChildAsync(int kind, string id)
    {
        try
        {
            return await Workflow.ExecuteChildWorkflowAsync((Child c) => c.RunAsync(kind), new() { Id = id });
        }
        catch (ChildWorkflowFailureException)
        {
            return "failed";
        }
    }
}

/// <summary>A child that ends soon in one way or another, or waits to be told. Cleans up when it is cancelled.</summary>
[Workflow]
internal sealed class Child
{
    public const int Fails = 1;
    public const int Waits = 9;
    private bool _finished;

    [WorkflowRun]
    public async Task<string> RunAsync(int kind)
    {
        switch (kind)
        {
            case Waits:
                await WaitAsync();
                break;
            case Fails:
                throw new ApplicationFailureException("The child fails.");
            case 2:
                await Workflow.DelayAsync(TimeSpan.FromSeconds(3));
                break;
        }

        return Workflow.Info.WorkflowId;
    }

    [WorkflowSignal]
    public Task FinishAsync()
    {
        _finished = true;
        return Task.CompletedTask;
    }

    private async Task WaitAsync()
    {
        try
        {
            await Workflow.WaitConditionAsync(() => _finished);
        }
        catch (OperationCanceledException)
        {
            await Notes.WriteAsync("cleanup");
            throw;
        }
    }
}

/// <summary>Effects outside, by key: each is had once, however often it is asked for.</summary>
internal sealed class Notes(SimWorld world, Random random)
{
    private readonly SortedDictionary<string, SortedSet<string>> _notes = new(StringComparer.Ordinal);

    /// <summary>How many different activities had the effect: repeated attempts of one count once.</summary>
    public int CountOf(string key) => _notes.TryGetValue(key, out var by) ? by.Count : 0;

    [Activity]
    public async Task NoteAsync(string key)
    {
        var of = ActivityExecutionContext.Current.Info.ActivityId;
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300)), Kernel.Lane.Current.Time);
        if (!world.IsHealed && random.Next(8) == 0)
        {
            throw new TimeoutException("The note was not taken.");
        }

        if (!_notes.TryGetValue(key, out var by))
        {
            _notes[key] = by = new(StringComparer.Ordinal);
        }

        by.Add(of);
    }

    /// <summary>Has the effect for the workflow that calls, even if it is cancelled.</summary>
    public static Task WriteAsync(string name)
    {
        var key = $"{Workflow.Info.WorkflowId}/{name}";
        return Workflow.ExecuteActivityAsync(
            (Notes n) => n.NoteAsync(key),
            new() { StartToCloseTimeout = TimeSpan.FromSeconds(30), CancellationToken = CancellationToken.None, RetryPolicy = new RetryPolicy { MaximumInterval = TimeSpan.FromMinutes(1) } });
    }
}
