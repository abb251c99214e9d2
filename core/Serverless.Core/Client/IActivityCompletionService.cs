using Serverless.Converters;

namespace Serverless.Client;

/// <summary>
/// Completion of activities from outside of their process. Every method throws <see cref="WorkflowServiceException"/> with
/// <see cref="WorkflowServiceError.NotFound"/> when the activity is not pending (any more). The first to complete it wins; what is reported has been stored on return.
/// </summary>
internal interface IActivityCompletionService
{
    /// <summary>Records a heartbeat.</summary>
    /// <returns>True when the workflow asked the activity to cancel.</returns>
    Task<bool> HeartbeatAsync(ActivityRef activity, IReadOnlyList<Payload> details, CancellationToken cancellationToken);

    /// <summary>The activity is done.</summary>
    Task CompleteAsync(ActivityRef activity, Payload? result, CancellationToken cancellationToken);

    /// <summary>The attempt failed; the retry policy decides what follows.</summary>
    Task FailAsync(ActivityRef activity, Failure failure, IReadOnlyList<Payload> lastHeartbeatDetails, CancellationToken cancellationToken);

    /// <summary>The activity has honoured a cancellation.</summary>
    Task ReportCancellationAsync(ActivityRef activity, IReadOnlyList<Payload> details, CancellationToken cancellationToken);
}

/// <summary>Looks for updates that were asked for before.</summary>
internal interface IUpdateReader
{
    /// <summary>
    /// Waits up to <paramref name="wait"/> for the outcome of an update, and stores nothing. Null when it is not completed or rejected then.
    /// Throws <see cref="WorkflowServiceException"/> with <see cref="WorkflowServiceError.NotFound"/> when there is no such update.
    /// </summary>
    Task<UpdateOutcome?> WaitForUpdateAsync(WorkflowRef workflow, string updateId, TimeSpan wait, CancellationToken cancellationToken);
}

/// <summary>Which activity is meant.</summary>
internal abstract record ActivityRef
{
    /// <summary>The attempt that has this token.</summary>
    public sealed record ByToken(ReadOnlyMemory<byte> TaskToken) : ActivityRef;

    /// <summary>The activity of this id; <paramref name="RunId"/> null for the newest run.</summary>
    public sealed record ById(string WorkflowId, string? RunId, string ActivityId) : ActivityRef;
}
