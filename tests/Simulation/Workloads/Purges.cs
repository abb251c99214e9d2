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
    /// <summary>Longer than anything is under way that a client asked for and nobody answered.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(20);
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
            var (start, say) = ($"{id}-{life}", $"say-{life}");
            await AskAsync(client, p => p.Client!.StartWorkflowAsync((Phoenix w) => w.RunAsync(argument), new WorkflowOptions(id, "default") { RequestId = start }));
            await AskAsync(client, p => p.Client!.GetWorkflowHandle<Phoenix>(id).SignalAsync(w => w.SayAsync(message), new WorkflowSignalOptions { RequestId = say }));
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

    private static Task DeleteAsync(SimClient client, string id) => AskAsync(client, async process =>
    {
        try
        {
            await process.Engine!.Service.DeleteAsync(id, default);
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.NotFound)
        {
            // It was done the first time.
        }
    });

    /// <summary>Asks until there is an answer. Who had to ask more than once lets what nobody answered pass: a deletion ends what request ids are good for, and the next life would meet it.</summary>
    private static async Task AskAsync(SimClient client, Func<SimProcess, Task> ask)
    {
        var times = 0;
        await client.AskAsync(async process =>
        {
            times++;
            await ask(process);
            return true;
        });
        if (times > 1)
        {
            await client.SleepAsync(Calm);
        }
    }

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
