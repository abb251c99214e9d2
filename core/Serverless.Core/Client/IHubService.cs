using Serverless.Api.Enums.V1;
using Serverless.Converters;

namespace Serverless.Client;

/// <summary>
/// What operators ask of a hub and have done to it. Everything here may be repeated: what was done is found done. Throws <see cref="WorkflowServiceException"/> for what the
/// caller must handle, and <see cref="Storage.StorageException"/> when storage fails.
/// </summary>
internal interface IHubService
{
    /// <summary>Everything that one run waits for, and what will wake it. Changes nothing.</summary>
    Task<WorkflowWaits> WhyAsync(WorkflowRef workflow, CancellationToken cancellationToken);

    /// <summary>How much there is of what. Changes nothing.</summary>
    Task<HubStatus> ReadStatusAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Looks at the whole hub for what will not heal by itself; may run at any time. Says <see cref="HubReport.Finding"/> for each.
    /// </summary>
    /// <param name="repair">True to mend what can be mended. Every repair may be repeated.</param>
    /// <param name="rebuild">True to write all rows of the lists anew from the histories instead of comparing them.</param>
    /// <param name="cancellationToken">Gives up between steps.</param>
    IAsyncEnumerable<HubReport> ExamineAsync(bool repair, bool rebuild, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the closed runs that a filter finds, as <see cref="IWorkflowService.DeleteAsync"/> removes a workflow: the newest run of a workflow id takes the runs before it along. Open ones
    /// are counted and stay. Says <see cref="HubReport.Run"/> for each that is removed.
    /// </summary>
    /// <exception cref="Visibility.FilterSyntaxException">The filter can't be read; the message shows where.</exception>
    IAsyncEnumerable<HubReport> PurgeAsync(string filter, bool dryRun, CancellationToken cancellationToken);

    /// <summary>
    /// Reads workflows out: <see cref="HubReport.Line"/> for each run, payloads as they are stored, the runs of a workflow id in order. A filter that finds a run finds its workflow id with
    /// all its runs; null finds everything.
    /// </summary>
    /// <exception cref="Visibility.FilterSyntaxException">The filter can't be read; the message shows where.</exception>
    IAsyncEnumerable<HubReport> ExportAsync(string? filter, CancellationToken cancellationToken);

    /// <summary>Exports into the hub's blobs under a name that is not in use.</summary>
    IAsyncEnumerable<HubReport> ExportToBlobAsync(string name, string? filter, CancellationToken cancellationToken);

    /// <summary>The lines of an export among the hub's blobs.</summary>
    IAsyncEnumerable<string> ReadExportAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Stores the lines of an export. Closed runs come back closed, open ones go on. A hub that is not empty is refused without <paramref name="merge"/>; with it, workflow ids that are in use
    /// are skipped (<see cref="HubReport.Skipped"/>), so that an import that was interrupted is finished by doing it again.
    /// </summary>
    IAsyncEnumerable<HubReport> ImportAsync(IAsyncEnumerable<string> lines, bool merge, CancellationToken cancellationToken);
}

/// <summary>What long work on a hub says while it goes on; the last report is <see cref="Ended"/>.</summary>
internal abstract record HubReport
{
    /// <summary>How far it is.</summary>
    /// <param name="Done">Units that are done; never fewer than before.</param>
    /// <param name="Total">Units there are; null when that is not known.</param>
    internal sealed record Progress(long Done, long? Total) : HubReport;

    /// <summary>A run that was dealt with.</summary>
    internal sealed record Run(WorkflowSummary Of) : HubReport;

    /// <summary>A line of an export.</summary>
    internal sealed record Line(string Json) : HubReport;

    /// <summary>A run that was not imported, or a workflow (with an empty run id) that was not exported, and why.</summary>
    internal sealed record Skipped(string WorkflowId, string RunId, string Reason) : HubReport;

    /// <summary>Something that is not as it should be.</summary>
    /// <param name="Kind">Its kind.</param>
    /// <param name="Detail">What is wrong, for people.</param>
    /// <param name="Repair">What mends it, for people.</param>
    internal sealed record Finding(FindingKind Kind, string Detail, string Repair) : HubReport
    {
        /// <summary>The workflow that it is about; null for none.</summary>
        public string? WorkflowId { get; init; }

        /// <summary>The run that it is about; null for none.</summary>
        public string? RunId { get; init; }

        /// <summary>True when it was mended.</summary>
        public bool Repaired { get; init; }
    }

    /// <summary>The end: how much of what there was.</summary>
    internal sealed record Ended(IReadOnlyDictionary<string, long> Counts) : HubReport;
}

/// <summary>What a run waits for.</summary>
/// <param name="WorkflowId">The workflow id.</param>
/// <param name="RunId">The run.</param>
/// <param name="Status">Its state; what is closed waits for nothing.</param>
/// <param name="Waits">Each thing; for an open run at least one.</param>
internal sealed record WorkflowWaits(string WorkflowId, string RunId, WorkflowExecutionStatus Status, IReadOnlyList<WorkflowWait> Waits)
{
    /// <summary>Why its code can't go on; null when it is not blocked.</summary>
    public BlockedNote? Blocked { get; init; }

    /// <summary>The earliest moment at which something happens by itself; null when only others can wake it.</summary>
    public DateTimeOffset? WakesAt => Waits.Min(static w => w.Until);
}

/// <summary>One thing that a run waits for.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="What">Which one, for people.</param>
/// <param name="Since">Since when.</param>
/// <param name="WokenBy">What ends the wait, for people.</param>
internal sealed record WorkflowWait(WaitKind Kind, string What, DateTimeOffset Since, string WokenBy)
{
    /// <summary>When something happens to it by itself: a timer is due, an attempt begins, a time-out passes. Null when nothing does.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The event that began the wait; 0 for none.</summary>
    public long EventId { get; init; }

    /// <summary>The attempt of an activity that runs or is due next, from 1; 0 for others.</summary>
    public int Attempt { get; init; }

    /// <summary>Failure of the attempt before.</summary>
    public Failure? LastFailure { get; init; }
}

/// <summary>Kinds of what runs wait for.</summary>
internal enum WaitKind
{
    /// <summary>An activity that is not done.</summary>
    Activity,

    /// <summary>A timer, or the end of the run's time.</summary>
    Timer,

    /// <summary>A child workflow that has not closed.</summary>
    Child,

    /// <summary>A message of somebody.</summary>
    Signal,

    /// <summary>An update that was accepted and is not completed.</summary>
    Update,

    /// <summary>The answer to a signal to another workflow.</summary>
    ExternalSignal,

    /// <summary>The answer to a cancellation of another workflow.</summary>
    ExternalCancel,

    /// <summary>Its first task.</summary>
    Start,

    /// <summary>A repair of its code.</summary>
    Blocked,

    /// <summary>A task that applies messages which have arrived.</summary>
    Message,

    /// <summary>A condition of its own code, of which nothing is known from outside.</summary>
    Condition,
}

/// <summary>How a hub stands.</summary>
/// <param name="Hub">Its name.</param>
/// <param name="Store">Where it is stored, for people.</param>
/// <param name="Counts">Workflows by status.</param>
/// <param name="Queues">Its queues, as far as this process knows them.</param>
internal sealed record HubStatus(string Hub, string Store, IReadOnlyDictionary<string, long> Counts, IReadOnlyList<HubQueue> Queues)
{
    /// <summary>Workflows whose code can't go on.</summary>
    public long Blocked { get; init; }

    /// <summary>The build of this process; null when builds are not named.</summary>
    public string? BuildId { get; init; }
}

/// <summary>A queue of a hub.</summary>
/// <param name="Name">Its name within the hub.</param>
/// <param name="Messages">Messages in it, invisible ones included; approximate.</param>
/// <param name="Poison">Messages that a host put aside; approximate.</param>
internal sealed record HubQueue(string Name, int Messages, int Poison);

/// <summary>Kinds of what can be wrong with a hub.</summary>
internal enum FindingKind
{
    /// <summary>Messages that a host put aside.</summary>
    Poison,

    /// <summary>A run that nobody begins.</summary>
    NotBegun,

    /// <summary>Messages that have arrived and that nobody applies.</summary>
    NotApplied,

    /// <summary>A timer, an activity, a child, a message to another workflow or the end of a run that is long due.</summary>
    Overdue,

    /// <summary>A run whose code can't go on.</summary>
    Blocked,

    /// <summary>A row that can't be read.</summary>
    Unreadable,

    /// <summary>Blobs of a workflow or run that does not exist.</summary>
    OrphanedBlob,

    /// <summary>A parked timer of a workflow that does not exist.</summary>
    OrphanedTimer,

    /// <summary>Parked timers that nobody looks at.</summary>
    Bucket,

    /// <summary>A place of a limited activity type that nobody gave back.</summary>
    Place,

    /// <summary>The list and the histories differ.</summary>
    ListRow,

    /// <summary>Counters of the list are wrong.</summary>
    ListCount,

    /// <summary>The list of blocked workflows is wrong.</summary>
    BlockedNote,
}
