using Serverless.Api.Enums.V1;
using Serverless.Client.Schedules;
using Serverless.Exceptions;

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

    [TestMethod]
    public async Task Times_that_passed_while_no_process_ran_are_made_up_for_within_the_window()
    {
        var schedule = new Schedule(ScheduleBench.Job(5), ScheduleBench.Hourly) { Policy = new() { Overlap = ScheduleOverlapPolicy.BufferAll, CatchupWindow = TimeSpan.FromHours(3.5) } };
        var before = new ScheduleBench();
        await using (before)
        {
            await before.Client.CreateScheduleAsync("s", schedule);
            await before.PassAsync(TimeSpan.FromMinutes(70));
        }

        before.Host.Time.Advance(TimeSpan.FromHours(6));

        await using var after = new ScheduleBench(before: before.Host);
        await after.PassAsync(TimeSpan.FromMinutes(30));
        Assert.AreEqual("23T13:00 23T16:00 23T17:00 23T18:00 23T19:00", await after.JobsAsync());
        var info = (await after.Client.GetScheduleHandle("s").DescribeAsync()).Info;
        Assert.AreEqual((5L, 2L, 0L), (info.NumActions, info.NumActionsMissedCatchupWindow, info.NumActionsSkippedOverlap));
        var late = info.RecentActions.ElementAt(1);
        Assert.AreEqual("23T16:00", ScheduleBench.Short(late.ScheduledAt));
        Assert.IsTrue(late.StartedAt > late.ScheduledAt.AddHours(3));
    }

    [TestMethod]
    [DataRow(null, true, "Workflow 'job-2026-11-23T13:00:00Z' timed out.")]
    [DataRow("no paper", true, "Workflow 'job-2026-11-23T13:00:00Z' failed: no paper")]
    [DataRow("no paper", false, null)]
    public async Task A_failure_pauses_it_if_it_is_told_so(string? fails, bool pauses, string? note)
    {
        await using var bench = new ScheduleBench();
        var action = ScheduleBench.Job(fails is null ? 90 : 1, fails);
        action.Options.ExecutionTimeout = TimeSpan.FromMinutes(30);
        var handle = await bench.Client.CreateScheduleAsync("s", new(action, ScheduleBench.Hourly) { Policy = new() { PauseOnFailure = pauses } });
        await bench.PassAsync(TimeSpan.FromHours(3.5));
        var description = await handle.DescribeAsync();
        Assert.AreEqual((pauses, note), (description.Schedule.State.Paused, description.Schedule.State.Note));
        Assert.AreEqual(pauses ? 1 : 3, description.Info.NumActions);
    }

    [TestMethod]
    public async Task Failures_and_results_are_handed_to_the_next_action()
    {
        await using var bench = new ScheduleBench();
        var schedule = new Schedule(ScheduleBench.Job(1), ScheduleBench.Hourly);
        var handle = await bench.Client.CreateScheduleAsync("s", schedule);
        await bench.PassAsync(TimeSpan.FromMinutes(65));
        await handle.UpdateAsync(_ => new ScheduleUpdate(schedule with { Action = ScheduleBench.Job(1, "no paper") }));
        await bench.PassAsync(TimeSpan.FromMinutes(60));
        await handle.UpdateAsync(_ => new ScheduleUpdate(schedule));
        await bench.PassAsync(TimeSpan.FromMinutes(60));
        Assert.AreEqual("job-2026-11-23T15:00:00Z<no paper", await bench.Host.ResultAsync<string>("job-2026-11-23T15:00:00Z"));
        await bench.PassAsync(TimeSpan.FromMinutes(60));
        Assert.AreEqual("job-2026-11-23T16:00:00Z<job-2026-11-23T15:00:00Z<no paper", await bench.Host.ResultAsync<string>("job-2026-11-23T16:00:00Z"));
        await handle.TriggerAsync(new() { Overlap = ScheduleOverlapPolicy.AllowAll });
        await bench.PassAsync(TimeSpan.FromMinutes(2));
        var last = (ScheduleActionExecutionStartWorkflow)(await handle.DescribeAsync()).Info.RecentActions.Last().Action;
        Assert.AreEqual($"{last.WorkflowId}<", await bench.Host.ResultAsync<string>(last.WorkflowId));
    }

    [TestMethod]
    public async Task Paused_it_acts_only_when_asked_and_makes_up_for_nothing()
    {
        await using var bench = new ScheduleBench();
        var handle = await bench.Client.CreateScheduleAsync("s", new(ScheduleBench.Job(1), ScheduleBench.Hourly) { State = new() { Paused = true, Note = "later" } }, new() { TriggerImmediately = true });
        await bench.PassAsync(TimeSpan.FromMinutes(150));
        Assert.AreEqual("23T12:00", await bench.JobsAsync());
        var overlap = new ScheduleTriggerOptions { Overlap = ScheduleOverlapPolicy.AllowAll };
        await handle.TriggerAsync(overlap);
        await handle.TriggerAsync((ScheduleTriggerOptions)overlap.Clone());
        await bench.PassAsync(TimeSpan.FromSeconds(10));
        await handle.TriggerAsync();
        await bench.PassAsync(TimeSpan.FromMinutes(5));
        Assert.AreEqual("23T12:00 23T14:30 23T14:30:01", await bench.JobsAsync());
        Assert.AreEqual("later", (await handle.DescribeAsync()).Schedule.State.Note);

        await handle.UnpauseAsync("now");
        Assert.AreEqual((false, "now"), await StateAsync(handle));
        await bench.PassAsync(TimeSpan.FromMinutes(60));
        Assert.AreEqual("23T12:00 23T14:30 23T14:30:01 23T15:00", await bench.JobsAsync());
        await handle.PauseAsync();
        Assert.AreEqual((true, "Paused by a client."), await StateAsync(handle));
        await handle.UnpauseAsync();
        Assert.AreEqual((false, "Let go on by a client."), await StateAsync(handle));
        await handle.PauseAsync("rest");
        await bench.PassAsync(TimeSpan.FromHours(5));
        Assert.AreEqual("23T12:00 23T14:30 23T14:30:01 23T15:00", await bench.JobsAsync());
    }

    [TestMethod]
    public async Task Backfills_start_what_their_spans_hold_under_their_own_policy()
    {
        await using var bench = new ScheduleBench();
        var noon = new DateTime(2026, 11, 1, 12, 0, 0, DateTimeKind.Utc);
        var schedule = new Schedule(ScheduleBench.Job(1), ScheduleBench.Hourly) { State = new() { Paused = true, LimitedActions = true } };
        var handle = await bench.Client.CreateScheduleAsync("s", schedule, new() { Backfills = [new(noon, noon.AddHours(2), ScheduleOverlapPolicy.BufferAll)] });
        await bench.PassAsync(TimeSpan.FromMinutes(5));
        Assert.AreEqual("01T13:00 01T14:00", await bench.JobsAsync());
        await handle.BackfillAsync([new(noon.AddDays(1), noon.AddDays(1).AddHours(3)), new(noon.AddDays(2), noon.AddDays(2).AddHours(2), ScheduleOverlapPolicy.AllowAll)]);
        await bench.PassAsync(TimeSpan.FromMinutes(5));
        Assert.AreEqual("01T13:00 01T14:00 02T13:00 03T13:00 03T14:00", await bench.JobsAsync());
        Assert.AreEqual((5L, 2L), ((await handle.DescribeAsync()).Info.NumActions, (await handle.DescribeAsync()).Info.NumActionsSkippedOverlap));
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => handle.BackfillAsync([]));
        var wrong = await Assert.ThrowsExactlyAsync<RpcException>(() => handle.BackfillAsync([new(noon, noon.AddDays(-1))]));
        Assert.AreEqual(RpcException.StatusCode.InvalidArgument, wrong.Code);
    }

    [TestMethod]
    public async Task A_long_backfill_starts_each_time_once()
    {
        await using var bench = new ScheduleBench();
        var handle = await bench.Client.CreateScheduleAsync("s", new(ScheduleBench.Job(0), ScheduleBench.Hourly));
        var begin = new DateTime(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc);
        await handle.BackfillAsync([new(begin, begin.AddHours(250), ScheduleOverlapPolicy.AllowAll), new(begin.AddHours(250), begin.AddHours(260), ScheduleOverlapPolicy.BufferAll)]);
        await bench.PassAsync(TimeSpan.FromMinutes(5));
        var expected = Enumerable.Range(1, 260).Select(h => ScheduleBench.Short(begin.AddHours(h)));
        Assert.AreEqual(string.Join(' ', expected), await bench.JobsAsync());
        Assert.AreEqual(260, (await handle.DescribeAsync()).Info.NumActions);
    }

    [TestMethod]
    public async Task Limited_it_acts_so_often_and_ends_a_week_after_its_last_action()
    {
        await using var bench = new ScheduleBench();
        var handle = await bench.Client.CreateScheduleAsync("s", new(ScheduleBench.Job(90), ScheduleBench.Hourly) { State = new() { LimitedActions = true, RemainingActions = 2 } });
        await bench.PassAsync(TimeSpan.FromHours(5));
        Assert.AreEqual("23T13:00 23T15:00", await bench.JobsAsync());
        var description = await handle.DescribeAsync();
        Assert.AreEqual((0L, true, 2L, 1L), (
            description.Schedule.State.RemainingActions, description.Schedule.State.LimitedActions, description.Info.NumActions, description.Info.NumActionsSkippedOverlap));
        await bench.PassAsync(TimeSpan.FromDays(6.9));
        Assert.AreEqual(2, (await handle.DescribeAsync()).Info.NumActions);
        await bench.PassAsync(TimeSpan.FromDays(0.2));
        Assert.AreEqual(RpcException.StatusCode.NotFound, (await Assert.ThrowsExactlyAsync<RpcException>(() => handle.DescribeAsync())).Code);
        await bench.Client.CreateScheduleAsync("s", new(ScheduleBench.Job(1), ScheduleBench.Hourly));
        Assert.AreEqual(0, (await handle.DescribeAsync()).Info.NumActions);
    }

    [TestMethod]
    public async Task Jitter_moves_actions_within_its_bounds_but_not_their_names()
    {
        await using var bench = new ScheduleBench();
        var handle = await bench.Client.CreateScheduleAsync("s", new(ScheduleBench.Job(0), ScheduleBench.Hourly with { Jitter = TimeSpan.FromMinutes(30) }));
        var announced = (await handle.DescribeAsync()).Info.NextActionTimes.Take(5).ToList();
        await bench.PassAsync(TimeSpan.FromHours(5.5));
        Assert.AreEqual("23T13:00 23T14:00 23T15:00 23T16:00 23T17:00", await bench.JobsAsync());
        var recent = (await handle.DescribeAsync()).Info.RecentActions;
        CollectionAssert.AreEqual(announced, recent.Select(r => r.ScheduledAt).ToList());
        foreach (var (action, hour) in recent.Zip(Enumerable.Range(13, 5)))
        {
            Assert.IsTrue(action.ScheduledAt.Hour == hour && action.ScheduledAt.Minute < 30, $"{action.ScheduledAt}");
            Assert.IsTrue(action.StartedAt - action.ScheduledAt < TimeSpan.FromSeconds(1), $"{action.ScheduledAt} {action.StartedAt}");
        }
    }

    private static async Task<(bool Paused, string? Note)> StateAsync(ScheduleHandle handle)
    {
        var state = (await handle.DescribeAsync()).Schedule.State;
        return (state.Paused, state.Note);
    }
}
