using Serverless.Client;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>An <c>upd:</c> row: what became of an update, for its caller and for whoever sends it again.</summary>
internal static class UpdateRow
{
    private const byte Version = 1;

    public static byte[] Encode(UpdateOutcome outcome)
    {
        using var stream = new MemoryStream(128);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(outcome.Accepted);
        writer.Write(outcome.Completed);
        writer.WriteBytes(EventCodec.Encode([new WorkflowUpdateCompleted(outcome.UpdateId, 1, outcome.Result, outcome.Failure) { Id = 1 }]));
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not an update row.</exception>
    public static UpdateOutcome Decode(ReadOnlyMemory<byte> data) => RecordCodec.Decode(data, Version, "update row", static reader =>
    {
        var accepted = reader.ReadBoolean();
        var completed = reader.ReadBoolean();
        return EventCodec.Decode(reader.ReadByteArray()) is [WorkflowUpdateCompleted e]
            ? new UpdateOutcome(e.UpdateId, accepted, completed, e.Result, e.Failure)
            : throw new InvalidDataException("it does not hold one update outcome");
    });
}
