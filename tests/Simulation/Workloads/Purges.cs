using Serverless.Client;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.Simulation.Hosts;
using Serverless.Storage;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>
/// Workflows with large payloads, run, deleted and started again under the same id: each life has its own result and what came in comes out unchanged, a deleted one is not found, and
/// nothing of it is left once nothing fails.
/// </summary>
internal sealed class Purges(SimWorld world) : Workload(world)
{
    private readonly SortedSet<string> _gone = new(StringComparer.Ordinal);

    public override Task RunAsync(SimClient client) => EachAsync(client, i => OneAsync(client, $"phoenix-{i}"));

    public override Task CheckAsync(SimClient client)
    {
        foreach (var id in _gone)
        {
            var page = World.Service.Query(new RowQuery(RowTable.Workflows, WorkflowKey.Partition(id), "", null));
            Expect(page.Rows.Count == 0, $"{id} was deleted; its rows {string.Join(", ", page.Rows.Select(static r => r.Key))} are left");
        }

        return Task.CompletedTask;
    }

    private async Task OneAsync(SimClient client, string id)
    {
        var lives = 1 + Random.Next(3);
        for (var life = 0; life < lives; life++)
        {
            var (argument, message) = (Text(life), Text(life));
            await client.AskAsync(c => c.StartWorkflowAsync((Phoenix p) => p.RunAsync(argument), new WorkflowOptions(id, "default") { RequestId = $"{id}-{life}" }));
            await client.AskAsync(c => c.GetWorkflowHandle<Phoenix>(id).SignalAsync(p => p.SayAsync(message), new WorkflowSignalOptions { RequestId = $"say-{life}" }));
            var result = await client.ResultAsync<string>(id);
            Expect(result == $"{argument}/{message}", $"{id} gave {result.Length} characters in its life {life}, not {argument.Length + 1 + message.Length}");
            if (life < lives - 1)
            {
                await DeleteAsync(client, id);
            }
        }

        if (Random.Next(2) == 0)
        {
            await DeleteAsync(client, id);
            _gone.Add(id);
        }
    }

    private static Task<bool> DeleteAsync(SimClient client, string id) => client.AskAsync(async process =>
    {
        try
        {
            await process.Engine!.Service.DeleteAsync(id, default);
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.NotFound)
        {
            // It was done the first time.
        }

        return true;
    });

    private string Text(int life)
    {
        int[] sizes = [1, 30, 300, 3_000, 40_000];
        return new string((char)('a' + life), sizes[Random.Next(sizes.Length)]);
    }
}

/// <summary>Gives back what it was given.</summary>
[Workflow]
internal sealed class Phoenix
{
    private string? _said;

    [WorkflowRun]
    public async Task<string> RunAsync(string argument)
    {
        await Workflow.WaitConditionAsync(() => _said is not null);
        return $"{argument}/{_said}";
    }

    [WorkflowSignal]
    public Task SayAsync(string message)
    {
        _said = message;
        return Task.CompletedTask;
    }
}
