using Serverless.Api.Enums.V1;
using Serverless.Engine;
using Serverless.History;
using Serverless.Simulation.Hosts;
using Serverless.Storage;

namespace Serverless.Simulation.Checkers;

/// <summary>
/// I1, after each transaction: the events of every run are 1..n without gaps; what was committed never changes, and goes only when its workflow id or an older run is removed; the head tells
/// the last event of its run; run numbers grow; the gate is there exactly while the id is open.
/// </summary>
internal sealed class JournalChecker(SimWorld world)
{
    private readonly Dictionary<string, Id> _ids = new(StringComparer.Ordinal);
    private readonly StoredHistory _stored = new(world);

    /// <summary>Looks at a transaction that was applied.</summary>
    public void Look(RowTable table, string partition, IReadOnlyList<RowOperation> operations)
    {
        if (table != RowTable.Workflows || operations.All(static o => o.Kind == RowOperationKind.Touch))
        {
            return;
        }

        if (!_ids.TryGetValue(partition, out var id))
        {
            _ids[partition] = id = new Id();
        }

        var before = id.Head;
        var touched = new SortedSet<int>();
        foreach (var operation in operations)
        {
            Apply(id, operation, touched);
        }

        foreach (var run in touched)
        {
            CheckRun(partition, id, run, before);
        }

        CheckHead(partition, id, before);
    }

    private void Apply(Id id, RowOperation operation, SortedSet<int> touched)
    {
        if (operation.Kind == RowOperationKind.Touch)
        {
            return;
        }

        var isDeleted = operation.Kind == RowOperationKind.Delete;
        if (operation.Key == JournalKeys.Head)
        {
            id.Head = isDeleted ? null : WorkflowHead.Decode(operation.Data);
        }
        else if (operation.Key == JournalKeys.Gate)
        {
            id.HasGate = !isDeleted;
        }
        else if (operation.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal))
        {
            var number = JournalKeys.RunOf(operation.Key);
            touched.Add(number);
            if (!id.Runs.TryGetValue(number, out var run))
            {
                id.Runs[number] = run = new Run();
            }

            if (isDeleted)
            {
                run.Segments.Remove(operation.Key);
            }
            else
            {
                run.Segments[operation.Key] = _stored.EventsOf(operation);
            }
        }
    }

    private void CheckRun(string partition, Id id, int number, WorkflowHead? before)
    {
        var run = id.Runs[number];
        var events = run.Segments.Values.SelectMany(static s => s).ToList();
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Id != i + 1)
            {
                // What is removed goes row by row.
                Expect(IsRemoved(number, id, before), $"I1: event {i + 1} of run {number} of {partition} has the id {events[i].Id}");
                break;
            }
        }

        var kept = Math.Min(events.Count, run.Known.Count);
        Expect(events.Count >= run.Known.Count || IsRemoved(number, id, before), $"I1: run {number} of {partition} had {run.Known.Count} events, now {events.Count}");
        for (var i = 0; i < kept && events.Count >= run.Known.Count; i++)
        {
            Expect(Sum(events[i]) == run.Known[i], $"I1: event {i + 1} ({events[i].GetType().Name}) of run {number} of {partition} has changed");
        }

        run.Known.Clear();
        run.Known.AddRange(events.Select(Sum));
        run.Last = events.Count > 0 ? events[^1] : null;
        if (events.Count == 0)
        {
            id.Runs.Remove(number);
        }
    }

    private void CheckHead(string partition, Id id, WorkflowHead? before)
    {
        if (id.Head is not { } head)
        {
            Expect(!id.HasGate, $"{partition} has a gate and no head");
            Expect(id.Runs.Count == 0, $"I8: {partition} has no head, and segments of run {string.Join(", ", id.Runs.Keys)}");
            return;
        }

        Expect(id.HasGate == head.IsOpen, $"{partition} is {head.Status} and has {(id.HasGate ? "a" : "no")} gate");
        Expect(before is null || head.RunNumber == before.RunNumber || head.RunNumber == before.RunNumber + 1, $"{partition} had the run {before?.RunNumber}, now {head.RunNumber}");
        Expect(before is null || head.RunNumber != before.RunNumber || head.RunId == before.RunId, $"run {head.RunNumber} of {partition} had the id {before?.RunId}, now {head.RunId}");
        Expect(id.Runs.Keys.All(n => n <= head.RunNumber), $"{partition} has a run above {head.RunNumber}");
        if (!head.IsOpen && before is { IsOpen: false })
        {
            // It is being removed.
            return;
        }

        var run = id.Runs.GetValueOrDefault(head.RunNumber);
        Expect((run?.Known.Count ?? 0) == head.LastEventId, $"I1: the head of {partition} has the last event {head.LastEventId}; its run {head.RunNumber} has {run?.Known.Count ?? 0}");
        Expect(head.IsOpen != IsEnd(run?.Last), $"{partition} is {head.Status}; the last event of its run is {run?.Last?.GetType().Name ?? "none"}");
        if (before is { IsOpen: true } && before.RunNumber < head.RunNumber)
        {
            Expect(IsEnd(id.Runs.GetValueOrDefault(before.RunNumber)?.Last), $"run {before.RunNumber} of {partition} has a follower and no end");
        }
    }

    private static bool IsEnd(HistoryEvent? e) =>
        e is WorkflowCompleted or WorkflowFailed or WorkflowCanceled or WorkflowTerminated or WorkflowTimedOut or WorkflowContinuedAsNew;

    /// <summary>True where removal may have been at work: the id was closed before, or the run is an older one.</summary>
    private static bool IsRemoved(int number, Id id, WorkflowHead? before) =>
        before is { Status: not WorkflowExecutionStatus.Running } || number < (id.Head ?? before)?.RunNumber;

    /// <summary>A checksum of what an event says, but for where its payloads are.</summary>
    private static ulong Sum(HistoryEvent e)
    {
        var plain = EventPayloads.Map(e, static payload => payload.BlobName is null ? payload : new Api.Common.V1.Payload(payload.Metadata, default) { BlobName = "moved", OriginalSize = payload.OriginalSize });
        var sum = 14695981039346656037UL;
        foreach (var b in EventCodec.Encode([plain]))
        {
            sum = (sum ^ b) * 1099511628211;
        }

        return sum;
    }

    private void Expect(bool condition, string what)
    {
        if (!condition)
        {
            world.Violation(what);
        }
    }

    /// <summary>A workflow id as it should be stored.</summary>
    private sealed class Id
    {
        public WorkflowHead? Head { get; set; }

        public bool HasGate { get; set; }

        public SortedDictionary<int, Run> Runs { get; } = [];
    }

    private sealed class Run
    {
        public SortedDictionary<string, IReadOnlyList<HistoryEvent>> Segments { get; } = new(StringComparer.Ordinal);

        /// <summary>Checksums of the events that were committed.</summary>
        public List<ulong> Known { get; } = [];

        public HistoryEvent? Last { get; set; }
    }
}
