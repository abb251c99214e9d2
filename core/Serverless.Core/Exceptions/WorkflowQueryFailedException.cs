namespace Serverless.Exceptions;

/// <summary>A query could not be answered: it is unknown, its arguments do not fit, or its handler threw. The message says which.</summary>
public class WorkflowQueryFailedException : TemporalException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    public WorkflowQueryFailedException(string message)
        : base(message)
    {
    }
}
