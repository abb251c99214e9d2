using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Client.Schedules;

namespace Serverless.Tests.Operations;

/// <summary>A year in simulated time: what schedules of all kinds start, over the changes of clocks, against a walk over every minute of the year.</summary>
[TestClass]
public sealed class ScheduledYearTests
{
    [TestMethod]
    public async Task A_year_of_schedules_starts_what_a_walk_over_its_minutes_finds()
    {
        (string Id, ScheduleSpec Spec, Func<DateTimeOffset, bool> Matches)[] all =
        [
            ("berlin", new() { CronExpressions = ["30 2 * * *"], TimeZoneName = "Europe/Berlin" }, At("Europe/Berlin", static t => t is { Hour: 2, Minute: 30 })),
            ("york", new() { Calendars = [new() { Hour = [new(1)], Minute = [new(30)] }], TimeZoneName = "America/New_York" }, At("America/New_York", static t => t is { Hour: 1, Minute: 30 })),
            ("howe", new() { CronExpressions = ["TZ=Australia/Lord_Howe 45 1 * * *"] }, At("Australia/Lord_Howe", static t => t is { Hour: 1, Minute: 45 })),
            ("interval", new() { Intervals = [new(TimeSpan.FromHours(35), TimeSpan.FromMinutes(7))] }, static t => t.ToUnixTimeSeconds() / 60 % 2_100 == 7),
        ];
        await using var bench = new ScheduleBench(creepMilliseconds: 50);
        var begin = bench.Now;
        foreach (var (id, spec, _) in all)
        {
            var action = ScheduleActionStartWorkflow.Create((Job job) => job.RunAsync(0, null), new WorkflowOptions(id, "default"));
            await bench.Client.CreateScheduleAsync(id, new(action, spec));
        }

        for (var month = 0; month < 12; month++)
        {
            await bench.PassAsync(TimeSpan.FromDays(365) / 12);
        }

        var end = begin.AddDays(365);
        var found = all.ToDictionary(static s => s.Id, static _ => new List<string>());
        await foreach (var job in bench.Client.ListWorkflowsAsync("WorkflowType = 'Job'"))
        {
            Assert.AreEqual(WorkflowExecutionStatus.Completed, job.Status, job.Id);
            found[job.Id.Split('-')[0]].Add(job.Id[^20..]);
        }

        foreach (var (id, _, matches) in all)
        {
            var expected = new List<string>();
            for (var at = begin.AddMinutes(1); at <= end; at = at.AddMinutes(1))
            {
                if (matches(at))
                {
                    expected.Add($"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");
                }
            }

            Assert.IsTrue(expected.Count > 240, id);
            Assert.AreEqual(string.Join('\n', expected), string.Join('\n', found[id].Order(StringComparer.Ordinal)), id);
        }
    }

    private static Func<DateTimeOffset, bool> At(string zone, Func<DateTime, bool> matches)
    {
        var rules = TimeZoneInfo.FindSystemTimeZoneById(zone);
        return at => matches(TimeZoneInfo.ConvertTimeFromUtc(at.UtcDateTime, rules));
    }
}
