using Serverless.Workflows;

namespace Serverless.FloodApp;

/// <summary>What a workflow has seen of numbered signals, over all its runs.</summary>
/// <param name="Expected">Signals in all.</param>
/// <param name="RollsLeft">How often it still continues as new.</param>
/// <param name="Seen">Signals that were handled.</param>
/// <param name="Last">The last number of each sender.</param>
/// <param name="Wrong">Numbers that did not follow the one before.</param>
internal sealed record Flood(int Expected, int RollsLeft, int Seen, Dictionary<string, int> Last, List<string> Wrong);

/// <summary>Takes signals while it rolls over: as soon as a run has seen one, the next run goes on.</summary>
[Workflow("Flood")]
internal sealed class FloodWorkflow
{
    private readonly int _before;
    private Flood _flood;

    [WorkflowInit]
    public FloodWorkflow(Flood flood)
    {
        _flood = flood;
        _before = flood.Seen;
    }

    [WorkflowRun]
    public async Task<Flood> RunAsync(Flood flood)
    {
        await Workflow.WaitConditionAsync(() => _flood.Seen == _flood.Expected || (_flood.RollsLeft > 0 && _flood.Seen > _before));
        if (_flood.RollsLeft == 0)
        {
            return _flood;
        }

        var next = _flood with { RollsLeft = _flood.RollsLeft - 1 };
        throw Workflow.CreateContinueAsNewException((FloodWorkflow w) => w.RunAsync(next));
    }

    [WorkflowSignal]
    public Task AddAsync(string sender, int number)
    {
        var last = _flood.Last.GetValueOrDefault(sender);
        if (number != last + 1)
        {
            _flood.Wrong.Add($"{sender}: {number} after {last}");
        }

        _flood.Last[sender] = number;
        _flood = _flood with { Seen = _flood.Seen + 1 };
        return Task.CompletedTask;
    }
}
