namespace Serverless.Workflows;

/// <summary>What happens to a child workflow when its parent closes, by whatever way, continue-as-new included.</summary>
public enum ParentClosePolicy
{
    /// <summary>Same as <see cref="Terminate"/>.</summary>
    None = 0,

    /// <summary>The child is terminated. The default.</summary>
    Terminate = 1,

    /// <summary>The child goes on.</summary>
    Abandon = 2,

    /// <summary>The child is asked to cancel.</summary>
    RequestCancel = 3,
}

/// <summary>What cancelling an activity does.</summary>
public enum ActivityCancellationType
{
    /// <summary>Ask the activity to cancel and report it cancelled at once. The default.</summary>
    TryCancel = 0,

    /// <summary>Ask the activity to cancel and wait for how it ends.</summary>
    WaitCancellationCompleted = 1,

    /// <summary>Report it cancelled at once without asking.</summary>
    Abandon = 2,
}

/// <summary>What cancelling a child workflow does.</summary>
public enum ChildWorkflowCancellationType
{
    /// <summary>Report it cancelled at once without asking.</summary>
    Abandon = 0,

    /// <summary>Ask the child to cancel and report it cancelled at once.</summary>
    TryCancel = 1,

    /// <summary>Ask the child to cancel and wait for how it ends. The default.</summary>
    WaitCancellationCompleted = 2,

    /// <summary>Ask the child to cancel and wait until the request has arrived.</summary>
    WaitCancellationRequested = 3,
}
