using Serverless.Activities;
using Serverless.Common;
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
        MemberNames.CheckType(definition.Name, "a workflow");
        _workflows.Add(definition);
        return this;
    }

    /// <summary>Adds all activities of a class; an instance is resolved for each attempt.</summary>
    public WorkerRegistrations AddActivities<T>()
        where T : class => AddActivities(typeof(T));

    /// <summary>Adds all activities of a class, which may be static; an instance is resolved for each attempt.</summary>
    public WorkerRegistrations AddActivities(Type type) => AddAll(ActivityDefinition.CreateAllResolved(type));

    /// <summary>Adds all activities of a type, called on one object; null when all are static.</summary>
    public WorkerRegistrations AddActivities(Type type, object? instance) => AddAll(ActivityDefinition.CreateAll(type, instance));

    public WorkerRegistrations AddActivity(Delegate activity) => AddActivity(ActivityDefinition.Create(activity));

    public WorkerRegistrations AddActivity(ActivityDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        MemberNames.CheckType(definition.Name, "an activity");
        _activities.Add(definition);
        return this;
    }

    private WorkerRegistrations AddAll(IEnumerable<ActivityDefinition> definitions)
    {
        foreach (var definition in definitions)
        {
            AddActivity(definition);
        }

        return this;
    }
}
