using System.Globalization;
using Serverless.Client.Schedules;

namespace Serverless.Operations.Schedules;

/// <summary>The fields of calendars as cron writes them. An empty text is no range. Pure.</summary>
internal static class CronFields
{
    private static readonly string[] MonthNames = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames;
    private static readonly string[] DayNames = CultureInfo.InvariantCulture.DateTimeFormat.DayNames;

    public static ScheduleRange[] Second(string text) => Read("second", text, 0, 59);

    public static ScheduleRange[] Minute(string text) => Read("minute", text, 0, 59);

    public static ScheduleRange[] Hour(string text) => Read("hour", text, 0, 23);

    public static ScheduleRange[] DayOfMonth(string text) => Read("day of month", text, 1, 31);

    public static ScheduleRange[] Month(string text) => Read("month", text, 1, 12, MonthNames);

    public static ScheduleRange[] DayOfWeek(string text) => Read("day of week", text, 0, 7, DayNames);

    public static ScheduleRange[] Year(string text) => text is "*" or "?" ? [] : Read("year", text, CalendarTimes.FirstYear, CalendarTimes.LastYear);

    /// <summary>What the others read.</summary>
    public static string Format(IEnumerable<ScheduleRange> ranges) => string.Join(',', ranges.Select(static r =>
        string.Create(CultureInfo.InvariantCulture, $"{r.Start}{(r.End > r.Start ? $"-{r.End}" : "")}{(r.End > r.Start && r.Step is not (0 or 1) ? $"/{r.Step}" : "")}")));

    private static ScheduleRange[] Read(string field, string text, int min, int max, string[]? names = null)
    {
        return string.IsNullOrEmpty(text) ? [] : [.. text.Split(',').Select(RangeOf)];

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
