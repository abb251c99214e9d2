using CsCheck;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Tests.Engine;

/// <summary>Rows and messages are data of others until they are read: whatever their bytes are, they are a record or refused as damaged.</summary>
[TestClass]
public sealed class RecordTests
{
    private static readonly DateTimeOffset s_time = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
    private static readonly Failure s_failure = new("why", new ApplicationFailureInfo("Type", false));

    /// <summary>One full record of each kind, and what reads it.</summary>
    private static readonly Dictionary<string, (byte[] Bytes, Action<ReadOnlyMemory<byte>> Read)> s_records = new()
    {
        ["head"] = (
            new WorkflowHead
            {
                RunNumber = 3,
                RunId = "run",
                FirstRunId = "first",
                WorkflowType = "Type",
                Status = WorkflowExecutionStatus.Running,
                Started = s_time,
                Closed = s_time,
                LastEventId = 7,
                HistoryBytes = 700,
                CommitId = "commit",
                Marks = [new DispatchMark("token", 3, 1, 7)],
                Blocked = new BlockedNote("UnhandledException", "why", s_time, 2, s_time) { Encoded = EngineHost.Value("hidden") },
                BlockedBy = "me",
                PinnedBuildId = "build",
                RequestId = "request",
            }.Encode(),
            static b => WorkflowHead.Decode(b)),
        ["message"] = (
            new WorkMessage(WorkKind.Activity, "token", "w")
            {
                RunId = "run",
                DueAt = s_time,
                Activity = new ActivityScheduled("1", "Charge", "gpu", [EngineHost.Value(1)]) { Id = 5 },
                BuildId = "build",
                Queue = "activities-gpu",
                WaitsSince = s_time,
            }.Encode(),
            static b => WorkMessage.Decode(b)),
        ["inbox"] = (new InboxItem(new WorkflowSignaled("Go", [EngineHost.Value(1)]), "run").Encode(), static b => InboxItem.Decode(b)),
        ["attempt"] = (
            new ActivityAttemptRow(2, s_time, s_failure, [EngineHost.Value("half")]) { LastHeartbeat = s_time, Started = s_time, CompletesAsync = true }.Encode(),
            static b => ActivityAttemptRow.Decode(b)),
        ["update"] = (new StoredUpdate(2, new UpdateOutcome("u", true, true, EngineHost.Value(1), null) { RunId = "run" }).Encode(), static b => StoredUpdate.Decode(b)),
        ["reset"] = (ResetRow.Encode(new ResetResult("w", "run", 5)), static b => ResetRow.Decode("w", b)),
    };

    [TestMethod]
    [DataRow("head", "head row")]
    [DataRow("message", "queue message")]
    [DataRow("inbox", "inbox row")]
    [DataRow("attempt", "activity attempt row")]
    [DataRow("update", "update row")]
    [DataRow("reset", "reset row")]
    public void Decode_DamagedBytes_AreRefusedByNameOrRead(string kind, string name)
    {
        var (bytes, read) = s_records[kind];
        read(bytes);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => read(Array.Empty<byte>())).Message, $"not a {name} of a known version: it is empty");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => read((byte[])[99, .. bytes[1..]])).Message, $"not a {name} of a known version: it begins with 99");
        for (var length = 1; length < bytes.Length; length++)
        {
            ReadOrRefuse(read, bytes[..length], name);
        }

        var damage = Gen.Select(Gen.Int[1, bytes.Length - 1], Gen.Byte);
        damage.Array[1, 4].Sample(changes =>
        {
            var damaged = (byte[])bytes.Clone();
            foreach (var (at, value) in changes)
            {
                damaged[at] = value;
            }

            ReadOrRefuse(read, damaged, name);
        });
    }

    [TestMethod]
    public void Decode_EventsOfAnotherKind_AreRefused()
    {
        var none = EventCodec.Encode([]);
        var other = EventCodec.Encode([new WorkflowTaskCompleted("me", null) { Id = 1 }]);
        var two = EventCodec.Encode([new WorkflowSignaled("a", []) { Id = 1 }, new WorkflowSignaled("b", []) { Id = 2 }]);
        foreach (var events in (byte[][])[none, other, two])
        {
            Refuses(static b => InboxItem.Decode(b), "it does not hold one input event", Record(1, w => w.Write(false), events));
            Refuses(static b => StoredUpdate.Decode(b), "it does not hold one update outcome", Record(2, static w => WriteAll(w, (byte)1, "run", true, true), events));
            Refuses(static b => ActivityAttemptRow.Decode(b), "it does not hold a failure and details", Record(1, static w => WriteAll(w, (byte)1, 0L, 0L, 0L, false, false), events));
            if (events != none)
            {
                Refuses(
                    static b => WorkMessage.Decode(b),
                    "it holds no activity",
                    Record(1, static w => WriteAll(w, (byte)2, "t", "w", "r", (byte)1, (byte)1, (byte)1, 0L, "T", 0L), events));
            }
        }
    }

    [TestMethod]
    public void Decode_KindOfALaterRelease_IsRefused()
    {
        var bytes = new WorkMessage(WorkKind.Nudge, "t", "w").Encode();
        bytes[1] = 200;
        Refuses(static b => WorkMessage.Decode(b), "its kind 200 is unknown", bytes);
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(10_001)]
    public void Decode_HeadWithAnImpossibleNumberOfMarks_IsRefused(int count)
    {
        var before = new byte[] { 1, 1, 1, (byte)'r', 1, (byte)'f', 1, (byte)'T', 1 };
        var bytes = Record(1, w =>
        {
            w.Write(before.AsSpan(1));
            WriteAll(w, s_time.UtcTicks, 0L, (byte)0, (byte)0, "c");
            w.Write7BitEncodedInt(count);
        }, null);
        Refuses(static b => WorkflowHead.Decode(b), $"a head row can't hold {count} dispatch marks", bytes);
        Assert.IsNull(WorkflowHead.TryDecode(bytes));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("00003c-00000000z1")]
    [DataRow("zzzzzz-0000000001")]
    [DataRow("000007-0000000001")]
    [DataRow("000001-ffffffffff")]
    public void Parse_WhatIsNoBucket_IsRefused(string name) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TimerBucket.Parse(name)).Message, $"'{name}' is not the name of a timer bucket");

    [TestMethod]
    [DataRow("")]
    [DataRow("Workflows")]
    [DataRow("Workflows-1-2")]
    [DataRow("Nothing-1")]
    [DataRow("7-1")]
    [DataRow("Workflows-x")]
    [DataRow("Workflows-7fffffffffffffff")]
    [DataRow("Workflows-ffffffffffffffff")]
    public void Of_MessageThatNamesNoRetentionSlice_IsRefused(string name) =>
        Assert.ThrowsExactly<InvalidDataException>(() => RetentionSlice.Of(new WorkMessage(WorkKind.Retention, "t", name)));

    [TestMethod]
    [DataRow("")]
    [DataRow("01jd")]
    [DataRow("01jd!abcde0000000000000000")]
    [DataRow("zzzzzzzzzz0000000000000000")]
    public void TimeOf_WhatIsNoUlid_HasNoTime(string text) => Assert.IsNull(IdSource.TimeOf(text));

    [TestMethod]
    public void Of_PlaceRowThatCannotBeRead_IsNobodys()
    {
        Assert.AreEqual(new PlaceRow("", DateTimeOffset.MinValue), PlaceRow.Of(new Row("0000", new byte[] { 1, 99 }, "tag", 1)));
        Assert.AreEqual(new PlaceRow("me", s_time), PlaceRow.Of(new Row("0000", new PlaceRow("me", s_time).Encode(), "tag", 1)));
    }

    private static void ReadOrRefuse(Action<ReadOnlyMemory<byte>> read, byte[] bytes, string name)
    {
        try
        {
            read(bytes);
        }
        catch (InvalidDataException e)
        {
            StringAssert.StartsWith(e.Message, $"A {name} can't be read: ");
        }
    }

    private static void Refuses(Action<ReadOnlyMemory<byte>> read, string why, byte[] bytes) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => read(bytes)).Message, why);

    private static byte[] Record(byte version, Action<BinaryWriter> write, byte[]? events)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(version);
        write(writer);
        if (events is not null)
        {
            writer.WriteBytes(events);
        }

        return stream.ToArray();
    }

    private static void WriteAll(BinaryWriter writer, params object[] fields)
    {
        foreach (var field in fields)
        {
            switch (field)
            {
                case byte x:
                    writer.Write(x);
                    break;
                case long x:
                    writer.Write(x);
                    break;
                case bool x:
                    writer.Write(x);
                    break;
                default:
                    writer.Write((string)field);
                    break;
            }
        }
    }
}
