using System.Reflection;
using System.Reflection.Emit;
using Core.Tests.Tidy;

namespace Serverless.Tests.Behaviour;

/// <summary>Which members the behaviour tests use: read from their compiled code and attributes, and for constants, which leave no trace there, from their source.</summary>
internal sealed class MemberUses
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static).Select(static f => (OpCode)f.GetValue(null)!).ToDictionary(static o => o.Value);

    private readonly HashSet<(Module Module, int Token)> _used = [];
    private readonly string _source;

    public MemberUses(params string[] spaces)
    {
        foreach (var type in typeof(MemberUses).Assembly.GetTypes().Where(t => spaces.Contains(t.Namespace)))
        {
            AddAttributes(type);
            foreach (var member in type.GetMembers(Declared))
            {
                AddAttributes(member);
                if (member is MethodBase method && method.GetMethodBody()?.GetILAsByteArray() is { } code)
                {
                    AddCode(method, code);
                }
            }
        }

        _source = string.Join('\n', SourceTree.Sources
            .Where(static s => s.Path.StartsWith("tests/Core.Tests/Behaviour/", StringComparison.Ordinal) && !s.Path.EndsWith("MemberCoverageTests.cs", StringComparison.Ordinal))
            .Select(static s => s.Text));
    }

    /// <summary>True when the member is used: itself, or as what it overrides or implements, which is what calls name.</summary>
    public bool Contains(MemberInfo member) => member switch
    {
        PropertyInfo property => property.GetAccessors().Any(Contains) || IsUsed(property),
        FieldInfo { IsLiteral: true } constant => _source.Contains($"{constant.DeclaringType!.Name}.{constant.Name}", StringComparison.Ordinal),
        MethodInfo method => IsUsed(method) || IsUsed(method.GetBaseDefinition()) || Implemented(method).Any(IsUsed),
        _ => IsUsed(member),
    };

    private static IEnumerable<MethodInfo> Implemented(MethodInfo method)
    {
        var type = method.DeclaringType!;
        return type.IsInterface || type.IsGenericTypeDefinition ? [] :
            from contract in type.GetInterfaces()
            let map = type.GetInterfaceMap(contract)
            from pair in map.TargetMethods.Zip(map.InterfaceMethods)
            where pair.First == method
            select pair.Second;
    }

    private bool IsUsed(MemberInfo member) => _used.Contains((member.Module, member.MetadataToken));

    private void Use(MemberInfo? member)
    {
        if (member is not null)
        {
            _used.Add((member.Module, member.MetadataToken));
        }
    }

    private void AddAttributes(MemberInfo member)
    {
        foreach (var attribute in member.GetCustomAttributesData())
        {
            Use(attribute.Constructor);
            foreach (var argument in attribute.NamedArguments)
            {
                Use(argument.MemberInfo);
            }
        }
    }

    private void AddCode(MethodBase method, byte[] code)
    {
        var typeArgs = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var methodArgs = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            var value = (short)code[at++];
            if (value == 0xFE)
            {
                value = (short)(0xFE00 | code[at++]);
            }

            var operand = OpCodesByValue[value].OperandType;
            if (operand is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineTok)
            {
                Use(method.Module.ResolveMember(BitConverter.ToInt32(code, at), typeArgs, methodArgs));
            }

            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
