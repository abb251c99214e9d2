using Serverless.History;

namespace Serverless.Common;

/// <summary>The history of a run.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="Events">Its events, in order.</param>
public record WorkflowHistory(string Id, IReadOnlyCollection<WorkflowHistoryEvent> Events)
{
    /// <summary>
    /// A history that <see cref="ToJson()"/> wrote. What a payload codec has encoded is still encoded.
    /// </summary>
    /// <param name="workflowId">The workflow id, which the JSON does not hold.</param>
    /// <param name="json">The JSON.</param>
    /// <returns>The history.</returns>
    /// <exception cref="InvalidDataException">It is not a history of ours, or one of a newer release; the message says where.</exception>
    public static WorkflowHistory FromJson(string workflowId, string json)
    {
        ArgumentException.ThrowIfNullOrEmpty(workflowId);
        ArgumentNullException.ThrowIfNull(json);
        return new(workflowId, [.. HistoryJson.Read(json).Select(static e => new WorkflowHistoryEvent(e))]);
    }

    /// <summary>The events as JSON that people can read, without the workflow id. Nothing is lost: <see cref="FromJson"/> makes the same history of it.</summary>
    /// <returns>The JSON.</returns>
    public string ToJson() => HistoryJson.Write(Events.Select(static e => e.Raw));

    /// <summary>Writes the events as JSON, see <see cref="ToJson()"/>.</summary>
    /// <param name="writer">Where to.</param>
    public void ToJson(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(ToJson());
    }
}

/// <summary>One thing that happened to a run.</summary>
public sealed record WorkflowHistoryEvent
{
    internal WorkflowHistoryEvent(HistoryEvent raw) => Raw = raw;

    /// <summary>Position in the history, from 1.</summary>
    public long EventId => Raw.Id;

    /// <summary>When it was recorded.</summary>
    public DateTimeOffset EventTime => Raw.Time;

    /// <summary>What happened, such as "ActivityTaskScheduled".</summary>
    public string EventType => EventNames.Of(Raw);

    /// <summary>The event as stored.</summary>
    internal HistoryEvent Raw { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{EventId} {EventType}";
}
