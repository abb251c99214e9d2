using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// A queue message. Rows are the truth: a lost, repeated, late or reordered message costs time and nothing else. Bytes, not JSON: the Functions host
/// promotes properties of JSON messages into metadata that senders must not control.
/// </summary>
internal sealed record WorkMessage(WorkKind Kind, string Token, string WorkflowId)
{
    private const byte Version = 1;

    /// <summary>The run it is about; empty when it is about the workflow id.</summary>
    public string RunId { get; init; } = "";

    /// <summary>Number of that run; 0 when there is none.</summary>
    public int RunNumber { get; init; }

    /// <summary>The activity, timer or child event it is about; 0 when none.</summary>
    public long EventId { get; init; }

    /// <summary>Which attempt of the activity, from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>When it is due; null for at once. A message that comes earlier is put back for the rest.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The activity with its arguments where they fit; else null, and the handler reads the history.</summary>
    public ActivityScheduled? Activity { get; init; }

    public string WorkflowType { get; init; } = "";

    /// <summary>When the activity was scheduled first.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <summary>The build that the run was pinned to when the message was written; null: none that the writer knew of.</summary>
    public string? BuildId { get; init; }

    /// <summary>True when a process of another build had it before.</summary>
    public bool HandedOver { get; init; }

    /// <summary>Queue of the hub on which the activity's attempts wait for a process that runs them.</summary>
    public string Queue { get; init; } = QueueNames.Activities;

    /// <summary>Since when the attempt has waited for a process or a place, once the clocks that end its wait are set; else null.</summary>
    public DateTimeOffset? WaitsSince { get; init; }

    /// <summary>True for a copy of a message that came before, and for one that stands behind work under way: who had the work before may have done a part of it, and may still live.</summary>
    public bool IsRepeated { get; init; }

    public byte[] Encode()
    {
        using var stream = new MemoryStream(256);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write((byte)Kind);
        writer.Write(Token);
        writer.Write(WorkflowId);
        writer.Write(RunId);
        writer.Write7BitEncodedInt(RunNumber);
        writer.Write7BitEncodedInt64(EventId);
        writer.Write7BitEncodedInt(Attempt);
        writer.Write(DueAt);
        writer.Write(WorkflowType);
        writer.Write(ScheduledAt);
        writer.WriteBytes(Activity is null ? [] : EventCodec.Encode([Activity]));
        if (BuildId is not null || HandedOver || Queue != QueueNames.Activities || WaitsSince is not null || IsRepeated)
        {
            writer.WriteOptional(BuildId);
            writer.Write(HandedOver);
            writer.Write(Queue);
            writer.Write(WaitsSince);
            writer.Write(IsRepeated);
        }

        return stream.ToArray();
    }

    /// <summary>As a message of the store: without the activity, which the handler reads from the history then, where it would be too large.</summary>
    public byte[] EncodeToFit() => Encode() is { Length: <= StorageLimits.MaxMessageBytes } body ? body : (this with { Activity = null }).Encode();

    /// <exception cref="InvalidDataException">The bytes are not a message of ours.</exception>
    public static WorkMessage Decode(ReadOnlyMemory<byte> data) => RecordCodec.Decode(data, Version, "queue message", static reader =>
    {
        var message = new WorkMessage((WorkKind)reader.ReadByte(), reader.ReadString(), reader.ReadString())
        {
            RunId = reader.ReadString(),
            RunNumber = reader.Read7BitEncodedInt(),
            EventId = reader.Read7BitEncodedInt64(),
            Attempt = reader.Read7BitEncodedInt(),
            DueAt = reader.ReadOptionalTime(),
            WorkflowType = reader.ReadString(),
            ScheduledAt = reader.ReadOptionalTime(),
        };
        if (!Enum.IsDefined(message.Kind))
        {
            throw new InvalidDataException($"its kind {(byte)message.Kind} is unknown");
        }

        var activity = reader.ReadByteArray();
        return message with
        {
            Activity = activity.Length == 0 ? null : EventCodec.Decode(activity) is [ActivityScheduled a] ? a : throw new InvalidDataException("it holds no activity"),
            BuildId = reader.AtEnd() ? null : reader.ReadOptionalString(),
            HandedOver = !reader.AtEnd() && reader.ReadBoolean(),
            Queue = reader.AtEnd() ? QueueNames.Activities : reader.ReadString(),
            WaitsSince = reader.AtEnd() ? null : reader.ReadOptionalTime(),
            IsRepeated = !reader.AtEnd() && reader.ReadBoolean(),
        };
    });
}

/// <summary>What a message asks for. The numbers are stored.</summary>
internal enum WorkKind : byte
{
    /// <summary>Look at this workflow: something arrived, or something may not have been dispatched.</summary>
    Nudge = 1,

    /// <summary>Run an attempt of an activity.</summary>
    Activity = 2,

    /// <summary>A workflow's timer is due.</summary>
    Timer = 3,

    /// <summary>The next attempt of an activity is due.</summary>
    ActivityRetry = 4,

    /// <summary>The run's or chain's time is over.</summary>
    RunTimeout = 5,

    /// <summary>An activity has not started, or not ended, in its time.</summary>
    ActivityTimeout = 6,

    /// <summary>A bucket of far timers opens. The workflow id is the bucket's name.</summary>
    Bucket = 7,

    /// <summary>An attempt was failed from outside, by somebody who may have died over it: the next one may be counted without a timer.</summary>
    ActivityBackup = 8,

    /// <summary>An attempt was under way: given up, unless the process that runs it pushed this message back.</summary>
    ActivityLost = 9,

    /// <summary>Closed runs have been kept long enough. The workflow id is the name of the list and the time in which they closed.</summary>
    Retention = 10,

    /// <summary>A run was removed soon after its end: what was written about it meanwhile goes too.</summary>
    Removal = 11,
}
