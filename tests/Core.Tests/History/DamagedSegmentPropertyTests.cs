using CsCheck;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class DamagedSegmentPropertyTests
{
    [TestMethod]
    public void Decode_RandomBytes_ThrowsInvalidDataOnly() =>
        Gen.Byte.Array[0, 200].Sample(bytes => OnlyInvalidData(bytes) && OnlyInvalidData(Envelope.Seal(bytes)), iter: 20_000, threads: 1);

    [TestMethod]
    public void Decode_DamageBehindARightChecksum_ThrowsInvalidDataOnly()
    {
        var content = Envelope.Open(EventCodec.Encode(EventSamples.All)).ToArray();
        Gen.Select(Gen.Int[0, content.Length - 1], Gen.Byte, Gen.Int[0, content.Length]).Sample(
            (position, value, length) =>
            {
                var damaged = content.ToArray();
                damaged[position] = value;
                return OnlyInvalidData(Envelope.Seal(damaged)) && OnlyInvalidData(Envelope.Seal(damaged.AsSpan(0, length)));
            },
            iter: 20_000,
            threads: 1);
    }

    [TestMethod]
    public void Decode_DamagedCompression_ThrowsInvalidDataOnly()
    {
        var bytes = EventCodec.Encode(EventSamples.All);
        Assert.AreEqual(1, bytes[1]);
        Gen.Select(Gen.Int[2, bytes.Length - 5], Gen.Byte).Sample(
            (position, value) =>
            {
                var damaged = bytes.ToArray();
                damaged[position] = value;
                return OnlyInvalidData(DamagedSegmentTests.Resealed(damaged));
            },
            iter: 2_000,
            threads: 1);
    }

    private static bool OnlyInvalidData(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            EventCodec.Decode(bytes);
        }
        catch (InvalidDataException)
        {
            return true;
        }

        return true;
    }
}
