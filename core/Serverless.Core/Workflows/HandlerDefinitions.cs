using System.Reflection;
using Serverless.Common;

namespace Serverless.Workflows;

/// <summary>A signal handler, by method or delegate.</summary>
public class WorkflowSignalDefinition
{
    private WorkflowSignalDefinition(string? name, Invoker call, HandlerUnfinishedPolicy policy, string? description)
    {
        Name = name;
        Call = call;
        UnfinishedPolicy = policy;
        Description = description;
    }

    /// <summary>Name of the signal; null: dynamic.</summary>
    public string? Name { get; }

    /// <summary>True: it takes every signal without a handler.</summary>
    public bool Dynamic => Name is null;

    /// <summary>For people.</summary>
    public string? Description { get; }

    /// <summary>What happens when the workflow ends while it runs.</summary>
    public HandlerUnfinishedPolicy UnfinishedPolicy { get; }

    internal Invoker Call { get; }

    /// <summary>A handler by delegate.</summary>
    /// <param name="name">Name of the signal; null: dynamic.</param>
    /// <param name="del">Takes the arguments, returns a Task.</param>
    /// <param name="unfinishedPolicy">What happens when the workflow ends while it runs.</param>
    /// <param name="description">For people.</param>
    /// <returns>The definition.</returns>
    public static WorkflowSignalDefinition CreateWithoutAttribute(
        string? name,
        Delegate del,
        HandlerUnfinishedPolicy unfinishedPolicy = HandlerUnfinishedPolicy.WarnAndAbandon,
        string? description = null)
    {
        ArgumentNullException.ThrowIfNull(del);
        MemberNames.CheckFree(name, "a signal handler");
        return new(name, Invoker.Of(del), unfinishedPolicy, description);
    }

    /// <summary>The handler of a method with <see cref="WorkflowSignalAttribute"/>.</summary>
    /// <param name="method">The method.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="ArgumentException">It has no such attribute.</exception>
    public static WorkflowSignalDefinition FromMethod(MethodInfo method) => Of(method, Attributes.Required<WorkflowSignalAttribute>(method));

    internal static WorkflowSignalDefinition Of(MethodInfo method, WorkflowSignalAttribute attribute) => new(
        attribute.Dynamic ? null : attribute.Name ?? MemberNames.WithoutAsync(method), Invoker.Of(method), attribute.UnfinishedPolicy, attribute.Description);
}

/// <summary>A query handler, by method, property or delegate.</summary>
public class WorkflowQueryDefinition
{
    private WorkflowQueryDefinition(string? name, Invoker call, string? description)
    {
        Name = name;
        Call = call;
        Description = description;
    }

    /// <summary>Name of the query; null: dynamic.</summary>
    public string? Name { get; }

    /// <summary>True: it takes every query without a handler.</summary>
    public bool Dynamic => Name is null;

    /// <summary>For people.</summary>
    public string? Description { get; }

    internal Invoker Call { get; }

    /// <summary>A handler by delegate.</summary>
    /// <param name="name">Name of the query; null: dynamic.</param>
    /// <param name="del">Takes the arguments, returns the answer at once.</param>
    /// <param name="description">For people.</param>
    /// <returns>The definition.</returns>
    public static WorkflowQueryDefinition CreateWithoutAttribute(string? name, Delegate del, string? description = null)
    {
        ArgumentNullException.ThrowIfNull(del);
        MemberNames.CheckFree(name, "a query handler");
        return new(name, Invoker.Of(del), description);
    }

    /// <summary>The handler of a method with <see cref="WorkflowQueryAttribute"/>.</summary>
    /// <param name="method">The method.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="ArgumentException">It has no such attribute.</exception>
    public static WorkflowQueryDefinition FromMethod(MethodInfo method) => Of(method, method, Attributes.Required<WorkflowQueryAttribute>(method));

    /// <summary>The handler of a property with <see cref="WorkflowQueryAttribute"/>.</summary>
    /// <param name="property">The property.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="ArgumentException">It has no such attribute, or no getter.</exception>
    public static WorkflowQueryDefinition FromProperty(PropertyInfo property) => Of(
        property,
        property?.GetMethod ?? throw new ArgumentException($"{property?.Name} has no getter.", nameof(property)),
        Attributes.Required<WorkflowQueryAttribute>(property));

    internal static WorkflowQueryDefinition Of(MemberInfo member, MethodInfo method, WorkflowQueryAttribute attribute) => new(
        attribute.Dynamic ? null : attribute.Name ?? MemberNames.OfMember(member), Invoker.Of(method), attribute.Description);
}

/// <summary>An update handler, by method or delegate, with its validator.</summary>
public class WorkflowUpdateDefinition
{
    private WorkflowUpdateDefinition(string? name, Invoker call, Invoker? validator, HandlerUnfinishedPolicy policy, string? description)
    {
        Name = name;
        Call = call;
        Validator = validator;
        UnfinishedPolicy = policy;
        Description = description;
    }

    /// <summary>Name of the update; null: dynamic.</summary>
    public string? Name { get; }

    /// <summary>True: it takes every update without a handler.</summary>
    public bool Dynamic => Name is null;

    /// <summary>For people.</summary>
    public string? Description { get; }

    /// <summary>What happens when the workflow ends while it runs.</summary>
    public HandlerUnfinishedPolicy UnfinishedPolicy { get; }

    internal Invoker Call { get; }

    internal Invoker? Validator { get; }

    /// <summary>A handler by delegate.</summary>
    /// <param name="name">Name of the update; null: dynamic.</param>
    /// <param name="del">Takes the arguments, returns a Task.</param>
    /// <param name="validatorDel">Takes the same arguments; throwing rejects. Null: all are accepted.</param>
    /// <param name="unfinishedPolicy">What happens when the workflow ends while it runs.</param>
    /// <param name="description">For people.</param>
    /// <returns>The definition.</returns>
    public static WorkflowUpdateDefinition CreateWithoutAttribute(
        string? name,
        Delegate del,
        Delegate? validatorDel = null,
        HandlerUnfinishedPolicy unfinishedPolicy = HandlerUnfinishedPolicy.WarnAndAbandon,
        string? description = null)
    {
        ArgumentNullException.ThrowIfNull(del);
        MemberNames.CheckFree(name, "an update handler");
        return new(name, Invoker.Of(del), validatorDel is null ? null : Invoker.Of(validatorDel), unfinishedPolicy, description);
    }

    /// <summary>The handler of a method with <see cref="WorkflowUpdateAttribute"/>.</summary>
    /// <param name="method">The method.</param>
    /// <param name="validatorMethod">Its validator; null for none.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="ArgumentException">It has no such attribute.</exception>
    public static WorkflowUpdateDefinition FromMethod(MethodInfo method, MethodInfo? validatorMethod = null) =>
        Of(method, Attributes.Required<WorkflowUpdateAttribute>(method), validatorMethod);

    internal static WorkflowUpdateDefinition Of(MethodInfo method, WorkflowUpdateAttribute attribute, MethodInfo? validator) => new(
        attribute.Dynamic ? null : attribute.Name ?? MemberNames.WithoutAsync(method),
        Invoker.Of(method),
        validator is null ? null : Invoker.Of(validator),
        attribute.UnfinishedPolicy,
        attribute.Description);
}

/// <summary>Attributes that must be there.</summary>
internal static class Attributes
{
    public static TAttribute Required<TAttribute>(MemberInfo member)
        where TAttribute : Attribute =>
        member?.GetCustomAttribute<TAttribute>(false) ?? throw new ArgumentException(
            $"{member?.DeclaringType?.Name}.{member?.Name} has no [{typeof(TAttribute).Name[..^nameof(Attribute).Length]}].", nameof(member));
}

/// <summary>Calls a method or delegate with decoded arguments.</summary>
internal sealed class Invoker
{
    private readonly Func<object, object?[], object?> _call;

    private Invoker(ParameterInfo[] parameters, Type returnType, Func<object, object?[], object?> call)
    {
        Parameters = parameters;
        ReturnType = returnType;
        _call = call;
    }

    public ParameterInfo[] Parameters { get; }

    public Type ReturnType { get; }

    public static Invoker Of(MethodInfo method)
    {
        var invoker = MethodInvoker.Create(method);
        return new(method.GetParameters(), method.ReturnType, (instance, args) => invoker.Invoke(instance, args.AsSpan()));
    }

    public static Invoker Of(Delegate handler)
    {
        var invoker = MethodInvoker.Create(handler.Method);
        return new(handler.Method.GetParameters(), handler.Method.ReturnType, (_, args) => invoker.Invoke(handler.Target, args.AsSpan()));
    }

    /// <summary>The plain return value, or the exception as the code threw it.</summary>
    public object? Invoke(object instance, object?[] args) => _call(instance, args);

    /// <summary>Awaits what a call returned; the result of a Task{T}, null of a Task.</summary>
    public static async Task<object?> AwaitAsync(object? returned)
    {
        if (returned is not Task task)
        {
            return returned;
        }

        await task;
        return TaskResults.Of(task);
    }
}

/// <summary>Reads results of tasks whose type is known at run time only.</summary>
internal static class TaskResults
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, PropertyInfo?> Properties = new();

    /// <summary>The result of a completed task; null when it has none.</summary>
    public static object? Of(Task task) => Properties.GetOrAdd(task.GetType(), static type =>
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (t.IsGenericType && t.GetGenericTypeDefinition() == typeof(Task<>))
            {
                // Async methods without a result return a task of an internal type.
                return t.GetGenericArguments()[0].Name == "VoidTaskResult" ? null : t.GetProperty("Result");
            }
        }

        return null;
    })?.GetValue(task);

    /// <summary>T of a Task{T}; null for a Task.</summary>
    public static Type? TypeOf(Type returnType) =>
        returnType.IsGenericType && returnType.GetGenericTypeDefinition() == typeof(Task<>) ? returnType.GetGenericArguments()[0] : null;
}
