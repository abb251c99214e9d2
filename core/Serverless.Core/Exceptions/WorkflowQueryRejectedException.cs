using Serverless.Api.Enums.V1;

namespace Serverless.Exceptions;

/// <summary>A query was not asked because the state of the workflow is one that the caller excluded.</summary>
public class WorkflowQueryRejectedException : TemporalException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="workflowStatus">State of the workflow.</param>
    public WorkflowQueryRejectedException(WorkflowExecutionStatus workflowStatus)
        : base($"The query was not asked: the workflow is {workflowStatus}, which the reject condition excludes.") => WorkflowStatus = workflowStatus;

    /// <summary>State of the workflow.</summary>
    public WorkflowExecutionStatus WorkflowStatus { get; private init; }
}
