using System.Globalization;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Printing;

/// <summary>Moments and durations as people read them: local time, and how far from now.</summary>
internal sealed class Moments(TimeProvider time)
{
    private static readonly (string Unit, double Seconds)[] _units = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)];

    /// <summary>Local time with its distance from now, such as "2026-11-24 18:20:11 (5m ago)"; empty for none.</summary>
    public string Show(JsonNode? node) => Parse(node) is { } moment ? $"{Local(moment)} ({Relative(moment)})" : "";

    /// <summary>Local time alone; empty for none.</summary>
    public string ShowTime(JsonNode? node) => Parse(node) is { } moment ? Local(moment) : "";

    /// <summary>The two largest units of a duration, such as "2h 5m"; milliseconds below a second.</summary>
    public static string Show(TimeSpan duration)
    {
        var seconds = Math.Abs(duration.TotalSeconds);
        if (seconds < 1)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(seconds * 1000)}ms");
        }

        seconds = Math.Round(seconds);
        var first = Array.FindIndex(_units, unit => seconds >= unit.Seconds);
        var whole = Math.Floor(seconds / _units[first].Seconds);
        var rest = first + 1 < _units.Length ? Math.Floor((seconds - (whole * _units[first].Seconds)) / _units[first + 1].Seconds) : 0;
        return string.Create(CultureInfo.InvariantCulture, $"{whole}{_units[first].Unit}{(rest > 0 ? $" {rest}{_units[first + 1].Unit}" : "")}");
    }

    public static DateTimeOffset? Parse(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : null;

    private string Local(DateTimeOffset moment) =>
        TimeZoneInfo.ConvertTime(moment, time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private string Relative(DateTimeOffset moment)
    {
        var distance = moment - time.GetUtcNow();
        return Math.Abs(distance.TotalSeconds) < 1 ? "now" : distance > TimeSpan.Zero ? $"in {Show(distance)}" : $"{Show(distance)} ago";
    }
}
