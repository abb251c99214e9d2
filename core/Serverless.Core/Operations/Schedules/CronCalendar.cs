using System.Globalization;
using Serverless.Client.Schedules;
using Serverless.Common;

namespace Serverless.Operations.Schedules;

/// <summary>A cron expression as what it stands for: a calendar or an interval, and the time zone in front of it. Pure.</summary>
internal sealed record CronCalendar(ScheduleCalendarSpec? Calendar, ScheduleIntervalSpec? Interval, string? TimeZoneName)
{
    private const string Every = "@every";
    private static readonly string[] ZonePrefixes = ["CRON_TZ=", "TZ="];
    private static readonly string[] MonthNames = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames;
    private static readonly string[] DayNames = CultureInfo.InvariantCulture.DateTimeFormat.DayNames;

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
            Second = first == 0 ? ScheduleCalendarSpec.Beginning : Ranges("second", fields[0], 0, 59),
            Minute = Ranges("minute", fields[first], 0, 59),
            Hour = Ranges("hour", fields[first + 1], 0, 23),
            DayOfMonth = Ranges("day of month", fields[first + 2], 1, 31),
            Month = Ranges("month", fields[first + 3], 1, 12, MonthNames),
            DayOfWeek = Ranges("day of week", fields[first + 4], 0, 7, DayNames),
            Year = fields.Length == 5 || fields[first + 5] is "*" or "?" ? [] : Ranges("year", fields[first + 5], 2000, CalendarTimes.LastYear),
        };
    }

    private static ScheduleRange[] Ranges(string field, string text, int min, int max, string[]? names = null)
    {
        return [.. text.Split(',').Select(RangeOf)];

        ScheduleRange RangeOf(string part)
        {
            var (range, step) = part.Split('/') switch
            {
                [var all] => (all, 1),
                [var all, var every] when int.TryParse(every, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 => (all, number),
                _ => throw Wrong(part),
            };
            if (range is "*" or "?")
            {
                // A whole week is seven days long.
                return new(min, max == 7 ? 6 : max, step);
            }

            var ends = range.Split('-');
            var start = ValueOf(ends[0]);
            var end = ends.Length == 2 ? ValueOf(ends[1]) : range == part ? start : max;
            return ends.Length <= 2 && start >= min && start <= end && end <= max ? new(start, end, step) : throw Wrong(part);
        }

        int ValueOf(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : names is not null && value.Length >= 3 && Array.FindIndex(names, n => n.StartsWith(value, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index ? min + index
            : throw Wrong(value);

        FormatException Wrong(string part) => new($"'{part}' is no {field}: it takes numbers from {min} to {max}{(names is null ? "" : " and names")}, ranges, lists and steps.");
    }
}
