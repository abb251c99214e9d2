using Serverless.Converters;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>
/// An <c>act:</c> row: what a pending activity went through. Written before an attempt after the first may start, on a heartbeat, and never otherwise.
/// </summary>
/// <param name="Attempt">The attempt that runs or is due next, from 1.</param>
/// <param name="DueAt">When it is or was due; null for the first.</param>
/// <param name="LastFailure">Failure of the attempt before.</param>
/// <param name="HeartbeatDetails">What the last heartbeat said.</param>
internal sealed record ActivityAttemptRow(int Attempt, DateTimeOffset? DueAt, Failure? LastFailure, IReadOnlyList<Payload> HeartbeatDetails)
{
    private const byte Version = 1;

    /// <summary>When the last heartbeat came; null for none.</summary>
    public DateTimeOffset? LastHeartbeat { get; init; }

    /// <summary>When the attempt started; recorded only where somebody must know (a schedule-to-start time-out, completion from outside).</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>True when the attempt is to be completed by its token from outside.</summary>
    public bool CompletesAsync { get; init; }

    public byte[] Encode()
    {
        using var stream = new MemoryStream(256);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write7BitEncodedInt(Attempt);
        writer.Write(DueAt);
        writer.Write(LastHeartbeat);
        writer.Write(Started);
        writer.Write(CompletesAsync);

        // The event carries a failure and payloads in the one wire format that there is for them.
        var carrier = new ActivityFailed(1, LastFailure ?? None, default) { Id = 1 };
        var details = new ActivityCanceled(1, HeartbeatDetails) { Id = 2 };
        writer.Write(LastFailure is not null);
        writer.WriteBytes(EventCodec.Encode([carrier, details]));
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not an attempt row.</exception>
    public static ActivityAttemptRow Decode(ReadOnlyMemory<byte> data) => RecordCodec.Decode(data, Version, "activity attempt row", static reader =>
    {
        var attempt = reader.Read7BitEncodedInt();
        var due = reader.ReadOptionalTime();
        var heartbeat = reader.ReadOptionalTime();
        var started = reader.ReadOptionalTime();
        var completesAsync = reader.ReadBoolean();
        var hasFailure = reader.ReadBoolean();
        return EventCodec.Decode(reader.ReadByteArray()) is [ActivityFailed failed, ActivityCanceled details]
            ? new ActivityAttemptRow(attempt, due, hasFailure ? failed.Failure : null, details.Details)
            {
                LastHeartbeat = heartbeat,
                Started = started,
                CompletesAsync = completesAsync,
            }
            : throw new InvalidDataException("it does not hold a failure and details");
    });

    private static readonly Failure None = new("", new ServerFailureInfo(false));
}
