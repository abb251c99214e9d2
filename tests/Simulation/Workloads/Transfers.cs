using Serverless.Client;
using Serverless.Simulation.Hosts;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>Money moves between accounts: the sum never changes, each booking happens once, every transfer completes.</summary>
internal sealed class Transfers : Workload
{
    private readonly Bank _bank;

    public Transfers(SimWorld world)
        : base(world)
    {
        _bank = new Bank(world, Random);
        for (var i = 0; i < 3; i++)
        {
            _bank.Open($"a{i}", 100);
        }
    }

    public override IReadOnlyList<object> Activities => [_bank];

    public override Task RunAsync(SimClient client) =>
        client.WhenAllAsync(Enumerable.Range(0, World.Options.Size * 2).Select(i => (Func<Task>)(() => TransferAsync(client, i))));

    public override Task CheckAsync(SimClient client)
    {
        Expect(_bank.Sum == 300, $"the sum is {_bank.Sum}, not 300");
        var expected = Enumerable.Range(0, World.Options.Size * 2).SelectMany(static i => (string[])[$"transfer-{i}-in", $"transfer-{i}-out"]);
        Expect(_bank.Effects.Keys.SequenceEqual(expected.Order(StringComparer.Ordinal)), $"the bookings are {string.Join(", ", _bank.Effects.Keys)}");
        return Task.CompletedTask;
    }

    private async Task TransferAsync(SimClient client, int i)
    {
        var id = $"transfer-{i}";
        var amount = 1 + Random.Next(20);
        await client.AskAsync(c => c.StartWorkflowAsync(
            (Transfer t) => t.RunAsync($"a{i % 3}", $"a{(i + 1) % 3}", amount), new WorkflowOptions(id, "default") { RequestId = $"{id}-start" }));
        var moved = await client.ResultAsync<long>(id);
        Expect(moved == amount, $"{id} moved {moved}, not {amount}");
    }
}

/// <summary>One booking out, one booking in.</summary>
[Workflow]
internal sealed class Transfer
{
    private static readonly ActivityOptions Options = new() { StartToCloseTimeout = TimeSpan.FromSeconds(30) };

    [WorkflowRun]
    public async Task<long> RunAsync(string from, string to, long amount)
    {
        var key = Workflow.Info.WorkflowId;
        await Workflow.ExecuteActivityAsync((Bank bank) => bank.BookAsync(from, -amount, $"{key}-out"), Options);
        await Workflow.ExecuteActivityAsync((Bank bank) => bank.BookAsync(to, amount, $"{key}-in"), Options);
        return amount;
    }
}
