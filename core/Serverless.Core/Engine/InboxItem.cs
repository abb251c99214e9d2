using Serverless.Client;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>Something that arrived for a workflow id and is not yet consumed: an <c>in:</c> row.</summary>
/// <param name="Event">
/// An <see cref="InputEvent"/> without its id.
/// </param>
/// <param name="RunId">The run it is meant for; null for whichever is current. Meant for another run, it is dropped.</param>
/// <param name="FirstRunId">The first run of the chain that it is meant for; null for whichever is current. Meant for another chain, it is dropped.</param>
internal sealed record InboxItem(InputEvent Event, string? RunId = null, string? FirstRunId = null)
{
    private const byte Version = 1;

    /// <summary>An item for what a client refers to.</summary>
    public static InboxItem For(WorkflowRef workflow, InputEvent e) => new(e, workflow.RunId, workflow.FirstRunId);

    public byte[] Encode()
    {
        using var stream = new MemoryStream(256);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.WriteOptional(RunId);
        writer.WriteBytes(EventCodec.Encode([Event with { Id = 1 }]));
        writer.WriteOptional(FirstRunId);
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not an inbox row.</exception>
    public static InboxItem Decode(ReadOnlyMemory<byte> data) => RecordCodec.Decode(data, Version, "inbox row", static reader =>
    {
        var runId = reader.ReadOptionalString();
        return EventCodec.Decode(reader.ReadByteArray()) is [InputEvent e]
            ? new InboxItem(e with { Id = 0 }, runId, reader.AtEnd() ? null : reader.ReadOptionalString())
            : throw new InvalidDataException("it does not hold one input event");
    });
}

/// <summary>An inbox row as read.</summary>
internal sealed record InboxRow(string Key, long Written, InboxItem Item)
{
    /// <summary>Bytes of its payloads that stay in the record which a commit makes of it.</summary>
    public long Inline { get; init; }
}
