using Serverless.Api.Enums.V1;
using Serverless.Client.Schedules;

namespace Serverless.Tests.Operations;

/// <summary>What schedules start, and when, in simulated time.</summary>
[TestClass]
public sealed class ScheduleTests
{
    [TestMethod]
    public async Task It_starts_a_workflow_at_each_of_its_times()
    {
        await using var bench = new ScheduleBench();
        var handle = await bench.Client.CreateScheduleAsync("s", new(ScheduleBench.Job(5), ScheduleBench.Hourly));
        await bench.PassAsync(TimeSpan.FromHours(3.01));
        Assert.AreEqual("23T13:00 23T14:00 23T15:00=Running", await bench.JobsAsync());
        var info = (await handle.DescribeAsync()).Info;
        Assert.AreEqual((3L, 0L, 0L), (info.NumActions, info.NumActionsMissedCatchupWindow, info.NumActionsSkippedOverlap));
        Assert.AreEqual("23T16:00 23T17:00", string.Join(' ', info.NextActionTimes.Take(2).Select(t => ScheduleBench.Short(t))));
        Assert.HasCount(10, info.NextActionTimes);
        Assert.HasCount(3, info.RecentActions);
        var running = (ScheduleActionExecutionStartWorkflow)info.RunningActions.Single();
        Assert.AreEqual("job-2026-11-23T15:00:00Z", running.WorkflowId);
        await bench.PassAsync(TimeSpan.FromMinutes(10));
        Assert.IsEmpty((await handle.DescribeAsync()).Info.RunningActions);
        Assert.AreEqual("job-2026-11-23T15:00:00Z<job-2026-11-23T14:00:00Z<job-2026-11-23T13:00:00Z<", await bench.Host.ResultAsync<string>("job-2026-11-23T15:00:00Z"));
    }

    [TestMethod]
    [DataRow(ScheduleOverlapPolicy.Unspecified, "23T13:00 23T15:00 23T17:00 23T19:00", 3)]
    [DataRow(ScheduleOverlapPolicy.Skip, "23T13:00 23T15:00 23T17:00 23T19:00", 3)]
    [DataRow(ScheduleOverlapPolicy.BufferOne, "23T13:00 23T14:00 23T15:00 23T17:00 23T18:00", 2)]
    [DataRow(ScheduleOverlapPolicy.BufferAll, "23T13:00 23T14:00 23T15:00 23T16:00 23T17:00 23T18:00=Running", 0)]
    [DataRow(ScheduleOverlapPolicy.CancelOther, "23T13:00=Canceled 23T14:00=Canceled 23T15:00=Canceled 23T16:00=Canceled 23T17:00=Canceled 23T18:00=Canceled 23T19:00", 0)]
    [DataRow(
        ScheduleOverlapPolicy.TerminateOther,
        "23T13:00=Terminated 23T14:00=Terminated 23T15:00=Terminated 23T16:00=Terminated 23T17:00=Terminated 23T18:00=Terminated 23T19:00", 0)]
    [DataRow(ScheduleOverlapPolicy.AllowAll, "23T13:00 23T14:00 23T15:00 23T16:00 23T17:00 23T18:00 23T19:00", 0)]
    public async Task The_overlap_policy_decides_while_one_runs(ScheduleOverlapPolicy policy, string expected, int skipped)
    {
        await using var bench = new ScheduleBench();
        var schedule = new Schedule(ScheduleBench.Job(90), ScheduleBench.Hourly with { EndAt = new(2026, 11, 23, 19, 0, 0) }) { Policy = new() { Overlap = policy } };
        var handle = await bench.Client.CreateScheduleAsync("s", schedule);
        await bench.PassAsync(TimeSpan.FromHours(9));
        Assert.AreEqual(expected, await bench.JobsAsync());
        Assert.AreEqual(skipped, (await handle.DescribeAsync()).Info.NumActionsSkippedOverlap);
    }
}
