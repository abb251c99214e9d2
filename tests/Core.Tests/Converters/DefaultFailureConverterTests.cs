using System.Text;
using Serverless.Api.Enums.V1;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;

namespace Core.Tests.Converters;

[TestClass]
public sealed class DefaultFailureConverterTests
{
    private static readonly DefaultFailureConverter s_converter = new DefaultFailureConverter();
    private static readonly DefaultPayloadConverter s_payloads = new DefaultPayloadConverter();

    [TestMethod]
    public void PlainException_BecomesARetryableApplicationFailureWithItsClassName()
    {
        var failure = s_converter.ToFailure(Thrown(new InvalidOperationException("no", new FormatException("why"))), s_payloads);

        var info = (ApplicationFailureInfo)failure.Info;
        Assert.AreEqual("no", failure.Message);
        Assert.AreEqual("InvalidOperationException", info.Type);
        Assert.IsFalse(info.NonRetryable);
        StringAssert.Contains(failure.StackTrace, nameof(Thrown));
        Assert.AreEqual("why", failure.Cause!.Message);
        Assert.AreEqual("FormatException", ((ApplicationFailureInfo)failure.Cause.Info).Type);
    }

    [TestMethod]
    public void ApplicationFailure_ThereAndBack_KeepsAllFacts()
    {
        var thrown = new ApplicationFailureException(
            "no", new ArgumentException("why"), "Broke", nonRetryable: true, ["a", 2], TimeSpan.FromSeconds(3), ApplicationErrorCategory.Benign);

        var back = (ApplicationFailureException)s_converter.ToException(s_converter.ToFailure(thrown, s_payloads), s_payloads);

        Assert.AreEqual("no", back.Message);
        Assert.AreEqual("Broke", back.ErrorType);
        Assert.IsTrue(back.NonRetryable);
        Assert.AreEqual(2, back.Details.Count);
        Assert.AreEqual("a", back.Details.ElementAt<string>(0));
        Assert.AreEqual(2, back.Details.ElementAt<int>(1));
        Assert.AreEqual(TimeSpan.FromSeconds(3), back.NextRetryDelay);
        Assert.AreEqual(ApplicationErrorCategory.Benign, back.Category);
        Assert.AreEqual("ArgumentException", ((ApplicationFailureException)back.InnerException!).ErrorType);
    }

    [TestMethod]
    public void CanceledFailure_ThereAndBack_KeepsItsDetails()
    {
        var thrown = new CanceledFailureException("stop", details: new object?[] { 5 });

        var back = (CanceledFailureException)s_converter.ToException(s_converter.ToFailure(thrown, s_payloads), s_payloads);

        Assert.AreEqual("stop", back.Message);
        Assert.AreEqual(5, back.Details.ElementAt<int>(0));
    }

    [TestMethod]
    public void EveryStoredKind_BecomesItsException()
    {
        var cases = new (FailureInfo Info, Type Expected)[]
        {
            (new ApplicationFailureInfo("T", false), typeof(ApplicationFailureException)),
            (new ActivityFailureInfo(1, "A", "1", "me", RetryState.Timeout), typeof(ActivityFailureException)),
            (new ChildWorkflowFailureInfo("n", "w", "r", "C", 1, RetryState.Timeout), typeof(ChildWorkflowFailureException)),
            (new CanceledFailureInfo([]), typeof(CanceledFailureException)),
            (new TimeoutFailureInfo(TimeoutType.Heartbeat), typeof(TimeoutFailureException)),
            (new TerminatedFailureInfo(), typeof(TerminatedFailureException)),
            (new ServerFailureInfo(true), typeof(ServerFailureException)),
        };

        foreach (var (info, expected) in cases)
        {
            Assert.AreEqual(expected, s_converter.ToException(new Failure("m", info), s_payloads).GetType());
        }
    }

    [TestMethod]
    public void ReceivedFailure_ConvertedAgain_IsTheSame()
    {
        var stored = new Failure("activity failed", new ActivityFailureInfo(5, "Pay", "1", "me", RetryState.MaximumAttemptsReached))
        {
            Cause = new Failure("no money", new ApplicationFailureInfo("Poor", true) { Details = [s_payloads.ToPayload(1)] }) { StackTrace = "there" },
        };

        var again = s_converter.ToFailure(s_converter.ToException(stored, s_payloads), s_payloads);

        Assert.AreEqual(stored, again);
    }

    [TestMethod]
    public void LongTexts_AreCutWithoutBreakingACharacter()
    {
        var failure = s_converter.ToFailure(new InvalidOperationException(string.Concat(Enumerable.Repeat("😀", 5000))), s_payloads);

        Assert.IsLessThanOrEqualTo(4096, Encoding.UTF8.GetByteCount(failure.Message));
        StringAssert.EndsWith(failure.Message, "😀… (cut)");
    }

    [TestMethod]
    public void LongChainsOfCauses_AreCut()
    {
        Exception e = new InvalidOperationException("innermost");
        for (var i = 0; i < 100; i++)
        {
            e = new InvalidOperationException("outer", e);
        }

        var depth = 0;
        for (var f = s_converter.ToFailure(e, s_payloads); f.Cause is not null; f = f.Cause)
        {
            depth++;
        }

        Assert.AreEqual(DefaultFailureConverter.MaxCauses, depth);
    }

    [TestMethod]
    public void EncodeCommonAttributes_HidesMessageAndStackAndGivesThemBack()
    {
        var converter = new DefaultFailureConverter(new DefaultFailureConverterOptions { EncodeCommonAttributes = true });
        var thrown = Thrown(new InvalidOperationException("secret", new FormatException("inner secret")));

        var failure = converter.ToFailure(thrown, s_payloads);
        var back = converter.ToException(failure, s_payloads);

        Assert.AreEqual("Encoded failure", failure.Message);
        Assert.IsNull(failure.StackTrace);
        Assert.AreEqual("Encoded failure", failure.Cause!.Message);
        Assert.AreEqual("secret", back.Message);
        StringAssert.Contains(back.StackTrace, nameof(Thrown));
        Assert.AreEqual("inner secret", back.InnerException!.Message);
        Assert.AreEqual("Encoded failure", converter.ToFailure(back, s_payloads).Cause!.Message);
    }

    [TestMethod]
    public void EncodeCommonAttributes_NeedsNoTypeOfTheApplicationsConverter()
    {
        var converter = new DefaultFailureConverter(new DefaultFailureConverterOptions { EncodeCommonAttributes = true });
        var payloads = new DefaultPayloadConverter(new System.Text.Json.JsonSerializerOptions { TypeInfoResolver = TicketContext.Default });

        var failure = converter.ToFailure(new ApplicationFailureException("secret", details: new object?[] { new Ticket("a", 2) }), payloads);
        var back = (ApplicationFailureException)converter.ToException(failure, payloads);

        Assert.AreEqual("secret", back.Message);
        Assert.AreEqual(new Ticket("a", 2), back.Details.ElementAt<Ticket>(0));
    }

    [TestMethod]
    public void EncodedAttributes_NotDecoded_LeaveAFailureThatSaysSo()
    {
        var failure = new Failure("Encoded failure", new ApplicationFailureInfo("Refused", true))
        {
            EncodedAttributes = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/encrypted") }, Data = ByteString.CopyFrom(1, 2) },
        };

        var back = (ApplicationFailureException)s_converter.ToException(failure, s_payloads);

        Assert.AreEqual("Encoded failure", back.Message);
        Assert.AreEqual("Refused", back.ErrorType);
    }

    [TestMethod]
    public async Task OwnConverter_OnTopOfTheDefault_DecidesWhatIsStored()
    {
        var converter = DataConverter.Default with { FailureConverter = new Discreet() };

        var failure = await converter.ToFailureAsync(Thrown(new InvalidOperationException("no")));
        var back = await converter.ToExceptionAsync(failure);

        Assert.IsNull(failure.StackTrace);
        Assert.AreEqual("no (from elsewhere)", back.Message);
        Assert.AreEqual("no (from elsewhere)", ((FailureException)back).Failure!.Message);
    }

    [TestMethod]
    public async Task FailureWithACodec_ThereAndBack_DecodesDetailsOfCausesToo()
    {
        var converter = DataConverter.Default with { PayloadCodec = new ReversingCodec() };
        var thrown = new ApplicationFailureException("no", new ApplicationFailureException("why", details: new object?[] { "deep" }));

        var failure = await converter.ToFailureAsync(thrown);
        var back = await converter.ToExceptionAsync(failure);

        Assert.AreEqual("\"peed\"", Encoding.UTF8.GetString(((ApplicationFailureInfo)failure.Cause!.Info).Details[0].Data.Span));
        Assert.AreEqual("deep", ((ApplicationFailureException)back.InnerException!).Details.ElementAt<string>(0));
    }

    private sealed class Discreet : DefaultFailureConverter
    {
        public override Failure ToFailure(Exception exception, IPayloadConverter payloadConverter) =>
            base.ToFailure(exception, payloadConverter) with { StackTrace = null };

        public override Exception ToException(Failure failure, IPayloadConverter payloadConverter) =>
            base.ToException(failure with { Message = $"{failure.Message} (from elsewhere)" }, payloadConverter);
    }

    private static Exception Thrown(Exception e)
    {
        try
        {
            throw e;
        }
        catch (Exception caught)
        {
            return caught;
        }
    }
}
