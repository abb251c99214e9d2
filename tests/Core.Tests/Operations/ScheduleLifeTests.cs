using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client.Schedules;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;

namespace Serverless.Tests.Operations;

/// <summary>What can be said to schedules and about them.</summary>
[TestClass]
public sealed class ScheduleLifeTests
{
    private static readonly SearchAttributeKey<string> Team = SearchAttributeKey.CreateKeyword("Tier");
    private static readonly SearchAttributeKey<long> Size = SearchAttributeKey.CreateLong("Size");

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_description_tells_what_was_asked_for(bool encrypted)
    {
        var converter = DataConverter.Default with { PayloadCodec = encrypted ? new AesGcmPayloadCodec("k", new byte[32]) : null };
        await using var bench = new ScheduleBench(converter: converter);
        var schedule = Full();
        var options = new ScheduleOptions
        {
            Memo = new Dictionary<string, object> { ["owner"] = "ann" },
            TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Team, "red").ToSearchAttributeCollection(),
        };
        var handle = await bench.Client.CreateScheduleAsync("s", schedule, (ScheduleOptions)options.Clone());
        Assert.AreEqual(new ScheduleHandle(bench.Client, "s"), handle);
        await bench.PassAsync(TimeSpan.FromMinutes(1));
        var described = await handle.DescribeAsync();
        Assert.AreEqual("s", described.Id);
        AssertSame(schedule, described.Schedule);
        Assert.AreEqual("ann", await described.Memo["owner"].ToValueAsync<string>());
        Assert.AreEqual("red", described.TypedSearchAttributes.Get(Team));
        Assert.HasCount(1, described.TypedSearchAttributes);
        Assert.AreEqual("23T12:00", described.Info.CreatedAt.ToString("dd'T'HH:mm", CultureInfo.InvariantCulture));
        Assert.IsNull(described.Info.LastUpdatedAt);
        var action = (ScheduleActionStartWorkflow)described.Schedule.Action;
        Assert.AreEqual(1.5, await ((IEncodedRawValue)action.Args.First()!).ToValueAsync<double>());
        Assert.AreEqual("cost", await ((IEncodedRawValue)action.Options.Memo!["why"]).ToValueAsync<string>());
        Assert.AreEqual("h", await action.Headers!["trace"].ToValueAsync<string>());

        // What comes back can be sent back.
        await handle.UpdateAsync(static input => new ScheduleUpdate(input.Description.Schedule));
        var again = await handle.DescribeAsync();
        AssertSame(schedule, again.Schedule);
        Assert.AreEqual(1.5, await ((IEncodedRawValue)((ScheduleActionStartWorkflow)again.Schedule.Action).Args.First()!).ToValueAsync<double>());
        Assert.IsNotNull(again.Info.LastUpdatedAt);

        await handle.TriggerAsync();
        await bench.PassAsync(TimeSpan.FromMinutes(2));
        var run = ((ScheduleActionExecutionStartWorkflow)(await handle.DescribeAsync()).Info.RecentActions.Single().Action).WorkflowId;
        var job = bench.Client.GetWorkflowHandle(run);
        Assert.AreEqual($"{run}<", await job.GetResultAsync<string>());
        var jobDescription = await job.DescribeAsync();
        Assert.AreEqual("s", jobDescription.TypedSearchAttributes.Get(SearchAttributeKey.CreateKeyword("TemporalScheduledById")));
        Assert.AreEqual(
            DateTimeOffset.Parse(run[^20..], CultureInfo.InvariantCulture),
            jobDescription.TypedSearchAttributes.Get(SearchAttributeKey.CreateDateTimeOffset("TemporalScheduledStartTime")));
        Assert.AreEqual("blue", jobDescription.TypedSearchAttributes.Get(Team));
        Assert.AreEqual("cost", await jobDescription.Memo["why"].ToValueAsync<string>());
        Assert.AreEqual("a job", await jobDescription.GetStaticSummaryAsync());
    }

    [TestMethod]
    public async Task An_application_with_a_converter_of_its_own_has_schedules_too()
    {
        var converter = DataConverter.Default with { PayloadConverter = new DefaultPayloadConverter(new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web)) };
        await using var bench = new ScheduleBench(converter: converter);
        var handle = await bench.Client.CreateScheduleAsync("s", new(ScheduleBench.Job(1), ScheduleBench.Hourly));
        await bench.PassAsync(TimeSpan.FromHours(2.5));
        Assert.AreEqual("23T13:00 23T14:00", await bench.JobsAsync());
        Assert.IsEmpty((await handle.DescribeAsync()).Info.RunningActions);
        Assert.AreEqual("job-2026-11-23T14:00:00Z<job-2026-11-23T13:00:00Z<", await bench.Client.GetWorkflowHandle("job-2026-11-23T14:00:00Z").GetResultAsync<string>());
    }

    [TestMethod]
    public async Task An_update_replaces_it_and_leaves_alone_what_runs()
    {
        await using var bench = new ScheduleBench();
        var handle = await bench.Client.CreateScheduleAsync("s", new(ScheduleBench.Job(150), ScheduleBench.Hourly), new()
        {
            TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Team, "red").Set(Size, 3).ToSearchAttributeCollection(),
        });
        await bench.PassAsync(TimeSpan.FromMinutes(90));
        var calls = 0;
        await handle.UpdateAsync(async input =>
        {
            if (calls++ == 0)
            {
                // Somebody else is quicker.
                await handle.UpdateAsync(other => new ScheduleUpdate(other.Description.Schedule with { State = new() { Note = "mine" } }));
            }

            return new ScheduleUpdate(
                input.Description.Schedule with { Spec = new() { CronExpressions = ["15 * * * *"] }, Policy = new() { Overlap = ScheduleOverlapPolicy.AllowAll } },
                new SearchAttributeCollection.Builder(input.Description.TypedSearchAttributes).Unset(Size).Set(Team, "green").ToSearchAttributeCollection());
        });
        Assert.AreEqual(2, calls);
        var updated = await handle.DescribeAsync();
        Assert.AreEqual("mine", updated.Schedule.State.Note);
        Assert.AreEqual("green", updated.TypedSearchAttributes.Get(Team));
        Assert.IsFalse(updated.TypedSearchAttributes.ContainsKey(Size));
        await handle.UpdateAsync(static _ => (ScheduleUpdate?)null);
        Assert.AreEqual(updated.Info.LastUpdatedAt, (await handle.DescribeAsync()).Info.LastUpdatedAt);
        await bench.PassAsync(TimeSpan.FromMinutes(60));
        Assert.AreEqual("23T13:00=Running 23T14:15=Running", await bench.JobsAsync());
        var wrong = await Assert.ThrowsExactlyAsync<RpcException>(
            () => handle.UpdateAsync(static input => new ScheduleUpdate(input.Description.Schedule with { Spec = new() { CronExpressions = ["x"] } })));
        Assert.AreEqual(RpcException.StatusCode.InvalidArgument, wrong.Code);
    }

    [TestMethod]
    public async Task A_deleted_one_leaves_its_workflows_and_its_id()
    {
        await using var bench = new ScheduleBench();
        var schedule = new Schedule(ScheduleBench.Job(90), ScheduleBench.Hourly);
        var handle = await bench.Client.CreateScheduleAsync("s", schedule);
        await Assert.ThrowsExactlyAsync<ScheduleAlreadyRunningException>(() => bench.Client.CreateScheduleAsync("s", schedule));
        await bench.PassAsync(TimeSpan.FromMinutes(65));
        await handle.DeleteAsync();
        foreach (var call in (Func<Task>[])[() => handle.DescribeAsync(), () => handle.PauseAsync(), () => handle.TriggerAsync(), () => handle.DeleteAsync()])
        {
            var gone = await Assert.ThrowsExactlyAsync<RpcException>(call);
            Assert.AreEqual((RpcException.StatusCode.NotFound, "There is no schedule 's'."), (gone.Code, gone.Message));
        }

        await bench.Client.CreateScheduleAsync("s", schedule with { State = new() { Paused = true } });
        await bench.PassAsync(TimeSpan.FromMinutes(120));
        Assert.AreEqual("23T13:00", await bench.JobsAsync());
        Assert.AreEqual(0, (await handle.DescribeAsync()).Info.NumActions);
    }

    [TestMethod]
    public async Task The_list_shows_schedules_and_filters_them()
    {
        await using var bench = new ScheduleBench();
        foreach (var (id, team) in new[] { ("a", "red"), ("b", "green"), ("c", "red") })
        {
            await bench.Client.CreateScheduleAsync(id, new(ScheduleBench.Job(1), ScheduleBench.Hourly), new()
            {
                Memo = new Dictionary<string, object> { ["owner"] = id },
                TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Team, team).ToSearchAttributeCollection(),
            });
            await bench.PassAsync(TimeSpan.FromMinutes(1));
        }

        await bench.Client.GetScheduleHandle("c").PauseAsync("rest");
        await bench.Client.GetScheduleHandle("b").DeleteAsync();
        await bench.PassAsync(TimeSpan.FromHours(2));
        var listed = await ListAsync(bench, null);
        CollectionAssert.AreEqual(new[] { "c", "a" }, listed.Select(s => s.Id).ToList());
        var (paused, acting) = (listed[0], listed[1]);
        Assert.AreEqual(new ScheduleListState("rest", true), paused.Schedule!.State);
        Assert.AreEqual(new ScheduleListState(null, false), acting.Schedule!.State);
        Assert.AreEqual(new ScheduleListActionStartWorkflow("Job"), acting.Schedule.Action);
        Assert.AreEqual(TimeSpan.FromHours(1), acting.Schedule.Spec.Intervals.Single().Every);
        Assert.AreEqual("23T13:00 23T14:00", string.Join(' ', acting.Info!.RecentActions.Select(r => ScheduleBench.Short(r.ScheduledAt))));
        Assert.AreEqual("23T15:00 23T16:00 23T17:00 23T18:00 23T19:00", string.Join(' ', acting.Info.NextActionTimes.Select(t => ScheduleBench.Short(t))));
        Assert.AreEqual("a", await acting.Memo["owner"].ToValueAsync<string>());
        Assert.HasCount(1, acting.Memo);
        Assert.AreEqual("red", acting.TypedSearchAttributes.Get(Team));
        Assert.HasCount(2, await ListAsync(bench, "Tier = 'red'"));
        Assert.IsEmpty(await ListAsync(bench, "Tier = 'green' OR Tier = 'blue'"));
        Assert.AreEqual("c", (await ListAsync(bench, "TemporalSchedulePaused = true")).Single().Id);
    }

    [TestMethod]
    public async Task What_no_action_can_have_is_refused()
    {
        await using var bench = new ScheduleBench();
        Action<Serverless.Client.WorkflowOptions>[] all =
        [
            o => o.Id = null, o => o.IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate, o => o.IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting, o => o.CronSchedule = "@daily",
            o => o.StartDelay = TimeSpan.FromSeconds(1), o => o.StartSignal = "s", o => o.RequestId = "r", o => o.RequestEagerStart = true, o => o.Rpc = new(),
        ];
        foreach (var change in all)
        {
            var action = ScheduleBench.Job(1);
            change(action.Options);
            await Assert.ThrowsExactlyAsync<ArgumentException>(() => bench.Client.CreateScheduleAsync("s", new(action, new())));
        }

        var unknown = new SearchAttributeCollection.Builder().Set(SearchAttributeKey.CreateKeyword("Unknown"), "x").ToSearchAttributeCollection();
        var undeclared = ScheduleBench.Job(1);
        undeclared.Options.TypedSearchAttributes = unknown;
        var large = new byte[100_000];
        new Random(1).NextBytes(large);
        foreach (var (id, schedule) in new (string, Schedule)[]
        {
            (new string('x', 201), new(ScheduleBench.Job(1), new())),
            ("s", new(ScheduleBench.Job(1), new() { TimeZoneName = "Mars" })),
            ("s", new(ScheduleBench.Job(1, Convert.ToBase64String(large)), new())),
            ("s", new(undeclared, new())),
            ("s", new(ScheduleBench.Job(1), new()) { State = new() { RemainingActions = -1 } }),
            ("s", new(ScheduleBench.Job(1), new()) { State = new() { Note = new string('x', 1_001) } }),
            ("s", new(ScheduleBench.Job(1), new()) { Policy = new() { Overlap = (ScheduleOverlapPolicy)9 } }),
        })
        {
            var refused = await Assert.ThrowsExactlyAsync<RpcException>(() => bench.Client.CreateScheduleAsync(id, schedule));
            Assert.AreEqual(RpcException.StatusCode.InvalidArgument, refused.Code);
        }
    }

    [TestMethod]
    public async Task An_update_with_an_attribute_that_is_not_declared_is_refused()
    {
        await using var bench = new ScheduleBench();
        var handle = await bench.Client.CreateScheduleAsync("s", new(ScheduleBench.Job(1), ScheduleBench.Hourly));
        var unknown = new SearchAttributeCollection.Builder().Set(SearchAttributeKey.CreateKeyword("Unknown"), "x").ToSearchAttributeCollection();
        var refused = await Assert.ThrowsExactlyAsync<RpcException>(() => handle.UpdateAsync(input => new ScheduleUpdate(input.Description.Schedule, unknown)));
        Assert.AreEqual(RpcException.StatusCode.InvalidArgument, refused.Code);
        await bench.PassAsync(TimeSpan.FromMinutes(61));
        Assert.AreEqual(1, (await handle.DescribeAsync()).Info.NumActions);
    }

    [TestMethod]
    public async Task A_start_that_is_refused_is_noted_and_one_whose_id_is_in_use_is_skipped()
    {
        await using var bench = new ScheduleBench();
        await bench.Host.StartAsync("Job", "job-2026-11-23T13:00:00Z", false, 90, null);
        var handle = await bench.Client.CreateScheduleAsync("s", new(ScheduleBench.Job(1), ScheduleBench.Hourly) { State = new() { LimitedActions = true, RemainingActions = 1 } });
        await bench.PassAsync(TimeSpan.FromMinutes(65));
        var description = await handle.DescribeAsync();
        Assert.AreEqual((0L, 1L, 1L), (description.Info.NumActions, description.Info.NumActionsSkippedOverlap, description.Schedule.State.RemainingActions));
        await bench.PassAsync(TimeSpan.FromMinutes(60));
        Assert.AreEqual(1, (await handle.DescribeAsync()).Info.NumActions);
    }

    [TestMethod]
    public async Task An_idle_schedule_takes_no_request()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var store = new Serverless.Tests.Engine.FaultyHubStore(new MemoryHubStore(time, hostilePages: false), static (_, _) => Fault.None);
        await using var host = new EngineHost([typeof(Job)], null, EngineHost.Options, store, time);
        await host.Client.CreateScheduleAsync("daily", new(ScheduleBench.Job(1), new() { CronExpressions = ["@daily"] }));
        await host.Client.CreateScheduleAsync("paused", new(ScheduleBench.Job(1), ScheduleBench.Hourly) { State = new() { Paused = true } });
        await host.Client.CreateScheduleAsync("never", new(ScheduleBench.Job(1), new()));
        await host.UntilAsync(async () => host.IsQuiet && await store.CountAsync(QueueNames.Workflows, default) == 0, "all asleep");
        using var held = host.Hold();
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet && !(host.NextVisible <= host.Time.GetUtcNow())), "what was about to come");
        var before = -1;
        await host.UntilAsync(
            async () =>
            {
                // What a start does at once is in no message.
                var seen = before;
                before = store.Count + store.Received;
                await host.PassAsync(TimeSpan.FromMinutes(1));
                return seen == before;
            },
            "the end of what the starts began");
        await host.PassAsync(TimeSpan.FromHours(1));
        Assert.AreEqual(before, store.Count + store.Received);
    }

    private static Schedule Full()
    {
        var options = new Serverless.Client.WorkflowOptions("job", "default")
        {
            ExecutionTimeout = TimeSpan.FromHours(3),
            RunTimeout = TimeSpan.FromHours(2),
            TaskTimeout = TimeSpan.FromSeconds(7),
            RetryPolicy = new() { MaximumAttempts = 3 },
            Memo = new Dictionary<string, object> { ["why"] = "cost" },
            TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Team, "blue").ToSearchAttributeCollection(),
            StaticSummary = "a job",
            StaticDetails = "of *some* length",
            Priority = new(2),
            VersioningOverride = new VersioningOverride.AutoUpgrade(),
        };
        var header = new EncodedRawValue(DataConverter.Default, EngineHost.Value("h"));
        var action = ScheduleActionStartWorkflow.Create((Job job) => job.RunAsync(1.5, null), options) with { Headers = new Dictionary<string, IEncodedRawValue> { ["trace"] = header } };
        return new(action, new()
        {
            Calendars =
            [
                new()
                {
                    Second = [new(1)], Minute = [new(2, 3)], Hour = [new(4, 8, 2)], DayOfMonth = [new(7)], Month = [new(9)], Year = [new(2080)], DayOfWeek = [new(0, 2)], Comment = "rare",
                },
                new(),
            ],
            Intervals = [new(TimeSpan.FromDays(10), TimeSpan.FromDays(2))],
            CronExpressions = ["0 12 * * MON"],
            Skip = [new() { Year = [new(2050)] }],
            StartAt = new DateTime(2060, 7, 8, 9, 10, 11, DateTimeKind.Utc),
            EndAt = new DateTime(2090, 7, 8, 9, 10, 11, DateTimeKind.Utc),
            Jitter = TimeSpan.FromSeconds(80),
            TimeZoneName = "Europe/Berlin",
        })
        {
            Policy = new() { Overlap = ScheduleOverlapPolicy.BufferOne, CatchupWindow = TimeSpan.FromMinutes(5), PauseOnFailure = true },
            State = new() { Note = "note", Paused = true, LimitedActions = true, RemainingActions = 30 },
        };
    }

    private static void AssertSame(Schedule expected, Schedule actual)
    {
        Assert.AreEqual(Json(expected.Spec), Json(actual.Spec));
        Assert.AreEqual(expected.Policy, actual.Policy);
        Assert.AreEqual(expected.State, actual.State);
        var (before, after) = ((ScheduleActionStartWorkflow)expected.Action, (ScheduleActionStartWorkflow)actual.Action);
        Assert.AreEqual(before.Workflow, after.Workflow);
        Assert.AreEqual(Json(Plain(before.Options)), Json(Plain(after.Options)));
        Assert.AreEqual("blue", after.Options.TypedSearchAttributes!.Get(Team));
    }

    private static object Plain(Serverless.Client.WorkflowOptions o) => new
    {
        o.Id, o.TaskQueue, o.ExecutionTimeout, o.RunTimeout, o.TaskTimeout, o.RetryPolicy, o.StaticSummary, o.StaticDetails, o.Priority, Override = o.VersioningOverride!.ToString(),
    };

    private static string Json(object value) => System.Text.Json.JsonSerializer.Serialize(value);

    private static async Task<List<ScheduleListDescription>> ListAsync(ScheduleBench bench, string? query)
    {
        var all = new List<ScheduleListDescription>();
        await foreach (var schedule in bench.Client.ListSchedulesAsync(new() { Query = query }))
        {
            all.Add(schedule);
        }

        return all;
    }
}
