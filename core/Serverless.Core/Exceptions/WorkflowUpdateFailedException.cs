namespace Serverless.Exceptions;

/// <summary>An update was rejected or failed. <see cref="Exception.InnerException"/> says why.</summary>
public class WorkflowUpdateFailedException : TemporalException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="inner">Why.</param>
    public WorkflowUpdateFailedException(Exception? inner)
        : base("Workflow update failed", inner)
    {
    }
}
