using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.History;
using Serverless.Workflows;

namespace Core.Tests.History;

/// <summary>A field that is not there has a meaning for ever: what was written before it existed is read so.</summary>
[TestClass]
public sealed class EventDefaultsTests
{
    private static readonly Dictionary<string, Payload?> None = [];

    /// <summary>Of every kind that needs no failure an event of which nothing is said.</summary>
    internal static readonly HistoryEvent[] Bare =
    [
        new WorkflowStarted("", "", []) { Attempt = 0 },
        new WorkflowTaskCompleted(null, null),
        new WorkflowCompleted(null),
        new WorkflowCanceled([]),
        new WorkflowContinuedAsNew("", "", []),
        new WorkflowTerminated(null, [], null),
        new WorkflowTimedOut(default, default),
        new WorkflowResetMarked("", 0, 0, null),
        new WorkflowSignaled("", []),
        new WorkflowCancelRequested(null, null),
        new WorkflowUpdateAccepted("", "", []),
        new WorkflowUpdateCompleted("", 0, null, null),
        new WorkflowPropertiesModified(None, None),
        new ActivityScheduled("", "", "", []),
        new ActivityCancelRequested(0),
        new ActivityCompleted(0, null) { Attempt = 0 },
        new ActivityCanceled(0, []) { Attempt = 0 },
        new TimerStarted("", TimeSpan.Zero),
        new TimerFired(0),
        new TimerCanceled(0),
        new ChildWorkflowInitiated("", "", "", []),
        new ChildWorkflowStarted(0, ""),
        new ChildWorkflowStartFailed(0, ""),
        new ChildWorkflowCompleted(0, null),
        new ChildWorkflowCanceled(0, []),
        new ChildWorkflowTimedOut(0, default),
        new ChildWorkflowTerminated(0),
        new ExternalSignalInitiated("", null, "", []),
        new ExternalSignalClosed(0, null),
        new ExternalCancelInitiated("", null, null),
        new ExternalCancelClosed(0, null),
        new PatchMarked("", false),
        new PropertiesUpserted(None, None),
    ];

    private const string Lacking = "The record is damaged: it lacks the failure of an event that has one.";

    private static readonly EventKind[] NeedFailures =
        [EventKind.WorkflowFailed, EventKind.ActivityFailed, EventKind.ActivityTimedOut, EventKind.ChildWorkflowFailed];

    [TestMethod]
    public void Decode_NoFieldAtAll_GivesTheDefaultsOfTheKind()
    {
        foreach (var expected in Bare)
        {
            Assert.AreEqual(
                Dump.Of(expected with { Id = 1, Time = EventSamples.Start }), Dump.Of(HandWritten.Decode(EventWriter.KindOf(expected), static _ => { })));
        }

        foreach (var kind in NeedFailures)
        {
            Assert.AreEqual(Lacking, HandWritten.Refused(kind, static _ => { }));
        }

        CollectionAssert.AreEquivalent(Enum.GetValues<EventKind>(), (EventKind[])[.. Bare.Select(EventWriter.KindOf), .. NeedFailures]);
    }

    [TestMethod]
    public void Encode_Defaults_WritesOnlyWhatReadsDifferentlyWhenAbsent()
    {
        foreach (var e in Bare.Where(static e => e is not TimerStarted))
        {
            var writer = new WireWriter();
            EventWriter.WriteFields(writer, e);
            var back = HandWritten.Decode(EventWriter.KindOf(e), w => EventWriter.WriteFields(w, e));
            Assert.AreEqual(Dump.Of(e with { Id = 1, Time = EventSamples.Start }), Dump.Of(back));
            Assert.IsLessThan(20, writer.Length, $"{e.GetType().Name}: only empty texts, and the time of the first run.");
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(10)]
    [DataRow(19)]
    [DataRow(25)]
    [DataRow(29)]
    [DataRow(36)]
    [DataRow(39)]
    [DataRow(43)]
    [DataRow(49)]
    [DataRow(58)]
    [DataRow(69)]
    [DataRow(74)]
    [DataRow(79)]
    [DataRow(82)]
    [DataRow(int.MaxValue)]
    public void Decode_KindBetweenTheKnownOnes_IsRefused(int kind) =>
        Assert.AreEqual(
            "This kind is unknown here: it was written by a newer release. Run that release or a later one.",
            HandWritten.Refused((EventKind)kind, static w => w.Field(EventTag.Failure, EventSamples.Simple)));

    [TestMethod]
    public void Decode_KindBeyondAnyNumber_IsRefusedNotCut()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            var writer = new WireWriter();
            writer.Signed(1);
            writer.Signed(0);
            writer.Number((1UL << 32) + (ulong)EventKind.TimerFired);
            writer.Signed(0);
            writer.Close(writer.OpenBare());
            EventCodec.Decode(Envelope.Seal(writer.Written.Span));
        });
        Assert.StartsWith("History segment from event 1, event 1 of kind 2147483647: This kind is unknown here", error.Message);
        Assert.IsInstanceOfType<InvalidDataException>(error.InnerException);
    }

    [TestMethod]
    public void Decode_DamageInALaterEvent_NamesThatEvent()
    {
        var writer = new WireWriter();
        writer.Signed(40);
        writer.Signed(0);
        foreach (var kind in new[] { EventKind.TimerFired, EventKind.WorkflowFailed })
        {
            writer.Number((ulong)kind);
            writer.Signed(0);
            writer.Close(writer.OpenBare());
        }

        var error = Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(Envelope.Seal(writer.Written.Span)));
        Assert.AreEqual($"History segment from event 40, event 41 of kind 4: {Lacking}", error.Message);
    }

    [TestMethod]
    public void Decode_TimeBeyondTheCalendarInALaterEvent_IsDamage()
    {
        var writer = new WireWriter();
        writer.Signed(1);
        writer.Signed(DateTimeOffset.MaxValue.UtcTicks);
        writer.Number((ulong)EventKind.TimerFired);
        writer.Signed(long.MaxValue);
        writer.Close(writer.OpenBare());
        var error = Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(Envelope.Seal(writer.Written.Span)));
        Assert.EndsWith("it has a time out of range.", error.Message);
        Assert.EndsWith(
            "it has a time out of range.",
            HandWritten.Refused<ActivityCompleted>(static w => w.Field(EventTag.Started, (long?)long.MaxValue)));
    }

    [TestMethod]
    public void Decode_StartWithinAStart_IsSkipped()
    {
        var signal = HandWritten.Decode<ExternalSignalInitiated>(static w => w.Message(EventTag.Start, static w =>
        {
            w.Field(EventTag.Name, "Order");
            w.Message(EventTag.Start, static w => w.Field(EventTag.Name, "Deeper"));
            w.Field(EventTag.TaskQueue, "q");
        }));
        Assert.AreEqual(Dump.Of(new WorkflowStarted("Order", "q", []) { Attempt = 0 }), Dump.Of(signal.Start));
    }

    [TestMethod]
    public void Decode_StartsWithinStarts_DoNotExhaustTheStack()
    {
        var signal = HandWritten.Decode<ExternalSignalInitiated>(static w =>
        {
            int[] marks = [.. Enumerable.Range(0, 20_000).Select(_ => w.Open(EventTag.Start))];
            foreach (var mark in marks.Reverse())
            {
                w.Close(mark);
            }
        });
        Assert.IsNotNull(signal.Start);
    }

    [TestMethod]
    public void Decode_UnknownFieldsOfParts_AreSkipped()
    {
        var started = HandWritten.Decode<WorkflowStarted>(static w =>
        {
            w.Message(EventTag.Priority, static w => Between(w, 4, () => w.Field(2, "f"), () => w.Field(1, 3L)));
            w.Message(EventTag.Parent, static w => Between(w, 5, () => w.Field(2, "run"), () => w.Field(1, "id"), () => w.Field(4, 1L), () => w.Field(3, 9L)));
            w.Message(EventTag.Root, static w => Between(w, 3, () => w.Field(2, "run"), () => w.Field(1, "id")));
            w.Message(EventTag.OnClose, static w => Between(w, 4, () => w.Field(3, "c"), () => w.Field(1, "id"), () => w.Field(2, "s")));
            w.Message(EventTag.RetryPolicy, static w => Between(w, 6, () => w.Field(4, 7L), () => w.Field(5, "E")));
        });
        Assert.AreEqual(new PriorityInfo(3, "f", null), started.Priority);
        Assert.AreEqual(new ParentLink("id", "run", 9, ParentClosePolicy.Terminate), started.Parent);
        Assert.AreEqual(new WorkflowLink("id", "run"), started.Root);
        Assert.AreEqual(new CloseNotice("id", "s", "c"), started.OnClose);
        Assert.AreEqual(7, started.RetryPolicy!.MaximumAttempts);
        CollectionAssert.AreEqual(new[] { "E" }, started.RetryPolicy.NonRetryableErrorTypes!.ToArray());
    }

    [TestMethod]
    public void Decode_PartsWithoutAnyField_HaveTheDefaults()
    {
        var started = HandWritten.Decode<WorkflowStarted>(static w =>
        {
            foreach (var tag in new[] { EventTag.Priority, EventTag.Parent, EventTag.Root, EventTag.OnClose, EventTag.RetryPolicy, EventTag.LastResult })
            {
                w.Message(tag, static _ => { });
            }
        });
        Assert.AreEqual(new PriorityInfo(null, null, null), started.Priority);
        Assert.AreEqual(new ParentLink("", "", 0, default), started.Parent);
        Assert.AreEqual(new WorkflowLink("", ""), started.Root);
        Assert.AreEqual(new CloseNotice("", "", ""), started.OnClose);
        Assert.AreEqual(
            new RetryPolicy { InitialInterval = TimeSpan.Zero, BackoffCoefficient = 0, MaximumInterval = null, MaximumAttempts = 0, NonRetryableErrorTypes = null },
            started.RetryPolicy);
        Assert.AreEqual(0, started.LastResult!.Data.Length);
        Assert.AreEqual(0, started.LastResult.OriginalSize);
        Assert.AreEqual(0, started.LastResult.Metadata.Count);
    }

    [TestMethod]
    public void Encode_UnknownKind_IsRefused()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => EventCodec.Encode([new OfNoKind()]));
        Assert.StartsWith("OfNoKind has no wire form; give it a number in EventKind.", error.Message);
    }

    /// <summary>Writes parts with an unknown field of each wire type before, between and after them.</summary>
    private static void Between(WireWriter writer, int unknown, params Action[] parts)
    {
        foreach (var part in parts)
        {
            writer.Field(unknown, "x");
            writer.Field(unknown + 1, 1f);
            part();
        }

        writer.Fixed(unknown, 7);
        writer.Field(unknown, 7L);
    }

    private sealed record OfNoKind : HistoryEvent;
}
