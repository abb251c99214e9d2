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
    public static IEnumerable<Violation> DeadLinks(string path, string text, Func<string, bool> exists)
    {
        var folder = Path.GetDirectoryName(path)!.Replace('\\', '/');
        var prose = Fence().Replace(text, m => new string('\n', m.Value.Count(c => c == '\n')));
        foreach (Match link in Link().Matches(prose))
        {
            var target = Uri.UnescapeDataString(link.Groups[1].Value.Split('#')[0]);
            if (target.Length == 0 || Absolute().IsMatch(target))
            {
                continue;
            }

            var resolved = target.StartsWith('/') ? target[1..] : Path.GetRelativePath(".", Path.Combine(folder, target)).Replace('\\', '/');
            if (!exists(resolved))
            {
                yield return new Violation(path, LineAt(prose, link.Index), $"the link to {target} leads nowhere");
            }
        }
    }

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

    [GeneratedRegex(@"^```.*?^```\s*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^(?:[a-z][a-z0-9+.-]*:|//)", RegexOptions.IgnoreCase)]
    private static partial Regex Absolute();
}
