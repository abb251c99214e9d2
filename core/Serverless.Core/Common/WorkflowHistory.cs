using Serverless.History;

namespace Serverless.Common;

/// <summary>The history of a run.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="Events">Its events, in order.</param>
public record WorkflowHistory(string Id, IReadOnlyCollection<WorkflowHistoryEvent> Events);

/// <summary>One thing that happened to a run.</summary>
public sealed record WorkflowHistoryEvent
{
    internal WorkflowHistoryEvent(HistoryEvent raw) => Raw = raw;

    /// <summary>Position in the history, from 1.</summary>
    public long EventId => Raw.Id;

    /// <summary>When it was recorded.</summary>
    public DateTimeOffset EventTime => Raw.Time;

    /// <summary>What happened, such as "ActivityScheduled".</summary>
    public string EventType => Raw.GetType().Name;

    /// <summary>The event as stored.</summary>
    internal HistoryEvent Raw { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{EventId} {EventType}";
}
