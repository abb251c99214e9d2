using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;

namespace Serverless.Engine;

/// <summary>How one process runs workflows.</summary>
internal sealed record EngineOptions
{
    /// <summary>Name of the hub, for people.</summary>
    public string Hub { get; init; } = "default";

    /// <summary>Name of this process in history and logs.</summary>
    public required string Identity { get; init; }

    /// <summary>Build of the code; null when not versioned.</summary>
    public string? BuildId { get; init; }

    /// <summary>True for a process that takes only from its build's queue, not from those that all builds share. Default false.</summary>
    public bool PinnedOnly { get; init; }

    /// <summary>The task queue that workflows start on and activities run on when nothing else is asked for.</summary>
    public string TaskQueue { get; init; } = "default";

    /// <summary>Queues of the hub whose activities run here. Default: the one that is shared by all task queues of workflows.</summary>
    public IReadOnlyList<string> ActivityQueues { get; init; } = [QueueNames.Activities];

    /// <summary>False for a process without workflows: it never runs their code, and refuses messages that ask for it. Default true.</summary>
    public bool RunsWorkflows { get; init; } = true;

    /// <summary>The search attributes that workflows may have, with their types. All but texts are indexed. Default none.</summary>
    public IReadOnlyDictionary<string, IndexedValueType> SearchAttributes { get; init; } = new Dictionary<string, IndexedValueType>();

    /// <summary>Live runs kept in memory. 0 replays every task from storage. Default 1,000.</summary>
    public int CachedRuns { get; init; } = 1_000;

    /// <summary>Activity attempts that run here at once. At least 1; default 100.</summary>
    public int MaxConcurrentActivities { get; init; } = 100;

    /// <summary>Limits of single activity types, by name. Default none.</summary>
    public IReadOnlyDictionary<string, ActivityLimit> ActivityLimits { get; init; } = new Dictionary<string, ActivityLimit>();

    /// <summary>What a task's activities may wait for a place here before they go to the queue. Default 250 ms.</summary>
    public TimeSpan SpillAfter { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long results that arrive close together are collected into one commit, while others are still running. Default 2 ms.</summary>
    public TimeSpan GroupCommitDelay { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How long one delivery may keep running activities ahead of the queue; after it, new ones go to the queue. Default 4 minutes.</summary>
    public TimeSpan RunAheadBudget { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>
    /// For hosts that lease a message for long: a delivery that lasts this long leaves a backup message, so that a died process is noticed within
    /// <see cref="BackupDelay"/>. Null (default): the host's lease is short, no backup is needed.
    /// </summary>
    public TimeSpan? BackupAfter { get; init; }

    /// <summary>How soon a backup message comes when its writer no longer pushes it back. Default 60 s.</summary>
    public TimeSpan BackupDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long closed runs are kept. Above zero; null (default): for ever.</summary>
    public TimeSpan? Retention { get; init; }

    public EngineLimits Limits { get; init; } = new();
}

/// <summary>The documented limits.</summary>
internal sealed record EngineLimits
{
    /// <summary>The longest task time-out; a longer one counts as this.</summary>
    public static readonly TimeSpan MaxTaskTimeout = TimeSpan.FromMinutes(2);

    /// <summary>A payload above this many bytes is stored as a blob. Default 32 KiB.</summary>
    public int PayloadBlobThreshold { get; init; } = 32 * 1024;

    /// <summary>A history segment above this many bytes is stored as a blob. Default 512 KiB.</summary>
    public int SegmentBlobThreshold { get; init; } = 512 * 1024;

    /// <summary>Largest payload (an argument, a result, a signal), in bytes. Default 4 MiB.</summary>
    public int MaxPayloadBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>All of a workflow's memo, in bytes of keys, values and their metadata. Default 256 KiB: it is a part of each page of the list.</summary>
    public int MaxMemoBytes { get; init; } = 256 * 1024;

    /// <summary>All search attributes of a workflow, in bytes of names, values and their metadata. Default 40 KiB.</summary>
    public int MaxSearchAttributeBytes { get; init; } = 40 * 1024;

    /// <summary>Search attributes of a workflow. Default 100.</summary>
    public int MaxSearchAttributes { get; init; } = 100;

    /// <summary>Values in one list or map: arguments, headers, details, memo values. Default 1,000.</summary>
    public int MaxValues { get; init; } = 1_000;

    /// <summary>Values of one list, or of all that one event holds, together, in bytes. Default 32 MiB.</summary>
    public int MaxCallBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>
    /// What a task asks for may weigh this much besides payloads above <see cref="PayloadBlobThreshold"/>, in bytes: it is one record. Beyond it the run is blocked. So may what it is given; the rest follows. Default 16 MiB.
    /// </summary>
    public int MaxTaskBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Activities that a run may have pending at once; and as many children, and signals and cancellations to others. Beyond it the run is blocked. Default 2,000.</summary>
    public int MaxPending { get; init; } = 2_000;

    /// <summary>Timers that a run may have pending at once. Beyond it the run is blocked. Default 10,000.</summary>
    public int MaxPendingTimers { get; init; } = 10_000;

    /// <summary>
    /// Messages that may wait in the inbox of a workflow id: when a task finds so many, further signals, updates and changes from outside are refused until half of them are
    /// applied. No more are read at once, either. Default 10,000.
    /// </summary>
    public int MaxInbox { get; init; } = 10_000;

    /// <summary>The same in bytes. Default 64 MiB.</summary>
    public long MaxInboxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Updates that one run accepts; more are refused. Default 2,000.</summary>
    public int MaxUpdates { get; init; } = 2_000;

    /// <summary>Events in one run; beyond it the run is blocked. Default 51,200.</summary>
    public int MaxHistoryEvents { get; init; } = 51_200;

    /// <summary>Bytes of one run's history; beyond it the run is blocked. Default 50 MiB.</summary>
    public long MaxHistoryBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>Inbox rows consumed by one commit: with head, gate, segment and merging they fit one transaction.</summary>
    public int MaxInboxPerCommit { get; init; } = 64;

    /// <summary>Small segments are merged into one when a run has this many.</summary>
    public int MergeSegments { get; init; } = 64;

    /// <summary>Timers due within this time are messages; later ones are parked as rows.</summary>
    public TimeSpan TimerHorizon { get; init; } = TimeSpan.FromMinutes(1);

    /// <exception cref="WorkflowServiceException">A payload is larger than <see cref="MaxPayloadBytes"/>.</exception>
    public void Check(string what, IReadOnlyList<Payload> payloads) => SizeLimits.Refuse(SizeLimits.ProblemOf(what, payloads, this));
}
