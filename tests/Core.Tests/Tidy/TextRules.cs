using System.Text.RegularExpressions;

namespace Core.Tests.Tidy;

/// <summary>What no committed file may hold, whatever its kind.</summary>
internal static partial class TextRules
{
    /// <summary>The public key of the storage emulator: the same on every machine, no secret.</summary>
    private const string EmulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public static IEnumerable<Violation> MachinePaths(string path, string text) =>
        Find(path, text, MachinePath(), "a path of somebody's machine");

    public static IEnumerable<Violation> RegistryHosts(string path, string text) =>
        Find(path, text, RegistryHost(), "the host of a package registry: leave it to each machine's configuration");

    public static IEnumerable<Violation> Secrets(string path, string text) =>
        Find(path, text.Replace(EmulatorKey, "", StringComparison.Ordinal), Secret(), "it looks like a secret");

    /// <summary>Relative links of Markdown files must lead to something. <paramref name="exists"/> is asked about paths from the root.</summary>
    public static IEnumerable<Violation> DeadLinks(string path, string text, Func<string, bool> exists) =>
        from link in Links(path, text)
        where link.Target.Length > 0 && !exists(link.Path)
        select new Violation(path, link.Line, $"the link to {link.Target} leads nowhere");

    /// <summary>The part after # of a link to a Markdown file must be one of its headings. <paramref name="read"/> gives files by their path from the root; null for none.</summary>
    public static IEnumerable<Violation> DeadAnchors(string path, string text, Func<string, string?> read) =>
        from link in Links(path, text)
        where link.Anchor.Length > 0 && link.Path.EndsWith(".md", StringComparison.Ordinal)
        let target = link.Path == path ? text : read(link.Path)
        where target is not null && !Anchors(target).Contains(link.Anchor)
        select new Violation(path, link.Line, $"{link.Path} has no heading #{link.Anchor}");

    private static IEnumerable<(string Target, string Path, string Anchor, int Line)> Links(string path, string text)
    {
        var folder = Path.GetDirectoryName(path)!.Replace('\\', '/');
        var prose = Prose(text);
        foreach (Match link in Link().Matches(prose))
        {
            var parts = link.Groups[1].Value.Split('#', 2);
            var target = Uri.UnescapeDataString(parts[0]);
            if (Absolute().IsMatch(target))
            {
                continue;
            }

            var resolved = target switch
            {
                "" => path,
                ['/', ..] => target[1..],
                _ => Path.GetRelativePath(".", Path.Combine(folder, target)).Replace('\\', '/'),
            };
            yield return (target, resolved, parts.Length > 1 ? parts[1] : "", LineAt(prose, link.Index));
        }
    }

    /// <summary>Anchors as the platform makes them of headings: lower case, spaces as hyphens, other punctuation dropped, repeated ones numbered.</summary>
    private static HashSet<string> Anchors(string text)
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match heading in Heading().Matches(Prose(text)))
        {
            var words = heading.Groups[1].Value.Trim().ToLowerInvariant();
            var anchor = new string([.. words.Where(static c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')]).Replace(' ', '-');
            for (var n = 1; !anchors.Add(n == 1 ? anchor : $"{anchor}-{n - 1}"); n++)
            {
            }
        }

        return anchors;
    }

    /// <summary>The text with its code blocks blanked, line for line.</summary>
    private static string Prose(string text) => Fence().Replace(text, static m => new string('\n', m.Value.Count(static c => c == '\n')));

    private static IEnumerable<Violation> Find(string path, string text, Regex pattern, string what) =>
        pattern.Matches(text).Select(m => new Violation(path, LineAt(text, m.Index), $"{what}: {m.Value[..Math.Min(m.Length, 24)]}"));

    private static int LineAt(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    // /home/site is where the platform puts an app, the same everywhere.
    [GeneratedRegex(@"(?<![\w.:/*~-])/(?:home/(?!site\b)|Users/|root/|work/)[\w.]*|\b[A-Za-z]:\\+Users\\+\w+|file:///\w")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"https?://(?!www\.nuget\.org/packages)[\w.-]*(?:registry|artifactory|nexus|pkgs|packages|mirror|nuget|npmjs|pypi)[\w.-]*(?::\d+)?/", RegexOptions.IgnoreCase)]
    private static partial Regex RegistryHost();

    [GeneratedRegex(@"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}|[?&]sig=[A-Za-z0-9%+/]{30,}|-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[abp]-[A-Za-z0-9-]{20,}|npm_[A-Za-z0-9]{30,}|eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,})")]
    private static partial Regex Secret();

    [GeneratedRegex(@"\[[^\]\n]*\]\(([^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} +(.+?)#* *$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```\s*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^(?:[a-z][a-z0-9+.-]*:|//)", RegexOptions.IgnoreCase)]
    private static partial Regex Absolute();
}
