using System.Globalization;
using System.Text;

namespace Serverless.Cli.Printing;

/// <summary>
/// What others wrote, made safe to show: it can neither steer the terminal nor look like something else. Such characters are written as JSON writes them, so that a JSON text stays
/// the same value.
/// </summary>
internal static class VisibleText
{
    public static string Of(string text)
    {
        if (!text.Any(IsUnsafe))
        {
            return text;
        }

        var visible = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            _ = IsUnsafe(c) ? visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : visible.Append(c);
        }

        return visible.ToString();
    }

    /// <summary>Control characters, those that reverse the order of what follows, and the line ends that some terminals obey.</summary>
    private static bool IsUnsafe(char c) =>
        (char.IsControl(c) && c != '\n') || c is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
