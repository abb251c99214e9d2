using System.Text;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class EnvelopeTests
{
    [TestMethod]
    [DataRow("", 0x00000000u)]
    [DataRow("31", 0x90F599E3u)]
    [DataRow("313233343536373839", 0xE3069283u)]
    [DataRow("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [DataRow("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43u)]
    [DataRow("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", 0x46DD794Eu)]
    public void Checksum_IsCrc32C(string bytes, uint checksum) => Assert.AreEqual(checksum, Envelope.Checksum(Convert.FromHexString(bytes)));

    [TestMethod]
    public void Seal_Small_IsVersionFlagsContentAndChecksum()
    {
        var record = Envelope.Seal([7, 8]);
        Assert.AreEqual("01000708", Convert.ToHexString(record.AsSpan(0, 4)));
        Assert.AreEqual(Envelope.Checksum(record.AsSpan(0, 4)), BitConverter.ToUInt32(record.AsSpan(4)));
        Assert.HasCount(8, record);
    }

    [TestMethod]
    public void Open_NotCompressed_SharesTheMemoryOfTheRecord()
    {
        var record = Envelope.Seal([7, 8]);
        var content = Envelope.Open(record);
        CollectionAssert.AreEqual(new byte[] { 7, 8 }, content.ToArray());
        Assert.IsTrue(content.Span.Overlaps(record));
    }

    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(Envelope.CompressFrom - 1, 0)]
    [DataRow(Envelope.CompressFrom, 1)]
    public void Seal_CompressesFromASizeOn(int length, int flags)
    {
        var content = Encoding.ASCII.GetBytes(new string('a', length));
        var record = Envelope.Seal(content);
        Assert.AreEqual(flags, record[1]);
        CollectionAssert.AreEqual(content, Envelope.Open(record).ToArray());
    }

    [TestMethod]
    public void Seal_CompressesOnlyWhatBecomesSmaller()
    {
        var kinds = new HashSet<byte>();
        for (var noisy = 1_000; noisy <= 1_100; noisy++)
        {
            var content = new byte[1_100];
            new Random(3).NextBytes(content.AsSpan(0, noisy));
            var record = Envelope.Seal(content);
            var plain = content.Length + 6;
            Assert.IsTrue(record[1] == 1 ? record.Length < plain : record.Length == plain, $"{noisy}: {record.Length}");
            CollectionAssert.AreEqual(content, Envelope.Open(record).ToArray());
            kinds.Add(record[1]);
        }

        Assert.HasCount(2, kinds);
    }

    [TestMethod]
    public void Seal_TheLargestContent_ComesBack() =>
        Assert.AreEqual(Envelope.MaxContent, Envelope.Open(Envelope.Seal(new byte[Envelope.MaxContent])).Length);

    [TestMethod]
    public void Seal_ContentAboveTheLimit_IsRefused()
    {
        var error = Assert.ThrowsExactly<RecordTooLargeException>(() => Envelope.Seal(new byte[Envelope.MaxContent + 1]));
        Assert.StartsWith("A record of 67108865 bytes is above the limit of 67108864.", error.Message);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(5)]
    public void Open_FewerBytesThanAnyRecord_IsDamage(int length) =>
        Assert.AreEqual(
            $"The record is damaged: it has {length} bytes, fewer than any record.",
            Assert.ThrowsExactly<InvalidDataException>(() => Envelope.Open(new byte[length])).Message);

    [TestMethod]
    public void Open_EmptyContent_IsARecord() => Assert.AreEqual(0, Envelope.Open(Envelope.Seal([])).Length);

    [TestMethod]
    public void Open_ChangedByte_IsDamage()
    {
        var record = Envelope.Seal([7, 8]);
        record[2]++;
        Assert.AreEqual(
            "The record is damaged: it does not match its checksum.",
            Assert.ThrowsExactly<InvalidDataException>(() => Envelope.Open(record)).Message);
    }

    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(2, 0)]
    [DataRow(1, 2)]
    [DataRow(1, 3)]
    [DataRow(1, 128)]
    public void Open_AnotherVersionOrUnknownFlags_IsRefusedWithTheCure(int version, int flags) =>
        Assert.AreEqual(
            $"The record has format version {version}, flags {flags}; this software reads version 1. It was written by a newer release: run that one.",
            Assert.ThrowsExactly<InvalidDataException>(() => Envelope.Open(Record((byte)version, (byte)flags, [0]))).Message);

    [TestMethod]
    [DataRow(-1)]
    [DataRow(1)]
    public void Open_CompressedContentOfAnotherLengthThanItClaims_IsDamage(int difference)
    {
        var record = Envelope.Seal(new byte[2_000]);
        Assert.AreEqual(1, record[1]);
        var claim = new WireWriter();
        claim.Number((ulong)(2_000 + difference));
        var damaged = Record(1, 1, [.. claim.ToArray(), .. record[4..^4]]);
        Assert.AreEqual("The record is damaged: it can't be decompressed.", Assert.ThrowsExactly<InvalidDataException>(() => Envelope.Open(damaged)).Message);
    }

    [TestMethod]
    public void Open_ClaimOfTheLargestContent_IsTried()
    {
        var claim = new WireWriter();
        claim.Number(Envelope.MaxContent);
        Assert.AreEqual(
            "The record is damaged: it can't be decompressed.",
            Assert.ThrowsExactly<InvalidDataException>(() => Envelope.Open(Record(1, 1, claim.ToArray()))).Message);
    }

    [TestMethod]
    public void Open_LargeContentOfTheUsualRatio_IsReadIntoOneBuffer()
    {
        var content = new byte[2_000_000];
        new Random(4).NextBytes(content);
        for (var i = 0; i < content.Length; i++)
        {
            content[i] &= 0x0F;
        }

        var record = Envelope.Seal(content);
        Assert.IsLessThan(content.Length * 2 / 3, record.Length);
        Envelope.Open(record);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var opened = Envelope.Open(record);
        Assert.IsLessThan(content.Length * 3 / 2, GC.GetAllocatedBytesForCurrentThread() - before);
        CollectionAssert.AreEqual(content, opened.ToArray());
    }

    [TestMethod]
    public void ContentLength_Compressed_IsWhatTheRecordSays() => Assert.AreEqual(2_000, Envelope.ContentLength(Envelope.Seal(new byte[2_000])));

    [TestMethod]
    public void ContentLength_NotCompressed_IsThatOfTheRecord() => Assert.AreEqual(8, Envelope.ContentLength(Envelope.Seal([7, 8])));

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    [DataRow(6)]
    public void ContentLength_TooShortToSay_IsThatOfTheRecord(int length)
    {
        var record = new byte[length];
        record.AsSpan().Fill(1);
        Assert.AreEqual(length, Envelope.ContentLength(record));
    }

    [TestMethod]
    public void ContentLength_ClaimBeyondAnyNumber_IsTheLargestNumber()
    {
        var claim = new WireWriter();
        claim.Number(ulong.MaxValue);
        Assert.AreEqual(long.MaxValue, Envelope.ContentLength(Record(1, 1, claim.ToArray())));
    }

    private static byte[] Record(byte version, byte flags, byte[] content) => DamagedSegmentTests.Resealed([version, flags, .. content, 0, 0, 0, 0]);
}
