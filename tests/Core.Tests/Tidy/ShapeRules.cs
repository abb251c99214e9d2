using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Core.Tests.Tidy;

/// <summary>Sizes, names and leftovers.</summary>
internal static partial class ShapeRules
{
    public const int FileLines = 400;
    public const int MethodLines = 60;
    public const int ConstructorParameters = 7;
    public const int InterfaceMembers = 8;

    public static IEnumerable<Violation> Files(SourceFile source)
    {
        var lines = source.Text.TrimEnd().AsSpan().Count('\n') + 1;
        if (lines > FileLines)
        {
            yield return new(source.Path, 1, $"the file has {lines} lines, at most {FileLines} are allowed: split it by concept");
        }
    }

    public static IEnumerable<Violation> Methods(SourceFile source) =>
        from node in source.Tree.DescendantNodes()
        where node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax or PropertyDeclarationSyntax { ExpressionBody: not null }
        let span = node.GetLocation().GetLineSpan()
        let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
        where lines > MethodLines
        select new Violation(source.Path, SourceFile.LineOf(node), $"{NameOf(node)} has {lines} lines, at most {MethodLines} are allowed");

    public static IEnumerable<Violation> Constructors(SourceFile source) =>
        from node in source.Tree.DescendantNodes()
        let parameters = node switch
        {
            ConstructorDeclarationSyntax constructor => constructor.ParameterList,
            TypeDeclarationSyntax type => type.ParameterList,
            _ => null,
        }
        where parameters?.Parameters.Count > ConstructorParameters
        select new Violation(
            source.Path, SourceFile.LineOf(node), $"the constructor of {NameOf(node)} has {parameters.Parameters.Count} parameters, at most {ConstructorParameters} are allowed");

    public static IEnumerable<Violation> Interfaces(SourceFile source) =>
        from type in source.Tree.DescendantNodes().OfType<InterfaceDeclarationSyntax>()
        where type.Members.Count > InterfaceMembers
        select new Violation(
            source.Path, SourceFile.LineOf(type), $"{type.Identifier.Text} has {type.Members.Count} members, at most {InterfaceMembers} are allowed: split it by consumer");

    public static IEnumerable<Violation> TypeNames(SourceFile source) =>
        from type in source.Tree.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        where EmptyWord().IsMatch(type.Identifier.Text)
        select new Violation(source.Path, SourceFile.LineOf(type), $"the name {type.Identifier.Text} says nothing: name it after what it does");

    public static IEnumerable<Violation> Leftovers(SourceFile source) =>
        from trivia in source.Tree.DescendantTrivia(descendIntoTrivia: true)
        let message = trivia.Kind() switch
        {
            SyntaxKind.RegionDirectiveTrivia => "regions hide what should be split",
            SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia when Unfinished().IsMatch(trivia.ToString()) => "unfinished work: do it or drop it",
            SyntaxKind.SingleLineDocumentationCommentTrivia when Unfinished().IsMatch(trivia.ToString()) => "unfinished work: do it or drop it",
            _ => null,
        }
        where message is not null
        select new Violation(source.Path, SourceFile.LineOf(trivia), message);

    private static string NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
        _ => node.Kind().ToString(),
    };

    [GeneratedRegex("(Utils?|Utilities|Helpers?|Managers?|Common)(?![a-z])")]
    private static partial Regex EmptyWord();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Unfinished();
}
