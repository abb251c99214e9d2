using Serverless.Client.Schedules;

namespace Serverless.Operations.Schedules;

/// <summary>A calendar, ready for search. Knows local times only. Pure.</summary>
internal sealed class CalendarTimes
{
    /// <summary>No time is later than the end of this year.</summary>
    public const int LastYear = 2100;

    /// <summary>No field of years begins before this one.</summary>
    public const int FirstYear = 2000;

    private readonly ulong _seconds;
    private readonly ulong _minutes;
    private readonly ulong _hours;
    private readonly ulong _days;
    private readonly ulong _months;
    private readonly ulong _weekDays;
    private readonly bool[]? _years;

    /// <exception cref="FormatException">A range is not in its field; the message names it.</exception>
    public CalendarTimes(ScheduleCalendarSpec spec)
    {
        _seconds = Bits(nameof(spec.Second), spec.Second, 0, 59);
        _minutes = Bits(nameof(spec.Minute), spec.Minute, 0, 59);
        _hours = Bits(nameof(spec.Hour), spec.Hour, 0, 23);
        _days = Bits(nameof(spec.DayOfMonth), spec.DayOfMonth, 1, 31);
        _months = Bits(nameof(spec.Month), spec.Month, 1, 12);
        var weekDays = Bits(nameof(spec.DayOfWeek), spec.DayOfWeek, 0, 7);
        _weekDays = weekDays | (weekDays >> 7);
        if (spec.Year.Count > 0)
        {
            _years = new bool[LastYear - FirstYear + 1];
            foreach (var year in Numbers(nameof(spec.Year), spec.Year, FirstYear, LastYear))
            {
                _years[year - FirstYear] = true;
            }
        }
    }

    /// <summary>True when it matches all times of a day that it matches at all.</summary>
    public bool IsWholeDay => _seconds == (1UL << 60) - 1 && _minutes == (1UL << 60) - 1 && _hours == (1UL << 24) - 1;

    public bool Matches(DateTime local) => MatchesDay(local) && Has(_hours, local.Hour) && Has(_minutes, local.Minute) && Has(_seconds, local.Second);

    /// <summary>The first time after another; null when there is none up to <see cref="LastYear"/>.</summary>
    public DateTime? Next(DateTime after)
    {
        if (_seconds == 0 || _minutes == 0 || _hours == 0)
        {
            return null;
        }

        var from = after < new DateTime(FirstYear, 1, 1) && _years is not null ? new DateTime(FirstYear, 1, 1) : Second(after).AddSeconds(1);
        for (var day = from.Date; day.Year <= LastYear; day = NextDay(day))
        {
            if (MatchesDay(day) && TimeOfDay(day == from.Date ? from.TimeOfDay : TimeSpan.Zero) is { } time)
            {
                return day + time;
            }
        }

        return null;
    }

    private static DateTime Second(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond));

    private static bool Has(ulong bits, int number) => (bits >> number & 1) != 0;

    /// <summary>The first number from one on; -1 when there is none.</summary>
    private static int FirstFrom(ulong bits, int number)
    {
        var left = number > 63 ? 0 : bits >> number;
        return left == 0 ? -1 : number + System.Numerics.BitOperations.TrailingZeroCount(left);
    }

    private bool MatchesYear(int year) => _years is null || (year is >= FirstYear and <= LastYear && _years[year - FirstYear]);

    private bool MatchesDay(DateTime day) => Has(_days, day.Day) && Has(_weekDays, (int)day.DayOfWeek) && Has(_months, day.Month) && MatchesYear(day.Year);

    /// <summary>The day after, or the first day of the next month or year where nothing of this one can match.</summary>
    private DateTime NextDay(DateTime day) => !MatchesYear(day.Year) ? new DateTime(day.Year + 1, 1, 1)
        : !Has(_months, day.Month) ? new DateTime(day.Year, day.Month, 1).AddMonths(1)
        : day.AddDays(1);

    private TimeSpan? TimeOfDay(TimeSpan from)
    {
        for (var hour = FirstFrom(_hours, from.Hours); hour >= 0; hour = FirstFrom(_hours, hour + 1))
        {
            for (var minute = FirstFrom(_minutes, hour == from.Hours ? from.Minutes : 0); minute >= 0; minute = FirstFrom(_minutes, minute + 1))
            {
                var second = FirstFrom(_seconds, hour == from.Hours && minute == from.Minutes ? from.Seconds : 0);
                if (second >= 0)
                {
                    return new TimeSpan(hour, minute, second);
                }
            }
        }

        return null;
    }

    private static ulong Bits(string field, IReadOnlyCollection<ScheduleRange> ranges, int min, int max) =>
        Numbers(field, ranges, min, max).Aggregate(0UL, static (bits, number) => bits | (1UL << number));

    private static IEnumerable<int> Numbers(string field, IReadOnlyCollection<ScheduleRange> ranges, int min, int max)
    {
        foreach (var range in ranges)
        {
            var end = Math.Max(range.Start, range.End);
            if (range.Start < min || end > max || range.Step < 0)
            {
                throw new FormatException($"{field} has the range {range.Start} to {range.End}, step {range.Step}; it takes numbers from {min} to {max}, and a step of at least 1.");
            }

            for (long number = range.Start; number <= end; number += Math.Max(range.Step, 1))
            {
                yield return (int)number;
            }
        }
    }
}
