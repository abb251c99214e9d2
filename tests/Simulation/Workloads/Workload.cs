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

    /// <summary>Notes a violation unless the condition holds.</summary>
    protected void Expect(bool condition, string what)
    {
        if (!condition)
        {
            World.Violation($"{GetType().Name}: {what}");
        }
    }
}
