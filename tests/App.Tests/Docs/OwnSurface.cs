using System.Reflection;
using System.Runtime.CompilerServices;
using Serverless.Functions;
using Serverless.Workflows;

namespace App.Tests.Docs;

/// <summary>Finds public types and members of ours by the names that C# code calls them by.</summary>
internal static class OwnSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly IReadOnlyList<Type> Types = [.. typeof(Workflow).Assembly.GetExportedTypes(), .. typeof(ServerlessWorkflowsOptions).Assembly.GetExportedTypes()];

    private static readonly ILookup<string, MethodInfo> Extensions = Types
        .Where(type => type is { IsAbstract: true, IsSealed: true })
        .SelectMany(type => type.GetMethods())
        .Where(method => method.IsDefined(typeof(ExtensionAttribute), inherit: false))
        .ToLookup(method => method.Name);

    private static readonly Dictionary<string, string> Operators = new()
    {
        ["=="] = "op_Equality",
        ["!="] = "op_Inequality",
        ["<"] = "op_LessThan",
        ["<="] = "op_LessThanOrEqual",
        [">"] = "op_GreaterThan",
        [">="] = "op_GreaterThanOrEqual",
    };

    /// <summary>A type by its name in C#. The namespace of ours that stands for the given one comes first.</summary>
    public static Type? Find(string theirNamespace, string name)
    {
        var ours = theirNamespace.Replace("Temporalio", "Serverless", StringComparison.Ordinal);
        return Types.Where(type => NameOf(type) == WithArity(name)).OrderByDescending(type => type.Namespace == ours).FirstOrDefault();
    }

    /// <summary>True when code outside can name the member, an inherited or an extension one included.</summary>
    public static bool Has(Type type, string member) => member == "new"
        ? type.IsValueType || type.GetConstructors(Declared).Any(constructor => IsVisible(constructor) && !IsCopy(constructor))
        : Family(type).SelectMany(t => t.GetMember(Operators.GetValueOrDefault(member, member), Declared)).Any(IsVisible)
            || Extensions[member].Any(method => Family(type).Any(t => Definition(t) == Definition(method.GetParameters()[0].ParameterType)));

    private static IEnumerable<Type> Family(Type type)
    {
        for (var each = type; each is not null; each = each.BaseType)
        {
            yield return each;
        }

        foreach (var each in type.GetInterfaces())
        {
            yield return each;
        }
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        EventInfo e => IsVisible(e.AddMethod!),
        _ => false,
    };

    /// <summary>Every record has one; it makes nothing new.</summary>
    private static bool IsCopy(ConstructorInfo constructor) =>
        constructor.GetParameters() is [var only] && only.ParameterType == constructor.DeclaringType && only.ParameterType.GetMethod("<Clone>$") is not null;

    private static string NameOf(Type type) => type.DeclaringType is { } outer ? $"{NameOf(outer)}.{type.Name}" : type.Name;

    /// <summary>Writes <c>Handle&lt;A, B&gt;</c> as the runtime does: <c>Handle`2</c>.</summary>
    private static string WithArity(string name) => name.IndexOf('<', StringComparison.Ordinal) is > 0 and var at
        ? $"{name[..at]}`{name[at..].Split(',').Length}"
        : name;
}
