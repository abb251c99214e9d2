namespace Serverless.Converters;

/// <summary>Whose values are converted: given to converters and codecs that ask for it by <see cref="IWithSerializationContext{T}"/>.</summary>
public interface ISerializationContext
{
    /// <summary>A context that belongs to a workflow.</summary>
    public interface IHasWorkflow : ISerializationContext
    {
        /// <summary>The hub.</summary>
        string Namespace { get; }

        /// <summary>The workflow id.</summary>
        string? WorkflowId { get; }
    }

    /// <summary>Values of an activity.</summary>
    /// <param name="Namespace">The hub.</param>
    /// <param name="ActivityId">Id of the activity.</param>
    /// <param name="WorkflowId">Its workflow.</param>
    /// <param name="WorkflowType">Type of that.</param>
    /// <param name="ActivityType">Type of the activity.</param>
    /// <param name="ActivityTaskQueue">Its task queue.</param>
    /// <param name="IsLocal">True for a local activity.</param>
    public sealed record Activity(
        string Namespace, string? ActivityId, string? WorkflowId, string? WorkflowType, string? ActivityType, string? ActivityTaskQueue, bool IsLocal)
        : IHasWorkflow
    {
        /// <summary>Values of a running activity, as for a client that completes it.</summary>
        /// <param name="info">The activity.</param>
        public Activity(Activities.ActivityInfo info)
            : this(info.Namespace, info.ActivityId, info.WorkflowId, info.WorkflowType, info.ActivityType, info.TaskQueue, info.IsLocal)
        {
        }
    }

    /// <summary>Values of a workflow.</summary>
    /// <param name="Namespace">The hub.</param>
    /// <param name="WorkflowId">The workflow id.</param>
    public sealed record Workflow(string Namespace, string WorkflowId) : IHasWorkflow;
}

/// <summary>A converter or codec that depends on whose values it converts, say by a key per tenant.</summary>
/// <typeparam name="T">What it is.</typeparam>
public interface IWithSerializationContext<out T>
{
    /// <summary>The same for one context. Called often: keep it cheap, and return itself when nothing changes.</summary>
    /// <param name="context">The context.</param>
    T WithSerializationContext(ISerializationContext context);
}
