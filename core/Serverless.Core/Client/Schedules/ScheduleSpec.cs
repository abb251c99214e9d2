namespace Serverless.Client.Schedules;

/// <summary>
/// When a schedule acts: at the times of all of its calendars, intervals and cron expressions together, but for those that <see cref="Skip"/> matches. Times are whole seconds.
/// None of them: it acts only when it is triggered.
/// </summary>
public record ScheduleSpec
{
    /// <summary>Times by the parts of date and clock.</summary>
    public IReadOnlyCollection<ScheduleCalendarSpec> Calendars { get; init; } = [];

    /// <summary>Times at equal distances.</summary>
    public IReadOnlyCollection<ScheduleIntervalSpec> Intervals { get; init; } = [];

    /// <summary>
    /// Times as cron writes them: minute, hour, day of month, month, day of week; with a year as the sixth field; or with seconds in front of all, as seven. A field is
    /// <c>*</c>, a number, a range (<c>1-5</c>), a list (<c>1,15</c>), each with a step if need be (<c>*/15</c>; <c>10/5</c> goes on to the end); months and days may have their English
    /// names, Sunday is 0 or 7. All fields must match. Or one of <c>@yearly</c>, <c>@annually</c>, <c>@monthly</c>, <c>@weekly</c>, <c>@daily</c>, <c>@midnight</c>, <c>@hourly</c>; or
    /// <c>@every</c>, a duration and, after a slash, an offset: <c>@every 2h/15m</c>. In front, <c>CRON_TZ=Europe/Berlin</c> (or <c>TZ=</c>) is the same as
    /// <see cref="TimeZoneName"/>. What follows <c>#</c> is a comment.
    /// </summary>
    public IReadOnlyCollection<string> CronExpressions { get; init; } = [];

    /// <summary>Times at which it does not act.</summary>
    public IReadOnlyCollection<ScheduleCalendarSpec> Skip { get; init; } = [];

    /// <summary>Times before it do not count. A time without a kind is UTC. Default: none.</summary>
    public DateTime? StartAt { get; init; }

    /// <summary>Times after it do not count. A time without a kind is UTC. Default: none.</summary>
    public DateTime? EndAt { get; init; }

    /// <summary>Each action comes later by a time between zero and this, but before the next one. The same each time it is computed. Zero or more; default none.</summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>
    /// The time zone of calendars and cron expressions, such as Europe/Berlin. Local times are taken literally: one that the clock skips does not come, one that it
    /// repeats comes twice. Null (default): UTC.
    /// </summary>
    public string? TimeZoneName { get; init; }
}

/// <summary>Times by the parts of date and clock. A time matches when each part is in one of the ranges of its field.</summary>
public record ScheduleCalendarSpec
{
    /// <summary>Only zero: the default of <see cref="Second"/>, <see cref="Minute"/> and <see cref="Hour"/>.</summary>
    public static readonly IReadOnlyCollection<ScheduleRange> Beginning = [ScheduleRange.Zero];

    /// <summary>1 to 31.</summary>
    public static readonly IReadOnlyCollection<ScheduleRange> AllMonthDays = [new(1, 31)];

    /// <summary>1 to 12.</summary>
    public static readonly IReadOnlyCollection<ScheduleRange> AllMonths = [new(1, 12)];

    /// <summary>0 to 6.</summary>
    public static readonly IReadOnlyCollection<ScheduleRange> AllWeekDays = [new(0, 6)];

    /// <summary>Seconds, 0 to 59. Default 0.</summary>
    public IReadOnlyCollection<ScheduleRange> Second { get; init; } = Beginning;

    /// <summary>Minutes, 0 to 59. Default 0.</summary>
    public IReadOnlyCollection<ScheduleRange> Minute { get; init; } = Beginning;

    /// <summary>Hours, 0 to 23. Default 0.</summary>
    public IReadOnlyCollection<ScheduleRange> Hour { get; init; } = Beginning;

    /// <summary>Days of the month, 1 to 31. Default all.</summary>
    public IReadOnlyCollection<ScheduleRange> DayOfMonth { get; init; } = AllMonthDays;

    /// <summary>Months, 1 to 12. Default all.</summary>
    public IReadOnlyCollection<ScheduleRange> Month { get; init; } = AllMonths;

    /// <summary>Years, 2000 to 2100. Empty (default): all.</summary>
    public IReadOnlyCollection<ScheduleRange> Year { get; init; } = [];

    /// <summary>Days of the week, 0 (Sunday) to 6; 7 is Sunday too. Default all.</summary>
    public IReadOnlyCollection<ScheduleRange> DayOfWeek { get; init; } = AllWeekDays;

    /// <summary>What it is for, for people.</summary>
    public string? Comment { get; init; }
}

/// <summary>Times at equal distances, counted from 1970-01-01 00:00 UTC.</summary>
/// <param name="Every">The distance. At least 1 s; parts of a second do not count.</param>
/// <param name="Offset">How much later than the multiples of the distance. Zero or more, less than <paramref name="Every"/>; null for zero.</param>
public record ScheduleIntervalSpec(TimeSpan Every, TimeSpan? Offset = null);

/// <summary>Numbers from a start to an end.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">The last that may be; one before the start counts as the start.</param>
/// <param name="Step">The distance. Zero counts as 1.</param>
public record ScheduleRange(int Start, int End, int Step)
{
    /// <summary>Only zero.</summary>
    public static readonly ScheduleRange Zero = new(0);

    /// <summary>One number.</summary>
    /// <param name="start">The number.</param>
    public ScheduleRange(int start)
        : this(start, start, 1)
    {
    }

    /// <summary>All numbers from a start to an end.</summary>
    /// <param name="start">The first.</param>
    /// <param name="end">The last.</param>
    public ScheduleRange(int start, int end)
        : this(start, end, 1)
    {
    }
}
