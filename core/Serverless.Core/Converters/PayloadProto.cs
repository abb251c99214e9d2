using Serverless.History;

namespace Serverless.Api.Common.V1;

/// <summary>
/// A whole payload as bytes, for codecs that put it into another. The fields are those of protobuf's <c>temporal.api.common.v1.Payload</c> (1 metadata: 1 key,
/// 2 value; 2 data), so that what codecs of other SDKs wrote can be read.
/// </summary>
internal static class PayloadProto
{
    public static byte[] Write(Payload payload)
    {
        var writer = new WireWriter(payload.Data.Length + 64);
        foreach (var (key, value) in payload.Metadata.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            var entry = writer.Open(1);
            writer.Field(1, key);
            writer.Field(2, value.Memory);
            writer.Close(entry);
        }

        writer.Field(2, payload.Data.Memory);
        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no payload.</exception>
    public static Payload Read(ReadOnlyMemory<byte> bytes)
    {
        var payload = new Payload();
        var reader = new WireReader(bytes);
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: ReadEntry(reader.Message(), payload.Metadata); break;
                case 2: payload.Data = ByteString.Wrap(reader.Bytes()); break;
            }
        }

        return payload;
    }

    private static void ReadEntry(WireReader entry, MetadataDictionary metadata)
    {
        var (key, value) = ("", ByteString.Empty);
        while (entry.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: key = entry.Text(); break;
                case 2: value = ByteString.Wrap(entry.Bytes()); break;
            }
        }

        metadata[key] = value;
    }
}
