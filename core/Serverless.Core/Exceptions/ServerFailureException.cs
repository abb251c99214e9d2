namespace Serverless.Exceptions;

/// <summary>The engine itself failed something, not the application.</summary>
public class ServerFailureException : FailureException
{
    internal ServerFailureException(Failure failure, Exception? inner)
        : base(failure, inner) => NonRetryable = Facts<ServerFailureInfo>(failure).NonRetryable;

    /// <summary>True when trying again is of no use.</summary>
    public bool NonRetryable { get; }
}
