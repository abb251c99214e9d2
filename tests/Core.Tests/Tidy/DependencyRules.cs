using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Core.Tests.Tidy;

/// <summary>Who may know whom: functions -> storage -> core, and within the core Engine -> Replay -> History.</summary>
internal static class DependencyRules
{
    private const string Core = "core/Serverless.Core/";

    /// <summary>Folder of the core, and the namespaces under Serverless that it must not know.</summary>
    private static readonly (string Folder, string[] Forbidden)[] Rooms =
    [
        ("History", ["Storage", "Engine", "Replay", "Visibility", "Client"]),
        ("Replay", ["Storage", "Engine", "Visibility"]),
        ("Workflows", ["Storage", "Engine", "Visibility"]),
        ("Activities", ["Storage", "Engine", "Replay", "Visibility"]),
        ("Converters", ["Storage", "Engine", "Replay", "Visibility"]),
        ("Common", ["Storage", "Engine", "Replay", "Visibility"]),
        ("Operations", ["Engine"]),
        ("Storage", ["Engine", "Replay", "Visibility", "History", "Client", "Workflows"]),
    ];

    public static IEnumerable<Violation> Namespaces(SourceFile source)
    {
        var room = Rooms.FirstOrDefault(r => source.Path.StartsWith($"{Core}{r.Folder}/", StringComparison.Ordinal));
        if (room.Folder is null)
        {
            return [];
        }

        return from node in source.Tree.DescendantNodes()
               let name = node switch
               {
                   UsingDirectiveSyntax directive => directive.NamespaceOrType.ToString(),
                   QualifiedNameSyntax qualified when qualified.Parent is not (QualifiedNameSyntax or UsingDirectiveSyntax or BaseNamespaceDeclarationSyntax) => qualified.ToString(),
                   MemberAccessExpressionSyntax access when access.Parent is not MemberAccessExpressionSyntax => access.ToString(),
                   _ => null,
               }
               where name is not null
               from forbidden in room.Forbidden
               where Names(name, forbidden)
               select new Violation(source.Path, SourceFile.LineOf(node), $"{room.Folder} must not know Serverless.{forbidden} ({name})");
    }

    /// <param name="path">The project file, from the root.</param>
    /// <param name="xml">Its text.</param>
    public static IEnumerable<Violation> Projects(string path, string xml)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!.Replace('\\', '/');
        return from reference in XDocument.Parse(xml).Descendants("ProjectReference")
               let target = Normalize(folder, (string?)reference.Attribute("Include") ?? "")
               where !Allowed(path, target)
               select new Violation(path, 1, $"{RankName(path)} must not reference {target}");
    }

    /// <summary>A whole name under Serverless, or relative to it; a property that happens to have the name of a namespace is written in a nested way only in expressions.</summary>
    private static bool Names(string name, string forbidden)
    {
        name = name.StartsWith("global::", StringComparison.Ordinal) ? name[8..] : name;
        return name == $"Serverless.{forbidden}"
            || name.StartsWith($"Serverless.{forbidden}.", StringComparison.Ordinal)
            || name.StartsWith($"{forbidden}.", StringComparison.Ordinal);
    }

    private static bool Allowed(string from, string to) => Rank(from) switch
    {
        Level.Core => Rank(to) == Level.Core,
        Level.Storage => Rank(to) == Level.Core,
        Level.Functions or Level.Tools => Rank(to) < Level.Tests && (Rank(to) <= Level.Functions || Rank(from) == Level.Tools),
        _ => true,
    };

    private static Level Rank(string path) => path.Split('/') switch
    {
        ["core", var name, ..] when name.StartsWith("Serverless.Storage.", StringComparison.Ordinal) => Level.Storage,
        ["core", ..] => Level.Core,
        ["functions", ..] => Level.Functions,
        ["tests", ..] => Level.Tests,
        _ => Level.Tools,
    };

    private static string RankName(string path) => Rank(path) switch
    {
        Level.Core => "the core",
        Level.Storage => "a storage adapter",
        _ => System.IO.Path.GetFileNameWithoutExtension(path),
    };

    private static string Normalize(string folder, string include)
    {
        var parts = new List<string>(folder.Split('/'));
        foreach (var part in include.Replace('\\', '/').Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    private enum Level
    {
        Core,
        Storage,
        Functions,
        Tools,
        Tests,
    }
}
