namespace Serverless.Exceptions;

/// <summary>Workflow code asks for something else than its history recorded. The message names the first difference.</summary>
public class WorkflowNondeterminismException : InvalidWorkflowOperationException
{
    internal WorkflowNondeterminismException(string message)
        : base(message)
    {
    }
}
