namespace Serverless.Exceptions;

/// <summary>A client call was given up before it was answered. Whether it took effect is not known.</summary>
public class RpcTimeoutOrCanceledException : TemporalException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was given up.</param>
    /// <param name="inner">What ended the wait.</param>
    public RpcTimeoutOrCanceledException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
