using Serverless.Client;
using Serverless.Engine;
using Serverless.Simulation.Hosts;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>Workflows that only sleep: once nothing fails, no storage call is made between the moments at which a message is due (I5). Seen only where nothing else goes on.</summary>
internal sealed class Sleepers(SimWorld world) : Workload(world)
{
    private const int Looks = 10;
    private static readonly TimeSpan Settling = TimeSpan.FromHours(1);

    public override async Task RunAsync(SimClient client)
    {
        await EachAsync(client, i => client.AskAsync(c => c.StartWorkflowAsync((Dormant d) => d.RunAsync(), Of($"dormant-{i}"))));
        while (!World.IsHealed)
        {
            await client.SleepAsync(TimeSpan.FromMinutes(1));
        }

        await client.SleepAsync(Settling);
        for (var look = 0; look < Looks && World.Options.Workloads.Count == 1; look++)
        {
            await LookAsync(client);
        }

        await EachAsync(client, i => client.AskAsync(
            c => c.GetWorkflowHandle<Dormant>($"dormant-{i}").SignalAsync(d => d.WakeAsync(), new WorkflowSignalOptions { RequestId = "wake" })));
        await EachAsync(client, async i =>
        {
            var woken = await client.ResultAsync<bool>($"dormant-{i}");
            Expect(woken, $"dormant-{i} woke by itself");
        });
    }

    private async Task LookAsync(SimClient client)
    {
        var due = WorkflowEngine.Queues.Select(World.Service.Store.NextVisibleIn).Min();
        var left = (due ?? World.Kernel.Now + TimeSpan.FromDays(1)) - World.Kernel.Now - TimeSpan.FromSeconds(1);
        var calls = World.StorageCalls;
        await client.SleepAsync(left);
        Expect(World.StorageCalls == calls, $"I5: {World.StorageCalls - calls} storage calls were made in {left} in which everything slept");

        // What is due then is done.
        await client.SleepAsync(TimeSpan.FromMinutes(1));
    }
}

/// <summary>Waits long, unless it is woken.</summary>
[Workflow]
internal sealed class Dormant
{
    private bool _woken;

    [WorkflowRun]
    public Task<bool> RunAsync() => Workflow.WaitConditionAsync(() => _woken, TimeSpan.FromDays(100));

    [WorkflowSignal]
    public Task WakeAsync()
    {
        _woken = true;
        return Task.CompletedTask;
    }
}
