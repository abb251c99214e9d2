using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Client.Schedules;
using Serverless.Common;
using Serverless.Workflows;

namespace Serverless.Tests.Operations;

/// <summary>The types that schedules are made of.</summary>
[TestClass]
public sealed class ScheduleTypesTests
{
    [TestMethod]
    public void Defaults_are_those_of_the_documentation()
    {
        var calendar = new ScheduleCalendarSpec();
        Assert.AreSame(ScheduleCalendarSpec.Beginning, calendar.Second);
        Assert.AreSame(ScheduleCalendarSpec.Beginning, calendar.Minute);
        Assert.AreSame(ScheduleCalendarSpec.Beginning, calendar.Hour);
        Assert.AreSame(ScheduleCalendarSpec.AllMonthDays, calendar.DayOfMonth);
        Assert.AreSame(ScheduleCalendarSpec.AllMonths, calendar.Month);
        Assert.AreSame(ScheduleCalendarSpec.AllWeekDays, calendar.DayOfWeek);
        Assert.IsEmpty(calendar.Year);
        Assert.AreEqual(ScheduleRange.Zero, ScheduleCalendarSpec.Beginning.Single());
        Assert.AreEqual(new ScheduleRange(1, 31), ScheduleCalendarSpec.AllMonthDays.Single());
        Assert.AreEqual(new ScheduleRange(1, 12, 1), ScheduleCalendarSpec.AllMonths.Single());
        Assert.AreEqual((0, 6, 1), ScheduleCalendarSpec.AllWeekDays.Select(static r => (r.Start, r.End, r.Step)).Single());
        Assert.IsNull(new ScheduleIntervalSpec(TimeSpan.FromHours(1)).Offset);
        var policy = new SchedulePolicy();
        Assert.AreEqual((ScheduleOverlapPolicy.Skip, TimeSpan.FromDays(365), false), (policy.Overlap, policy.CatchupWindow, policy.PauseOnFailure));
        var backfill = new ScheduleBackfill(DateTime.UnixEpoch, DateTime.UnixEpoch.AddDays(1));
        Assert.AreEqual((DateTime.UnixEpoch, DateTime.UnixEpoch.AddDays(1), ScheduleOverlapPolicy.Unspecified), (backfill.StartAt, backfill.EndAt, backfill.Overlap));
        Assert.AreEqual(ScheduleOverlapPolicy.Unspecified, new ScheduleTriggerOptions().Overlap);
    }

    [TestMethod]
    public void Actions_are_made_from_calls_and_from_names()
    {
        var options = new WorkflowOptions("quiet");
        var byCall = ScheduleActionStartWorkflow.Create((Quiet quiet) => quiet.RunAsync(7), options);
        Assert.AreEqual(("quiet-work", 7, options), (byCall.Workflow, byCall.Args.Single(), byCall.Options));
        var byName = ScheduleActionStartWorkflow.Create("quiet-work", [7], options);
        Assert.AreEqual(("quiet-work", 7, options), (byName.Workflow, byName.Args.Single(), byName.Options));
        Assert.IsNull(new ScheduleActionStartWorkflow("quiet-work", [], options).Headers);
    }

    [TestMethod]
    public async Task A_client_creates_finds_and_lists_schedules()
    {
        await using var bench = new ScheduleBench();
        var client = bench.Client.GetScheduleHandle("s").Client;
        var created = await client.CreateScheduleAsync("s", new(ScheduleBench.Job(0), ScheduleBench.Hourly));
        var found = client.GetScheduleHandle("s");
        Assert.AreEqual(created, found);
        Assert.AreSame(client, found.Client);
        Assert.AreEqual("s", found.Id);
        await found.TriggerAsync();
        await bench.PassAsync(TimeSpan.FromSeconds(30));
        var listed = new List<ScheduleListDescription>();
        await foreach (var schedule in client.ListSchedulesAsync())
        {
            listed.Add(schedule);
        }

        var (shown, info) = (listed.Single().Schedule!, listed.Single().Info!);
        Assert.AreEqual(new ScheduleListSchedule(shown.Action, shown.Spec, shown.State), shown);
        Assert.AreEqual(new ScheduleListInfo(info.RecentActions, info.NextActionTimes), info);
        Assert.AreEqual(("Job", null, false), (((ScheduleListActionStartWorkflow)shown.Action).Workflow, shown.State.Note, shown.State.Paused));
        var action = (await found.DescribeAsync()).Info.RecentActions.Single();
        var execution = (ScheduleActionExecutionStartWorkflow)action.Action;
        Assert.AreEqual(new ScheduleActionExecutionStartWorkflow(execution.WorkflowId, execution.FirstExecutionRunId), execution);
        Assert.AreEqual(new ScheduleActionResult(action.ScheduledAt, action.StartedAt, execution), action);
        var run = client.GetWorkflowHandle(execution.WorkflowId, execution.FirstExecutionRunId);
        Assert.AreEqual(WorkflowExecutionStatus.Completed, (await run.DescribeAsync()).Status);

        var description = await found.DescribeAsync();
        var update = new ScheduleUpdate(new ScheduleUpdateInput(description).Description.Schedule, SearchAttributeCollection.Empty);
        Assert.AreSame(description.Schedule, update.Schedule);
        Assert.AreSame(SearchAttributeCollection.Empty, update.TypedSearchAttributes);
    }

    [Workflow("quiet-work")]
    public class Quiet
    {
        [WorkflowRun]
        public Task RunAsync(int number) => Task.FromResult(number);
    }
}
