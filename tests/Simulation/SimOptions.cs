using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Engine;
using Serverless.Simulation.Storage;

namespace Serverless.Simulation;

/// <summary>All that decides a run. Everything is drawn from the seed and may be changed afterwards, to find out what a failure needs.</summary>
internal sealed record SimOptions
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public required int Seed { get; init; }

    /// <summary>What is done, by name.</summary>
    public required IReadOnlyList<string> Workloads { get; init; }

    /// <summary>How much of each, 1..5.</summary>
    public int Size { get; init; } = 1;

    /// <summary>Processes that serve the hub, 1..4.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>How long things may fail.</summary>
    public TimeSpan Trouble { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between crashes, stops, pauses and clock jumps of any process; null for none.</summary>
    public TimeSpan? Chaos { get; init; }

    /// <summary>Furthest that a wall clock is off, ahead or behind.</summary>
    public TimeSpan Skew { get; init; }

    /// <summary>How often time passes while work is ready, 0..1.</summary>
    public double Stalls { get; init; }

    /// <summary>True: pages are short, and some are empty with a continuation.</summary>
    public bool HostilePages { get; init; } = true;

    public FaultRates? Faults { get; init; }

    /// <summary>One fault at one call of the first process; instead of <see cref="Faults"/>.</summary>
    public FaultAt? Single { get; init; }

    public Knobs Knobs { get; init; } = new();

    public static SimOptions FromJson(string json) => JsonSerializer.Deserialize<SimOptions>(json, Json) ?? throw new InvalidDataException("The options are empty.");

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>One fault.</summary>
/// <param name="Call">Number of the call, from 1.</param>
/// <param name="Kind">What becomes of it.</param>
internal sealed record FaultAt(long Call, FateKind Kind);

/// <summary>Settings of engine and host that must not matter to anybody but the bill.</summary>
internal sealed record Knobs
{
    /// <summary>Messages taken at once.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Messages of a queue handled at once.</summary>
    public int Concurrency { get; init; } = 24;

    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True for a poller, which renews its leases; false for a host with long ones.</summary>
    public bool Renews { get; init; } = true;

    public int MaxDequeueCount { get; init; } = 5;

    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(2);

    public int CachedRuns { get; init; } = 1_000;

    public int MaxConcurrentActivities { get; init; } = 100;

    public TimeSpan SpillAfter { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan GroupCommitDelay { get; init; } = TimeSpan.FromMilliseconds(2);

    public TimeSpan RunAheadBudget { get; init; } = TimeSpan.FromMinutes(4);

    public TimeSpan? BackupAfter { get; init; }

    public TimeSpan BackupDelay { get; init; } = TimeSpan.FromSeconds(60);

    public int PayloadBlobThreshold { get; init; } = 32 * 1024;

    public int SegmentBlobThreshold { get; init; } = 512 * 1024;

    public int MaxInboxPerCommit { get; init; } = 64;

    public int MergeSegments { get; init; } = 64;

    public TimeSpan TimerHorizon { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many attempts of <see cref="Workloads.Crew.Narrow"/> may run at once in all processes.</summary>
    public int NarrowPlaces { get; init; } = 2;

    public EngineOptions ToEngineOptions(string identity, bool serves) => new()
    {
        Identity = identity,
        RunsWorkflows = serves,
        CachedRuns = CachedRuns,
        MaxConcurrentActivities = MaxConcurrentActivities,
        SpillAfter = SpillAfter,
        GroupCommitDelay = GroupCommitDelay,
        RunAheadBudget = RunAheadBudget,
        BackupAfter = BackupAfter,
        BackupDelay = BackupDelay,
        ActivityLimits = new Dictionary<string, ActivityLimit> { [Workloads.Crew.Narrow] = new(null, NarrowPlaces) },
        SearchAttributes = Workloads.SimCode.SearchAttributes,
        Limits = new EngineLimits
        {
            PayloadBlobThreshold = PayloadBlobThreshold,
            SegmentBlobThreshold = SegmentBlobThreshold,
            MaxInboxPerCommit = MaxInboxPerCommit,
            MergeSegments = MergeSegments,
            TimerHorizon = TimerHorizon,
        },
    };
}
