using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>A commit: everything that changes together.</summary>
internal sealed record JournalCommit(string WorkflowId, WorkflowHead Head)
{
    /// <summary>Tag of the head that is replaced; null to insert the first.</summary>
    public string? HeadTag { get; init; }

    /// <summary>Events to append; may be empty.</summary>
    public IReadOnlyList<HistoryEvent> Events { get; init; } = [];

    /// <summary>Run to which the events belong: the one that closes, when the head is already the next run's.</summary>
    public required int EventsRunNumber { get; init; }

    public required string EventsRunId { get; init; }

    /// <summary>Keys of consumed inbox rows.</summary>
    public IReadOnlyList<string> Consumed { get; init; } = [];

    /// <summary>Items that arrive with this commit: a start, a signal with the start.</summary>
    public IReadOnlyList<(string Key, InboxItem Item)> Posted { get; init; } = [];

    public GateChange Gate { get; init; }

    /// <summary>For <see cref="GateChange.Close"/>: the tag that was read with the inbox.</summary>
    public string? GateTag { get; init; }

    /// <summary>For <see cref="GateChange.Close"/>: whether it is the gate of a full inbox.</summary>
    public bool IsFull { get; init; }

    /// <summary>Rows beside the history: update outcomes, attempts that are over.</summary>
    public IReadOnlyList<RowOperation> Others { get; init; } = [];

    /// <summary>Small segments to replace by one: key and tag of the first, keys of the rest, all their events. Null: none.</summary>
    public SegmentMerge? Merge { get; init; }
}

/// <summary>What a commit does to the gate.</summary>
internal enum GateChange
{
    None,
    Open,
    Close,
}

/// <summary>Small segments that become one row in the place of the first.</summary>
internal sealed record SegmentMerge(string FirstKey, string FirstTag, IReadOnlyList<string> OtherKeys, IReadOnlyList<HistoryEvent> Events);

/// <summary>A commit as a transaction.</summary>
internal sealed class CommitPlan
{
    private readonly List<RowOperation> _operations = [];
    private int _gateIndex = -1;
    private int _segmentIndex = -1;
    private IReadOnlyList<HistoryEvent> _events = [];

    private CommitPlan(WorkflowHead head) => Head = head;

    public IReadOnlyList<RowOperation> Operations => _operations;

    /// <summary>The head as it is stored: it counts the segment that is stored with it.</summary>
    public WorkflowHead Head { get; }

    public static async Task<CommitPlan> CreateAsync(JournalCommit commit, Segments segments, CancellationToken cancellationToken)
    {
        var segment = commit.Events.Count > 0
            ? await segments.EncodeAsync(commit.WorkflowId, commit.EventsRunId, commit.Events, cancellationToken)
            : default;
        var isOfRun = commit.Head.RunNumber == commit.EventsRunNumber;
        var plan = new CommitPlan(commit.Head with { HistoryBytes = commit.Head.HistoryBytes + (isOfRun ? segment.Length : 0) });
        var operations = plan._operations;
        operations.Add(commit.HeadTag is { } tag
            ? RowOperation.Replace(JournalKeys.Head, plan.Head.Encode(), tag)
            : RowOperation.Insert(JournalKeys.Head, plan.Head.Encode()));
        if (commit.Gate != GateChange.None)
        {
            plan._gateIndex = operations.Count;
            operations.Add(commit.Gate == GateChange.Open ? RowOperation.Insert(JournalKeys.Gate, default) : RowOperation.Delete(JournalKeys.GateOf(commit.IsFull), commit.GateTag));
        }

        if (commit.Events.Count > 0)
        {
            plan._segmentIndex = operations.Count;
            plan._events = commit.Events;
            operations.Add(RowOperation.Insert(JournalKeys.Segment(commit.EventsRunNumber, commit.Events[0].Id), segment));
        }

        foreach (var key in commit.Consumed)
        {
            operations.Add(RowOperation.Delete(key, null));
        }

        foreach (var (key, item) in commit.Posted)
        {
            var stored = item with { Event = await segments.MoveLargePayloadsAsync(commit.WorkflowId, Segments.InboxFolder, item.Event, cancellationToken) };
            var data = await segments.MoveLargeRowAsync(commit.WorkflowId, stored.Encode(), oneOfMany: false, cancellationToken);
            operations.Add(RowOperation.Insert(JournalKeys.Inbox(key), data));
        }

        foreach (var other in commit.Others)
        {
            var data = await segments.MoveLargeRowAsync(commit.WorkflowId, other.Data, oneOfMany: true, cancellationToken);
            operations.Add(other with { Data = data });
        }

        await plan.AddMergeAsync(commit, segments, cancellationToken);
        return plan;
    }

    public CommitResult Result(IReadOnlyList<string?> tags) => new(
        Head,
        tags[0],
        _gateIndex < 0 ? null : tags[_gateIndex],
        _segmentIndex < 0 ? null : Stored(_operations[_segmentIndex], tags[_segmentIndex]!));

    private StoredSegment Stored(RowOperation operation, string tag) =>
        new(operation.Key, tag, _events, operation.Data.Length, Segments.IsPlain(operation.Data)) { Content = Segments.ContentOf(operation.Data) };

    private async Task AddMergeAsync(JournalCommit commit, Segments segments, CancellationToken cancellationToken)
    {
        if (commit.Merge is { } merge && _operations.Count + merge.OtherKeys.Count + 1 <= StorageLimits.MaxOperations)
        {
            _operations.Add(RowOperation.Replace(
                merge.FirstKey,
                await segments.EncodeAsync(commit.WorkflowId, commit.EventsRunId, merge.Events, cancellationToken),
                merge.FirstTag));
            foreach (var key in merge.OtherKeys)
            {
                _operations.Add(RowOperation.Delete(key, null));
            }
        }
    }
}
