using Serverless.Simulation.Storage;

namespace Serverless.Simulation.Modes;

/// <summary>Every history with one fault: a scenario is run once for each storage call that its process makes and each kind of fault at that call.</summary>
internal sealed class Enumeration(string workload)
{
    /// <summary>The kinds that a single call can meet.</summary>
    public static IReadOnlyList<FateKind> Kinds { get; } = [.. Enum.GetValues<FateKind>().Where(static kind => kind != FateKind.Done)];

    /// <summary>The run without any fault, whose calls are counted.</summary>
    public SimResult Plain() => Simulation.Run(Options(0, FateKind.Done));

    /// <summary>All runs with one fault, in order.</summary>
    public IEnumerable<SimResult> All() => Kinds.SelectMany(All);

    /// <summary>All runs with one fault of a kind, in order.</summary>
    public IEnumerable<SimResult> All(FateKind kind)
    {
        for (var call = 1; ; call++)
        {
            var result = Simulation.Run(Options(call, kind));
            if (result.Hit is null && result.Verdict == Verdict.Passed)
            {
                yield break;
            }

            yield return result;
        }
    }

    private SimOptions Options(int call, FateKind kind) => new()
    {
        Seed = 1,
        Workloads = [workload],
        Processes = 2,
        HostilePages = false,
        Trouble = TimeSpan.FromHours(1),
        Single = new FaultAt(call, kind),
    };
}
