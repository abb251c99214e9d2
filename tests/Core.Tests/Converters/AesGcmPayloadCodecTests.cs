using Serverless.Converters;
using Serverless.Exceptions;

namespace Core.Tests.Converters;

[TestClass]
public sealed class AesGcmPayloadCodecTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] s_oldKey = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];
    private static readonly AesGcmPayloadCodec s_codec = new("k1", s_key);
    private static readonly Payload s_payload = new DefaultPayloadConverter().ToPayload("a secret");

    [TestMethod]
    public async Task Encode_Payload_HidesItAndNamesTheKey()
    {
        var encoded = await s_codec.EncodeSingleAsync(s_payload);

        Assert.AreEqual("binary/encrypted", encoded.Metadata["encoding"].ToStringUtf8());
        Assert.AreEqual("k1", encoded.Metadata["encryption-key-id"].ToStringUtf8());
        Assert.AreEqual(2, encoded.Metadata.Count);
        Assert.AreEqual(12 + s_payload.ToByteArray().Length + 16, encoded.Data.Length);
        Assert.IsFalse(System.Text.Encoding.Latin1.GetString(encoded.Data.Span).Contains("secret", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task Decode_WhatWasEncoded_IsTheSame()
    {
        var decoded = await s_codec.DecodeSingleAsync(await s_codec.EncodeSingleAsync(s_payload));

        Assert.AreEqual("a secret", new DefaultPayloadConverter().ToValue<string>(decoded));
        CollectionAssert.AreEqual(s_payload.ToByteArray(), decoded.ToByteArray());
    }

    [TestMethod]
    public async Task Decode_BytesOfAnotherImplementation_GivesThePayload()
    {
        // AES-256-GCM of 0A160A08656E636F64696E67120A6A736F6E2F706C61696E12027B7D with key 00..1F and nonce 01 x 12, made with another library.
        var foreign = new Payload
        {
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/encrypted"), ["encryption-key-id"] = ByteString.CopyFromUtf8("k1") },
            Data = ByteString.CopyFrom(Convert.FromHexString("0101010101010101010101017DD5EF3D0DEB0B09B03D097F0A6D38ABA400A0ABFDE27FB2E1D97C913E0847EEE6FF5307348854598EAD6415")),
        };

        var decoded = await s_codec.DecodeSingleAsync(foreign);

        Assert.AreEqual("{}", decoded.Data.ToStringUtf8());
        Assert.AreEqual("json/plain", decoded.Metadata["encoding"].ToStringUtf8());
    }

    [TestMethod]
    public async Task Encode_SamePayloadTwice_UsesTwoNonces()
    {
        var encoded = (await s_codec.EncodeAsync([s_payload, s_payload])).ToArray();

        Assert.AreNotEqual(encoded[0].Data, encoded[1].Data);
    }

    [TestMethod]
    public async Task Encode_GivenNonces_UsesThem()
    {
        var codec = new AesGcmPayloadCodec("k1", new Dictionary<string, byte[]> { ["k1"] = s_key }, nonce => nonce.Fill(7));

        var encoded = await codec.EncodeSingleAsync(s_payload);

        CollectionAssert.AreEqual(Enumerable.Repeat((byte)7, 12).ToArray(), encoded.Data.Span[..12].ToArray());
    }

    [TestMethod]
    public async Task Decode_OlderKey_WorksWhenItIsStillGiven()
    {
        var old = await new AesGcmPayloadCodec("k0", s_oldKey).EncodeSingleAsync(s_payload);
        var rotated = new AesGcmPayloadCodec("k1", new Dictionary<string, byte[]> { ["k0"] = s_oldKey, ["k1"] = s_key });

        CollectionAssert.AreEqual(s_payload.ToByteArray(), (await rotated.DecodeSingleAsync(old)).ToByteArray());
        Assert.AreEqual("k1", (await rotated.EncodeSingleAsync(s_payload)).Metadata["encryption-key-id"].ToStringUtf8());
    }

    [TestMethod]
    public async Task Decode_UnknownKey_NamesIt()
    {
        var foreign = await new AesGcmPayloadCodec("k0", s_oldKey).EncodeSingleAsync(s_payload);

        var e = await Assert.ThrowsExactlyAsync<PayloadCodecException>(() => s_codec.DecodeSingleAsync(foreign));

        Assert.AreEqual(PayloadCodecError.UnknownKey, e.Error);
        StringAssert.Contains(e.Message, "'k0'");
    }

    [TestMethod]
    public async Task Decode_AnotherKeyOfThatId_IsRefused()
    {
        var foreign = await new AesGcmPayloadCodec("k1", s_oldKey).EncodeSingleAsync(s_payload);

        var e = await Assert.ThrowsExactlyAsync<PayloadCodecException>(() => s_codec.DecodeSingleAsync(foreign));

        Assert.AreEqual(PayloadCodecError.NotAuthentic, e.Error);
    }

    [TestMethod]
    public async Task Decode_AnyBitChanged_IsRefused()
    {
        var bytes = (await s_codec.EncodeSingleAsync(s_payload)).Data.ToByteArray();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = bytes.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            var e = await Assert.ThrowsExactlyAsync<PayloadCodecException>(() => s_codec.DecodeSingleAsync(Encrypted(changed)));

            Assert.AreEqual(PayloadCodecError.NotAuthentic, e.Error, $"bit {bit}");
        }
    }

    [TestMethod]
    public async Task Decode_TooFewBytesOrNoKeyId_IsRefused()
    {
        var noKeyId = Encrypted(new byte[40]);
        noKeyId.Metadata.Remove("encryption-key-id");
        foreach (var damaged in new[] { Encrypted(new byte[27]), noKeyId })
        {
            var e = await Assert.ThrowsExactlyAsync<PayloadCodecException>(() => s_codec.DecodeSingleAsync(damaged));

            Assert.AreEqual(PayloadCodecError.Damaged, e.Error);
        }
    }

    [TestMethod]
    public async Task Decode_NotEncrypted_IsLeftAsItIs() => Assert.AreSame(s_payload, await s_codec.DecodeSingleAsync(s_payload));

    [TestMethod]
    public void Create_WrongKeys_IsRefused()
    {
        var tooShort = Assert.ThrowsExactly<ArgumentException>(() => new AesGcmPayloadCodec("k1", new byte[16]));
        StringAssert.Contains(tooShort.Message, "'k1' has 16 bytes");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new AesGcmPayloadCodec("k2", new Dictionary<string, byte[]> { ["k1"] = s_key })).Message, "'k2'");
        Assert.ThrowsExactly<ArgumentException>(() => new AesGcmPayloadCodec("", s_key));
    }

    [TestMethod]
    public async Task Create_KeyChangedAfterwards_KeepsTheOneGiven()
    {
        var key = s_key.ToArray();
        var codec = new AesGcmPayloadCodec("k1", key);
        Array.Clear(key);

        CollectionAssert.AreEqual(s_payload.ToByteArray(), (await s_codec.DecodeSingleAsync(await codec.EncodeSingleAsync(s_payload))).ToByteArray());
    }

    private static Payload Encrypted(byte[] data) => new()
    {
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/encrypted"), ["encryption-key-id"] = ByteString.CopyFromUtf8("k1") },
        Data = ByteString.CopyFrom(data),
    };
}
