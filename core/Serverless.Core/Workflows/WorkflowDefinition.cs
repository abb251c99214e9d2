using System.Reflection;
using System.Runtime.ExceptionServices;
using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Workflows;

/// <summary>A workflow type: its run method and handlers, checked.</summary>
public class WorkflowDefinition
{
    private readonly Func<object?[], object>? _create;

    private WorkflowDefinition(Type type, string? name, MethodInfo run, Func<object?[], object>? create)
    {
        Type = type;
        Name = name;
        RunMethod = run;
        Run = Invoker.Of(run);
        _create = create;
    }

    /// <summary>Name of the workflow type; null: dynamic.</summary>
    public string? Name { get; private init; }

    /// <summary>The type.</summary>
    public Type Type { get; private init; }

    /// <summary>The run method.</summary>
    public MethodInfo RunMethod { get; private init; }

    /// <summary>False for interfaces and abstract classes: they serve callers only.</summary>
    public bool Instantiable => _create is not null;

    /// <summary>True: it takes every type name that no other workflow has.</summary>
    public bool Dynamic => Name is null;

    /// <summary>Signal handlers by name.</summary>
    public IReadOnlyDictionary<string, WorkflowSignalDefinition> Signals { get; private init; } = new SortedDictionary<string, WorkflowSignalDefinition>();

    /// <summary>The handler of all other signals.</summary>
    public WorkflowSignalDefinition? DynamicSignal { get; private init; }

    /// <summary>Query handlers by name.</summary>
    public IReadOnlyDictionary<string, WorkflowQueryDefinition> Queries { get; private init; } = new SortedDictionary<string, WorkflowQueryDefinition>();

    /// <summary>The handler of all other queries.</summary>
    public WorkflowQueryDefinition? DynamicQuery { get; private init; }

    /// <summary>Update handlers by name.</summary>
    public IReadOnlyDictionary<string, WorkflowUpdateDefinition> Updates { get; private init; } = new SortedDictionary<string, WorkflowUpdateDefinition>();

    /// <summary>The handler of all other updates.</summary>
    public WorkflowUpdateDefinition? DynamicUpdate { get; private init; }

    /// <summary>Exceptions that fail the workflow, besides failure exceptions.</summary>
    public Type[]? FailureExceptionTypes { get; private init; }

    /// <summary>Whether a run stays with the build that started it.</summary>
    public VersioningBehavior VersioningBehavior { get; private init; }

    /// <summary>Asks a dynamic workflow's object for its options; null when it has none to say.</summary>
    public Func<object?, WorkflowDefinitionOptions>? DynamicOptionsGetter { get; private init; }

    internal Invoker Run { get; }

    /// <summary>The definition of a type with <see cref="WorkflowAttribute"/>.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>The definition.</returns>
    /// <exception cref="ArgumentException">Something of the type is wrong; the message lists all of it.</exception>
    public static WorkflowDefinition Create<T>() => Create(typeof(T));

    /// <summary>The definition of a type with <see cref="WorkflowAttribute"/>.</summary>
    /// <param name="type">The type.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="ArgumentException">Something of the type is wrong; the message lists all of it.</exception>
    public static WorkflowDefinition Create(Type type) => Create(type, null, null);

    /// <summary>The definition of a type with <see cref="WorkflowAttribute"/>, under another name or with another way to make it.</summary>
    /// <param name="type">The type.</param>
    /// <param name="nameOverride">Another name; null: the attribute's.</param>
    /// <param name="creatorOverride">Makes an instance from the arguments; null: its constructor.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="ArgumentException">Something of the type is wrong; the message lists all of it.</exception>
    public static WorkflowDefinition Create(Type type, string? nameOverride, Func<object?[], object>? creatorOverride)
    {
        ArgumentNullException.ThrowIfNull(type);
        var attribute = type.GetCustomAttribute<WorkflowAttribute>(false)
            ?? throw new ArgumentException($"{type} is no workflow: it has no [Workflow] attribute.", nameof(type));
        var problems = new List<string>();
        var members = WorkflowMembers.Read(type, attribute, creatorOverride, problems);
        if (problems.Count > 0 || members.Run is null)
        {
            throw new ArgumentException($"{type} can't be a workflow: {string.Join("; ", problems)}.", nameof(type));
        }

        return new WorkflowDefinition(
            type, attribute.Dynamic ? null : nameOverride ?? attribute.Name ?? MemberNames.OfType(type), members.Run, members.Creator)
        {
            Signals = members.Signals,
            DynamicSignal = members.DynamicSignal,
            Queries = members.Queries,
            DynamicQuery = members.DynamicQuery,
            Updates = members.Updates,
            DynamicUpdate = members.DynamicUpdate,
            FailureExceptionTypes = attribute.FailureExceptionTypes,
            VersioningBehavior = attribute.VersioningBehavior,
            DynamicOptionsGetter = members.DynamicOptions is { } options ? OptionsOf(options) : null,
        };
    }

    /// <summary>A new instance.</summary>
    /// <param name="workflowArguments">The run method's arguments, for a constructor with <see cref="WorkflowInitAttribute"/>.</param>
    /// <returns>The instance.</returns>
    public object CreateWorkflowInstance(object?[] workflowArguments)
    {
        try
        {
            return _create is null ? throw new InvalidOperationException($"{Type} is abstract.") : _create(workflowArguments);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Capture(e.InnerException).Throw();
            throw;
        }
    }

    private static Func<object?, WorkflowDefinitionOptions> OptionsOf(MethodInfo method)
    {
        var invoker = Invoker.Of(method);
        return instance => (WorkflowDefinitionOptions)invoker.Invoke(instance!, [])!;
    }

    internal static bool TakesRawValues(MethodInfo method, bool withName)
    {
        var types = method.GetParameters().Select(static p => p.ParameterType).ToArray();
        return withName
            ? types is [var name, var values] && name == typeof(string) && values == typeof(IRawValue[])
            : types is [var only] && only == typeof(IRawValue[]);
    }
}
