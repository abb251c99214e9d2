namespace Serverless.Exceptions;

/// <summary>Workflow code did what it can't do at this place. Fails the workflow task, not the workflow: it is blocked, visibly, until the code is mended.</summary>
public class InvalidWorkflowOperationException : TemporalException
{
    internal InvalidWorkflowOperationException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
