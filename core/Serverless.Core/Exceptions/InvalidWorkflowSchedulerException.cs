namespace Serverless.Exceptions;

/// <summary>Workflow code used threads, tasks or timers that are not the workflow's own.</summary>
public class InvalidWorkflowSchedulerException : InvalidWorkflowOperationException
{
    private readonly string? _stackTrace;

    internal InvalidWorkflowSchedulerException(string message, string? stackTrace = null)
        : base(message) => _stackTrace = stackTrace;

    /// <inheritdoc/>
    public override string? StackTrace => _stackTrace ?? base.StackTrace;
}
