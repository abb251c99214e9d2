using System.Globalization;
using System.Text;

namespace Serverless.Common;

/// <summary>Durations as people write them: 90s, 2h30m, 1.5d.</summary>
internal static class DurationText
{
    /// <summary>The units, for messages.</summary>
    public const string UnitNames = "w, d, h, m, s, ms, us";

    /// <summary>From long to short, as they are written.</summary>
    private static readonly (string Name, long Ticks)[] Units =
    [
        ("w", 7 * TimeSpan.TicksPerDay),
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("us", TimeSpan.TicksPerMicrosecond),
    ];

    /// <summary>Reads digits and units, such as 1d or 2h30m.</summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        decimal ticks = 0;
        for (var position = 0; position < text.Length;)
        {
            var digits = position;
            while (position < text.Length && (char.IsAsciiDigit(text[position]) || text[position] == '.'))
            {
                position++;
            }

            var letters = position;
            while (position < text.Length && char.IsAsciiLetter(text[position]))
            {
                position++;
            }

            var unit = Units.FirstOrDefault(u => text.AsSpan(letters, position - letters).SequenceEqual(u.Name)).Ticks;
            if (unit == 0 || letters - digits > 18 || !decimal.TryParse(text.AsSpan(digits, letters - digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            if (number > (TimeSpan.MaxValue.Ticks - ticks) / unit)
            {
                return false;
            }

            ticks += number * unit;
        }

        value = new TimeSpan((long)ticks);
        return text.Length > 0;
    }

    /// <summary>Writes a duration without its sign.</summary>
    public static string Format(TimeSpan value)
    {
        var text = new StringBuilder();
        var rest = value.Duration().Ticks;
        foreach (var (name, ticks) in Units.AsSpan(1))
        {
            var (count, remainder) = Math.DivRem(rest, ticks);
            if (ticks == TimeSpan.TicksPerMicrosecond && remainder != 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}.{remainder}{name}");
            }
            else if (count != 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{name}");
            }

            rest = remainder;
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }
}
