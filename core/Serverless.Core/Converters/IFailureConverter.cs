namespace Serverless.Converters;

/// <summary>
/// Turns exceptions into stored failures and back. Called from workflow code: it must be deterministic, without I/O, and usable from several threads. Payloads in a
/// failure are encoded by the codec afterwards.
/// </summary>
public interface IFailureConverter
{
    /// <summary>The stored form of an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="payloadConverter">Converts its details.</param>
    Failure ToFailure(Exception exception, IPayloadConverter payloadConverter);

    /// <summary>The exception of a stored failure, not thrown.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="payloadConverter">Converts its details.</param>
    Exception ToException(Failure failure, IPayloadConverter payloadConverter);
}
