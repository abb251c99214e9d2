using System.Text;
using Serverless.History;

namespace Core.Tests.History;

/// <summary>The bytes of fields, which are those of protocol buffers.</summary>
[TestClass]
public sealed class WireTests
{
    private static readonly long[] Longs = [long.MinValue, int.MinValue - 1L, int.MinValue, -65, -64, -1, 0, 1, 63, 64, int.MaxValue, int.MaxValue + 1L, long.MaxValue];

    [TestMethod]
    [DataRow(0UL, "00")]
    [DataRow(0x7FUL, "7F")]
    [DataRow(0x80UL, "8001")]
    [DataRow(0x3FFFUL, "FF7F")]
    [DataRow(0x4000UL, "808001")]
    [DataRow(ulong.MaxValue, "FFFFFFFFFFFFFFFFFF01")]
    public void Number_HasSevenBitsAByte(ulong value, string bytes)
    {
        var writer = new WireWriter();
        writer.Number(value);
        Assert.AreEqual(bytes, Hex(writer));
        var reader = new WireReader(writer.Written);
        Assert.AreEqual(value, reader.ReadNumber());
        Assert.IsTrue(reader.AtEnd);
        Assert.AreEqual(bytes.Length / 2, reader.Position);
    }

    [TestMethod]
    public void EachField_HasTheBytesOfProtocolBuffers()
    {
        Assert.AreEqual("0A0161", Hex(w => w.Field(1, "a")));
        Assert.AreEqual("0A00", Hex(w => w.Field(1, "")));
        Assert.AreEqual("0801", Hex(w => w.Field(1, -1L)));
        Assert.AreEqual("08FF01", Hex(w => w.Field(1, -128L)));
        Assert.AreEqual("0800", Hex(w => w.Field(1, (long?)0)));
        Assert.AreEqual("0805", Hex(w => w.Field(1, 5UL)));
        Assert.AreEqual("0801", Hex(w => w.Field(1, true)));
        Assert.AreEqual("090807060504030201", Hex(w => w.Fixed(1, 0x0102030405060708)));
        Assert.AreEqual("0D0000C03F", Hex(w => w.Field(1, 1.5f)));
        Assert.AreEqual("0D00000000", Hex(w => w.Field(1, 0f)));
        Assert.AreEqual("0814", Hex(w => w.Field(1, TimeSpan.FromTicks(10))));
        Assert.AreEqual("0806", Hex(w => w.Field(1, new DateTimeOffset(3, TimeSpan.Zero))));
        Assert.AreEqual("0A02FF00", Hex(w => w.Field(1, (ReadOnlyMemory<byte>)new byte[] { 0xFF, 0 })));
        Assert.AreEqual("FAFFFFFF0F0161", Hex(w => w.Field(0x1FFF_FFFF, "a")));
    }

    [TestMethod]
    public void NothingToSay_WritesNothing()
    {
        var writer = new WireWriter();
        writer.Field(1, (string?)null);
        writer.Field(1, 0L);
        writer.Field(1, (long?)null);
        writer.Field(1, 0UL);
        writer.Field(1, false);
        writer.Fixed(1, 0);
        writer.Field(1, (float?)null);
        writer.Field(1, (TimeSpan?)null);
        writer.Field(1, (DateTimeOffset?)null);
        writer.Field(1, ReadOnlyMemory<byte>.Empty);
        Assert.AreEqual(0, writer.Length);
        Assert.IsEmpty(writer.ToArray());
    }

    [TestMethod]
    public void Numbers_ComeBack()
    {
        foreach (var value in Longs)
        {
            var signed = Only(w => w.Field(7, (long?)value), 7);
            Assert.AreEqual(value, signed.Signed());
            Assert.AreEqual(TimeSpan.FromTicks(value), signed.Duration());
            Assert.AreEqual(value != 0, signed.Flag());
            if (value is >= int.MinValue and <= int.MaxValue)
            {
                Assert.AreEqual((int)value, signed.Int());
            }
            else
            {
                Assert.AreEqual("The record is damaged: it has a number out of range.", Refused(w => w.Field(7, value), static (in r) => r.Int()));
            }

            if (value != 0)
            {
                Assert.AreEqual((ulong)value, Only(w => w.Field(7, (ulong)value), 7).Number());
                Assert.AreEqual((ulong)value, Only(w => w.Fixed(7, (ulong)value), 7).Fixed());
            }

            Assert.AreEqual((float)value, Only(w => w.Field(7, (float)value), 7).Float());
        }
    }

    [TestMethod]
    public void Text_OfAnyLengthAndScript_ComesBack()
    {
        foreach (var length in new[] { 0, 1, 41, 42, 43, 63, 64, 126, 127, 128, 129, 5000, 20_000 })
        {
            foreach (var letter in new[] { "a", "ü", "雪", "😀" })
            {
                var text = string.Concat(Enumerable.Repeat(letter, length));
                var field = Only(w => w.Field(3, text), 3);
                Assert.AreEqual(text, field.Text());
                Assert.AreEqual(text, field.Name());
                CollectionAssert.AreEqual(Encoding.UTF8.GetBytes(text), field.Bytes().ToArray());
            }
        }
    }

    [TestMethod]
    public void Text_InRoomThatJustSuffices_ComesBack()
    {
        for (var before = 0; before < 80; before++)
        {
            foreach (var text in new[] { "abc", new string('ü', 41), new string('b', 60) })
            {
                var writer = new WireWriter(0);
                writer.Field(1, (ReadOnlyMemory<byte>)new byte[before]);
                writer.Field(2, text);
                writer.Number(ulong.MaxValue);
                var reader = new WireReader(writer.Written);
                Assert.AreEqual(before > 0, reader.TryNext(out var tag) && tag == 1);
                Assert.IsTrue(tag == 2 || reader.TryNext(out tag));
                Assert.AreEqual(2, tag);
                Assert.AreEqual(text, reader.Text());
                Assert.AreEqual(ulong.MaxValue, reader.ReadNumber());
                Assert.IsTrue(reader.AtEnd);
            }
        }
    }

    [TestMethod]
    [DataRow(0, "00")]
    [DataRow(127, "7F")]
    [DataRow(128, "8001")]
    [DataRow(16_383, "FF7F")]
    [DataRow(16_384, "808001")]
    [DataRow(2_097_152, "80808001")]
    public void Block_OfAnyLength_StandsBehindItsLength(int length, string prefix)
    {
        var content = Enumerable.Range(0, length).Select(static i => (byte)(i * 31)).ToArray();
        var writer = new WireWriter();
        writer.Number(9);
        var mark = writer.OpenBare();
        foreach (var b in content)
        {
            writer.Number((ulong)(b & 0x7F));
        }

        writer.Close(mark);
        writer.Number(8);
        Assert.AreEqual("09" + prefix, Convert.ToHexString(writer.Written.Span[..(1 + (prefix.Length / 2))]));
        var reader = new WireReader(writer.Written);
        Assert.AreEqual(9UL, reader.ReadNumber());
        var block = reader.ReadBlock();
        Assert.AreEqual(8UL, reader.ReadNumber());
        Assert.IsTrue(reader.AtEnd);
        foreach (var b in content)
        {
            Assert.AreEqual((ulong)(b & 0x7F), block.ReadNumber());
        }

        Assert.IsTrue(block.AtEnd);
    }

    [TestMethod]
    public void Block_OpenedAtTheEndOfTheRoom_HasRoom()
    {
        for (var before = 0; before < 80; before++)
        {
            var writer = new WireWriter(before);
            for (var i = 0; i < before; i++)
            {
                writer.Number(1);
            }

            writer.Close(writer.Open(2));
            Assert.AreEqual("1200", Hex(writer)[(before * 2)..]);
        }
    }

    [TestMethod]
    public void Room_GrowsWithWhatIsWritten_NotWithThePast()
    {
        var writer = new WireWriter();
        writer.Field(1, (ReadOnlyMemory<byte>)new byte[10_000_000]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            writer.Number(1);
        }

        Assert.IsLessThan(25_000_000, GC.GetAllocatedBytesForCurrentThread() - before, "It grows by doubling, not by each write.");
    }

    [TestMethod]
    public void Messages_MayBeNested()
    {
        var outer = Only(
            w =>
            {
                var mark = w.Open(1);
                var inner = w.Open(2);
                w.Field(3, new string('x', 130));
                w.Close(inner);
                w.Field(4, 4L);
                w.Close(mark);
            },
            1).Message();
        Assert.IsTrue(outer.TryNext(out var tag));
        Assert.AreEqual(2, tag);
        var nested = outer.Message();
        Assert.IsTrue(nested.TryNext(out tag));
        Assert.AreEqual(3, tag);
        Assert.AreEqual(new string('x', 130), nested.Text());
        Assert.IsFalse(nested.TryNext(out tag));
        Assert.AreEqual(0, tag);
        Assert.IsTrue(outer.TryNext(out tag));
        Assert.AreEqual(4, tag);
        Assert.AreEqual(4, outer.Signed());
    }

    [TestMethod]
    [DataRow("00", "has an impossible field tag")]
    [DataRow("0700", "has an impossible field tag")]
    [DataRow("808080801000", "has an impossible field tag")]
    [DataRow("FFFFFFFF0F", "has an unknown kind of field")]
    [DataRow("0B", "has an unknown kind of field")]
    [DataRow("0C", "has an unknown kind of field")]
    [DataRow("0E", "has an unknown kind of field")]
    [DataRow("08", "ends inside a number")]
    [DataRow("0880", "ends inside a number")]
    [DataRow("0A", "ends inside a number")]
    [DataRow("0A0161FF", "ends inside a number")]
    [DataRow("0880808080808080808080", "has a number of more than 64 bits")]
    [DataRow("0A0161120261", "ends inside a field")]
    [DataRow("0AFFFFFFFFFFFFFFFFFF01", "ends inside a field")]
    [DataRow("0900000000000000", "ends inside a field")]
    [DataRow("0D000000", "ends inside a field")]
    public void Damage_IsNamed(string bytes, string damage)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            var reader = new WireReader(Convert.FromHexString(bytes));
            while (reader.TryNext(out _))
            {
            }
        });
        Assert.AreEqual($"The record is damaged: it {damage}.", error.Message);
    }

    [TestMethod]
    [DataRow("0800")]
    [DataRow("F8FFFFFF0F00")]
    [DataRow("0A00")]
    [DataRow("0A0161")]
    [DataRow("090000000000000000")]
    [DataRow("0D00000000")]
    [DataRow("08FFFFFFFFFFFFFFFFFF01")]
    public void FieldThatJustFits_IsWhole(string bytes)
    {
        var reader = new WireReader(Convert.FromHexString(bytes));
        Assert.IsTrue(reader.TryNext(out _));
        Assert.IsFalse(reader.TryNext(out _));
    }

    [TestMethod]
    public void FieldOfAnotherKind_IsDamage()
    {
        Assert.AreEqual(Expected("Number", "Bytes"), Refused(static w => w.Field(1, 1L), static (in r) => r.Text()));
        Assert.AreEqual(Expected("Number", "Bytes"), Refused(static w => w.Field(1, 1L), static (in r) => r.Name()));
        Assert.AreEqual(Expected("Number", "Bytes"), Refused(static w => w.Field(1, 1L), static (in r) => r.Bytes()));
        Assert.AreEqual(Expected("Number", "Bytes"), Refused(static w => w.Field(1, 1L), static (in r) => r.Message()));
        Assert.AreEqual(Expected("Number", "Fixed64"), Refused(static w => w.Field(1, 1L), static (in r) => r.Fixed()));
        Assert.AreEqual(Expected("Fixed64", "Fixed32"), Refused(static w => w.Fixed(1, 1), static (in r) => r.Float()));
        Assert.AreEqual(Expected("Fixed32", "Number"), Refused(static w => w.Field(1, 1f), static (in r) => r.Signed()));
        Assert.AreEqual(Expected("Bytes", "Number"), Refused(static w => w.Field(1, "a"), static (in r) => r.Number()));
        Assert.AreEqual(Expected("Bytes", "Number"), Refused(static w => w.Field(1, "a"), static (in r) => r.Flag()));

        static string Expected(string found, string wanted) => $"The record is damaged: it has a field of kind {found} where {wanted} belongs.";
    }

    [TestMethod]
    public void Time_GoesFromTheFirstToTheLastTickOfTheCalendar()
    {
        foreach (var time in new[] { DateTimeOffset.MinValue, EventSamples.Start, DateTimeOffset.MaxValue })
        {
            Assert.AreEqual(time, WireReader.ToTime(time.UtcTicks));
            Assert.AreEqual(time, Only(w => w.Field(1, (DateTimeOffset?)time), 1).Time());
        }

        foreach (var ticks in new[] { -1, DateTimeOffset.MaxValue.UtcTicks + 1, long.MinValue, long.MaxValue })
        {
            Assert.AreEqual("The record is damaged: it has a time out of range.", Assert.ThrowsExactly<InvalidDataException>(() => WireReader.ToTime(ticks)).Message);
        }
    }

    [TestMethod]
    public void Time_OfAnyOffset_IsReadAsUtc()
    {
        var local = new DateTimeOffset(2026, 11, 23, 11, 30, 0, TimeSpan.FromHours(2));
        var back = Only(w => w.Field(1, (DateTimeOffset?)local), 1).Time();
        Assert.AreEqual(local, back);
        Assert.AreEqual(TimeSpan.Zero, back.Offset);
    }

    [TestMethod]
    public void BareBlock_LongerThanTheRest_IsDamage() =>
        Assert.ThrowsExactly<InvalidDataException>(() => new WireReader(new byte[] { 2, 0 }).ReadBlock());

    private delegate T Reading<out T>(in WireReader reader)
        where T : allows ref struct;

    private static string Hex(WireWriter writer) => Convert.ToHexString(writer.Written.Span);

    private static string Hex(Action<WireWriter> write)
    {
        var writer = new WireWriter();
        write(writer);
        return Hex(writer);
    }

    /// <summary>The one field that was written, ready to be read.</summary>
    private static WireReader Only(Action<WireWriter> write, int tag)
    {
        var writer = new WireWriter();
        write(writer);
        var reader = new WireReader(writer.ToArray());
        Assert.IsTrue(reader.TryNext(out var found));
        Assert.AreEqual(tag, found);
        Assert.IsTrue(reader.AtEnd);
        return reader;
    }

    private static string Refused<T>(Action<WireWriter> write, Reading<T> read)
        where T : allows ref struct => Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            var writer = new WireWriter();
            write(writer);
            var reader = new WireReader(writer.Written);
            reader.TryNext(out _);
            read(in reader);
        }).Message;
}
