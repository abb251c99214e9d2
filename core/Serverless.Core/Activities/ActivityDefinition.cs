using System.Reflection;
using System.Runtime.ExceptionServices;
using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Activities;

/// <summary>An activity as it is registered: its name, what it takes and gives, and how it is called. Immutable.</summary>
public class ActivityDefinition
{
    private readonly Func<object?, object?[], object?> _invoke;

    private ActivityDefinition(string? name, Type returnType, IReadOnlyCollection<Type> parameterTypes, int requiredParameterCount, Func<object?, object?[], object?> invoke)
    {
        Name = name;
        ReturnType = returnType;
        ParameterTypes = parameterTypes;
        RequiredParameterCount = requiredParameterCount;
        _invoke = invoke;
        Check();
    }

    /// <summary>The activity type; null for a dynamic activity.</summary>
    public string? Name { get; private init; }

    /// <summary>What the method returns, the task included.</summary>
    public Type ReturnType { get; private init; }

    /// <summary>What it takes.</summary>
    public IReadOnlyCollection<Type> ParameterTypes { get; private init; }

    /// <summary>How many arguments must be given; the others have defaults.</summary>
    public int RequiredParameterCount { get; private init; }

    /// <summary>True for the activity that takes every type without a definition of its own.</summary>
    public bool Dynamic => Name is null;

    /// <summary>The method, when there is one.</summary>
    public MethodInfo? MethodInfo { get; private init; }

    /// <summary>Values of parameters that are not given, from the first optional one on.</summary>
    internal IReadOnlyList<object?> Defaults { get; private init; } = [];

    /// <summary>The class whose instance is resolved for each attempt; null when the definition can be called as it is.</summary>
    internal Type? InstanceType { get; private init; }

    /// <summary>A definition of a delegate to an attributed method.</summary>
    /// <param name="del">The delegate.</param>
    /// <exception cref="ArgumentException">The method has no <see cref="ActivityAttribute"/>, or can't be an activity.</exception>
    public static ActivityDefinition Create(Delegate del)
    {
        ArgumentNullException.ThrowIfNull(del);
        return Create(del.Method, args => Unwrapped(() => del.DynamicInvoke(args)));
    }

    /// <summary>A definition of an attributed method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="invoker">Calls it.</param>
    /// <exception cref="ArgumentException">The method has no <see cref="ActivityAttribute"/>, or can't be an activity.</exception>
    public static ActivityDefinition Create(MethodInfo method, Func<object?[], object?> invoker)
    {
        ArgumentNullException.ThrowIfNull(method);
        return CreateWithoutAttribute(NameOf(method), method, invoker);
    }

    /// <summary>A definition of any method.</summary>
    /// <param name="name">The activity type; null for dynamic.</param>
    /// <param name="method">The method.</param>
    /// <param name="invoker">Calls it.</param>
    /// <exception cref="ArgumentException">The method can't be an activity.</exception>
    public static ActivityDefinition CreateWithoutAttribute(string? name, MethodInfo method, Func<object?[], object?> invoker)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(invoker);
        return Of(name, method, (_, args) => invoker(args), instanceType: null);
    }

    /// <summary>A definition from its parts.</summary>
    /// <param name="name">The activity type; null for dynamic.</param>
    /// <param name="returnType">What it returns, the task included.</param>
    /// <param name="parameterTypes">What it takes.</param>
    /// <param name="requiredParameterCount">How many arguments must be given.</param>
    /// <param name="invoker">Calls it. Always gets as many arguments as there are parameter types.</param>
    /// <exception cref="ArgumentException">The parts do not fit.</exception>
    public static ActivityDefinition Create(
        string? name, Type returnType, IReadOnlyCollection<Type> parameterTypes, int requiredParameterCount, Func<object?[], object?> invoker)
    {
        ArgumentNullException.ThrowIfNull(invoker);
        ArgumentNullException.ThrowIfNull(parameterTypes);
        return new(name, returnType, parameterTypes, requiredParameterCount, (_, args) => invoker(args))
        {
            Defaults = [.. parameterTypes.Skip(requiredParameterCount).Select(_ => (object?)null)],
        };
    }

    /// <summary>All attributed methods of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="instance">The object to call; may be null when all are static.</param>
    public static IReadOnlyCollection<ActivityDefinition> CreateAll<T>(T? instance) => CreateAll(typeof(T), instance);

    /// <summary>All attributed methods of a type, in the order of their declaration.</summary>
    /// <param name="type">The type.</param>
    /// <param name="instance">The object to call; may be null when all are static.</param>
    /// <exception cref="ArgumentException">There is none, or one can't be an activity.</exception>
    /// <exception cref="InvalidOperationException">One is not static, and there is no object.</exception>
    public static IReadOnlyCollection<ActivityDefinition> CreateAll(Type type, object? instance) =>
        OfType(type, method => method.IsStatic || instance is not null
            ? Of(NameOf(method), method, (_, args) => Call(method, instance, args), instanceType: null)
            : throw new InvalidOperationException($"Activity {Describe(method)} is not static: give an instance, or register its class so that one is resolved."));

    /// <summary>Calls the activity and waits for its end.</summary>
    /// <param name="parameters">As many arguments as there are parameter types.</param>
    /// <returns>Its result; null for none.</returns>
    public Task<object?> InvokeAsync(object?[] parameters) => InstanceType is null
        ? InvokeAsync(null, parameters)
        : throw new InvalidOperationException($"Activity {Name} needs an instance of {InstanceType}, which only a worker resolves.");

    /// <summary>All attributed methods of a class whose instances are resolved for each attempt.</summary>
    internal static IReadOnlyCollection<ActivityDefinition> CreateAllResolved(Type type) =>
        OfType(type, method => Of(NameOf(method), method, (instance, args) => Call(method, instance, args), method.IsStatic ? null : type));

    /// <summary>The activity type that a call of the method means.</summary>
    internal static string NameFromMethodForCall(MethodInfo method) => NameOf(method)
        ?? throw new ArgumentException($"{Describe(method)} is a dynamic activity: call it by the name that is meant.");

    internal async Task<object?> InvokeAsync(object? instance, object?[] parameters)
    {
        switch (_invoke(instance, parameters))
        {
            case Task task:
                await task;

                // An async Task method gives a task that has a result of its own behind the scenes: the declared type decides.
                return ReturnType.IsGenericType ? task.GetType().GetProperty(nameof(Task<object>.Result))!.GetValue(task) : null;
            case ValueTask task:
                await task;
                return null;
            case { } other when other.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ValueTask<>):
                var inner = (Task)type.GetMethod(nameof(ValueTask<object>.AsTask))!.Invoke(other, null)!;
                await inner;
                return inner.GetType().GetProperty(nameof(Task<object>.Result))!.GetValue(inner);
            case var result:
                return result;
        }
    }

    private static List<ActivityDefinition> OfType(Type type, Func<MethodInfo, ActivityDefinition> define)
    {
        ArgumentNullException.ThrowIfNull(type);
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy;
        var definitions = type.GetMethods(All)
            .Where(method => method.IsDefined(typeof(ActivityAttribute), inherit: false))
            .Select(method => method.IsPublic
                ? define(method)
                : throw new ArgumentException($"Activity {Describe(method)} must be public.", nameof(type)))
            .ToList();
        return definitions.Count > 0 ? definitions : throw new ArgumentException($"{type} has no method with [Activity].", nameof(type));
    }

    private static ActivityDefinition Of(string? name, MethodInfo method, Func<object?, object?[], object?> invoke, Type? instanceType)
    {
        if (method.ContainsGenericParameters)
        {
            throw new ArgumentException($"Activity {Describe(method)} has open generic parameters. Close them.", nameof(method));
        }

        var parameters = method.GetParameters();
        return new(name, method.ReturnType, [.. parameters.Select(p => p.ParameterType)], parameters.Count(p => !p.HasDefaultValue), invoke)
        {
            MethodInfo = method,
            InstanceType = instanceType,
            Defaults = [.. parameters.Where(p => p.HasDefaultValue).Select(DefaultOf)],
        };
    }

    private static object? DefaultOf(ParameterInfo parameter) =>
        parameter.DefaultValue is null && parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null
            ? Activator.CreateInstance(parameter.ParameterType)
            : parameter.DefaultValue;

    private static string? NameOf(MethodInfo method)
    {
        var attribute = method.GetCustomAttribute<ActivityAttribute>(inherit: false)
            ?? throw new ArgumentException($"{Describe(method)} has no [Activity].", nameof(method));
        if (attribute.Dynamic)
        {
            return attribute.Name is null
                ? null
                : throw new ArgumentException($"Activity {Describe(method)} is dynamic: it can't have a name.", nameof(method));
        }

        if (attribute.Name is { } given)
        {
            return given;
        }

        // The compiler names local functions <Outer>g__Name|0_0 and lambdas <Outer>b__0_0.
        var local = method.Name.IndexOf(">g__", StringComparison.Ordinal);
        if (local >= 0)
        {
            var start = local + 4;
            var name = method.Name[start..method.Name.IndexOf('|', start)];
            return MemberNames.ReturnsTask(method) && name.Length > 5 && name.EndsWith("Async", StringComparison.Ordinal) ? name[..^5] : name;
        }

        return method.Name.StartsWith('<')
            ? throw new ArgumentException("A lambda has no name of its own: give it one, as in [Activity(\"MyActivity\")].", nameof(method))
            : MemberNames.OfActivity(method);
    }

    private static object? Call(MethodInfo method, object? instance, object?[] args) =>
        method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, args, null);

    private static object? Unwrapped(Func<object?> call)
    {
        try
        {
            return call();
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    private static string Describe(MethodInfo method) => $"{method.DeclaringType?.Name}.{method.Name}";

    private void Check()
    {
        var name = Name ?? "(dynamic)";
        if (Name is { Length: 0 })
        {
            throw new ArgumentException("An activity's name can't be empty.");
        }

        MemberNames.CheckFree(Name, "an activity");
        if (Dynamic && (ParameterTypes.Count != 1 || RequiredParameterCount != 1 || ParameterTypes.First() != typeof(IRawValue[])))
        {
            throw new ArgumentException("A dynamic activity must have exactly one parameter, of type IRawValue[].");
        }

        if (RequiredParameterCount > ParameterTypes.Count)
        {
            throw new ArgumentException($"Activity {name} can't require {RequiredParameterCount} arguments: it has {ParameterTypes.Count} parameters.");
        }

        if (ParameterTypes.Any(type => type.IsByRef))
        {
            throw new ArgumentException($"Activity {name} has a ref or out parameter, which can't be stored.");
        }
    }
}
