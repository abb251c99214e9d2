namespace Serverless.Client;

/// <summary>
/// Makes runs from the histories of others. Throws <see cref="WorkflowServiceException"/> for what the caller must handle, and
/// <see cref="Storage.StorageException"/> when storage fails: the same request, by its id, may then be repeated.
/// </summary>
internal interface IWorkflowResetService
{
    /// <summary>
    /// Ends the current run of the workflow id, if it is open, and begins a new one with the history of the run that is meant up to a point. One transaction: afterwards
    /// the new run is the current one and goes on by itself. The id may be closed, and the run that is meant an older one.
    /// </summary>
    Task<ResetResult> ResetAsync(WorkflowRef workflow, ResetRequest request, CancellationToken cancellationToken);

    /// <summary>Begins a workflow of another id with the history of the run that is meant up to a point. The source stays as it is.</summary>
    Task<ResetResult> ForkAsync(WorkflowRef workflow, string? newWorkflowId, ResetRequest request, CancellationToken cancellationToken);
}

/// <summary>A reset or fork.</summary>
/// <param name="Point">Up to where the history is kept.</param>
internal sealed record ResetRequest(WorkflowResetPoint Point)
{
    public string? Reason { get; init; }

    public WorkflowResetReapply Reapply { get; init; }

    /// <summary>Null: a reset keeps them, a fork restarts them.</summary>
    public WorkflowResetChildren? Children { get; init; }

    public string? RequestId { get; init; }
}

/// <param name="WorkflowId">The workflow that goes on.</param>
/// <param name="RunId">Its new run.</param>
/// <param name="EventId">The last event of the tasks that were kept.</param>
internal sealed record ResetResult(string WorkflowId, string RunId, long EventId);
