using Serverless.Api.Enums.V1;
using Serverless.Converters;

namespace Serverless.Exceptions;

/// <summary>A time-out of an activity or workflow passed.</summary>
public class TimeoutFailureException : FailureException
{
    internal TimeoutFailureException(Failure failure, Exception? inner, IPayloadConverter converter)
        : base(failure, inner)
    {
        var info = Facts<TimeoutFailureInfo>(failure);
        TimeoutType = info.Type;
        LastHeartbeatDetails = new InboundFailureDetails(converter, info.LastHeartbeatDetails);
    }

    /// <summary>Which time-out.</summary>
    public TimeoutType TimeoutType { get; }

    /// <summary>What the last heartbeat before a heartbeat time-out said; empty for other time-outs.</summary>
    public InboundFailureDetails LastHeartbeatDetails { get; protected init; }
}
