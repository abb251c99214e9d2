namespace Serverless.Converters;

/// <summary>A value as stored: bytes and what they are. Immutable.</summary>
public sealed class Payload
{
    /// <summary>Creates a payload.</summary>
    /// <param name="metadata">What the bytes are; the key "encoding" is always there.</param>
    /// <param name="data">The bytes.</param>
    public Payload(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> metadata, ReadOnlyMemory<byte> data)
    {
        Metadata = metadata;
        Data = data;
        OriginalSize = data.Length;
    }

    /// <summary>What the bytes are: "encoding" (such as "json/plain"), and what codecs add.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Metadata { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>
    /// Name of the blob that holds the payload when it was too large for the history, else null. While set, <see cref="Data"/> is empty: the
    /// engine puts the stored payload in its place before any code sees it.
    /// </summary>
    internal string? BlobName { get; init; }

    /// <summary>Bytes of <see cref="Data"/> before it was moved to a blob; equals its length otherwise.</summary>
    internal long OriginalSize { get; init; }
}
