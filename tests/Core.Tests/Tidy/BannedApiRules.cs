using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Core.Tests.Tidy;

/// <summary>
/// What the core must not call, by name. The analyzer with <c>BannedSymbols.txt</c> knows types and is exact; this check also sees code that is compiled out, and holds when
/// the analyzer is switched off.
/// </summary>
internal static class BannedApiRules
{
    private static readonly (string Type, string Member, string Instead)[] Members =
    [
        ("Task", "Run", "it leaves the workflow's scheduler"),
        ("Task", "WhenEach", "it leaves the workflow's scheduler: use WhenAny"),
        ("Thread", "Sleep", "await TimeProvider's delay"),
        ("DateTime", "Now", "ask the TimeProvider"),
        ("DateTime", "UtcNow", "ask the TimeProvider"),
        ("DateTime", "Today", "ask the TimeProvider"),
        ("DateTimeOffset", "Now", "ask the TimeProvider"),
        ("DateTimeOffset", "UtcNow", "ask the TimeProvider"),
        ("Environment", "TickCount", "ask the TimeProvider"),
        ("Environment", "TickCount64", "ask the TimeProvider"),
        ("Guid", "NewGuid", "take ids by constructor"),
        ("Guid", "CreateVersion7", "take ids by constructor"),
        ("Random", "Shared", "take random numbers by constructor"),
    ];

    public static IEnumerable<Violation> Check(SourceFile source)
    {
        foreach (var node in source.Tree.DescendantNodes())
        {
            var message = node switch
            {
                MemberAccessExpressionSyntax access => Member(access),
                InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax call } invocation => Call(call.Name.Identifier.Text, invocation),
                InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax call } invocation => Call(call.Name.Identifier.Text, invocation),
                IdentifierNameSyntax { Identifier.Text: "Stopwatch" } => "Stopwatch: ask the TimeProvider",
                ObjectCreationExpressionSyntax { Type: IdentifierNameSyntax { Identifier.Text: "Random" }, ArgumentList.Arguments.Count: 0 } => "new Random(): take a seed",
                _ => null,
            };
            if (message is not null)
            {
                yield return new Violation(source.Path, SourceFile.LineOf(node), message);
            }
        }
    }

    private static string? Member(MemberAccessExpressionSyntax access)
    {
        var type = access.Expression switch
        {
            IdentifierNameSyntax name => name.Identifier.Text,
            MemberAccessExpressionSyntax nested => nested.Name.Identifier.Text,
            _ => null,
        };
        return Members.FirstOrDefault(m => m.Type == type && m.Member == access.Name.Identifier.Text) is { Type: not null } banned
            ? $"{banned.Type}.{banned.Member}: {banned.Instead}"
            : null;
    }

    private static string? Call(string method, InvocationExpressionSyntax call) => method switch
    {
        "ConfigureAwait" when call.ArgumentList.Arguments.Any(a => a.Expression.IsKind(SyntaxKind.FalseLiteralExpression)) => "ConfigureAwait(false): it leaves the workflow's scheduler",
        "ReadAllAsync" => "ReadAllAsync: it leaves the workflow's scheduler; loop over WaitToReadAsync and TryRead",
        "CancelAsync" when call.ArgumentList.Arguments.Count == 0 => "CancelAsync: it leaves the workflow's scheduler; use Cancel",
        _ => null,
    };
}
