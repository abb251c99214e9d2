using Serverless.Client;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>An <c>upd:</c> row: what became of an update in a run, for its caller and for whoever sends it again.</summary>
/// <param name="RunNumber">The run that decided on it.</param>
/// <param name="Outcome">What it decided.</param>
internal sealed record StoredUpdate(int RunNumber, UpdateOutcome Outcome)
{
    private const byte Version = 2;

    public byte[] Encode()
    {
        using var stream = new MemoryStream(128);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write7BitEncodedInt(RunNumber);
        writer.Write(Outcome.RunId ?? "");
        writer.Write(Outcome.Accepted);
        writer.Write(Outcome.Completed);
        writer.WriteBytes(EventCodec.Encode([new WorkflowUpdateCompleted(Outcome.UpdateId, 1, Outcome.Result, Outcome.Failure) { Id = 1 }]));
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not an update row.</exception>
    public static StoredUpdate Decode(ReadOnlyMemory<byte> data) => RecordCodec.Decode(data, Version, "update row", static reader =>
    {
        var run = reader.Read7BitEncodedInt();
        var runId = reader.ReadString();
        var accepted = reader.ReadBoolean();
        var completed = reader.ReadBoolean();
        return EventCodec.Decode(reader.ReadByteArray()) is [WorkflowUpdateCompleted e]
            ? new StoredUpdate(run, new UpdateOutcome(e.UpdateId, accepted, completed, e.Result, e.Failure) { RunId = runId })
            : throw new InvalidDataException("it does not hold one update outcome");
    });
}
