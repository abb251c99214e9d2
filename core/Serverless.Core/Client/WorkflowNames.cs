using System.Reflection;
using Serverless.Common;
using Serverless.Workflows;

namespace Serverless.Client;

/// <summary>Names that calls of workflow members mean.</summary>
internal static class WorkflowNames
{
    public static string OfRun(Type workflow, MethodInfo method)
    {
        _ = Find<WorkflowRunAttribute>(workflow, method);
        foreach (var type in (Type[])[workflow, method.DeclaringType!])
        {
            if (type.GetCustomAttribute<WorkflowAttribute>(inherit: false) is { } attribute)
            {
                return Given(attribute.Name, attribute.Dynamic, type.Name) ?? MemberNames.OfType(type);
            }
        }

        throw new ArgumentException($"{workflow} has no [Workflow]. Add it, or start the workflow by name.");
    }

    public static string OfSignal(Type workflow, MethodInfo method)
    {
        var (attribute, found) = Find<WorkflowSignalAttribute>(workflow, method);
        return Given(attribute.Name, attribute.Dynamic, method.Name) ?? MemberNames.WithoutAsync((MethodInfo)found);
    }

    public static string OfUpdate(Type workflow, MethodInfo method)
    {
        var (attribute, found) = Find<WorkflowUpdateAttribute>(workflow, method);
        return Given(attribute.Name, attribute.Dynamic, method.Name) ?? MemberNames.WithoutAsync((MethodInfo)found);
    }

    public static string OfQuery(Type workflow, MemberInfo member)
    {
        var (attribute, found) = Find<WorkflowQueryAttribute>(workflow, member);
        return Given(attribute.Name, attribute.Dynamic, member.Name) ?? MemberNames.OfMember(found);
    }

    /// <summary>
    /// The attribute of a member: on the member that the lambda calls or, as the compiler names the first declaration of an overridden one, on the workflow's own.
    /// </summary>
    private static (T Attribute, MemberInfo Member) Find<T>(Type workflow, MemberInfo member)
        where T : Attribute
    {
        if (member.GetCustomAttribute<T>(inherit: false) is { } direct)
        {
            return (direct, member);
        }

        foreach (var candidate in workflow.GetMember(member.Name, member.MemberType, BindingFlags.Public | BindingFlags.Instance))
        {
            if (Same(candidate, member) && candidate.GetCustomAttribute<T>(inherit: false) is { } own)
            {
                return (own, candidate);
            }
        }

        var name = typeof(T).Name[..^nameof(Attribute).Length];
        throw new ArgumentException($"{workflow.Name}.{member.Name} has no [{name}]. Add it, or call by name.");
    }

    private static bool Same(MemberInfo candidate, MemberInfo member) => (candidate, member) switch
    {
        (MethodInfo a, MethodInfo b) => a.GetBaseDefinition() == b.GetBaseDefinition(),
        (PropertyInfo { GetMethod: { } a }, PropertyInfo { GetMethod: { } b }) => a.GetBaseDefinition() == b.GetBaseDefinition(),
        _ => false,
    };

    private static string? Given(string? name, bool dynamic, string what) =>
        dynamic ? throw new ArgumentException($"{what} is dynamic: call it by the name that is meant.") : name;
}
