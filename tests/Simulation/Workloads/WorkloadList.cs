using Serverless.Simulation.Hosts;

namespace Serverless.Simulation.Workloads;

/// <summary>All workloads, by name.</summary>
internal static class WorkloadList
{
    private static readonly SortedDictionary<string, Func<SimWorld, Workload>> All = new(StringComparer.Ordinal)
    {
        ["cancels"] = static world => new Cancels(world),
        ["children"] = static world => new Children(world),
        ["fanout"] = static world => new FanOut(world),
        ["lists"] = static world => new Lists(world),
        ["messages"] = static world => new Messages(world),
        ["operations"] = static world => new Operations(world),
        ["purges"] = static world => new Purges(world),
        ["resets"] = static world => new Resets(world),
        ["sleepers"] = static world => new Sleepers(world),
        ["timers"] = static world => new Timers(world),
        ["transfers"] = static world => new Transfers(world),
    };

    /// <summary>Those that run when none is named.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Keys];

    /// <exception cref="ArgumentException">There is no such workload.</exception>
    public static Workload Create(string name, SimWorld world) =>
        All.TryGetValue(name, out var create) ? create(world) : throw new ArgumentException($"There is no workload '{name}'. There are: {string.Join(", ", All.Keys)}.");
}
