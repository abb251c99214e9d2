using System.Reflection;
using Serverless.Common;

namespace Serverless.Client;

/// <summary>Names that calls of workflow members mean.</summary>
internal static class WorkflowNames
{
    private const string Attributes = "Serverless.Workflows.";

    public static string OfRun(Type workflow, MethodInfo method)
    {
        _ = Find(workflow, method, "WorkflowRunAttribute");
        var attribute = AttributeOf(workflow, "WorkflowAttribute") ?? AttributeOf(method.DeclaringType!, "WorkflowAttribute")
            ?? throw new ArgumentException($"{workflow} has no [Workflow]. Add it, or start the workflow by name.");
        return Given(attribute, workflow.Name) ?? MemberNames.OfType(AttributeOf(workflow, "WorkflowAttribute") is null ? method.DeclaringType! : workflow);
    }

    public static string OfSignal(Type workflow, MethodInfo method)
    {
        var (attribute, found) = Find(workflow, method, "WorkflowSignalAttribute");
        return Given(attribute, method.Name) ?? MemberNames.WithoutAsync((MethodInfo)found);
    }

    public static string OfUpdate(Type workflow, MethodInfo method)
    {
        var (attribute, found) = Find(workflow, method, "WorkflowUpdateAttribute");
        return Given(attribute, method.Name) ?? MemberNames.WithoutAsync((MethodInfo)found);
    }

    public static string OfQuery(Type workflow, MemberInfo member)
    {
        var (attribute, found) = Find(workflow, member, "WorkflowQueryAttribute");
        return Given(attribute, member.Name) ?? MemberNames.OfMember(found);
    }

    /// <summary>
    /// The attribute of a member: on the member that the lambda calls or, as the compiler names the first declaration of an overridden one, on the workflow's own.
    /// </summary>
    private static (Attribute Attribute, MemberInfo Member) Find(Type workflow, MemberInfo member, string attribute)
    {
        if (AttributeOf(member, attribute) is { } direct)
        {
            return (direct, member);
        }

        foreach (var candidate in workflow.GetMember(member.Name, member.MemberType, BindingFlags.Public | BindingFlags.Instance))
        {
            if (Same(candidate, member) && AttributeOf(candidate, attribute) is { } own)
            {
                return (own, candidate);
            }
        }

        var name = attribute[..^nameof(Attribute).Length];
        throw new ArgumentException($"{workflow.Name}.{member.Name} has no [{name}]. Add it, or call by name.");
    }

    private static bool Same(MemberInfo candidate, MemberInfo member) => (candidate, member) switch
    {
        (MethodInfo a, MethodInfo b) => a.GetBaseDefinition() == b.GetBaseDefinition(),
        (PropertyInfo { GetMethod: { } a }, PropertyInfo { GetMethod: { } b }) => a.GetBaseDefinition() == b.GetBaseDefinition(),
        _ => false,
    };

    private static Attribute? AttributeOf(MemberInfo member, string attribute) =>
        member.GetCustomAttributes(inherit: false).OfType<Attribute>().FirstOrDefault(a => a.GetType().FullName == Attributes + attribute);

    private static string? Given(Attribute attribute, string what)
    {
        var type = attribute.GetType();
        if (type.GetProperty("Dynamic")?.GetValue(attribute) is true)
        {
            throw new ArgumentException($"{what} is dynamic: call it by the name that is meant.");
        }

        return (string?)type.GetProperty("Name")?.GetValue(attribute);
    }
}
