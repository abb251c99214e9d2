namespace Serverless.Testbed.Faults;

/// <summary>What may happen to a request between a client and a service.</summary>
internal enum HttpFault
{
    /// <summary>The connection is reset before the service sees the request.</summary>
    ResetBefore,

    /// <summary>The service does the work; the connection is reset before the answer.</summary>
    ResetAfter,

    /// <summary>The service does the work; the connection is reset in the middle of the answer.</summary>
    Truncated,

    /// <summary>The service refuses with 503 "ServerBusy" and Retry-After; nothing is done.</summary>
    Busy,

    /// <summary>The service does the work, and a 500 "OperationTimedOut" takes the place of its answer.</summary>
    TimedOut,

    /// <summary>The request arrives late.</summary>
    LateRequest,

    /// <summary>The answer arrives late.</summary>
    LateAnswer,

    /// <summary>The service gets the request twice, and the client its first answer.</summary>
    TwiceFirstAnswer,

    /// <summary>The service gets the request twice, and the client its second answer: a conflict with itself, where the request is conditional.</summary>
    TwiceSecondAnswer,
}
