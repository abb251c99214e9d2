using System.Reflection;

namespace Serverless.Common;

/// <summary>How types and members are named when no name is given to them.</summary>
internal static class MemberNames
{
    /// <summary>Names that begin so are the platform's.</summary>
    public const string ReservedPrefix = "__temporal";

    /// <summary>Workflow and activity types that begin so are run by the platform itself.</summary>
    public const string SystemPrefix = "serverless-";

    private const string AsyncSuffix = "Async";

    /// <summary>The type's own name; of an interface, without the leading I.</summary>
    public static string OfType(Type type)
    {
        var name = type.Name;

        // A generic type's name ends with a back-tick and the number of its parameters.
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        name = tick < 0 ? name : name[..tick];
        return type.IsInterface && name.Length > 1 && name[0] == 'I' && char.IsUpper(name[1]) ? name[1..] : name;
    }

    /// <summary>The member's name as it is.</summary>
    public static string OfMember(MemberInfo member) => member.Name;

    /// <summary>The method's name without "Async" at its end.</summary>
    public static string WithoutAsync(MethodInfo method) =>
        method.Name.Length > AsyncSuffix.Length && method.Name.EndsWith(AsyncSuffix, StringComparison.Ordinal)
            ? method.Name[..^AsyncSuffix.Length]
            : method.Name;

    /// <summary>The method's name, without "Async" at its end if it returns a task.</summary>
    public static string OfActivity(MethodInfo method) => ReturnsTask(method) ? WithoutAsync(method) : method.Name;

    /// <summary>True for Task, ValueTask and their generic kinds.</summary>
    public static bool ReturnsTask(MethodInfo method)
    {
        var type = method.ReturnType;
        return typeof(Task).IsAssignableFrom(type)
            || type == typeof(ValueTask)
            || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>));
    }

    /// <summary>True for names that no handler, activity or workflow may have.</summary>
    public static bool IsReserved(string? name) => name?.StartsWith(ReservedPrefix, StringComparison.Ordinal) == true;

    /// <summary>True for the workflow and activity types of the platform.</summary>
    public static bool IsSystem(string? type) => type?.StartsWith(SystemPrefix, StringComparison.Ordinal) == true;

    /// <summary>Null when an application may register or start the type, else what is wrong with it.</summary>
    public static string? ProblemOfType(string? type, string what) =>
        IsSystem(type) ? $"The type '{type}' of {what} begins with {SystemPrefix}, which is reserved for what the platform runs itself. Choose another." : null;

    /// <exception cref="ArgumentException">The type is one of the platform's.</exception>
    public static void CheckType(string? type, string what)
    {
        if (ProblemOfType(type, what) is { } problem)
        {
            throw new ArgumentException(problem, nameof(type));
        }
    }

    /// <exception cref="ArgumentException">The name is reserved.</exception>
    public static void CheckFree(string? name, string what)
    {
        if (IsReserved(name))
        {
            throw new ArgumentException($"The name '{name}' of {what} begins with {ReservedPrefix}, which is reserved. Choose another.", nameof(name));
        }
    }
}
