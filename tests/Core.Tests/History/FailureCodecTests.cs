using Serverless.Api.Enums.V1;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class FailureCodecTests
{
    private const string NoKind = "A failure is of no kind that is known here: it was written by a newer release, or is damaged.";

    public static IEnumerable<object[]> BareKinds =>
    [
        [10, new ApplicationFailureInfo(null, false)],
        [11, new TimeoutFailureInfo(default)],
        [12, new CanceledFailureInfo([])],
        [13, new TerminatedFailureInfo()],
        [14, new ServerFailureInfo(false)],
        [15, new ActivityFailureInfo(0, "", "", null, default)],
        [16, new ChildWorkflowFailureInfo("", "", "", "", 0, default)],
    ];

    [TestMethod]
    [DynamicData(nameof(BareKinds))]
    public void Decode_KindWithoutAnyField_HasTheDefaults(int tag, object info)
    {
        var failure = Decode(w => w.Message(tag, static _ => { }));
        Assert.AreEqual(Dump.Of(new Failure("", (FailureInfo)info)), Dump.Of(failure));
    }

    [TestMethod]
    [DynamicData(nameof(BareKinds))]
    public void Decode_UnknownFieldsOfAKind_AreSkipped(int tag, object info)
    {
        var failure = Decode(w => w.Message(tag, static w =>
        {
            w.Field(7, "x");
            w.Field(8, 1L);
            w.Fixed(9, 1);
        }));
        Assert.AreEqual(Dump.Of(new Failure("", (FailureInfo)info)), Dump.Of(failure));
    }

    [TestMethod]
    public void Decode_FieldsInAnyOrder_GiveTheSame()
    {
        var failure = Decode(static w => w.Message(14, static w =>
        {
            w.Field(1, true);
            w.Field(2, 1L);
        }));
        Assert.AreEqual(new ServerFailureInfo(true), failure.Info);
        failure = Decode(static w => w.Message(12, static w =>
        {
            w.Field(2, "new");
            w.Field(1, EventSamples.Json("1"));
            w.Field(3, "new");
            w.Field(1, EventSamples.Json("2"));
        }));
        Assert.HasCount(2, ((CanceledFailureInfo)failure.Info).Details);
    }

    [TestMethod]
    public void Decode_TwoKinds_TakesTheLater()
    {
        var failure = Decode(static w =>
        {
            w.Message(13, static _ => { });
            w.Message(14, static _ => { });
        });
        Assert.AreEqual(new ServerFailureInfo(false), failure.Info);
    }

    [TestMethod]
    public void Decode_NoKindOrANewOne_IsRefused()
    {
        Assert.AreEqual(NoKind, Refused(static w => w.Field(1, "m")));
        Assert.AreEqual(NoKind, Refused(static w => w.Message(9, static _ => { })));
        Assert.AreEqual(NoKind, Refused(static w => w.Message(17, static _ => { })));
    }

    [TestMethod]
    public void Decode_NewFieldsBesideAKnownKind_AreSkipped()
    {
        var failure = Decode(static w =>
        {
            w.Field(6, "new");
            w.Field(9, 1L);
            w.Message(13, static _ => { });
            w.Field(17, "new");
            w.Field(1, "m");
        });
        Assert.AreEqual(Dump.Of(new Failure("m", new TerminatedFailureInfo())), Dump.Of(failure));
    }

    [TestMethod]
    public void Decode_AsManyCausesAsAreWritten_AreRead()
    {
        Assert.AreEqual(FailureCodec.MaxCauses, Causes(Decode(w => Nested(w, FailureCodec.MaxCauses))));
        Assert.AreEqual("The record is damaged: it has more than 64 nested causes.", Refused(w => Nested(w, FailureCodec.MaxCauses + 1)));
    }

    [TestMethod]
    [DataRow(63)]
    [DataRow(64)]
    public void Encode_CausesUpToTheLimit_AreKept(int causes)
    {
        var failure = EventSamples.Simple;
        for (var i = 0; i < causes; i++)
        {
            failure = EventSamples.Simple with { Cause = failure };
        }

        Assert.AreEqual(causes, Causes(((WorkflowFailed)EventCodec.Decode(EventCodec.Encode([new WorkflowFailed(failure, default)])).Single()).Failure));
    }

    private static void Nested(WireWriter writer, int causes)
    {
        if (causes > 0)
        {
            writer.Message(4, w => Nested(w, causes - 1));
        }

        writer.Message(13, static _ => { });
    }

    private static int Causes(Failure failure) => failure.Cause is null ? 0 : 1 + Causes(failure.Cause);

    private static Failure Decode(Action<WireWriter> write) => HandWritten.Decode<WorkflowFailed>(w => w.Message(EventTag.Failure, write)).Failure;

    private static string Refused(Action<WireWriter> write) => HandWritten.Refused<WorkflowFailed>(w => w.Message(EventTag.Failure, write));
}
