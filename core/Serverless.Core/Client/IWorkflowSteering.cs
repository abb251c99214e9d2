using Serverless.History;

namespace Serverless.Client;

/// <summary>
/// What can be done to open workflows beside their code. Every method that changes something has changed it durably when it returns. Throws
/// <see cref="WorkflowServiceException"/> for what the caller must handle.
/// </summary>
internal interface IWorkflowSteering
{
    /// <summary>
    /// Stores a change of memo and search attributes; the list shows it once the next task has taken it. A repeated <paramref name="requestId"/> is the same change until
    /// the workflow id is deleted, also when the run has closed since.
    /// </summary>
    Task ModifyAsync(WorkflowRef workflow, WorkflowPropertiesModified change, string? requestId, CancellationToken cancellationToken);

    /// <summary>Lets the code of a blocked run try again now. False when it is not blocked: nothing happens then.</summary>
    Task<bool> ResumeAsync(WorkflowRef workflow, CancellationToken cancellationToken);
}
