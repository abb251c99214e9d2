using Serverless.Common;

namespace Core.Tests.Common;

[TestClass]
public sealed class CronTimesTests
{
    [TestMethod]
    [DataRow("30 9 * * *", "2026-11-24T09:30 2026-11-25T09:30")]
    [DataRow("*/20 * * * *", "2026-11-23T12:20 2026-11-23T12:40")]
    [DataRow("15 0 9 * * *", "2026-11-24T09:00:15 2026-11-25T09:00:15")]
    [DataRow("0 9\t* * MON-FRI", "2026-11-24T09:00 2026-11-25T09:00")]
    [DataRow("0 9 * JAN,MAR 7", "2027-01-03T09:00 2027-01-10T09:00")]
    [DataRow("0 0 13 * 5", "2027-08-13T00:00 2028-10-13T00:00")]
    [DataRow("0 9 L * *", "2026-11-30T09:00 2026-12-31T09:00")]
    [DataRow("0 9 15W * ?", "2026-12-15T09:00 2027-01-15T09:00")]
    [DataRow("0 9 * * 5#3", "2026-12-18T09:00 2027-01-15T09:00")]
    [DataRow("@every_second", "2026-11-23T12:00:01 2026-11-23T12:00:02")]
    [DataRow("@every_minute", "2026-11-23T12:01 2026-11-23T12:02")]
    [DataRow("@hourly", "2026-11-23T13:00 2026-11-23T14:00")]
    [DataRow("@daily", "2026-11-24T00:00 2026-11-25T00:00")]
    [DataRow("@midnight", "2026-11-24T00:00 2026-11-25T00:00")]
    [DataRow("@weekly", "2026-11-29T00:00 2026-12-06T00:00")]
    [DataRow("@monthly", "2026-12-01T00:00 2027-01-01T00:00")]
    [DataRow("@yearly", "2027-01-01T00:00 2028-01-01T00:00")]
    [DataRow("@annually", "2027-01-01T00:00 2028-01-01T00:00")]
    [DataRow("CRON_TZ=Europe/Berlin 0 9 * * *", "2026-11-24T08:00 2026-11-25T08:00")]
    [DataRow("TZ=Asia/Kolkata  @daily", "2026-11-23T18:30 2026-11-24T18:30")]
    [DataRow("@every 1h30m", "2026-11-23T13:30 2026-11-23T15:00")]
    [DataRow("@every 90s", "2026-11-23T12:01:30 2026-11-23T12:03")]
    [DataRow("@every 1.5d", "2026-11-25T00:00 2026-11-26T12:00")]
    [DataRow("@every 7h30m", "2026-11-23T19:30 2026-11-24T03:00")]
    public void Next_Schedule_GivesItsTimes(string schedule, string expected) => Assert.AreEqual(expected, Times(schedule, "2026-11-23T12:00", 2));

    [TestMethod]
    [DataRow("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00", "2026-03-30T00:30 2026-03-31T00:30")]
    [DataRow("Europe/Berlin", "*/30 1-3 * * *", "2026-03-29T00:00", "2026-03-29T00:30 2026-03-29T01:00 2026-03-29T01:30 2026-03-29T23:00")]
    [DataRow("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00", "2026-10-25T00:30 2026-10-25T01:30 2026-10-26T01:30")]
    [DataRow("Europe/Berlin", "30 2 25 10 *", "2026-01-01T00:00", "2026-10-25T00:30 2026-10-25T01:30 2027-10-25T00:30")]
    [DataRow("Europe/Berlin", "*/30 2 * * *", "2026-10-24T12:00", "2026-10-25T00:00 2026-10-25T00:30 2026-10-25T01:00 2026-10-25T01:30 2026-10-26T01:00")]
    [DataRow("Europe/Berlin", "0 * * * *", "2026-10-24T23:30", "2026-10-25T00:00 2026-10-25T01:00 2026-10-25T02:00")]
    [DataRow("America/New_York", "30 2 * * *", "2026-03-07T12:00", "2026-03-09T06:30 2026-03-10T06:30")]
    [DataRow("America/New_York", "30 1 * * *", "2026-10-31T12:00", "2026-11-01T05:30 2026-11-01T06:30 2026-11-02T06:30")]
    [DataRow("Australia/Lord_Howe", "*/15 2 * * *", "2026-10-03T15:00", "2026-10-03T15:30 2026-10-03T15:45 2026-10-04T15:00")]
    [DataRow("Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00", "2026-04-04T14:45 2026-04-04T15:15 2026-04-05T15:15")]
    public void Next_OverAChangeOfTheClock_TakesLocalTimesLiterally(string zone, string schedule, string after, string expected) =>
        Assert.AreEqual(expected, Times($"CRON_TZ={zone} {schedule}", after, expected.Split(' ').Length));

    [TestMethod]
    public void Next_Interval_CountsFromItsBeginning()
    {
        var since = At("2026-11-23T12:00");
        Assert.AreEqual(since, CronTimes.Next("@every 1h", At("2026-11-23T11:00"), since));
        Assert.AreEqual(since + TimeSpan.FromHours(3), CronTimes.Next("@every 1h", At("2026-11-23T14:20"), since));
        Assert.IsNull(CronTimes.Next("@every 10000000d", since, since));
    }

    [TestMethod]
    [DataRow("now and then", "can't be read")]
    [DataRow("* * * *", "can't be read")]
    [DataRow("60 * * * *", "can't be read")]
    [DataRow("@sometimes", "can't be read")]
    [DataRow("@every", "can't be read")]
    [DataRow("@every 5", "at least 1s, such as 90s or 1h30m, in units of w, d, h, m, s, ms, us; it has '5'")]
    [DataRow("@every 10ms", "at least 1s")]
    [DataRow("@every -1h", "at least 1s")]
    [DataRow("CRON_TZ=Nowhere/Town 0 9 * * *", "'CRON_TZ=' needs a time zone that there is")]
    [DataRow("TZ=Europe/Berlin", "'TZ=' needs a time zone that there is, such as Europe/Berlin, a space, and the schedule")]
    [DataRow("0 0 30 2 *", "has no time at all")]
    [DataRow("", "can't be read")]
    public void ProblemOf_BadSchedule_SaysWhatIsWrong(string schedule, string expected) => Assert.Contains(expected, CronTimes.ProblemOf(schedule)!);

    private static string Times(string schedule, string after, int count)
    {
        var (since, moment) = (At(after), At(after));
        var times = new List<string>();
        for (var i = 0; i < count; i++)
        {
            moment = CronTimes.Next(schedule, moment, since)!.Value;
            times.Add(moment.UtcDateTime.ToString(moment.Second == 0 ? "yyyy-MM-ddTHH:mm" : "yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
        }

        return string.Join(" ", times);
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time + "Z", System.Globalization.CultureInfo.InvariantCulture);
}
