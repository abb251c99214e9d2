using System.Text.Json.Serialization;
using Serverless.History;

namespace Serverless.Api.Common.V1;

/// <summary>A value as stored: bytes and what they are. One that the library made or read from storage does not change; change a clone.</summary>
[JsonConverter(typeof(PayloadJson))]
public sealed class Payload
{
    private ByteString _data = ByteString.Empty;

    /// <summary>Creates a payload to fill.</summary>
    public Payload() => Metadata = new();

    /// <summary>Creates a copy that may be changed.</summary>
    /// <param name="other">The payload.</param>
    public Payload(Payload other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Metadata = other.Metadata.Copy();
        _data = other._data;
    }

    internal Payload(MetadataDictionary metadata, ReadOnlyMemory<byte> data)
    {
        Metadata = metadata;
        _data = ByteString.Wrap(data);
    }

    /// <summary>What the bytes are: "encoding" (such as "json/plain"), and what codecs add.</summary>
    public MetadataDictionary Metadata { get; }

    /// <summary>The bytes.</summary>
    /// <exception cref="InvalidOperationException">On writing: the payload came from the library. Change a clone of it.</exception>
    public ByteString Data
    {
        get => _data;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _data = Metadata.IsReadOnly ? throw new InvalidOperationException("This payload came from the library and does not change. Change a Clone() of it.") : value;
        }
    }

    /// <summary>
    /// Name of the blob that holds the payload when it was too large for the history, else null. While set, <see cref="Data"/> is empty: the
    /// engine puts the stored payload in its place before any code sees it.
    /// </summary>
    internal string? BlobName { get; init; }

    /// <summary>Bytes of <see cref="Data"/> before it was moved to a blob; equals its length otherwise.</summary>
    internal long OriginalSize
    {
        get => BlobName is null ? _data.Length : field;
        init;
    }

    /// <summary>A copy that may be changed.</summary>
    public Payload Clone() => new(this);

    /// <summary>The whole payload, metadata included, as bytes: the wire form of the protobuf message <c>temporal.api.common.v1.Payload</c>.</summary>
    public byte[] ToByteArray() => PayloadProto.Write(this);

    /// <summary>Same as <see cref="ToByteArray"/>.</summary>
    public ByteString ToByteString() => ByteString.Wrap(ToByteArray());

    /// <summary>Reads payloads from bytes.</summary>
    public static class Parser
    {
        /// <summary>The payload that <see cref="ToByteArray"/> wrote.</summary>
        /// <param name="bytes">All its bytes.</param>
        /// <exception cref="InvalidDataException">They are no payload.</exception>
        public static Payload ParseFrom(byte[] bytes) => PayloadProto.Read(bytes);

        /// <summary>The payload that <see cref="ToByteArray"/> wrote.</summary>
        /// <param name="bytes">All its bytes.</param>
        /// <exception cref="InvalidDataException">They are no payload.</exception>
        public static Payload ParseFrom(ByteString bytes)
        {
            ArgumentNullException.ThrowIfNull(bytes);
            return PayloadProto.Read(bytes.Memory);
        }
    }
}
