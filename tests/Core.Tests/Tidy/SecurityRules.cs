using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Core.Tests.Tidy;

/// <summary>Each threat in the model names tests that there are.</summary>
internal static partial class SecurityRules
{
    private const string Head = "| threat | what is done | test |";

    /// <summary>The tests of a file, as class and method.</summary>
    public static IEnumerable<string> NamesOfTests(SourceFile source) =>
        from method in source.Tree.DescendantNodes().OfType<MethodDeclarationSyntax>()
        where method.AttributeLists.SelectMany(static list => list.Attributes).Any(static a => a.Name.ToString() is "TestMethod")
        select $"{((TypeDeclarationSyntax)method.Parent!).Identifier.Text}.{method.Identifier.Text}";

    /// <param name="path">The file with the model.</param>
    /// <param name="text">Its text.</param>
    /// <param name="tests">The tests that there are.</param>
    public static IEnumerable<Violation> Tests(string path, string text, HashSet<string> tests)
    {
        var lines = text.Split('\n');
        var head = Array.IndexOf(lines, Head);
        if (head < 0)
        {
            return [new Violation(path, 1, $"the table with the head {Head} is missing")];
        }

        return lines.Skip(head + 2).TakeWhile(static line => line.StartsWith('|')).SelectMany((line, i) => Row(path, head + 3 + i, line, tests));
    }

    private static IEnumerable<Violation> Row(string path, int number, string line, HashSet<string> tests)
    {
        var cells = line.Split('|', StringSplitOptions.TrimEntries);
        if (cells[1].StartsWith("**", StringComparison.Ordinal))
        {
            return [];
        }

        var names = Test().Matches(cells[^2]).Select(static m => m.Groups[1].Value).ToList();
        return names.Count == 0
            ? [new Violation(path, number, "this threat has no test")]
            : names.Where(name => !tests.Contains(name)).Select(name => new Violation(path, number, $"there is no test {name}"));
    }

    [GeneratedRegex(@"`(\w+\.\w+)`")]
    private static partial Regex Test();
}
