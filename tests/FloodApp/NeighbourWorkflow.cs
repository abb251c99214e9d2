using Serverless.Activities;
using Serverless.Workflows;

namespace Serverless.FloodApp;

/// <summary>Ordinary work: two steps, one after the other.</summary>
[Workflow("Neighbour")]
internal sealed class NeighbourWorkflow
{
    private static readonly ActivityOptions _options = new() { StartToCloseTimeout = TimeSpan.FromSeconds(30) };

    [WorkflowRun]
    public async Task<int> RunAsync(int number)
    {
        var first = await Workflow.ExecuteActivityAsync((NeighbourActivities a) => a.AddOne(number), _options);
        return await Workflow.ExecuteActivityAsync((NeighbourActivities a) => a.AddOne(first), _options);
    }
}

/// <summary>Quick steps.</summary>
internal sealed class NeighbourActivities
{
    [Activity]
    public int AddOne(int number) => number + 1;
}
