namespace Serverless.Exceptions;

/// <summary>A start was refused because the workflow id is in use, and the id policies of the start say so.</summary>
public class WorkflowAlreadyStartedException : FailureException
{
    /// <summary>Creates the exception where the type is not known.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="workflowId">The id in use.</param>
    /// <param name="runId">The run in the way.</param>
    public WorkflowAlreadyStartedException(string message, string workflowId, string runId)
        : this(message, workflowId, "<unknown>", runId)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="workflowId">The id in use.</param>
    /// <param name="workflowType">The type that was to be started.</param>
    /// <param name="runId">The run in the way.</param>
    public WorkflowAlreadyStartedException(string message, string workflowId, string workflowType, string runId)
        : base(message)
    {
        WorkflowId = workflowId;
        WorkflowType = workflowType;
        RunId = runId;
    }

    /// <summary>The id in use.</summary>
    public string WorkflowId { get; private init; }

    /// <summary>The type that was to be started.</summary>
    public string WorkflowType { get; private init; }

    /// <summary>The run in the way.</summary>
    public string RunId { get; private init; }
}
