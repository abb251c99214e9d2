using Serverless.Activities;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.Simulation.Hosts;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>
/// Workflows that are reset while they run or after they have ended, once for each request, and forked: the newest run ends as if nothing had happened, no message that was accepted before is
/// lost or comes twice, each step's effect stays one, and a run that was reset is closed.
/// </summary>
internal sealed class Resets(SimWorld world) : Workload(world)
{
    private const int Messages = 3;

    public override IReadOnlyList<object> Activities => [World.Notes];

    public override Task RunAsync(SimClient client) => EachAsync(client, i => OneAsync(client, $"steps-{i}"));

    private async Task OneAsync(SimClient client, string id)
    {
        await client.AskAsync(c => c.StartWorkflowAsync((Steps s) => s.RunAsync(Messages), Of(id)));
        var resets = Random.Next(3);
        var when = Enumerable.Range(0, Messages).Select(_ => Random.Next(resets + 1)).Order().ToList();
        for (var round = 0; round <= resets; round++)
        {
            for (var m = 0; m < Messages; m++)
            {
                if (when[m] == round)
                {
                    var text = $"m{m}";
                    await client.AskAsync(c => c.GetWorkflowHandle<Steps>(id).SignalAsync(s => s.AddAsync(text), new WorkflowSignalOptions { RequestId = text }));
                }
            }

            await client.SleepAsync(TimeSpan.FromSeconds(Random.Next(20)));
            if (round < resets)
            {
                await ResetAsync(client, id, $"reset-{round}");
            }
        }

        await CheckAsync(client, id);
        if (Random.Next(2) == 0)
        {
            var fork = $"{id}-fork";
            await client.AskAsync(c => c.GetWorkflowHandle(id).ForkAsync(new WorkflowForkOptions(WorkflowResetPoint.FirstWorkflowTask) { Id = fork, RequestId = "fork" }));
            await CheckAsync(client, fork);
        }
    }

    private async Task ResetAsync(SimClient client, string id, string requestId)
    {
        var point = Random.Next(3) switch { 0 => WorkflowResetPoint.FirstWorkflowTask, 1 => WorkflowResetPoint.LastWorkflowTask, _ => WorkflowResetPoint.AtEvent(1 + Random.Next(8)) };
        try
        {
            await client.AskAsync(c => c.GetWorkflowHandle(id).ResetAsync(new WorkflowResetOptions(point) { RequestId = requestId, Reason = requestId }));
        }
        catch (RpcException e) when (e.Code is RpcException.StatusCode.InvalidArgument or RpcException.StatusCode.FailedPrecondition)
        {
            // The history has no such point yet.
        }
    }

    private async Task CheckAsync(SimClient client, string id)
    {
        var seen = await client.ResultAsync<List<string>>(id);
        Expect(seen.Count == Messages && seen.Distinct(StringComparer.Ordinal).Count() == Messages, $"{id} has seen {string.Join(" ", seen)}");
    }
}

/// <summary>Takes messages, one step for each.</summary>
[Workflow]
internal sealed class Steps
{
    private readonly Queue<string> _new = new();

    [WorkflowRun]
    public async Task<List<string>> RunAsync(int messages)
    {
        var seen = new List<string>();
        while (seen.Count < messages)
        {
            await Workflow.WaitConditionAsync(() => _new.Count > 0);
            await Notes.WriteAsync($"step-{seen.Count}");
            seen.Add(_new.Dequeue());
        }

        return seen;
    }

    [WorkflowSignal]
    public Task AddAsync(string text)
    {
        _new.Enqueue(text);
        return Task.CompletedTask;
    }
}
