using Serverless.Activities;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.Simulation.Hosts;
using Serverless.Simulation.Kernel;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>
/// Requests to cancel while the workflow waits for a timer, an activity or a child: what it waits for is cancelled too, its cleanup happens once, and it ends canceled. One that is done
/// before the request comes stays done.
/// </summary>
internal sealed class Cancels(SimWorld world) : Workload(world)
{
    private readonly Hole _hole = new();

    public override IReadOnlyList<object> Activities => [World.Notes, _hole];

    public override Task RunAsync(SimClient client) => EachAsync(client, i => OneAsync(client, $"job-{i}"));

    private async Task OneAsync(SimClient client, string id)
    {
        var waits = Random.Next(Job.Kinds);
        await client.AskAsync(c => c.StartWorkflowAsync((Job j) => j.RunAsync(waits), Of(id)));
        await Task.Delay(TimeSpan.FromSeconds(Random.Next(2) == 0 ? 0 : Random.Next(60)), client.Time);
        await client.AskAsync(c => c.GetWorkflowHandle(id).CancelAsync());
        var end = await EndAsync(client, id);
        var cleanups = World.Notes.CountOf($"{id}/cleanup");
        Expect(
            (end == "Canceled" && cleanups == 1) || (end == "Completed" && cleanups == 0 && waits == Job.ForLittle),
            $"{id}, which waits for {waits}, ended {end} and cleaned up {cleanups} times");
        if (waits == Job.ForChild && await HasChildAsync(client, $"{id}-inner"))
        {
            var inner = await EndAsync(client, $"{id}-inner");
            Expect(inner == "Canceled", $"the child of {id} ended {inner}");
            Expect(World.Notes.CountOf($"{id}-inner/cleanup") == 1, $"the child of {id} cleaned up {World.Notes.CountOf($"{id}-inner/cleanup")} times");
        }
    }

    /// <summary>A request that came before the code ran first kept the child from being started.</summary>
    private static Task<bool> HasChildAsync(SimClient client, string id) => client.AskAsync(async c =>
    {
        try
        {
            await c.GetWorkflowHandle(id).DescribeAsync();
            return true;
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return false;
        }
    });
}

/// <summary>Waits for one thing or another, and cleans up when it is cancelled.</summary>
[Workflow]
internal sealed class Job
{
    public const int ForLittle = 0;
    public const int ForChild = 3;
    public const int Kinds = 5;

    [WorkflowRun]
    public async Task RunAsync(int waits)
    {
        try
        {
            await (waits switch
            {
                ForLittle => Workflow.DelayAsync(TimeSpan.FromSeconds(20)),
                1 => Workflow.DelayAsync(TimeSpan.FromDays(50)),
                2 => Workflow.ExecuteActivityAsync((Hole h) => h.FallAsync(), Options(ActivityCancellationType.WaitCancellationCompleted)),
                ForChild => Workflow.ExecuteChildWorkflowAsync((Job j) => j.RunAsync(2), new() { Id = $"{Workflow.Info.WorkflowId}-inner" }),
                _ => Workflow.ExecuteActivityAsync((Hole h) => h.FallAsync(), Options(ActivityCancellationType.TryCancel)),
            });
        }
        catch (Exception e) when (TemporalException.IsCanceledException(e))
        {
            await Notes.WriteAsync("cleanup");
            throw;
        }
    }

    private static ActivityOptions Options(ActivityCancellationType type) => new()
    {
        StartToCloseTimeout = TimeSpan.FromMinutes(5),
        HeartbeatTimeout = TimeSpan.FromSeconds(30),
        CancellationType = type,
    };
}

/// <summary>Work without an end, until somebody says so.</summary>
internal sealed class Hole
{
    [Activity]
    public async Task FallAsync()
    {
        var context = ActivityExecutionContext.Current;
        while (true)
        {
            context.Heartbeat();
            context.CancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromSeconds(5), Lane.Current.Time);
        }
    }
}
