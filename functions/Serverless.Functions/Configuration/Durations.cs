using System.Globalization;

namespace Serverless.Functions.Configuration;

/// <summary>Durations as people write them: a number and a unit, such as "500ms", "10s", "2m", "1.5h", "30d".</summary>
internal static class Durations
{
    public const string Syntax = "a number and one of the units ms, s, m, h, d, such as 500ms, 10s or 2m";

    /// <summary>The longest that is accepted: a hundred years.</summary>
    private const double MaxSeconds = 100 * 365.25 * 24 * 3600;

    private static readonly (string Unit, double Seconds)[] _units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];

    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (unit, seconds) in _units)
        {
            if (text is not null
                && text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * seconds <= MaxSeconds)
            {
                duration = TimeSpan.FromSeconds(number * seconds);
                return true;
            }
        }

        return false;
    }
}
