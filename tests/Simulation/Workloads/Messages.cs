using Serverless.Client;
using Serverless.Exceptions;
using Serverless.Simulation.Hosts;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>
/// Signals of several senders to workflows that continue as new now and then, signals and updates to others that don't: each that was acknowledged is applied once, those of one sender in
/// order. One that was refused because the workflow had ended was not applied.
/// </summary>
internal sealed class Messages(SimWorld world) : Workload(world)
{
    private const int Senders = 2;

    public override Task RunAsync(SimClient client) =>
        client.WhenAllAsync(Enumerable.Range(0, World.Options.Size).Select(i => (Func<Task>)(() => OneAsync(client, $"box-{i}", continues: Random.Next(2) == 0))));

    private async Task OneAsync(SimClient client, string id, bool continues)
    {
        var accepted = new List<string>();
        var refused = new List<string>();
        var count = 3 + Random.Next(6);

        // An update is told from its repetition by the run that decided on it: in a chain of runs, one that is repeated may be another.
        var every = continues ? Random.Next(2, 6) : int.MaxValue;
        await client.AskAsync(c => c.StartWorkflowAsync(
            (Box b) => b.RunAsync(new List<string>(), every), new WorkflowOptions(id, "default") { RequestId = $"{id}-start" }));
        await client.WhenAllAsync(Enumerable.Range(0, Senders).Select(s => (Func<Task>)(() => SendAsync(client, id, s, count, !continues, accepted, refused))));
        await client.AskAsync(c => c.GetWorkflowHandle<Box>(id).SignalAsync(b => b.FinishAsync(), new WorkflowSignalOptions { RequestId = "finish" }));

        // Too late for some, in time for others: both are true answers.
        await SendAsync(client, id, Senders, 3, !continues, accepted, refused);
        var seen = await client.ResultAsync<List<string>>(id);
        Expect(seen.Distinct(StringComparer.Ordinal).Count() == seen.Count, $"{id} applied a message twice: {string.Join(" ", seen)}");
        Expect(accepted.All(seen.Contains), $"{id} lost {string.Join(" ", accepted.Except(seen))}; it has {string.Join(" ", seen)}");
        Expect(!refused.Any(seen.Contains), $"{id} applied what it refused: {string.Join(" ", refused.Intersect(seen))}");
        for (var sender = 0; sender <= Senders; sender++)
        {
            var own = seen.Where(s => s.StartsWith($"{sender}.", StringComparison.Ordinal)).ToList();
            Expect(own.SequenceEqual(own.OrderBy(static s => int.Parse(s[2..], System.Globalization.CultureInfo.InvariantCulture))), $"{id} mixed up the order: {string.Join(" ", own)}");
        }
    }

    private async Task SendAsync(SimClient client, string id, int sender, int count, bool updates, List<string> accepted, List<string> refused)
    {
        for (var n = 0; n < count; n++)
        {
            var text = $"{sender}.{n}";
            var byUpdate = updates && Random.Next(2) == 0;
            try
            {
                if (byUpdate)
                {
                    await client.AskAsync(c => c.GetWorkflowHandle<Box>(id).ExecuteUpdateAsync(b => b.AddNowAsync(text), new WorkflowUpdateOptions(text)));
                }
                else
                {
                    await client.AskAsync(c => c.GetWorkflowHandle<Box>(id).SignalAsync(b => b.AddAsync(text), new WorkflowSignalOptions { RequestId = text }));
                }

                accepted.Add(text);
            }
            catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound && sender == Senders)
            {
                refused.Add(text);
            }
            catch (WorkflowUpdateFailedException) when (sender == Senders)
            {
                // It was accepted, and the workflow ended before its handler did.
            }
        }
    }
}

/// <summary>Collects what it is sent; continues as new after some of it.</summary>
[Workflow]
internal sealed class Box
{
    private readonly List<string> _seen;
    private bool _finished;

    [WorkflowInit]
    public Box(List<string> seen, int every) => _seen = seen;

    [WorkflowRun]
    public async Task<List<string>> RunAsync(List<string> seen, int every)
    {
        var had = seen.Count;
        await Workflow.WaitConditionAsync(() => _finished || _seen.Count - had >= every);
        await Workflow.WaitConditionAsync(() => Workflow.AllHandlersFinished);
        return _finished ? _seen : throw Workflow.CreateContinueAsNewException((Box b) => b.RunAsync(_seen, every));
    }

    [WorkflowSignal]
    public Task AddAsync(string text)
    {
        _seen.Add(text);
        return Task.CompletedTask;
    }

    [WorkflowUpdate]
    public async Task<int> AddNowAsync(string text)
    {
        _seen.Add(text);
        await Task.Yield();
        return _seen.Count;
    }

    [WorkflowSignal]
    public Task FinishAsync()
    {
        _finished = true;
        return Task.CompletedTask;
    }
}
