using Cronos;

namespace Serverless.Common;

/// <summary>
/// The times of cron schedules of single workflows. Local times are taken literally, see <see cref="LocalMoments"/>. Pure.
/// </summary>
internal static class CronTimes
{
    private const string Every = "@every ";
    private static readonly string[] ZonePrefixes = ["CRON_TZ=", "TZ="];
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with a schedule; null for nothing.</summary>
    public static string? ProblemOf(string schedule)
    {
        try
        {
            return Next(schedule, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch) is null ? $"The cron schedule '{schedule}' has no time at all." : null;
        }
        catch (FormatException e)
        {
            return $"The cron schedule '{schedule}' can't be read: {e.Message}";
        }
    }

    /// <summary>The first time after a moment; null when there is none.</summary>
    /// <param name="schedule">The schedule, as described at <c>WorkflowOptions.CronSchedule</c>.</param>
    /// <param name="after">The moment.</param>
    /// <param name="since">What intervals are counted from.</param>
    /// <exception cref="FormatException">It can't be read; the message says why.</exception>
    public static DateTimeOffset? Next(string schedule, DateTimeOffset after, DateTimeOffset since)
    {
        var (zone, expression) = Split(schedule.Trim());
        if (expression.StartsWith(Every, StringComparison.OrdinalIgnoreCase))
        {
            return NextOf(Interval(expression[Every.Length..].Trim()), after, since);
        }

        var fields = expression.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        var times = CronExpression.Parse(expression, fields == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard);
        return LocalMoments.First(local => times.GetNextOccurrence(DateTime.SpecifyKind(local, DateTimeKind.Utc)), after, zone);
    }

    private static (TimeZoneInfo Zone, string Expression) Split(string schedule)
    {
        if (ZonePrefixes.FirstOrDefault(p => schedule.StartsWith(p, StringComparison.Ordinal)) is not { } prefix)
        {
            return (TimeZoneInfo.Utc, schedule);
        }

        var parts = schedule[prefix.Length..].Split((char[]?)null, 2);
        return TimeZoneInfo.TryFindSystemTimeZoneById(parts[0], out var zone) && parts.Length == 2
            ? (zone, parts[1].Trim())
            : throw new FormatException($"'{prefix}' needs a time zone that there is, such as Europe/Berlin, a space, and the schedule.");
    }

    private static TimeSpan Interval(string text) => DurationText.TryParse(text, out var interval) && interval >= ShortestInterval
        ? interval
        : throw new FormatException($"'@every' needs a duration of at least 1s, such as 90s or 1h30m, in units of {DurationText.UnitNames}; it has '{text}'.");

    private static DateTimeOffset? NextOf(TimeSpan interval, DateTimeOffset after, DateTimeOffset since)
    {
        var passed = after < since ? 0 : ((after - since).Ticks / interval.Ticks) + 1;
        var ticks = (decimal)since.UtcTicks + ((decimal)passed * interval.Ticks);
        return ticks <= DateTimeOffset.MaxValue.UtcTicks ? new DateTimeOffset((long)ticks, TimeSpan.Zero) : null;
    }
}
