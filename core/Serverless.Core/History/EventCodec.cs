namespace Serverless.History;

/// <summary>The wire format of history segments.</summary>
internal static class EventCodec
{
    /// <summary>Encodes consecutive events; compressed when that is worth it.</summary>
    public static byte[] Encode(IReadOnlyList<HistoryEvent> events) => throw new NotImplementedException();

    /// <summary>Decodes what <see cref="Encode"/> of this or any released version wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a segment, or are damaged.</exception>
    public static IReadOnlyList<HistoryEvent> Decode(ReadOnlyMemory<byte> segment) => throw new NotImplementedException();
}
