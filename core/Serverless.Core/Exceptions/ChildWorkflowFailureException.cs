using Serverless.Api.Enums.V1;

namespace Serverless.Exceptions;

/// <summary>A child workflow failed for good, as its parent sees it. <see cref="Exception.InnerException"/> is what really happened.</summary>
public class ChildWorkflowFailureException : FailureException
{
    private readonly ChildWorkflowFailureInfo _info;

    internal ChildWorkflowFailureException(Failure failure, Exception? inner)
        : base(failure, inner) => _info = Facts<ChildWorkflowFailureInfo>(failure);

    /// <summary>The hub it ran in.</summary>
    public string Namespace => _info.Namespace;

    /// <summary>The child's workflow id.</summary>
    public string WorkflowId => _info.WorkflowId;

    /// <summary>The child's run.</summary>
    public string RunId => _info.RunId;

    /// <summary>The child's workflow type.</summary>
    public string WorkflowType => _info.WorkflowType;

    /// <summary>Why it was not retried any more.</summary>
    public RetryState RetryState => _info.RetryState;
}
