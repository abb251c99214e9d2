using Serverless.Client;
using Serverless.Exceptions;
using Serverless.Simulation.Hosts;

namespace Serverless.Simulation.Workloads;

/// <summary>
/// What clients do in a simulated world, and what they may expect. It runs through trouble and ends after it: whatever was acknowledged must hold, and everything must come to its end.
/// </summary>
internal abstract class Workload(SimWorld world)
{
    /// <summary>The world it acts in.</summary>
    protected SimWorld World { get; } = world;

    protected Random Random { get; } = new(world.Random.Workload.Next());

    /// <summary>Its activities. They act on the world outside of the hub, and live longer than any process.</summary>
    public virtual IReadOnlyList<object> Activities => [];

    /// <summary>Acts as clients until everything that it began has ended as it should. Reports what is wrong to the world.</summary>
    public abstract Task RunAsync(SimClient client);

    /// <summary>Looks at the outcome when nothing happens any more.</summary>
    public virtual Task CheckAsync(SimClient client) => Task.CompletedTask;

    /// <summary>Options of a start that may be repeated.</summary>
    protected static WorkflowOptions Of(string id) => new(id, "default") { RequestId = $"{id}-start" };

    /// <summary>How a workflow, or the last one of its chain of runs, ended: the name of its status.</summary>
    protected static async Task<string> EndAsync(SimClient client, string id)
    {
        try
        {
            await client.ResultAsync<object?>(id);
            return "Completed";
        }
        catch (WorkflowFailedException e)
        {
            return e.InnerException switch
            {
                CanceledFailureException => "Canceled",
                TerminatedFailureException => "Terminated",
                TimeoutFailureException => "TimedOut",
                _ => "Failed",
            };
        }
    }

    /// <summary>Does something as often as the options ask for, all at the same time.</summary>
    protected Task EachAsync(SimClient client, Func<int, Task> one) =>
        client.WhenAllAsync(Enumerable.Range(0, World.Options.Size).Select(i => (Func<Task>)(() => one(i))));

    /// <summary>Notes a violation unless the condition holds.</summary>
    protected void Expect(bool condition, string what)
    {
        if (!condition)
        {
            World.Violation($"{GetType().Name}: {what}");
        }
    }
}
