using Serverless.Engine;
using Serverless.History;
using Serverless.Simulation.Hosts;
using Serverless.Simulation.Storage;
using Serverless.Storage;

namespace Serverless.Simulation.Checkers;

/// <summary>Reads histories as they are stored, without a network between.</summary>
internal sealed class StoredHistory
{
    private readonly Segments _segments;
    private readonly JournalReader _reading;

    public StoredHistory(SimWorld world)
    {
        var ids = new IdSource(TimeProvider.System, new Random(0));
        var retry = new StorageRetry(TimeProvider.System, ids);
        var limits = new EngineLimits();
        _segments = new Segments(world.Service.Store.Blobs, ids, retry, limits);
        _reading = new JournalReader(world.Service.Store.Rows, _segments, retry, limits);
    }

    /// <summary>The events of a segment as it was written. What is too large for its row is in a blob that the row names.</summary>
    public IReadOnlyList<HistoryEvent> EventsOf(RowOperation written)
    {
        var row = SimService.Now(_segments.RestoreAsync(new Row(written.Key, written.Data, "", 0), default));
        return SimService.Now(new ValueTask<IReadOnlyList<HistoryEvent>>(_segments.PeekAsync(row.Data, default)));
    }

    /// <summary>The events of a run.</summary>
    public IEnumerable<HistoryEvent> EventsOf(string workflowId, int runNumber) =>
        SimService.Now(new ValueTask<IReadOnlyList<StoredSegment>>(_reading.ReadSegmentsAsync(workflowId, runNumber, default))).SelectMany(static s => s.Events);
}
