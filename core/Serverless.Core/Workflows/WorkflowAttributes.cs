using Serverless.Common;

namespace Serverless.Workflows;

/// <summary>Marks a class, interface, record or struct as a workflow.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct, Inherited = false)]
public sealed class WorkflowAttribute : Attribute
{
    /// <summary>The workflow is named after its type; an interface without its leading I.</summary>
    public WorkflowAttribute()
    {
    }

    /// <summary>The workflow has this name.</summary>
    /// <param name="name">Name of the workflow type.</param>
    public WorkflowAttribute(string name) => Name = name;

    /// <summary>The name; null: the type's.</summary>
    public string? Name { get; }

    /// <summary>True: it takes every type name that no other workflow has, and its run method takes one <c>IRawValue[]</c>. Default false.</summary>
    public bool Dynamic { get; set; }

    /// <summary>Exceptions that fail the workflow, besides failure exceptions; any other blocks it until the code is mended. Null: none.</summary>
    public Type[]? FailureExceptionTypes { get; set; }

    /// <summary>Whether a run stays with the build that started it.</summary>
    public VersioningBehavior VersioningBehavior { get; set; }
}

/// <summary>Marks the one method that is the workflow: public, not static, returning a Task, declared on the workflow type itself.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowRunAttribute : Attribute;

/// <summary>Marks a constructor that takes the run method's arguments.</summary>
[AttributeUsage(AttributeTargets.Constructor, Inherited = false)]
public sealed class WorkflowInitAttribute : Attribute;

/// <summary>Marks a signal handler: public, returning a Task.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowSignalAttribute : Attribute
{
    /// <summary>The signal is named after its method, without "Async" at the end.</summary>
    public WorkflowSignalAttribute()
    {
    }

    /// <summary>The signal has this name.</summary>
    /// <param name="name">Name of the signal.</param>
    public WorkflowSignalAttribute(string name) => Name = name;

    /// <summary>The name; null: the method's.</summary>
    public string? Name { get; }

    /// <summary>True: it takes every signal without a handler, as <c>(string name, IRawValue[] args)</c>. Default false.</summary>
    public bool Dynamic { get; set; }

    /// <summary>What happens when the workflow ends while the handler still runs. Default: warn.</summary>
    public HandlerUnfinishedPolicy UnfinishedPolicy { get; set; } = HandlerUnfinishedPolicy.WarnAndAbandon;

    /// <summary>For people.</summary>
    public string? Description { get; set; }
}

/// <summary>Marks a query: a public method that returns at once and changes nothing, or a property.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property, Inherited = false)]
public sealed class WorkflowQueryAttribute : Attribute
{
    /// <summary>The query is named after its member.</summary>
    public WorkflowQueryAttribute()
    {
    }

    /// <summary>The query has this name.</summary>
    /// <param name="name">Name of the query.</param>
    public WorkflowQueryAttribute(string name) => Name = name;

    /// <summary>The name; null: the member's.</summary>
    public string? Name { get; }

    /// <summary>True: it takes every query without a handler, as <c>(string name, IRawValue[] args)</c>. Default false.</summary>
    public bool Dynamic { get; set; }

    /// <summary>For people.</summary>
    public string? Description { get; set; }
}

/// <summary>Marks an update handler: public, returning a Task; its caller waits for what it returns.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowUpdateAttribute : Attribute
{
    /// <summary>The update is named after its method, without "Async" at the end.</summary>
    public WorkflowUpdateAttribute()
    {
    }

    /// <summary>The update has this name.</summary>
    /// <param name="name">Name of the update.</param>
    public WorkflowUpdateAttribute(string name) => Name = name;

    /// <summary>The name; null: the method's.</summary>
    public string? Name { get; }

    /// <summary>True: it takes every update without a handler, as <c>(string name, IRawValue[] args)</c>. Default false.</summary>
    public bool Dynamic { get; set; }

    /// <summary>What happens when the workflow ends while the handler still runs. Default: warn.</summary>
    public HandlerUnfinishedPolicy UnfinishedPolicy { get; set; } = HandlerUnfinishedPolicy.WarnAndAbandon;

    /// <summary>For people.</summary>
    public string? Description { get; set; }
}

/// <summary>Marks the validator of an update: public, void, with the update's parameters; throwing rejects the update before it leaves a trace.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowUpdateValidatorAttribute : Attribute
{
    /// <summary>Validates the update of this method.</summary>
    /// <param name="updateMethod">Name of the update's method: use nameof.</param>
    public WorkflowUpdateValidatorAttribute(string updateMethod) => UpdateMethod = updateMethod;

    /// <summary>Name of the update's method.</summary>
    public string UpdateMethod { get; }
}

/// <summary>What happens when a workflow ends while a handler still runs.</summary>
public enum HandlerUnfinishedPolicy
{
    /// <summary>The handler is abandoned with a warning in the log. The default.</summary>
    WarnAndAbandon,

    /// <summary>The handler is abandoned.</summary>
    Abandon,
}

/// <summary>
/// On a public instance method without parameters of a dynamic workflow, which returns <see cref="WorkflowDefinitionOptions"/>: what an attribute would say if the type's
/// name were known. Called once per run in memory, after the constructor; it only looks.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowDynamicOptionsAttribute : Attribute;

/// <summary>Options of a dynamic workflow, by its own word.</summary>
public class WorkflowDefinitionOptions : ICloneable
{
    /// <summary>Exceptions that fail the workflow, besides failure exceptions. Null (default): none.</summary>
    public Type[]? FailureExceptionTypes { get; set; }

    /// <summary>Whether a run stays with the build that started it.</summary>
    public VersioningBehavior VersioningBehavior { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}
