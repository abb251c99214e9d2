namespace Serverless.Exceptions;

/// <summary>A payload can't be decoded. In workflow code it blocks the workflow, visibly, until it can; in an activity it fails the attempt.</summary>
public class PayloadCodecException : TemporalException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong.</param>
    /// <param name="message">What is wrong, and the cure.</param>
    /// <param name="inner">Its cause.</param>
    public PayloadCodecException(PayloadCodecError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>What is wrong.</summary>
    public PayloadCodecError Error { get; private init; }
}

/// <summary>Why a payload can't be decoded.</summary>
public enum PayloadCodecError
{
    /// <summary>The codec was not given the key that the payload names.</summary>
    UnknownKey = 1,

    /// <summary>The payload was changed after it was encrypted, or was encrypted with another key of the same id.</summary>
    NotAuthentic = 2,

    /// <summary>The payload is not what such a codec writes.</summary>
    Damaged = 3,

    /// <summary>Decoded, the payload would be larger than allowed.</summary>
    TooLarge = 4,
}
