using System.Globalization;
using Serverless.Client.Schedules;
using Serverless.Operations.Schedules;

namespace Core.Tests.Operations;

/// <summary>
/// A year of each kind of specification, in time zones whose clocks change by an hour, by half an hour, and in the other half of the year, against what an independent walk
/// over every minute of the year finds.
/// </summary>
[TestClass]
public sealed class ScheduleYearTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = Begin.AddYears(1);

    private static readonly (string Name, ScheduleSpec Spec, Func<Clock, bool> Matches)[] Specs =
    [
        ("each quarter of an hour", new() { Calendars = [new() { Minute = [new(0, 59, 15)], Hour = [new(0, 23)] }] }, static c => c.Local.Minute % 15 == 0),
        ("at night", new() { Calendars = [new() { Minute = [new(30), new(45)], Hour = [new(1, 3)] }] }, static c => c.Local is { Hour: >= 1 and <= 3, Minute: 30 or 45 }),
        ("each day", new() { Calendars = [new()] }, static c => c.Local is { Hour: 0, Minute: 0 }),
        ("working days", new() { CronExpressions = ["*/20 9-17 * * MON-FRI"] },
            static c => c.Local is { Minute: 0 or 20 or 40, Hour: >= 9 and <= 17, DayOfWeek: not (DayOfWeek.Saturday or DayOfWeek.Sunday) }),
        ("cron with seconds and year", new() { CronExpressions = ["0 5 2 1-15/2 * SUN 2026"] },
            static c => c.Local is { Minute: 5, Hour: 2, Year: 2026, DayOfWeek: DayOfWeek.Sunday, Day: <= 15 } && c.Local.Day % 2 == 1),
        ("months", new() { CronExpressions = ["30 2 28-31 3,10,4-4 *"] }, static c => c.Local is { Minute: 30, Hour: 2, Day: >= 28, Month: 3 or 4 or 10 }),
        ("named", new() { CronExpressions = ["@hourly", "@weekly"] }, static c => c.Local.Minute == 0),
        ("intervals", new() { Intervals = [new(TimeSpan.FromMinutes(35), TimeSpan.FromMinutes(7)), new(TimeSpan.FromHours(5))] },
            static c => c.Minutes % 35 == 7 || c.Minutes % 300 == 0),
        ("every", new() { CronExpressions = ["@every 11h/3m"] }, static c => c.Minutes % 660 == 3),
        ("all but holidays", new()
            {
                Calendars = [new() { Hour = [new(2, 22, 4)] }],
                CronExpressions = ["0 3 * * *"],
                Intervals = [new(TimeSpan.FromHours(7))],
                Skip =
                [
                    new() { Second = [new(0, 59)], Minute = [new(0, 59)], Hour = [new(0, 23)], DayOfMonth = [new(24, 26)], Month = [new(12)] },
                    new() { Hour = [new(2, 3)], DayOfWeek = [new(7)] },
                ],
                StartAt = new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc),
                EndAt = new DateTime(2026, 12, 30, 3, 0, 0, DateTimeKind.Utc),
            },
            static c => ((c.Local is { Minute: 0, Hour: >= 2 } && c.Local.Hour % 4 == 2) || c.Local is { Minute: 0, Hour: 3 } || c.Minutes % 420 == 0)
                && c.Local is not { Month: 12, Day: >= 24 and <= 26 }
                && c.Local is not { Hour: 2 or 3, Minute: 0, DayOfWeek: DayOfWeek.Sunday }
                && c.Utc >= new DateTime(2026, 2, 3, 4, 5, 6) && c.Utc <= new DateTime(2026, 12, 30, 3, 0, 0)),
    ];

    public static IEnumerable<object[]> Cases =>
        from zone in (string[])["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Europe/Dublin", "UTC"]
        from spec in Specs
        select new object[] { zone, spec.Name };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Year_InAZone_IsWhatAWalkOverEveryMinuteFinds(string zone, string name)
    {
        var (_, spec, matches) = Specs.Single(s => s.Name == name);
        var expected = Walk(TimeSpan.FromMinutes(1), Begin, End, zone).Where(matches).Select(static c => c.Utc).ToList();
        Assert.IsTrue(expected.Count > 2, "The case has no times.");
        CollectionAssert.AreEqual(expected, Times(spec with { TimeZoneName = zone }, Begin, End));
    }

    [TestMethod]
    [DataRow("Europe/Berlin", "2026-03-29", "2026-10-25")]
    [DataRow("America/New_York", "2026-03-08", "2026-11-01")]
    [DataRow("Australia/Lord_Howe", "2026-10-03", "2026-04-04")]
    public void Seconds_OverChangesOfTheClock_AreWhatAWalkOverEverySecondFinds(string zone, string forward, string back)
    {
        var spec = new ScheduleSpec { CronExpressions = ["*/7 0/3 * * * * *"], TimeZoneName = zone };
        foreach (var day in (string[])[forward, back])
        {
            var begin = DateTimeOffset.Parse(day, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            var expected = Walk(TimeSpan.FromSeconds(1), begin, begin.AddDays(1), zone)
                .Where(static c => c.Local.Second % 7 == 0 && c.Local.Minute % 3 == 0).Select(static c => c.Utc).ToList();
            CollectionAssert.AreEqual(expected, Times(spec, begin, begin.AddDays(1)));
        }
    }

    private static List<DateTime> Times(ScheduleSpec spec, DateTimeOffset begin, DateTimeOffset end)
    {
        var times = new ScheduleTimes("id", spec);
        var found = new List<DateTime>();
        for (var at = times.Next(begin.AddTicks(-1)); at?.Nominal < end; at = times.Next(at.Value.Nominal))
        {
            found.Add(at.Value.Nominal.UtcDateTime);
        }

        return found;
    }

    private static IEnumerable<Clock> Walk(TimeSpan step, DateTimeOffset begin, DateTimeOffset end, string zone)
    {
        var rules = TimeZoneInfo.FindSystemTimeZoneById(zone);
        for (var at = begin; at < end; at += step)
        {
            yield return new(at.UtcDateTime, TimeZoneInfo.ConvertTimeFromUtc(at.UtcDateTime, rules), at.ToUnixTimeSeconds() / 60);
        }
    }

    private sealed record Clock(DateTime Utc, DateTime Local, long Minutes);
}
