namespace Serverless.Common;

/// <summary>
/// Local times as moments, taken literally: one that the clock skips does not come, one that it repeats comes twice. Pure.
/// </summary>
internal static class LocalMoments
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>The first moment after another; null when there is none.</summary>
    /// <param name="next">The first local time after a local time; null when there is none.</param>
    /// <param name="after">The moment.</param>
    /// <param name="zone">Where.</param>
    public static DateTimeOffset? First(Func<DateTime, DateTime?> next, DateTimeOffset after, TimeZoneInfo zone)
    {
        if (zone == TimeZoneInfo.Utc)
        {
            return next(after.UtcDateTime) is { } utc ? new DateTimeOffset(utc, TimeSpan.Zero) : null;
        }

        // When the clock is going to repeat an hour, earlier local times may still come.
        var now = zone.GetUtcOffset(after);
        var soon = after < DateTimeOffset.MaxValue - Day ? zone.GetUtcOffset(after + Day) : now;
        DateTimeOffset? first = null;
        for (var local = next(after.UtcDateTime + (now < soon ? now : soon)); local is not null; local = next(local.Value))
        {
            var moments = Of(local.Value, zone);
            foreach (var moment in moments)
            {
                first = moment > after && (first is null || moment < first) ? moment : first;
            }

            if (first is not null && moments.Count == 1)
            {
                break;
            }
        }

        return first?.ToUniversalTime();
    }

    /// <summary>The moments at which clocks show a time: none, one or two.</summary>
    private static List<DateTimeOffset> Of(DateTime local, TimeZoneInfo zone)
    {
        var moments = new List<DateTimeOffset>(2);
        var plain = DateTime.SpecifyKind(local, DateTimeKind.Utc);
        var before = zone.GetUtcOffset(plain > DateTime.MinValue + Day ? plain - Day : plain);
        var later = zone.GetUtcOffset(plain < DateTime.MaxValue - Day ? plain + Day : plain);
        Add(before);
        if (later != before)
        {
            Add(later);
        }

        return moments;

        void Add(TimeSpan offset)
        {
            var moment = new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), offset);
            if (zone.GetUtcOffset(moment) == offset)
            {
                moments.Add(moment);
            }
        }
    }
}
