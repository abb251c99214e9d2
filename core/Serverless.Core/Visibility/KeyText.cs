using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Visibility;

/// <summary>
/// Values as parts of keys: letters, digits and a few signs that every store takes, in the order of the values (texts by UTF-16 code unit, as the filters compare).
/// Letters, digits and '-' stand for themselves. Every other unit is an escape sign and its hex digits; there is one escape sign for each gap between those that
/// stand for themselves, so that the order stays. <see cref="End"/> closes a value and sorts before all that can continue one.
/// </summary>
internal static class KeyText
{
    /// <summary>After a value. <see cref="AfterEnd"/> is the next character: between the two lie the keys of this value and no other.</summary>
    public const char End = '!';

    public const char AfterEnd = '"';

    /// <summary>Sorts after all that can follow the beginning of a value.</summary>
    public const string AfterAll = "~~~";

    /// <summary>Code units of a text that are kept. A longer one is cut there, and a hash of the whole tells it from others.</summary>
    public const int MaxUnits = 40;

    private const string CutMark = "~~";

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The whole text, or its beginning and a hash.</summary>
    public static string Of(string text, int maxUnits = MaxUnits) =>
        text.Length <= maxUnits
            ? Escape(text)
            : Escape(text.AsSpan(0, maxUnits)) + CutMark + Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(text)).AsSpan(0, 8));

    /// <summary>What the keys of all texts begin with that begin with this one, as far as keys tell: no more than <see cref="MaxUnits"/> of it.</summary>
    public static string BeginningOf(string text) => Escape(text.AsSpan(0, Math.Min(text.Length, MaxUnits)));

    public static string Of(long number) => ((ulong)number ^ (1UL << 63)).ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>In the order of <see cref="double.CompareTo(double)"/>: NaN first, both zeros equal.</summary>
    public static string Of(double number)
    {
        var bits = BitConverter.DoubleToUInt64Bits(number + 0.0);
        var ordered = double.IsNaN(number) ? 0 : bits >> 63 == 1 ? ~bits : bits | (1UL << 63);
        return ordered.ToString("x16", CultureInfo.InvariantCulture);
    }

    public static string Of(bool flag) => flag ? "1" : "0";

    public static string Of(DateTimeOffset time) => time.UtcTicks.ToString("x16", CultureInfo.InvariantCulture);

    private static string Escape(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyExcept(Plain))
        {
            return text.ToString();
        }

        var escaped = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            switch (c)
            {
                case '-' or (>= '0' and <= '9') or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z'):
                    escaped.Append(c);
                    break;
                case > 'z':
                    escaped.Append('~').Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    escaped.Append(c switch { < '-' => '$', < '0' => '.', < 'A' => ':', _ => '_' }).Append(((int)c).ToString("x2", CultureInfo.InvariantCulture));
                    break;
            }
        }

        return escaped.ToString();
    }
}
