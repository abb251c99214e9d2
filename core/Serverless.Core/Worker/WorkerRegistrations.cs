using Serverless.Activities;
using Serverless.Workflows;

namespace Serverless.Worker;

/// <summary>The workflow types and activities of one application, as they are being registered.</summary>
internal sealed class WorkerRegistrations
{
    private readonly List<WorkflowDefinition> _workflows = [];
    private readonly List<ActivityDefinition> _activities = [];

    public IReadOnlyList<WorkflowDefinition> Workflows => _workflows;

    public IReadOnlyList<ActivityDefinition> Activities => _activities;

    public WorkerRegistrations AddWorkflow<T>() => AddWorkflow(typeof(T));

    public WorkerRegistrations AddWorkflow(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _workflows.Exists(d => d.Type == type) ? this : AddWorkflow(WorkflowDefinition.Create(type));
    }

    public WorkerRegistrations AddWorkflow(WorkflowDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        _workflows.Add(definition);
        return this;
    }

    /// <summary>Adds all activities of a class; an instance is resolved for each attempt.</summary>
    public WorkerRegistrations AddActivities<T>()
        where T : class => AddActivities(typeof(T));

    /// <summary>Adds all activities of a class, which may be static; an instance is resolved for each attempt.</summary>
    public WorkerRegistrations AddActivities(Type type)
    {
        _activities.AddRange(ActivityDefinition.CreateAllResolved(type));
        return this;
    }

    /// <summary>Adds all activities of a type, called on one object; null when all are static.</summary>
    public WorkerRegistrations AddActivities(Type type, object? instance)
    {
        _activities.AddRange(ActivityDefinition.CreateAll(type, instance));
        return this;
    }

    public WorkerRegistrations AddActivity(Delegate activity) => AddActivity(ActivityDefinition.Create(activity));

    public WorkerRegistrations AddActivity(ActivityDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        _activities.Add(definition);
        return this;
    }
}
