namespace Serverless.Client;

/// <summary>A point of a run's history. What was recorded up to there is kept by a reset or fork.</summary>
public sealed class WorkflowResetPoint
{
    private WorkflowResetPoint()
    {
    }

    /// <summary>Before the code ran first.</summary>
    public static WorkflowResetPoint FirstWorkflowTask { get; } = new();

    /// <summary>Before the code ran last: what it did then is undone, what it was given is kept.</summary>
    public static WorkflowResetPoint LastWorkflowTask { get; } = new() { IsLast = true };

    internal bool IsLast { get; private init; }

    internal long? EventId { get; private init; }

    internal string? BuildId { get; private init; }

    /// <summary>
    /// At an event. What the code did is kept in whole tasks: in the middle of one, the point is before it.
    /// </summary>
    /// <param name="eventId">Id of the last event that is kept; 1 or above.</param>
    /// <returns>The point.</returns>
    public static WorkflowResetPoint AtEvent(long eventId) => new() { EventId = eventId };

    /// <summary>Before the first task that a build ran.</summary>
    /// <param name="buildId">The build.</param>
    /// <returns>The point.</returns>
    public static WorkflowResetPoint BeforeBuild(string buildId)
    {
        ArgumentException.ThrowIfNullOrEmpty(buildId);
        return new() { BuildId = buildId };
    }
}

/// <summary>What becomes of messages that arrived after the point.</summary>
public enum WorkflowResetReapply
{
    /// <summary>Signals, accepted updates and requests to cancel are applied again, in their order.</summary>
    All,

    /// <summary>Signals are applied again.</summary>
    Signals,

    /// <summary>None is applied again.</summary>
    None,
}

/// <summary>What becomes of children that had not closed at the point.</summary>
public enum WorkflowResetChildren
{
    /// <summary>They go on, and answer the new run. A fork can't have this for a child that has not closed.</summary>
    Keep,

    /// <summary>They are terminated, and the code is told so. A fork is told so, and the children of its source go on.</summary>
    Terminate,

    /// <summary>The point moves back to before they were started, and the code starts them anew. A reset terminates the old ones.</summary>
    Restart,
}

/// <summary>How a workflow is reset.</summary>
/// <param name="point">Up to where its history is kept.</param>
public class WorkflowResetOptions(WorkflowResetPoint point) : CallOptions
{
    /// <summary>Up to where the history is kept.</summary>
    public WorkflowResetPoint Point { get; set; } = point;

    /// <summary>Why, for people. Default: none.</summary>
    public string? Reason { get; set; }

    /// <summary>Which messages that arrived after the point are applied again. Default: all.</summary>
    public WorkflowResetReapply Reapply { get; set; }

    /// <summary>What becomes of children that had not closed at the point. Default null: a reset keeps them, a fork starts its own.</summary>
    public WorkflowResetChildren? Children { get; set; }

    /// <summary>Makes repeated requests one: the same request again finds what the first one did. Default null: each is a request of its own.</summary>
    public string? RequestId { get; set; }
}

/// <summary>How a workflow is forked.</summary>
/// <param name="point">Up to where the history is copied.</param>
public class WorkflowForkOptions(WorkflowResetPoint point) : WorkflowResetOptions(point)
{
    /// <summary>Id of the new workflow, which must not exist. Default null: a new one.</summary>
    public string? Id { get; set; }
}
