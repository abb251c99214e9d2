using System.Text.Json;
using Serverless.Client.Schedules;

namespace Serverless.Operations.Schedules;

/// <summary>A specification as it is stored: ranges of numbers are text, as in cron.</summary>
internal sealed record StoredSpec
{
    public IReadOnlyList<StoredCalendar> Calendars { get; init; } = [];

    public IReadOnlyList<StoredInterval> Intervals { get; init; } = [];

    public IReadOnlyList<string> Cron { get; init; } = [];

    public IReadOnlyList<StoredCalendar> Skip { get; init; } = [];

    public DateTimeOffset? StartAt { get; init; }

    public DateTimeOffset? EndAt { get; init; }

    public TimeSpan? Jitter { get; init; }

    public string? TimeZone { get; init; }

    public static StoredSpec Of(ScheduleSpec spec) => new()
    {
        Calendars = [.. spec.Calendars.Select(StoredCalendar.Of)],
        Intervals = [.. spec.Intervals.Select(static i => new StoredInterval { Every = i.Every, Offset = i.Offset })],
        Cron = [.. spec.CronExpressions],
        Skip = [.. spec.Skip.Select(StoredCalendar.Of)],
        StartAt = ScheduleTimes.Utc(spec.StartAt),
        EndAt = ScheduleTimes.Utc(spec.EndAt),
        Jitter = spec.Jitter,
        TimeZone = spec.TimeZoneName,
    };

    /// <exception cref="FormatException">A range can't be read; the message says why.</exception>
    public ScheduleSpec ToSpec() => new()
    {
        Calendars = [.. Calendars.Select(static c => c.ToSpec())],
        Intervals = [.. Intervals.Select(static i => new ScheduleIntervalSpec(i.Every, i.Offset))],
        CronExpressions = [.. Cron],
        Skip = [.. Skip.Select(static c => c.ToSpec())],
        StartAt = StartAt?.UtcDateTime,
        EndAt = EndAt?.UtcDateTime,
        Jitter = Jitter,
        TimeZoneName = TimeZone,
    };

    public bool IsSameAs(StoredSpec other) => JsonSerializer.Serialize(this) == JsonSerializer.Serialize(other);
}

/// <summary>A distance in time, and how much later.</summary>
internal sealed record StoredInterval
{
    public TimeSpan Every { get; init; }

    public TimeSpan? Offset { get; init; }
}

/// <summary>A calendar. The defaults are those of <see cref="ScheduleCalendarSpec"/>; an empty text matches nothing, but for the year, where it matches all.</summary>
internal sealed record StoredCalendar
{
    public string Second { get; init; } = "0";

    public string Minute { get; init; } = "0";

    public string Hour { get; init; } = "0";

    public string DayOfMonth { get; init; } = "*";

    public string Month { get; init; } = "*";

    public string Year { get; init; } = "*";

    public string DayOfWeek { get; init; } = "*";

    public string? Comment { get; init; }

    public static StoredCalendar Of(ScheduleCalendarSpec spec) => new()
    {
        Second = CronFields.Format(spec.Second),
        Minute = CronFields.Format(spec.Minute),
        Hour = CronFields.Format(spec.Hour),
        DayOfMonth = CronFields.Format(spec.DayOfMonth),
        Month = CronFields.Format(spec.Month),
        Year = CronFields.Format(spec.Year),
        DayOfWeek = CronFields.Format(spec.DayOfWeek),
        Comment = spec.Comment,
    };

    public ScheduleCalendarSpec ToSpec() => new()
    {
        Second = CronFields.Second(Second),
        Minute = CronFields.Minute(Minute),
        Hour = CronFields.Hour(Hour),
        DayOfMonth = CronFields.DayOfMonth(DayOfMonth),
        Month = CronFields.Month(Month),
        Year = CronFields.Year(Year),
        DayOfWeek = CronFields.DayOfWeek(DayOfWeek),
        Comment = Comment,
    };
}
