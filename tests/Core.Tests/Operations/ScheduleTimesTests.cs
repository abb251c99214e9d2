using System.Globalization;
using Serverless.Client.Schedules;
using Serverless.Operations.Schedules;

namespace Core.Tests.Operations;

[TestClass]
public sealed class ScheduleTimesTests
{
    [TestMethod]
    [DataRow("30 9 * * *", "2026-11-24T09:30:00 2026-11-25T09:30:00")]
    [DataRow("*/20 * * * *", "2026-11-23T12:20:00 2026-11-23T12:40:00")]
    [DataRow("10/20 * * * *", "2026-11-23T12:10:00 2026-11-23T12:30:00 2026-11-23T12:50:00 2026-11-23T13:10:00")]
    [DataRow("0 9 * * MON-FRI", "2026-11-24T09:00:00 2026-11-25T09:00:00")]
    [DataRow("0 9 * January,mar sun", "2027-01-03T09:00:00 2027-01-10T09:00:00")]
    [DataRow("0 9 * * 7", "2026-11-29T09:00:00 2026-12-06T09:00:00")]
    [DataRow("0 9 * * 5-7", "2026-11-27T09:00:00 2026-11-28T09:00:00 2026-11-29T09:00:00 2026-12-04T09:00:00")]
    [DataRow("0 0 13 * 5", "2027-08-13T00:00:00 2028-10-13T00:00:00")]
    [DataRow("0 0 29 2 *", "2028-02-29T00:00:00 2032-02-29T00:00:00")]
    [DataRow("0 9 1 1 * 2028,2030-2031", "2028-01-01T09:00:00 2030-01-01T09:00:00 2031-01-01T09:00:00")]
    [DataRow("0 9 1 1 * *", "2027-01-01T09:00:00 2028-01-01T09:00:00")]
    [DataRow("15,45 30 12 * * * *", "2026-11-23T12:30:15 2026-11-23T12:30:45 2026-11-24T12:30:15")]
    [DataRow("0 8 * * * # before work", "2026-11-24T08:00:00 2026-11-25T08:00:00")]
    [DataRow("@hourly", "2026-11-23T13:00:00 2026-11-23T14:00:00")]
    [DataRow("@daily", "2026-11-24T00:00:00 2026-11-25T00:00:00")]
    [DataRow("@midnight", "2026-11-24T00:00:00 2026-11-25T00:00:00")]
    [DataRow("@weekly", "2026-11-29T00:00:00 2026-12-06T00:00:00")]
    [DataRow("@monthly", "2026-12-01T00:00:00 2027-01-01T00:00:00")]
    [DataRow("@yearly", "2027-01-01T00:00:00 2028-01-01T00:00:00")]
    [DataRow("@annually", "2027-01-01T00:00:00 2028-01-01T00:00:00")]
    [DataRow("@every 90m", "2026-11-23T13:30:00 2026-11-23T15:00:00")]
    [DataRow("@every 2h/15m", "2026-11-23T12:15:00 2026-11-23T14:15:00")]
    [DataRow("CRON_TZ=Europe/Berlin 0 9 * * *", "2026-11-24T08:00:00 2026-11-25T08:00:00")]
    [DataRow("TZ=Asia/Kolkata @daily", "2026-11-23T18:30:00 2026-11-24T18:30:00")]
    public void Next_CronExpression_GivesItsTimes(string expression, string expected) =>
        AssertTimes(new() { CronExpressions = [expression] }, "2026-11-23T12:00:00", expected);

    [TestMethod]
    [DataRow("now and then")]
    [DataRow("* * * *")]
    [DataRow("* * * * * * * *")]
    [DataRow("60 * * * *")]
    [DataRow("* * 0 * *")]
    [DataRow("* * * FOO *")]
    [DataRow("* * * M *")]
    [DataRow("5-1 * * * *")]
    [DataRow("*/0 * * * *")]
    [DataRow("1/2/3 * * * *")]
    [DataRow("1-2-3 * * * *")]
    [DataRow("* * * * * 1999")]
    [DataRow("@every now")]
    [DataRow("@every 1h/x")]
    [DataRow("@never")]
    [DataRow("TZ=Europe/Berlin")]
    [DataRow("")]
    public void New_CronExpressionThatCannotBeRead_SaysSo(string expression) =>
        StringAssert.Contains(Problem(new() { CronExpressions = [expression] }), $"The cron expression '{expression}' can't be read");

    [TestMethod]
    public void New_PartsOutOfTheirRange_AreRefusedByName()
    {
        StringAssert.Contains(Problem(new() { Calendars = [new() { Hour = [new(20, 24)] }] }), "Hour has the range 20 to 24");
        StringAssert.Contains(Problem(new() { Skip = [new() { Month = [new(1, 2, -1)] }] }), "Month has the range 1 to 2, step -1");
        StringAssert.Contains(Problem(new() { Intervals = [new(TimeSpan.FromMilliseconds(900))] }), "must be at least 1 s");
        StringAssert.Contains(Problem(new() { Intervals = [new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1))] }), "less than itself");
        StringAssert.Contains(Problem(new() { CronExpressions = ["@every 0s"] }), "must be at least 1 s");
        StringAssert.Contains(Problem(new() { Jitter = TimeSpan.FromSeconds(-1) }), "Jitter is -00:00:01");
        StringAssert.Contains(Problem(new() { TimeZoneName = "Europe/Atlantis" }), "There is no time zone 'Europe/Atlantis'");
        StringAssert.Contains(
            Problem(new() { TimeZoneName = "Europe/Berlin", CronExpressions = ["TZ=Europe/Paris @daily"] }), "has Europe/Berlin and Europe/Paris");
    }

    [TestMethod]
    public void Next_Interval_CountsFromTheEpoch()
    {
        AssertTimes(new() { Intervals = [new(TimeSpan.FromHours(1), TimeSpan.FromMinutes(19))] }, "2026-11-23T12:19:00", "2026-11-23T13:19:00 2026-11-23T14:19:00");
        AssertTimes(new() { Intervals = [new(TimeSpan.FromDays(28))] }, "2022-02-01T00:00:00", "2022-02-17T00:00:00 2022-03-17T00:00:00");
        AssertTimes(
            new() { Intervals = [new(TimeSpan.FromDays(28), new TimeSpan(3, 5, 23, 0))] }, "2022-02-01T00:00:00", "2022-02-20T05:23:00 2022-03-20T05:23:00");
        AssertTimes(new() { Intervals = [new(TimeSpan.FromHours(5))] }, "1969-12-31T18:30:00", "1969-12-31T19:00:00 1970-01-01T00:00:00 1970-01-01T05:00:00");
    }

    [TestMethod]
    public void Next_SeveralSpecs_GivesTheUnionWithoutWhatIsSkipped()
    {
        var spec = new ScheduleSpec
        {
            Calendars = [new() { Hour = [new(9)] }, new() { Hour = [new(9, 17, 8)], DayOfWeek = [new(3)] }],
            CronExpressions = ["30 12 * * *"],
            Intervals = [new(TimeSpan.FromDays(1))],
            Skip = [new() { Second = [new(0, 59)], Minute = [new(0, 59)], Hour = [new(0, 23)], DayOfMonth = [new(24)] }, new() { Hour = [new(12)], Minute = [new(30)], DayOfWeek = [new(3)] }],
        };
        AssertTimes(
            spec, "2026-11-23T08:00:00", "2026-11-23T09:00:00 2026-11-23T12:30:00 2026-11-25T00:00:00 2026-11-25T09:00:00 2026-11-25T17:00:00 2026-11-26T00:00:00");
    }

    [TestMethod]
    public void Next_LongSkips_AreCrossed()
    {
        ScheduleCalendarSpec days = new() { Second = [new(0, 59)], Minute = [new(0, 59)], Hour = [new(0, 23)] };
        var spec = new ScheduleSpec { Intervals = [new(TimeSpan.FromSeconds(1))], Skip = [days with { Month = [new(8)] }], TimeZoneName = "Europe/Berlin" };
        AssertTimes(spec, "2026-07-31T21:59:58", "2026-07-31T21:59:59 2026-08-31T22:00:00");
        AssertTimes(spec with { Skip = [days] }, "2026-07-31T21:59:58", "-");
    }

    [TestMethod]
    public void Next_StartAndEnd_AreInclusive()
    {
        var spec = new ScheduleSpec
        {
            Calendars = [new() { Hour = [new(9)] }],
            StartAt = new DateTime(2026, 11, 25, 9, 0, 0),
            EndAt = new DateTime(2026, 11, 27, 9, 0, 0, DateTimeKind.Utc),
        };
        AssertTimes(spec, "2026-01-01T00:00:00", "2026-11-25T09:00:00 2026-11-26T09:00:00 2026-11-27T09:00:00 -");
        AssertTimes(spec, "2026-11-27T09:00:00", "-");
        AssertTimes(new() { Calendars = [new() { Second = [] }] }, "2026-01-01T00:00:00", "-");
        AssertTimes(new() { Calendars = [new() { Year = [new(2020)] }] }, "2026-01-01T00:00:00", "-");
        AssertTimes(new() { Calendars = [new() { Month = [new(2)], DayOfMonth = [new(30)] }] }, "2026-01-01T00:00:00", "-");
        AssertTimes(new(), "2026-01-01T00:00:00", "-");
    }

    [TestMethod]
    public void Next_Jitter_IsBoundedAndTheSameEachTime()
    {
        var spec = new ScheduleSpec { Intervals = [new(TimeSpan.FromMinutes(10))], Jitter = TimeSpan.FromMinutes(4) };
        var delays = Delays("one", spec);
        CollectionAssert.AreEqual(delays, Delays("one", spec));
        CollectionAssert.AreNotEqual(delays, Delays("two", spec));
        Assert.IsTrue(delays.TrueForAll(d => d >= TimeSpan.Zero && d < TimeSpan.FromMinutes(4)));
        Assert.AreEqual(120, delays.Average(d => d.TotalSeconds), 10);
        Assert.IsTrue(delays.Min() < TimeSpan.FromSeconds(5) && delays.Max() > TimeSpan.FromSeconds(235));

        var wide = Delays("one", spec with { Jitter = TimeSpan.FromHours(4) });
        Assert.IsTrue(wide.TrueForAll(d => d >= TimeSpan.Zero && d < TimeSpan.FromMinutes(10)), "A time never passes the next one.");
        Assert.IsTrue(wide.Max() > TimeSpan.FromMinutes(9.9));
    }

    private static List<TimeSpan> Delays(string id, ScheduleSpec spec)
    {
        var times = new ScheduleTimes(id, spec);
        var delays = new List<TimeSpan>();
        for (var at = At("2026-01-01T00:00:00"); delays.Count < 1_000;)
        {
            var next = times.Next(at)!.Value;
            delays.Add(next.Actual - next.Nominal);
            at = next.Nominal;
        }

        return delays;
    }

    private static string? Problem(ScheduleSpec spec) => Assert.ThrowsExactly<FormatException>(() => new ScheduleTimes("id", spec)).Message;

    private static void AssertTimes(ScheduleSpec spec, string after, string expected)
    {
        var times = new ScheduleTimes("id", spec);
        var found = new List<string>();
        DateTimeOffset? at = At(after);
        while (at is not null && found.Count < expected.Split(' ').Length)
        {
            at = times.Next(at.Value)?.Nominal;
            found.Add(at?.UtcDateTime.ToString("s", CultureInfo.InvariantCulture) ?? "-");
        }

        Assert.AreEqual(expected, string.Join(' ', found));
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
