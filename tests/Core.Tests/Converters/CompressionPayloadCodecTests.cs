using System.IO.Compression;
using Serverless.Converters;
using Serverless.Exceptions;

namespace Core.Tests.Converters;

[TestClass]
public sealed class CompressionPayloadCodecTests
{
    private static readonly CompressionPayloadCodec s_codec = new();

    [TestMethod]
    public async Task Encode_LargeText_BecomesSmallerAndComesBack()
    {
        var payload = Text(10_000);

        var encoded = await s_codec.EncodeSingleAsync(payload);

        Assert.AreEqual("binary/brotli", encoded.Metadata["encoding"].ToStringUtf8());
        Assert.IsLessThan(100, encoded.Data.Length);
        CollectionAssert.AreEqual(payload.ToByteArray(), (await s_codec.DecodeSingleAsync(encoded)).ToByteArray());
    }

    [TestMethod]
    [DataRow(1023, true)]
    [DataRow(1024, false)]
    public async Task Encode_AtTheThreshold_IsCompressed(int bytes, bool left)
    {
        var payload = new Payload { Data = ByteString.CopyFrom(new byte[bytes]) };

        Assert.AreEqual(left, ReferenceEquals(payload, await s_codec.EncodeSingleAsync(payload)));
    }

    [TestMethod]
    public async Task Encode_WhatDoesNotBecomeSmaller_IsLeftAsItIs()
    {
        var noise = new byte[4096];
        new Random(1).NextBytes(noise);
        var payload = new Payload { Data = ByteString.CopyFrom(noise) };

        Assert.AreSame(payload, await s_codec.EncodeSingleAsync(payload));
    }

    [TestMethod]
    public async Task Encode_AboveTheLimit_IsLeftAsItIs()
    {
        var codec = new CompressionPayloadCodec(new() { MaxDecompressedBytes = 5_000 });
        var payload = Text(5_000);

        Assert.AreSame(payload, await codec.EncodeSingleAsync(payload));
    }

    [TestMethod]
    public async Task Decode_ExactlyTheLimit_IsAllowed()
    {
        var payload = Text(8_000);
        var encoded = await s_codec.EncodeSingleAsync(payload);
        var codec = new CompressionPayloadCodec(new() { MaxDecompressedBytes = payload.ToByteArray().Length });

        CollectionAssert.AreEqual(payload.ToByteArray(), (await codec.DecodeSingleAsync(encoded)).ToByteArray());
    }

    [TestMethod]
    public async Task Decode_Bomb_IsRefusedAtTheLimit()
    {
        var bomb = Compressed(new byte[200 * 1024 * 1024]);
        Assert.IsLessThan(100_000, bomb.Data.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var e = await Assert.ThrowsExactlyAsync<PayloadCodecException>(() => s_codec.DecodeSingleAsync(bomb));

        Assert.AreEqual(PayloadCodecError.TooLarge, e.Error);
        StringAssert.Contains(e.Message, "16777216");
        Assert.IsLessThan(64 * 1024 * 1024, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public async Task Decode_DamagedBytes_IsRefused()
    {
        var whole = (await s_codec.EncodeSingleAsync(Text(10_000))).Data.ToByteArray();
        byte[][] damaged = [[], whole[..^1], [.. whole, 0], [0xFF, .. whole], Compressed("no payload"u8.ToArray()).Data.ToByteArray()];
        foreach (var bytes in damaged)
        {
            var payload = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/brotli") }, Data = ByteString.CopyFrom(bytes) };

            var e = await Assert.ThrowsExactlyAsync<PayloadCodecException>(() => s_codec.DecodeSingleAsync(payload));

            Assert.AreEqual(PayloadCodecError.Damaged, e.Error);
        }
    }

    [TestMethod]
    public async Task Decode_NotCompressed_IsLeftAsItIs()
    {
        var payload = Text(10_000);

        Assert.AreSame(payload, await s_codec.DecodeSingleAsync(payload));
    }

    [TestMethod]
    public void Create_ImpossibleLimits_IsRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new CompressionPayloadCodec(new() { MinBytes = -1 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new CompressionPayloadCodec(new() { MaxDecompressedBytes = 4095 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new CompressionPayloadCodec(new() { MaxDecompressedBytes = int.MaxValue }));
    }

    private static Payload Text(int length) => new DefaultPayloadConverter().ToPayload(new string('x', length));

    private static Payload Compressed(byte[] bytes)
    {
        var room = new byte[bytes.Length / 1000 + 1000];
        Assert.IsTrue(BrotliEncoder.TryCompress(bytes, room, out var written, quality: 1, window: 22));
        return new() { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/brotli") }, Data = ByteString.CopyFrom(room.AsSpan(0, written)) };
    }
}
