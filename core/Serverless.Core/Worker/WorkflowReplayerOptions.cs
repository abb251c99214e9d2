using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Converters;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Worker;

/// <summary>The code that a <see cref="WorkflowReplayer"/> runs over histories. At least one workflow is required.</summary>
public class WorkflowReplayerOptions : ICloneable
{
    private List<WorkflowDefinition> _workflows = [];

    /// <summary>The workflow types.</summary>
    public IList<WorkflowDefinition> Workflows => _workflows;

    /// <summary>The hub, as converters see it. Default "default".</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Converts values and failures; the same as that of the hub's processes. Default: JSON, no codec.</summary>
    public DataConverter DataConverter { get; set; } = DataConverter.Default;

    /// <summary>Surround workflows, the first one outermost. Default none.</summary>
    public IReadOnlyCollection<IWorkerInterceptor>? Interceptors { get; set; }

    /// <summary>Exceptions that fail a workflow, besides failure exceptions and those its definition names. Default none.</summary>
    public IReadOnlyCollection<Type>? WorkflowFailureExceptionTypes { get; set; }

    /// <summary>Where workflows log. Their own lines are silent in replay. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Adds a workflow type.</summary>
    /// <typeparam name="T">A class with the attribute <c>[Workflow]</c>.</typeparam>
    /// <returns>These options.</returns>
    public WorkflowReplayerOptions AddWorkflow<T>() => AddWorkflow(typeof(T));

    /// <summary>Adds a workflow type.</summary>
    /// <param name="type">A class with the attribute <c>[Workflow]</c>.</param>
    /// <returns>These options.</returns>
    public WorkflowReplayerOptions AddWorkflow(Type type) => AddWorkflow(WorkflowDefinition.Create(type));

    /// <summary>Adds a workflow type.</summary>
    /// <param name="definition">Its definition: another name than the type's, or another way to make it.</param>
    /// <returns>These options.</returns>
    public WorkflowReplayerOptions AddWorkflow(WorkflowDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        _workflows.Add(definition);
        return this;
    }

    /// <inheritdoc/>
    public virtual object Clone()
    {
        var copy = (WorkflowReplayerOptions)MemberwiseClone();
        copy._workflows = [.. _workflows];
        return copy;
    }
}
