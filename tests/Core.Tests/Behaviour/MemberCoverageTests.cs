using System.Reflection;
using System.Runtime.CompilerServices;
using Serverless.Client;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Every public member that workflow and activity authors and their clients use has a behaviour test, which runs warm and cold.</summary>
[TestClass]
public sealed class MemberCoverageTests
{
    /// <summary>Members without a behaviour test (a star at the end stands for the rest of the name), and why.</summary>
    private static readonly SortedDictionary<string, string> Excepted = new(StringComparer.Ordinal)
    {
        ["ActivityCancelReason.Paused"] = "never given: activities can't be paused",
        ["ActivityCancelReason.Reset"] = "never given: activities can't be reset",
        ["ActivityCancellationDetails..ctor()"] = "made by the platform",
        ["ActivityInfo..ctor()"] = "made by the platform",
        ["AsyncActivityCanceledException..ctor()"] = "thrown by the platform",
        ["BatchFailure..ctor(*"] = "made by the platform",
        ["InboundFailureDetails..ctor(*"] = "made by the platform",
        ["OutboundFailureDetails..ctor(*"] = "made by ApplicationFailureException",
        ["PayloadCodec*"] = "thrown by codecs: Converters/AesGcmPayloadCodecTests, Converters/CompressionPayloadCodecTests",
        ["RpcException..ctor(*"] = "thrown by the platform",
        ["RpcException.StatusCode.*"] = "codes that no call of a workflow's or activity's author gives",
        ["RpcTimeoutOrCanceledException..ctor(*"] = "thrown by the platform",
        ["ScheduleAlreadyRunningException..ctor()"] = "thrown by the platform",
        ["ServerFailureException.NonRetryable"] = "in histories that other systems wrote: Converters/DefaultFailureConverterTests",
        ["WorkflowAlreadyStartedException..ctor(*"] = "thrown by the platform",
        ["WorkflowContinuedAsNewException..ctor(*"] = "thrown by the platform",
        ["WorkflowFailedException..ctor(*"] = "thrown by the platform",
        ["WorkflowInfo..ctor()"] = "made by the platform",
        ["WorkflowInfo.ParentInfo..ctor(*"] = "made by the platform",
        ["WorkflowInfo.RootInfo..ctor(*"] = "made by the platform",
        ["WorkflowListPage..ctor(*"] = "made by the platform",
        ["WorkflowQueryFailedException..ctor(*"] = "thrown by the platform",
        ["WorkflowQueryRejectedException..ctor(*"] = "thrown by the platform",
        ["WorkflowUpdateFailedException..ctor(*"] = "thrown by the platform",
        ["WorkflowUpdateInfo..ctor(*"] = "made by the platform",
        ["WorkflowUpdateRpcTimeoutOrCanceledException..ctor(*"] = "thrown by the platform",
    };

    /// <summary>Schedules have their tests, in simulated time, beside those of the other platform workflows.</summary>
    private readonly List<string> _missing = Missing(new MemberUses(typeof(MemberCoverageTests).Namespace!, typeof(Operations.ScheduleTests).Namespace!));

    [TestMethod]
    public void Every_public_member_has_a_behaviour_test()
    {
        var left = _missing.Where(static name => !Excepted.Keys.Any(e => Covers(e, name))).ToList();
        Assert.IsEmpty(left, $"{left.Count} members without a behaviour test:\n{string.Join('\n', left)}");
    }

    [TestMethod]
    public void Exceptions_from_the_rule_are_needed()
    {
        var idle = Excepted.Keys.Where(e => !_missing.Exists(name => Covers(e, name))).ToList();
        Assert.IsEmpty(idle, $"Used after all, or gone: {string.Join(", ", idle)}");
    }

    [TestMethod]
    public void Unused_members_are_noticed()
    {
        var uses = new MemberUses("Core.Tests.Tidy");
        Assert.IsFalse(uses.Contains(typeof(Workflow).GetMethod(nameof(Workflow.NewGuid))!));
        Assert.IsFalse(uses.Contains(typeof(ActivityOptions).GetProperty(nameof(ActivityOptions.Summary))!));
        Assert.IsFalse(new MemberUses("none").Contains(typeof(WorkflowAttribute).GetConstructor([typeof(string)])!));
    }

    private static bool Covers(string excepted, string name) =>
        excepted.EndsWith('*') ? name.StartsWith(excepted[..^1], StringComparison.Ordinal) : name == excepted;

    private static List<string> Missing(MemberUses uses) => [.. Members().Where(m => !uses.Contains(m)).Select(Name).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<MemberInfo> Members() =>
        from type in typeof(Workflow).Assembly.GetExportedTypes()
        where type.Namespace is "Serverless.Workflows" or "Serverless.Activities" or "Serverless.Exceptions" or "Serverless.Client" or "Serverless.Client.Schedules"
        from member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where member is not Type && !IsMadeByCompiler(member)
        select member;

    /// <summary>Accessors are covered by their properties; what a record adds of itself is the compiler's.</summary>
    private static bool IsMadeByCompiler(MemberInfo member) => member switch
    {
        MethodBase { Name: "Equals" or "GetHashCode" or "ToString" or "<Clone>$" or "Deconstruct" or "op_Equality" or "op_Inequality" } => true,
        MethodInfo { IsSpecialName: true } => true,
        FieldInfo { IsSpecialName: true } => true,
        ConstructorInfo { DeclaringType: { IsAbstract: true } } => true,
        _ => member is MethodInfo && member.IsDefined(typeof(CompilerGeneratedAttribute)),
    };

    private static string Name(MemberInfo member)
    {
        var type = member.DeclaringType!;
        var owner = type.IsNested ? $"{type.DeclaringType!.Name}.{type.Name}" : type.Name;
        return member is MethodBase method ? $"{owner}.{method.Name}({string.Join(", ", method.GetParameters().Select(static p => Short(p.ParameterType)))})" : $"{owner}.{member.Name}";
    }

    private static string Short(Type type) =>
        type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Short))}>" : type.Name;
}
