using Serverless.Converters;

namespace Serverless.Exceptions;

/// <summary>Something was cancelled: a workflow, an activity, a timer, a child.</summary>
public class CanceledFailureException : FailureException
{
    /// <summary>Creates the failure.</summary>
    /// <param name="message">What was cancelled.</param>
    /// <param name="inner">Its cause.</param>
    /// <param name="details">Values for whoever handles it.</param>
    internal protected CanceledFailureException(string message, Exception? inner = null, IReadOnlyCollection<object?>? details = null)
        : base(message, inner) => Details = new OutboundFailureDetails(details);

    internal CanceledFailureException(Failure failure, Exception? inner, IPayloadConverter converter)
        : base(failure, inner) => Details = new InboundFailureDetails(converter, Facts<CanceledFailureInfo>(failure).Details);

    /// <summary>Values it carries.</summary>
    public IFailureDetails Details { get; protected init; }
}
