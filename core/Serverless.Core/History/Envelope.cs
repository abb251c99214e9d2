using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace Serverless.History;

/// <summary>
/// Wraps a stored record: one byte of format version, one byte of flags, the content (compressed when that pays), and a CRC-32C of all of it, so
/// that a damaged row is noticed and never understood as something else.
/// </summary>
internal static class Envelope
{
    /// <summary>Version 1. A higher one is refused: it was written by newer software.</summary>
    public const byte Version = 1;

    /// <summary>Below this, compression saves too little to be worth its time.</summary>
    public const int CompressFrom = 1024;

    /// <summary>No record is larger; a claim to be is damage or malice.</summary>
    public const int MaxContent = 64 * 1024 * 1024;

    private const byte Brotli = 1;
    private const int FirstBuffer = 64 * 1024;
    private const int UsualRatio = 16;
    private const int HeaderBytes = 2;
    private const int ChecksumBytes = 4;
    private const int BrotliQuality = 4;
    private const int BrotliWindowBits = 18;

    /// <summary>Wraps <paramref name="content"/>, compressed if it is large enough and becomes smaller by it.</summary>
    /// <exception cref="RecordTooLargeException">It is larger than <see cref="MaxContent"/>.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> content)
    {
        if (content.Length > MaxContent)
        {
            throw new RecordTooLargeException($"A record of {content.Length} bytes is above the limit of {MaxContent}.");
        }

        return content.Length >= CompressFrom && TryCompress(content) is { } compressed ? compressed : Plain(content);
    }

    /// <summary>Checks and unwraps. The result shares the memory of <paramref name="record"/> when that was not compressed.</summary>
    /// <exception cref="InvalidDataException">The record is damaged, or newer than this software.</exception>
    public static ReadOnlyMemory<byte> Open(ReadOnlyMemory<byte> record)
    {
        var span = record.Span;
        if (span.Length < HeaderBytes + ChecksumBytes)
        {
            throw WireReader.Damaged($"has {span.Length} bytes, fewer than any record");
        }

        var body = span[..^ChecksumBytes];
        if (Checksum(body) != BinaryPrimitives.ReadUInt32LittleEndian(span[^ChecksumBytes..]))
        {
            throw WireReader.Damaged("does not match its checksum");
        }

        if (body[0] != Version || (body[1] & ~Brotli) != 0)
        {
            throw new InvalidDataException(
                $"The record has format version {body[0]}, flags {body[1]}; this software reads version {Version}. It was written by a newer release: run that one.");
        }

        var content = record[HeaderBytes..^ChecksumBytes];
        return (body[1] & Brotli) == 0 ? content : Decompress(content);
    }

    /// <summary>Bytes of the content, as the record says; of a damaged one, any number.</summary>
    public static long ContentLength(ReadOnlyMemory<byte> record)
    {
        if (record.Length <= HeaderBytes + ChecksumBytes || (record.Span[1] & Brotli) == 0)
        {
            return record.Length;
        }

        return (long)Math.Min(new WireReader(record[HeaderBytes..^ChecksumBytes]).ReadNumber(), long.MaxValue);
    }

    private static byte[] Plain(ReadOnlySpan<byte> content)
    {
        var record = new byte[HeaderBytes + content.Length + ChecksumBytes];
        content.CopyTo(record.AsSpan(HeaderBytes));
        return Finish(record, flags: 0);
    }

    private static byte[]? TryCompress(ReadOnlySpan<byte> content)
    {
        var prefix = new WireWriter(16);
        prefix.Number((ulong)content.Length);
        var start = HeaderBytes + prefix.Length;
        var room = new byte[content.Length]; // What needs more saves nothing.
        if (!BrotliEncoder.TryCompress(content, room.AsSpan(start), out var written, BrotliQuality, BrotliWindowBits))
        {
            return null;
        }

        prefix.Written.Span.CopyTo(room.AsSpan(HeaderBytes));
        Array.Resize(ref room, start + written + ChecksumBytes);
        return Finish(room, Brotli);
    }

    private static byte[] Finish(byte[] record, byte flags)
    {
        record[0] = Version;
        record[1] = flags;
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(record.Length - ChecksumBytes), Checksum(record.AsSpan(0, record.Length - ChecksumBytes)));
        return record;
    }

    private static byte[] Decompress(ReadOnlyMemory<byte> content)
    {
        var reader = new WireReader(content);
        var length = reader.ReadNumber();
        if (length > MaxContent)
        {
            throw WireReader.Damaged($"claims {length} bytes, above the limit of {MaxContent}");
        }

        return Expand(content.Span[reader.Position..], (int)length);
    }

    /// <summary>A claim is not believed before the bytes are there: the buffer grows with them.</summary>
    private static byte[] Expand(ReadOnlySpan<byte> compressed, int length)
    {
        var result = new byte[(int)Math.Min(length, Math.Max(FirstBuffer, compressed.Length * (long)UsualRatio))];
        var filled = 0;
        using var decoder = default(BrotliDecoder);
        while (true)
        {
            var status = decoder.Decompress(compressed, result.AsSpan(filled), out var consumed, out var written);
            compressed = compressed[consumed..];
            filled += written;
            if (status == OperationStatus.Done && filled == length && compressed.IsEmpty)
            {
                return result;
            }

            if (status != OperationStatus.DestinationTooSmall || result.Length == length)
            {
                throw WireReader.Damaged("can't be decompressed");
            }

            Array.Resize(ref result, (int)Math.Min(length, result.Length * 2L));
        }
    }

    /// <summary>CRC-32C.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
