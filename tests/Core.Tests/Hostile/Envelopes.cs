using System.IO.Compression;
using Serverless.History;

namespace Core.Tests.Hostile;

/// <summary>Finds sealed records within others and puts changed ones in their place, so that damage reaches what a checksum guards.</summary>
internal static class Envelopes
{
    private const int Header = 2;
    private const int Checksum = 4;

    /// <summary>Where a sealed record stands, or null.</summary>
    public static (int Start, int Length)? Find(byte[] bytes)
    {
        for (var start = 0; start + Header + Checksum <= bytes.Length; start++)
        {
            if (bytes[start] != Envelope.Version || bytes[start + 1] > 1)
            {
                continue;
            }

            for (var length = bytes.Length - start; length >= Header + Checksum; length--)
            {
                var end = start + length - Checksum;
                if (Envelope.Checksum(bytes.AsSpan(start..end)) == BitConverter.ToUInt32(bytes, end))
                {
                    return (start, length);
                }
            }
        }

        return null;
    }

    /// <summary>The bytes with the content of their sealed record changed, and sealed again; null without one.</summary>
    public static byte[]? Change(byte[] bytes, Func<byte[], byte[]> change)
    {
        if (Find(bytes) is not { } found)
        {
            return null;
        }

        var content = Envelope.Open(bytes.AsMemory(found.Start, found.Length)).ToArray();
        var changed = Envelope.Seal(change(content));
        var before = bytes[..found.Start];
        if (LengthPrefix(found.Length) is var old && before.AsSpan().EndsWith(old))
        {
            before = [.. before[..^old.Length], .. LengthPrefix(changed.Length)];
        }

        return [.. before, .. changed, .. bytes[(found.Start + found.Length)..]];
    }

    /// <summary>Bytes, those that the input holds compressed counted as they are inside.</summary>
    public static long Weight(byte[] bytes) => bytes.Length + (Find(bytes) is { } found && bytes[found.Start + 1] == 1
        ? Expanded(bytes.AsSpan(found.Start + Header, found.Length - Header - Checksum))
        : 0);

    private static long Expanded(ReadOnlySpan<byte> content)
    {
        while (content.Length > 0 && content[0] >= 0x80)
        {
            content = content[1..];
        }

        content = content.Length > 0 ? content[1..] : content;
        using var decoder = default(BrotliDecoder);
        var buffer = new byte[64 * 1024];
        var total = 0L;
        while (total <= Envelope.MaxContent)
        {
            var status = decoder.Decompress(content, buffer, out var consumed, out var written);
            content = content[consumed..];
            total += written;
            if (status != System.Buffers.OperationStatus.DestinationTooSmall)
            {
                return total;
            }
        }

        return total;
    }

    private static byte[] LengthPrefix(int length)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write7BitEncodedInt(length);
        return stream.ToArray();
    }
}
