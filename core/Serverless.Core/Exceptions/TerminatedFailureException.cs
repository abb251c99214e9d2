namespace Serverless.Exceptions;

/// <summary>A workflow was ended from outside, without running its code.</summary>
public class TerminatedFailureException : FailureException
{
    internal TerminatedFailureException(Failure failure, Exception? inner, InboundFailureDetails? details = null)
        : base(failure, inner)
    {
        _ = Facts<TerminatedFailureInfo>(failure);
        Details = details;
    }

    /// <summary>Values given by whoever terminated it; null where they are not known, as in a parent workflow.</summary>
    public IFailureDetails? Details { get; protected init; }
}
