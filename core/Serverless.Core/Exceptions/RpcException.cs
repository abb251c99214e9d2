namespace Serverless.Exceptions;

/// <summary>A client call was refused or failed. <see cref="Code"/> says how; nothing is remote here, the codes are the field's.</summary>
public class RpcException : TemporalException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">How it failed.</param>
    /// <param name="message">What is wrong.</param>
    public RpcException(StatusCode code, string message)
        : this(code, message, null)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="code">How it failed.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="inner">Its cause.</param>
    public RpcException(StatusCode code, string message, Exception? inner)
        : base(message, inner) => Code = code;

    /// <summary>Ways in which a call fails.</summary>
    public enum StatusCode
    {
        /// <summary>It did not.</summary>
        OK = 0,

        /// <summary>Cancelled by the caller.</summary>
        Cancelled = 1,

        /// <summary>Not known.</summary>
        Unknown = 2,

        /// <summary>The request is wrong in itself.</summary>
        InvalidArgument = 3,

        /// <summary>It took too long.</summary>
        DeadlineExceeded = 4,

        /// <summary>No such thing.</summary>
        NotFound = 5,

        /// <summary>There is one already.</summary>
        AlreadyExists = 6,

        /// <summary>The storage account refuses this identity.</summary>
        PermissionDenied = 7,

        /// <summary>A limit was passed.</summary>
        ResourceExhausted = 8,

        /// <summary>Not possible in the present state.</summary>
        FailedPrecondition = 9,

        /// <summary>Lost against another change; worth another try.</summary>
        Aborted = 10,

        /// <summary>Beyond the end.</summary>
        OutOfRange = 11,

        /// <summary>Not offered here.</summary>
        Unimplemented = 12,

        /// <summary>A fault of the engine.</summary>
        Internal = 13,

        /// <summary>Storage does not answer; worth another try.</summary>
        Unavailable = 14,

        /// <summary>Stored data is damaged.</summary>
        DataLoss = 15,

        /// <summary>No valid credentials.</summary>
        Unauthenticated = 16,
    }

    /// <summary>How it failed.</summary>
    public StatusCode Code { get; private init; }
}
