using Serverless.Api.Enums.V1;
using Serverless.Exceptions;

namespace Core.Tests.Exceptions;

[TestClass]
public sealed class TemporalExceptionTests
{
    [TestMethod]
    public void IsCanceledException_EveryKindOfCancellation_IsTrue()
    {
        var canceled = new CanceledFailureException("stopped");
        var activity = new Failure("activity failed", new ActivityFailureInfo(5, "Pay", "1", null, RetryState.CancelRequested));
        var child = new Failure("child failed", new ChildWorkflowFailureInfo("default", "c", "r", "Child", 7, RetryState.Unspecified));

        Assert.IsTrue(TemporalException.IsCanceledException(new OperationCanceledException()));
        Assert.IsTrue(TemporalException.IsCanceledException(new TaskCanceledException()));
        Assert.IsTrue(TemporalException.IsCanceledException(canceled));
        Assert.IsTrue(TemporalException.IsCanceledException(new ActivityFailureException(activity, canceled)));
        Assert.IsTrue(TemporalException.IsCanceledException(new ChildWorkflowFailureException(child, canceled)));
    }

    [TestMethod]
    public void IsCanceledException_OtherFailures_IsFalse()
    {
        var activity = new Failure("activity failed", new ActivityFailureInfo(5, "Pay", "1", null, RetryState.MaximumAttemptsReached));

        Assert.IsFalse(TemporalException.IsCanceledException(new InvalidOperationException()));
        Assert.IsFalse(TemporalException.IsCanceledException(new ApplicationFailureException("no", new CanceledFailureException("inner"))));
        Assert.IsFalse(TemporalException.IsCanceledException(new ActivityFailureException(activity, new ApplicationFailureException("no"))));
    }

    [TestMethod]
    public void OutboundDetails_ElementAt_ReturnsTheValueOrRefusesTheIndex()
    {
        var failure = new ApplicationFailureException("no", details: new object?[] { 7, null });

        Assert.AreEqual(2, failure.Details.Count);
        Assert.AreEqual(7, failure.Details.ElementAt<int>(0));
        Assert.IsNull(failure.Details.ElementAt<string?>(1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => failure.Details.ElementAt<int>(2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => failure.Details.ElementAt<int>(-1));
    }

    [TestMethod]
    public void StackTrace_OfARecordedFailureThrownAgain_HoldsBothPlaces()
    {
        var recorded = new Failure("no", new TerminatedFailureInfo()) { StackTrace = "   at Recorded.Place()" };

        var caught = Assert.ThrowsExactly<TerminatedFailureException>(() => throw new TerminatedFailureException(recorded, null));

        StringAssert.StartsWith(caught.StackTrace, "   at Recorded.Place()");
        StringAssert.Contains(caught.StackTrace, nameof(StackTrace_OfARecordedFailureThrownAgain_HoldsBothPlaces));
    }
}
