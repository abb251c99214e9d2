namespace Serverless.Exceptions;

/// <summary>
/// A client waited for a workflow that did not complete. <see cref="Exception.InnerException"/> says why: <see cref="ApplicationFailureException"/> or another
/// failure it threw, <see cref="CanceledFailureException"/>, <see cref="TerminatedFailureException"/> or <see cref="TimeoutFailureException"/>.
/// </summary>
public class WorkflowFailedException : TemporalException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="inner">Why it did not complete.</param>
    public WorkflowFailedException(Exception? inner)
        : base("Workflow failed", inner)
    {
    }
}
