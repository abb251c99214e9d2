using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Serverless.Client.Schedules;
using Serverless.Common;

namespace Serverless.Operations.Schedules;

/// <summary>A time of a schedule: as the specification says it, and moved by the jitter.</summary>
internal readonly record struct ScheduledTime(DateTimeOffset Nominal, DateTimeOffset Actual);

/// <summary>The times of a schedule, from its specification. Pure; a time zone's rules are those that the machine knows.</summary>
internal sealed class ScheduleTimes
{
    /// <summary>So many times in a row that are to be skipped mean that there are no others.</summary>
    private const int MaxSkipped = 100_000;

    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly DateTimeOffset End = new(CalendarTimes.LastYear + 1, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly List<CalendarTimes> _calendars = [];
    private readonly List<(long Every, long Offset)> _intervals = [];
    private readonly List<CalendarTimes> _skip = [];
    private readonly DateTimeOffset? _startAt;
    private readonly DateTimeOffset? _endAt;
    private readonly TimeSpan _jitter;
    private readonly TimeZoneInfo _zone;
    private readonly string _id;

    /// <param name="id">The schedule; the jitter depends on it.</param>
    /// <param name="spec">Its specification.</param>
    /// <exception cref="FormatException">Something is wrong with the specification; the message says what.</exception>
    public ScheduleTimes(string id, ScheduleSpec spec)
    {
        _id = id;
        var crons = spec.CronExpressions.Select(CronCalendar.Parse).ToList();
        _calendars.AddRange(spec.Calendars.Concat(crons.Select(static c => c.Calendar).OfType<ScheduleCalendarSpec>()).Select(static c => new CalendarTimes(c)));
        _intervals.AddRange(spec.Intervals.Concat(crons.Select(static c => c.Interval).OfType<ScheduleIntervalSpec>()).Select(Seconds));
        _skip.AddRange(spec.Skip.Select(static c => new CalendarTimes(c)));
        _startAt = Utc(spec.StartAt);
        _endAt = Utc(spec.EndAt);
        _jitter = spec.Jitter ?? TimeSpan.Zero;
        _zone = Zone([spec.TimeZoneName, .. crons.Select(static c => c.TimeZoneName)]);
        if (_jitter < TimeSpan.Zero)
        {
            throw new FormatException($"Jitter is {_jitter}; it must be zero or more.");
        }
    }

    /// <summary>The first time after a moment; null when there is none.</summary>
    /// <param name="after">The moment, compared with nominal times.</param>
    public ScheduledTime? Next(DateTimeOffset after)
    {
        if (NextNominal(after) is not { } nominal)
        {
            return null;
        }

        var longest = _jitter;
        if (longest > TimeSpan.Zero && NextRaw(nominal) is { } following && following - nominal < longest)
        {
            longest = following - nominal;
        }

        return new(nominal, nominal + Jitter(nominal, longest));
    }

    /// <summary>What <see cref="ScheduleSpec"/> calls UTC.</summary>
    public static DateTimeOffset? Utc(DateTime? time) =>
        time is { } at ? new DateTimeOffset(at.Kind == DateTimeKind.Local ? at.ToUniversalTime() : DateTime.SpecifyKind(at, DateTimeKind.Utc)) : null;

    private DateTimeOffset? NextNominal(DateTimeOffset after)
    {
        after = _startAt is { } start && after < start ? start - Tick : after;
        for (var skipped = 0; skipped < MaxSkipped; skipped++)
        {
            if (NextRaw(after) is not { } next || next > _endAt)
            {
                return null;
            }

            var local = TimeZoneInfo.ConvertTime(next, _zone);
            if (_skip.Find(s => s.Matches(local.DateTime)) is not { } skip)
            {
                return next;
            }

            var midnight = local.Date.AddDays(1);
            after = skip.IsWholeDay && LocalMoments.First(time => time < midnight ? midnight : null, next, _zone) is { } nextDay ? nextDay - Tick : next;
        }

        return null;
    }

    private DateTimeOffset? NextRaw(DateTimeOffset after)
    {
        DateTimeOffset? first = null;
        foreach (var calendar in _calendars)
        {
            first = Earlier(first, LocalMoments.First(calendar.Next, after, _zone));
        }

        foreach (var (every, offset) in _intervals)
        {
            // Counted down to the second and upwards from minus infinity, so that times before 1970 are right too.
            var seconds = Math.DivRem(after.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks, TimeSpan.TicksPerSecond, out var rest);
            var passed = seconds - (rest < 0 ? 1 : 0) - offset;
            var count = Math.DivRem(passed, every, out rest) - (rest < 0 ? 1 : 0);
            first = Earlier(first, DateTimeOffset.FromUnixTimeSeconds(((count + 1) * every) + offset));
        }

        return first < End ? first : null;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other ?? one : one;

    private TimeSpan Jitter(DateTimeOffset nominal, TimeSpan longest)
    {
        if (longest <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{nominal.ToUnixTimeSeconds()} {_id}"));
        var random = new DeterministicRandom(BinaryPrimitives.ReadUInt64LittleEndian(hash));
        return TimeSpan.FromMilliseconds(random.NextInt64((long)longest.TotalMilliseconds));
    }

    private static (long Every, long Offset) Seconds(ScheduleIntervalSpec interval)
    {
        var (every, offset) = ((long)interval.Every.TotalSeconds, (long)(interval.Offset ?? TimeSpan.Zero).TotalSeconds);
        return every >= 1 && offset >= 0 && offset < every
            ? (every, offset)
            : throw new FormatException($"The interval {interval.Every} with offset {interval.Offset ?? TimeSpan.Zero}: it must be at least 1 s, its offset zero or more and less than itself.");
    }

    private static TimeZoneInfo Zone(IEnumerable<string?> names)
    {
        var different = names.Where(static n => !string.IsNullOrEmpty(n)).Distinct(StringComparer.Ordinal).ToList();
        return different switch
        {
            [] => TimeZoneInfo.Utc,
            [var name] => TimeZoneInfo.TryFindSystemTimeZoneById(name!, out var zone) ? zone : throw new FormatException($"There is no time zone '{name}'; one is Europe/Berlin."),
            _ => throw new FormatException($"A schedule has one time zone, but this has {string.Join(" and ", different)}."),
        };
    }
}
