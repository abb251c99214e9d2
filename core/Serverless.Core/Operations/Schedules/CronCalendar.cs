using Serverless.Client.Schedules;
using Serverless.Common;

namespace Serverless.Operations.Schedules;

/// <summary>A cron expression as what it stands for: a calendar or an interval, and the time zone in front of it. Pure.</summary>
internal sealed record CronCalendar(ScheduleCalendarSpec? Calendar, ScheduleIntervalSpec? Interval, string? TimeZoneName)
{
    private const string Every = "@every";
    private static readonly string[] ZonePrefixes = ["CRON_TZ=", "TZ="];

    /// <exception cref="FormatException">It can't be read; the message says why.</exception>
    public static CronCalendar Parse(string expression)
    {
        var text = expression.Trim();
        string? zone = null;
        if (ZonePrefixes.FirstOrDefault(p => text.StartsWith(p, StringComparison.Ordinal)) is { } prefix)
        {
            var parts = text[prefix.Length..].Split((char[]?)null, 2);
            (zone, text) = (parts[0], parts.Length == 2 ? parts[1] : "");
        }

        var halves = text.Split('#', 2);
        var (times, comment) = (halves[0].Trim(), halves.Length == 2 ? halves[1].Trim() : null);
        try
        {
            return times.StartsWith(Every, StringComparison.Ordinal)
                ? new(null, IntervalOf(times[Every.Length..].Trim()), zone)
                : new(CalendarOf(Named(times).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) with { Comment = comment }, null, zone);
        }
        catch (FormatException e)
        {
            throw new FormatException($"The cron expression '{expression}' can't be read: {e.Message}");
        }
    }

    private static string Named(string times) => times switch
    {
        "@yearly" or "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" or "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => times,
    };

    private static ScheduleIntervalSpec IntervalOf(string text)
    {
        var parts = text.Split('/', 2);
        return DurationText.TryParse(parts[0].Trim(), out var every) && (parts.Length == 1 | DurationText.TryParse(parts[^1].Trim(), out var offset))
            ? new(every, parts.Length == 1 ? null : offset)
            : throw new FormatException($"'@every' needs a duration, such as 90s or 1h30m, and perhaps a slash and an offset, in units of {DurationText.UnitNames}; it has '{text}'.");
    }

    private static ScheduleCalendarSpec CalendarOf(string[] fields)
    {
        if (fields.Length is < 5 or > 7)
        {
            throw new FormatException($"it has {fields.Length} fields, not 5 to 7: minute, hour, day of month, month, day of week; then the year; seconds in front of all.");
        }

        var first = fields.Length == 7 ? 1 : 0;
        return new()
        {
            Second = first == 0 ? ScheduleCalendarSpec.Beginning : CronFields.Second(fields[0]),
            Minute = CronFields.Minute(fields[first]),
            Hour = CronFields.Hour(fields[first + 1]),
            DayOfMonth = CronFields.DayOfMonth(fields[first + 2]),
            Month = CronFields.Month(fields[first + 3]),
            DayOfWeek = CronFields.DayOfWeek(fields[first + 4]),
            Year = fields.Length == 5 ? [] : CronFields.Year(fields[first + 5]),
        };
    }
}
