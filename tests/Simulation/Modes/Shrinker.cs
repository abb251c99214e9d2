using System.Reflection;
using Serverless.Simulation.Storage;

namespace Serverless.Simulation.Modes;

/// <summary>Finds out what a failure needs: takes one option after the other away, or lowers it, and keeps what still fails with the same verdict.</summary>
internal sealed class Shrinker(Func<SimOptions, SimResult> run)
{
    private static readonly TimeSpan ShortestTrouble = TimeSpan.FromSeconds(1);
    private static readonly Knobs Ordinary = new();
    private static readonly PropertyInfo[] AllKnobs = [.. typeof(Knobs).GetProperties().OrderBy(static p => p.Name, StringComparer.Ordinal)];

    /// <summary>Runs so far.</summary>
    public int Runs { get; private set; }

    /// <summary>Told of each smaller failure.</summary>
    public Action<SimResult>? Smaller { get; init; }

    /// <summary>The smallest failing run that was found; the run itself when it passes.</summary>
    public SimResult Shrink(SimOptions options)
    {
        var best = Run(options);
        for (var goesOn = best.Verdict != Verdict.Passed; goesOn;)
        {
            goesOn = false;

            // Again from what is left: an option may go after another has gone.
            foreach (var step in Steps(best.Options).ToList())
            {
                if (step(best.Options) is { } less && Run(less) is var result && result.Verdict == best.Verdict)
                {
                    best = result;
                    goesOn = true;
                    Smaller?.Invoke(best);
                }
            }
        }

        return best;
    }

    private SimResult Run(SimOptions options)
    {
        Runs++;
        return run(options);
    }

    /// <summary>Ways to make options smaller, the greatest first. A way gives null when nothing is left of what it takes away.</summary>
    private static IEnumerable<Func<SimOptions, SimOptions?>> Steps(SimOptions options)
    {
        foreach (var workload in options.Workloads)
        {
            yield return o => o.Workloads.Count > 1 && o.Workloads.Contains(workload) ? o with { Workloads = [.. o.Workloads.Where(w => w != workload)] } : null;
        }

        yield return static o => o.Faults is null ? null : o with { Faults = null };
        yield return static o => o.Chaos is null ? null : o with { Chaos = null };
        yield return static o => o.Skew == TimeSpan.Zero ? null : o with { Skew = TimeSpan.Zero };
        yield return static o => o.Stalls == 0 ? null : o with { Stalls = 0 };
        yield return static o => o.HostilePages ? o with { HostilePages = false } : null;
        yield return static o => o.Processes == 1 ? null : o with { Processes = 1 };
        yield return static o => o.Processes <= 2 ? null : o with { Processes = o.Processes - 1 };
        yield return static o => o.Size == 1 ? null : o with { Size = 1 };
        yield return static o => o.Size <= 2 ? null : o with { Size = o.Size - 1 };
        yield return static o => o.Trouble <= ShortestTrouble ? null : o with { Trouble = o.Trouble / 2 };
        foreach (var kind in options.Faults is { } faults ? faults.Storage.Concat(faults.Delivery).Select(static r => r.Kind).Distinct() : [])
        {
            yield return o => Without(o, kind);
        }

        yield return static o => o.Faults is { Slow: > 0 } faults ? o with { Faults = faults with { Slow = 0 } } : null;
        foreach (var knob in AllKnobs)
        {
            yield return o => Reset(o, knob);
        }
    }

    private static SimOptions? Without(SimOptions options, FateKind kind) => options.Faults is { } faults && faults.Storage.Concat(faults.Delivery).Any(r => r.Kind == kind)
        ? options with { Faults = faults with { Storage = [.. faults.Storage.Where(r => r.Kind != kind)], Delivery = [.. faults.Delivery.Where(r => r.Kind != kind)] } }
        : null;

    private static SimOptions? Reset(SimOptions options, PropertyInfo knob)
    {
        if (Equals(knob.GetValue(options.Knobs), knob.GetValue(Ordinary)))
        {
            return null;
        }

        var knobs = options.Knobs with { };
        knob.SetValue(knobs, knob.GetValue(Ordinary));
        return options with { Knobs = knobs };
    }
}
