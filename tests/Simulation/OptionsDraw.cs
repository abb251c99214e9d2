using Serverless.Simulation.Hosts;
using Serverless.Simulation.Storage;

namespace Serverless.Simulation;

/// <summary>
/// Draws options from a seed. Each kind of fault is off in some runs and wild in others, so that no kind hides another.
/// </summary>
internal static class OptionsDraw
{
    private static readonly FateKind[] StorageKinds =
    [
        FateKind.Refused, FateKind.Throttled, FateKind.AnswerLost, FateKind.LateSuccess, FateKind.Conflict, FateKind.CrashBefore, FateKind.CrashAfter,
        FateKind.PauseBefore, FateKind.PauseAfter,
    ];

    private static readonly FateKind[] DeliveryKinds = [FateKind.Duplicate, FateKind.Delayed];

    public static SimOptions Draw(int seed, IReadOnlyList<string> workloads)
    {
        var random = RandomDomains.Of(seed, 0);
        return new SimOptions
        {
            Seed = seed,
            Workloads = Some(random, workloads),
            Size = random.Next(1, 4),
            Processes = random.Next(1, 4),
            Trouble = TimeSpan.FromSeconds(30 * Math.Pow(2, random.Next(0, 6))),
            Chaos = random.Next(2) == 0 ? null : TimeSpan.FromSeconds(random.Next(5, 120)),
            Skew = random.Next(3) == 0 ? TimeSpan.FromSeconds(random.Next(1, 60)) : TimeSpan.Zero,
            Stalls = random.Next(2) == 0 ? 0 : 0.05,
            HostilePages = random.Next(4) != 0,
            Faults = DrawFaults(random),
            Knobs = DrawKnobs(random),
        };
    }

    private static FaultRates DrawFaults(Random random) => new(
        Rates(random, StorageKinds),
        Rates(random, DeliveryKinds),
        random.Next(2) == 0 ? 0 : 0.02,
        TimeSpan.FromMilliseconds(random.Next(2, 100)),
        TimeSpan.FromSeconds(random.Next(1, 40)),
        TimeSpan.FromSeconds(random.Next(1, 120)));

    private static List<FaultRate> Rates(Random random, FateKind[] kinds)
    {
        var scale = Math.Pow(10, -1 - (random.NextDouble() * 2));
        return [.. kinds.Where(_ => random.Next(3) == 0).Select(kind => new FaultRate(kind, Rare(kind) * scale * random.NextDouble()))];
    }

    /// <summary>What takes a whole process along happens less often, or nothing would ever get done.</summary>
    private static double Rare(FateKind kind) => kind is FateKind.CrashBefore or FateKind.CrashAfter or FateKind.PauseBefore or FateKind.PauseAfter ? 0.1 : 1;

    private static Knobs DrawKnobs(Random random)
    {
        var longLease = random.Next(3) == 0;
        var ordinary = new Knobs();
        return ordinary with
        {
            Batch = random.Next(3) == 0 ? random.Next(1, 5) : 16,
            Concurrency = random.Next(3) == 0 ? random.Next(1, 6) : 24,
            Lease = longLease ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(random.Next(2) == 0 ? 30 : random.Next(2, 10)),
            Renews = !longLease,
            MaxDequeueCount = random.Next(3) == 0 ? random.Next(1, 4) : 5,
            CachedRuns = random.Next(3) == 0 ? random.Next(0, 3) : 1_000,
            MaxConcurrentActivities = random.Next(3) == 0 ? random.Next(1, 4) : 100,
            SpillAfter = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(0, 50)) : ordinary.SpillAfter,
            GroupCommitDelay = random.Next(2) == 0 ? TimeSpan.Zero : ordinary.GroupCommitDelay,
            RunAheadBudget = random.Next(3) == 0 ? TimeSpan.FromSeconds(random.Next(0, 10)) : ordinary.RunAheadBudget,
            BackupAfter = longLease ? TimeSpan.FromSeconds(random.Next(1, 30)) : null,
            PayloadBlobThreshold = random.Next(3) == 0 ? random.Next(16, 256) : ordinary.PayloadBlobThreshold,
            SegmentBlobThreshold = random.Next(3) == 0 ? random.Next(64, 2048) : ordinary.SegmentBlobThreshold,
            MaxInboxPerCommit = random.Next(3) == 0 ? random.Next(1, 4) : ordinary.MaxInboxPerCommit,
            MergeSegments = random.Next(3) == 0 ? random.Next(2, 6) : ordinary.MergeSegments,
            TimerHorizon = random.Next(3) == 0 ? TimeSpan.FromSeconds(random.Next(1, 10)) : ordinary.TimerHorizon,
            NarrowPlaces = random.Next(1, 4),
        };
    }

    private static List<string> Some(Random random, IReadOnlyList<string> all)
    {
        var count = random.Next(1, 4);
        return [.. Enumerable.Range(0, count).Select(_ => all[random.Next(all.Count)]).Distinct(StringComparer.Ordinal)];
    }
}
