using System.Text;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class DamagedSegmentTests
{
    [TestMethod]
    public void Decode_UnknownKind_NamesKindAndSegment()
    {
        var writer = Head(17);
        Event(writer, 1234, _ => { });
        var error = Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(Envelope.Seal(writer.Written.Span)));
        Assert.AreEqual(
            "History segment from event 17, event 17 of kind 1234: This kind is unknown here: it was written by a newer release. Run that release or a later one.",
            error.Message);
    }

    [TestMethod]
    public void Decode_UnknownFields_AreSkipped()
    {
        var writer = Head(1);
        Event(writer, (ulong)EventKind.TimerFired, w =>
        {
            w.Field(900, "a text");
            w.Field(EventTag.Event, 6L);
            w.Fixed(901, 5);
            w.Field(902, 1.5f);
            w.Field(903, 77L);
        });
        Assert.AreEqual(6, ((TimerFired)EventCodec.Decode(Envelope.Seal(writer.Written.Span)).Single()).StartedEventId);
    }

    [TestMethod]
    public void Decode_NewerVersionOrFlags_IsRefusedWithTheCure()
    {
        foreach (var position in new[] { 0, 1 })
        {
            var bytes = EventCodec.Encode(EventSamples.Usual);
            bytes[position] = 9;
            var error = Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(Resealed(bytes)));
            Assert.Contains("newer release", error.Message);
        }
    }

    [TestMethod]
    public void Decode_AnyBitFlipped_IsNoticed()
    {
        var bytes = EventCodec.Encode(EventSamples.Usual);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [TestMethod]
    public void Decode_AnyTruncation_IsNoticed()
    {
        foreach (var bytes in new[] { EventCodec.Encode(EventSamples.Usual), EventCodec.Encode(EventSamples.All) })
        {
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(bytes.AsMemory(0, length)));
            }
        }
    }

    [TestMethod]
    public void Decode_ClaimOfHugeContent_IsRefusedBeforeItIsAllocated()
    {
        var writer = new WireWriter();
        writer.Number(1); // version
        writer.Number(1); // compressed
        writer.Number(Envelope.MaxContent + 1UL);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Envelope.Open(Resealed([.. writer.ToArray(), 0, 0, 0, 0])));
        Assert.AreEqual("The record is damaged: it claims 67108865 bytes, above the limit of 67108864.", error.Message);
    }

    [TestMethod]
    public void Decode_TooManyNestedCauses_IsRefused()
    {
        var writer = Head(1);
        Event(writer, (ulong)EventKind.WorkflowFailed, w =>
        {
            int[] marks = [w.Open(EventTag.Failure), .. Enumerable.Range(0, 1_000).Select(_ => w.Open(4))];
            foreach (var mark in marks.Reverse())
            {
                w.Close(mark);
            }
        });
        var error = Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(Envelope.Seal(writer.Written.Span)));
        Assert.EndsWith("it has more than 64 nested causes.", error.Message);
    }

    [TestMethod]
    public void Decode_FieldOfAnotherWireType_IsDamage()
    {
        var writer = Head(1);
        Event(writer, (ulong)EventKind.TimerFired, w => w.Field(EventTag.Event, "six"));
        var error = Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(Envelope.Seal(writer.Written.Span)));
        Assert.EndsWith("it has a field of kind Bytes where Number belongs.", error.Message);
    }

    [TestMethod]
    public void Decode_TimeBeyondTheCalendar_IsDamage()
    {
        var writer = new WireWriter();
        writer.Signed(1);
        writer.Signed(long.MaxValue);
        writer.Number(1);
        Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(Envelope.Seal(writer.Written.Span)));
    }

    [TestMethod]
    public void Decode_TextThatIsNotUtf8_IsReplacedNotThrown()
    {
        var writer = Head(1);
        Event(writer, (ulong)EventKind.PatchMarked, w => w.Field(EventTag.Id, (ReadOnlyMemory<byte>)new byte[] { 0xFF, 0x41 }));
        Assert.AreEqual("\uFFFDA", ((PatchMarked)EventCodec.Decode(Envelope.Seal(writer.Written.Span)).Single()).PatchId);
        Assert.AreEqual(2, Encoding.UTF8.GetString([0xFF, 0x41]).Length);
    }

    private static WireWriter Head(long firstId)
    {
        var writer = new WireWriter();
        writer.Signed(firstId);
        writer.Signed(EventSamples.Start.UtcTicks);
        return writer;
    }

    private static void Event(WireWriter writer, ulong kind, Action<WireWriter> fields)
    {
        writer.Number(kind);
        writer.Signed(0);
        var mark = writer.OpenBare();
        fields(writer);
        writer.Close(mark);
    }

    /// <summary>Gives altered bytes the checksum that belongs to them, so that the checks behind it are reached.</summary>
    public static byte[] Resealed(byte[] record)
    {
        BitConverter.TryWriteBytes(record.AsSpan(record.Length - 4), Envelope.Checksum(record.AsSpan(0, record.Length - 4)));
        return record;
    }
}
