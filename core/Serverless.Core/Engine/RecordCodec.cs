namespace Serverless.Engine;

/// <summary>What the small stored records (head, inbox, messages, attempts) share: a version byte, then fields in order; newer fields are added at the end.</summary>
internal static class RecordCodec
{
    /// <summary>Reads a record whose first byte is <paramref name="version"/>.</summary>
    /// <exception cref="InvalidDataException">Whatever is wrong with the bytes.</exception>
    public static T Decode<T>(ReadOnlyMemory<byte> data, byte version, string what, Func<BinaryReader, T> read)
    {
        if (data.IsEmpty || data.Span[0] != version)
        {
            throw new InvalidDataException(
                $"This is not a {what} of a known version: {(data.IsEmpty ? "it is empty" : $"it begins with {data.Span[0]}")}, expected {version}.");
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(data[1..].ToArray(), writable: false));
            return read(reader);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException or IOException or InvalidDataException)
        {
            throw new InvalidDataException($"A {what} can't be read: {e.Message}", e);
        }
    }

    /// <summary>True where an older writer ended.</summary>
    public static bool AtEnd(this BinaryReader reader) => reader.BaseStream.Position == reader.BaseStream.Length;

    public static void Write(this BinaryWriter writer, DateTimeOffset time) => writer.Write(time.UtcTicks);

    public static DateTimeOffset ReadTime(this BinaryReader reader) => new(reader.ReadInt64(), TimeSpan.Zero);

    public static void Write(this BinaryWriter writer, DateTimeOffset? time) => writer.Write(time?.UtcTicks ?? 0);

    public static DateTimeOffset? ReadOptionalTime(this BinaryReader reader) =>
        reader.ReadInt64() is var ticks && ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);

    public static void WriteBytes(this BinaryWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.Write7BitEncodedInt(bytes.Length);
        writer.Write(bytes);
    }

    public static byte[] ReadByteArray(this BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        return length >= 0 && length <= left
            ? reader.ReadBytes(length)
            : throw new InvalidDataException($"a field of {length} bytes with {left} bytes left");
    }

    public static void WriteOptional(this BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
        {
            writer.Write(text);
        }
    }

    public static string? ReadOptionalString(this BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}
