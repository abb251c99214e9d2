using Serverless.Common;
using Serverless.Converters;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class PayloadCodecTests
{
    [TestMethod]
    [DataRow("json/plain", 1UL)]
    [DataRow("binary/null", 2UL)]
    [DataRow("binary/plain", 3UL)]
    [DataRow("json/protobuf", 4UL)]
    [DataRow("binary/protobuf", 5UL)]
    [DataRow("binary/encrypted", 6UL)]
    public void KnownEncoding_IsANumberForEver(string encoding, ulong number)
    {
        var payload = Decode(w =>
        {
            w.Field(1, number);
            w.Field(3, (ReadOnlyMemory<byte>)new byte[] { 7 });
        });
        Assert.AreEqual(encoding, payload.Metadata["encoding"].ToStringUtf8());
        Assert.AreEqual(1, payload.Metadata.Count);
        var writer = new WireWriter();
        writer.Field(EventTag.Result, EventSamples.Payload("x", ("encoding", encoding)));
        Assert.AreEqual($"3205080{number}1A0178", Convert.ToHexString(writer.Written.Span));
    }

    [TestMethod]
    [DataRow(0UL)]
    [DataRow(7UL)]
    [DataRow(ulong.MaxValue)]
    public void UnknownEncodingNumber_IsRefusedWithTheCure(ulong number) =>
        Assert.AreEqual(
            $"Payload encoding number {number} is unknown: it was written by a newer release; run that one.",
            Refused(w =>
            {
                w.Number(1 << 3);
                w.Number(number);
            }));

    [TestMethod]
    public void Metadata_OfAnyKind_ComesBack()
    {
        Payload[] payloads =
        [
            EventSamples.Payload("x"),
            EventSamples.Payload("x", ("encoding", "mine")),
            EventSamples.Payload("x", ("type", "json/plain")),
            EventSamples.Payload("x", ("type", "t"), ("encoding", "json/plain")),
            EventSamples.Payload("x", ("", "")),
            new(MetadataDictionary.Fixed(new() { ["encoding"] = ByteString.CopyFrom([0xFF]) }), default),
        ];
        foreach (var payload in payloads)
        {
            Assert.AreEqual(Dump.Of(payload), Dump.Of(RoundTrip(payload)));
        }
    }

    [TestMethod]
    public void Metadata_IsWrittenInOrderOfItsKeys()
    {
        var writer = new WireWriter();
        writer.Field(1, EventSamples.Payload("", ("b", "2"), ("B", "1"), ("a", "3")));
        Assert.AreEqual("0A1812060A0142120131" + "12060A0161120133" + "12060A0162120132", Convert.ToHexString(writer.Written.Span));
    }

    [TestMethod]
    public void Size_IsThatOfTheDataUnlessItIsInABlob()
    {
        Assert.AreEqual(3, Decode(static w => w.Field(3, (ReadOnlyMemory<byte>)new byte[3])).OriginalSize);
        Assert.AreEqual(long.MaxValue, InBlob(long.MaxValue).OriginalSize);
        Assert.AreEqual(1, InBlob(1).OriginalSize);
        Assert.AreEqual(
            "The record is damaged: it has a payload of impossible size.",
            Refused(static w => w.Field(5, (ulong)long.MaxValue + 1)));

        static Payload InBlob(ulong size) => Decode(w =>
        {
            w.Field(4, "blob");
            w.Field(5, size);
        });
    }

    [TestMethod]
    public void UnknownFields_AreSkipped()
    {
        var payload = Decode(static w =>
        {
            w.Field(6, "new");
            w.Message(2, static w =>
            {
                w.Field(3, "new");
                w.Field(1, "k");
                w.Field(2, "v");
                w.Fixed(4, 1);
            });
            w.Field(7, 1L);
        });
        Assert.AreEqual("v", payload.Metadata["k"].ToStringUtf8());
        Assert.AreEqual(1, payload.Metadata.Count);
    }

    [TestMethod]
    public void MetadataEntryWithoutFields_IsAnEmptyOne() =>
        Assert.AreEqual(0, Decode(static w => w.Message(2, static _ => { })).Metadata[""].Length);

    [TestMethod]
    public void Map_SkipsUnknownFieldsAndKeepsTheLastOfAKey()
    {
        var memo = HandWritten.Decode<PropertiesUpserted>(static w => w.Message(EventTag.Memo, static w =>
        {
            w.Field(2, "new");
            Entry(w, "a", "1");
            w.Field(3, 1L);
            Entry(w, "b", "2");
            Entry(w, "a", "3");
        })).Memo;
        CollectionAssert.AreEquivalent(new[] { "a=3", "b=2" }, memo.Select(static e => $"{e.Key}={e.Value!.Data.ToStringUtf8()}").ToArray());

        static void Entry(WireWriter writer, string key, string value) => writer.Message(1, w =>
        {
            w.Field(3, "new");
            w.Field(1, key);
            w.Field(2, EventSamples.Json(value));
        });
    }

    [TestMethod]
    public void MapEntryWithoutFields_IsAnEmptyKeyWithoutValue()
    {
        var memo = HandWritten.Decode<PropertiesUpserted>(static w => w.Message(EventTag.Memo, static w => w.Message(1, static _ => { }))).Memo;
        Assert.IsNull(memo[""]);
        Assert.HasCount(1, memo);
    }

    [TestMethod]
    [DataRow(EventTag.Headers)]
    [DataRow(EventTag.Memo)]
    [DataRow(EventTag.SearchAttributes)]
    public void MapThatMayHoldNoNull_WithOne_IsDamage(int tag) =>
        Assert.AreEqual(
            "The record is damaged: it has a map entry without a value.",
            HandWritten.Refused<WorkflowStarted>(w => w.Message(tag, static w => w.Message(1, static w => w.Field(1, "k")))));

    [TestMethod]
    public void Maps_OfNothingOfOneAndOfMany_ComeBack()
    {
        foreach (var count in new[] { 0, 1, 2, 3 })
        {
            var map = Enumerable.Range(0, count).ToDictionary(static i => $"{9 - i}", static i => (Payload?)EventSamples.Json($"{i}"));
            var back = (PropertiesUpserted)EventCodec.Decode(EventCodec.Encode([new PropertiesUpserted(map, map)])).Single();
            Assert.AreEqual(Dump.Of(new PropertiesUpserted(map, map)), Dump.Of(back));
        }
    }

    [TestMethod]
    public void EmptyMap_WritesNothingUnlessItMeansSomething()
    {
        var writer = new WireWriter();
        writer.Map(1, WorkflowStarted.Empty);
        writer.Field(1, (IReadOnlyDictionary<string, Payload?>?)null);
        writer.Field(1, (Payload?)null);
        writer.Field(1, (RetryPolicy?)null);
        EventWriter.WriteFields(writer, new PropertiesUpserted(WorkflowStarted.Empty!, WorkflowStarted.Empty!));
        Assert.AreEqual(0, writer.Length);
        writer.Field(1, WorkflowStarted.Empty!);
        Assert.AreEqual("0A00", Convert.ToHexString(writer.Written.Span));
    }

    [TestMethod]
    public void RetryPolicy_OfDefaults_ComesBack()
    {
        foreach (var policy in new[] { new RetryPolicy(), new RetryPolicy { InitialInterval = TimeSpan.Zero, MaximumInterval = TimeSpan.Zero, BackoffCoefficient = 0 } })
        {
            var back = (ActivityScheduled)EventCodec.Decode(EventCodec.Encode([new ActivityScheduled("", "", "", []) { RetryPolicy = policy }])).Single();
            Assert.AreEqual(policy, back.RetryPolicy);
        }
    }

    [TestMethod]
    public void Data_SharesTheMemoryOfTheSegment()
    {
        var segment = EventCodec.Encode([new WorkflowCompleted(EventSamples.Json("12345")) { Time = EventSamples.Start }]);
        var result = ((WorkflowCompleted)EventCodec.Decode(segment).Single()).Result!;
        Assert.IsTrue(result.Data.Span.Overlaps(segment));
    }

    private static Payload RoundTrip(Payload payload) =>
        ((WorkflowCompleted)EventCodec.Decode(EventCodec.Encode([new WorkflowCompleted(payload)])).Single()).Result!;

    private static Payload Decode(Action<WireWriter> write) => HandWritten.Decode<WorkflowCompleted>(w => w.Message(EventTag.Result, write)).Result!;

    private static string Refused(Action<WireWriter> write) => HandWritten.Refused<WorkflowCompleted>(w => w.Message(EventTag.Result, write));
}
