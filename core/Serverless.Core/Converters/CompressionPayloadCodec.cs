using System.IO.Compression;
using Serverless.Exceptions;

namespace Serverless.Converters;

/// <summary>
/// Compresses payloads with Brotli. Histories are compressed as they are stored, so this pays for payloads above the size that moves them to a blob (32 KiB), and for those
/// that are encrypted afterwards: put it before <see cref="AesGcmPayloadCodec"/> in a <see cref="ChainedPayloadCodec"/>. Usable from several threads.
/// </summary>
/// <remarks>A compressed payload has the metadata "encoding" = "binary/brotli"; its data is the whole payload, compressed.</remarks>
public sealed class CompressionPayloadCodec : IPayloadCodec
{
    internal const string EncodingName = "binary/brotli";
    private const int Quality = 4;
    private const int WindowBits = 22;

    /// <summary>About what the metadata of a compressed payload takes: less than this is nothing saved.</summary>
    private const int Overhead = 32;

    private const int FirstBuffer = 4 * 1024;
    private static readonly ByteString s_encoding = ByteString.CopyFromUtf8(EncodingName);
    private readonly CompressionPayloadCodecOptions _options;

    /// <summary>Creates the codec with the default settings.</summary>
    public CompressionPayloadCodec()
        : this(new CompressionPayloadCodecOptions())
    {
    }

    /// <summary>Creates the codec.</summary>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public CompressionPayloadCodec(CompressionPayloadCodecOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MinBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxDecompressedBytes, FirstBuffer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxDecompressedBytes, CompressionPayloadCodecOptions.LargestMaxDecompressedBytes);
        _options = options;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        return Task.FromResult<IReadOnlyCollection<Payload>>([.. payloads.Select(Compress)]);
    }

    /// <inheritdoc/>
    /// <exception cref="PayloadCodecException">The payload is damaged, or larger than allowed.</exception>
    public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        return Task.FromResult<IReadOnlyCollection<Payload>>([.. payloads.Select(Decompress)]);
    }

    private Payload Compress(Payload payload)
    {
        if (payload.Data.Length < Math.Max(_options.MinBytes, Overhead))
        {
            return payload;
        }

        // What could not be read back is not compressed.
        var whole = payload.ToByteArray();
        var room = new byte[whole.Length - Overhead];
        return whole.Length <= _options.MaxDecompressedBytes && BrotliEncoder.TryCompress(whole, room, out var written, Quality, WindowBits)
            ? new Payload { Metadata = { [PayloadEncoding.Key] = s_encoding }, Data = ByteString.Wrap(room.AsMemory(0, written)) }
            : payload;
    }

    private Payload Decompress(Payload payload)
    {
        if (payload.Metadata.GetValueOrDefault(PayloadEncoding.Key) != s_encoding)
        {
            return payload;
        }

        try
        {
            return Payload.Parser.ParseFrom(ByteString.Wrap(Expand(payload.Data.Span)));
        }
        catch (InvalidDataException e)
        {
            throw new PayloadCodecException(PayloadCodecError.Damaged, "A payload says that it is compressed, but what it holds is no compressed payload.", e);
        }
    }

    /// <summary>Never holds more than twice the limit, whatever the bytes claim.</summary>
    private ReadOnlyMemory<byte> Expand(ReadOnlySpan<byte> compressed)
    {
        var buffer = new byte[FirstBuffer];
        var length = 0;
        using var decoder = default(BrotliDecoder);
        while (true)
        {
            var status = decoder.Decompress(compressed, buffer.AsSpan(length), out var consumed, out var written);
            compressed = compressed[consumed..];
            length += written;
            switch (status)
            {
                case System.Buffers.OperationStatus.Done when compressed.IsEmpty:
                    return buffer.AsMemory(0, length);
                case System.Buffers.OperationStatus.DestinationTooSmall when length >= _options.MaxDecompressedBytes:
                    throw new PayloadCodecException(
                        PayloadCodecError.TooLarge,
                        $"A compressed payload has more than {_options.MaxDecompressedBytes} bytes. Raise MaxDecompressedBytes if it was written by code of yours.");
                case System.Buffers.OperationStatus.DestinationTooSmall:
                    Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, _options.MaxDecompressedBytes));
                    break;
                default:
                    throw new InvalidDataException($"Decompression ended with {status}, {compressed.Length} bytes left.");
            }
        }
    }
}

/// <summary>Settings of <see cref="CompressionPayloadCodec"/>.</summary>
public sealed record CompressionPayloadCodecOptions
{
    internal const int LargestMaxDecompressedBytes = 1024 * 1024 * 1024;

    /// <summary>Data of fewer bytes is not compressed; nor is what does not become smaller by it. 0 or more; default 1 KiB.</summary>
    public int MinBytes { get; init; } = 1024;

    /// <summary>
    /// Largest size in bytes of a payload before compression. 4 KiB to 1 GiB; default 16 MiB. A larger one is not compressed; bytes that would expand beyond it are refused.
    /// Must not be lowered while payloads above it are in use.
    /// </summary>
    public int MaxDecompressedBytes { get; init; } = 16 * 1024 * 1024;
}
