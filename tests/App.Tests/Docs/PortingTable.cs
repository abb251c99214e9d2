using System.Text.RegularExpressions;

namespace App.Tests.Docs;

/// <summary>
/// The tables of a porting page with the heads "… | here | state". Under a heading that is a namespace stand rows <c>| `Type`: `Member`, `Member` | `Type`: `Member` | state |</c>. The first cell is what is ported; types
/// are written as in C#, and <c>new</c> stands for constructors. The second is what stands for it here, <c>–</c> for nothing; without members of its own it means the members of the first. The state is
/// <c>same</c>, <c>differs: how</c>, <c>not applicable: why</c> or <c>not yet: what instead</c>; what is not yet useful but compiles is named in the second cell.
/// </summary>
internal static partial class PortingTable
{
    public static IReadOnlyList<PortingRow> Read(string text)
    {
        var rows = new List<PortingRow>();
        var (heading, line) = ("", 0);
        foreach (var each in text.ReplaceLineEndings("\n").Split('\n'))
        {
            line++;
            if (each.StartsWith('#'))
            {
                heading = each.TrimStart('#').Trim();
            }
            else if (Row().Match(each) is { Success: true } row && row.Groups[3].Value is not ("state" or "---"))
            {
                rows.Add(new PortingRow(line, heading, Read(row.Groups[1]), Read(row.Groups[2]), row.Groups[3].Value));
            }
        }

        return rows;
    }

    /// <summary>Those of the members that no row names.</summary>
    public static IEnumerable<string> Unnamed(IEnumerable<string> members, IEnumerable<PortingRow> rows) => members.Except(rows.SelectMany(row => row.Names));

    private static MemberNames Read(Group cell)
    {
        var names = Code().Matches(cell.Value).Select(m => m.Groups[1].Value).ToList();
        return names.Count > 1 && !cell.Value.StartsWith($"`{names[0]}`:", StringComparison.Ordinal)
            ? new MemberNames("", names)
            : new MemberNames(names.FirstOrDefault() ?? "", [.. names.Skip(1)]);
    }

    [GeneratedRegex(@"^\|\s*(\S.*?)\s*\|\s*(\S.*?)\s*\|\s*(\S.*?)\s*\|$")]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}

/// <summary>A type and members of it; type "" where only members are named.</summary>
internal sealed record MemberNames(string Type, IReadOnlyList<string> Members);

/// <summary>A row.</summary>
internal sealed record PortingRow(int Line, string Namespace, MemberNames Temporal, MemberNames Here, string State)
{
    private static readonly string[] Reasoned = ["differs: ", "not applicable: ", "not yet: "];

    /// <summary>What the row names, as the list of Temporal's members writes it.</summary>
    public IEnumerable<string> Names => Temporal.Members.Select(member => $"{Namespace}.{Temporal.Type}.{member}").Prepend($"{Namespace}.{Temporal.Type}");

    public bool IsHere => State == "same" || State.StartsWith("differs", StringComparison.Ordinal);

    /// <summary>What is wrong with the row; null when nothing is.</summary>
    public string? Problem()
    {
        if (State != "same" && !Reasoned.Any(state => State.StartsWith(state, StringComparison.Ordinal) && State.Length > state.Length))
        {
            return $"line {Line}: '{State}' is no state, or lacks its reason";
        }

        if (Here.Type.Length == 0 && !IsHere)
        {
            return State.StartsWith("not yet", StringComparison.Ordinal) ? ProblemOfAbsence() : null;
        }

        if (OwnSurface.Find(Namespace, Here.Type) is not { } type)
        {
            return $"line {Line}: there is no public type '{Here.Type}'";
        }

        var missing = (Here.Members.Count > 0 ? Here : Temporal).Members.Where(member => !OwnSurface.Has(type, member)).ToList();
        return missing.Count == 0 ? null : $"line {Line}: {Here.Type} has no public {string.Join(", ", missing)}";
    }

    /// <summary>A row says that something is missing: it must not have come meanwhile.</summary>
    private string? ProblemOfAbsence()
    {
        var type = OwnSurface.Find(Namespace, Temporal.Type);
        var come = type is null ? [] : Temporal.Members.Where(member => OwnSurface.Has(type, member)).ToList();
        return come.Count == 0 && (type is null || Temporal.Members.Count > 0)
            ? null
            : $"line {Line}: {Temporal.Type} is here{string.Concat(come.Select(member => $", {member} too"))}: say so";
    }
}
