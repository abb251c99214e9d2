using Serverless.Client;

namespace Serverless.Engine;

/// <summary>What became of a posted item.</summary>
internal enum PostOutcome
{
    /// <summary>It is stored and will be consumed.</summary>
    Accepted,

    /// <summary>The workflow id is closed.</summary>
    Closed,

    /// <summary>There is no such workflow id.</summary>
    NotFound,

    /// <summary>The workflow id is open, and takes no messages for now.</summary>
    Full,
}

internal static class PostOutcomes
{
    /// <summary>What a sender is told.</summary>
    public static string InboxFull(string workflowId) =>
        $"So many messages wait for workflow '{workflowId}' that it takes no more until half of them are applied. Send again later, and more slowly.";

    /// <exception cref="WorkflowServiceException">Nothing was stored.</exception>
    public static void ThrowUnlessAccepted(this PostOutcome outcome, string workflowId)
    {
        if (outcome != PostOutcome.Accepted)
        {
            throw outcome switch
            {
                PostOutcome.Closed => WorkflowServiceException.Closed(workflowId),
                PostOutcome.Full => new WorkflowServiceException(WorkflowServiceError.InboxFull, InboxFull(workflowId)),
                _ => WorkflowServiceException.NotFound(workflowId),
            };
        }
    }
}
