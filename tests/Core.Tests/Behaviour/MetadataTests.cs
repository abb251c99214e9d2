using Microsoft.Extensions.Logging;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Client.Interceptors;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>What a workflow knows of itself, and what it shows: memo, search attributes, summaries, details, headers, logs.</summary>
[TestClass]
public sealed class MetadataTests
{
    private static readonly SearchAttributeKey<string> Keyword = SearchAttributeKey.CreateKeyword("AKeyword");
    private static readonly SearchAttributeKey<string> Text = SearchAttributeKey.CreateText("AText");
    private static readonly SearchAttributeKey<long> Long = SearchAttributeKey.CreateLong("ALong");
    private static readonly SearchAttributeKey<double> Double = SearchAttributeKey.CreateDouble("ADouble");
    private static readonly SearchAttributeKey<bool> Bool = SearchAttributeKey.CreateBool("ABool");
    private static readonly SearchAttributeKey<DateTimeOffset> Time = SearchAttributeKey.CreateDateTimeOffset("ATime");
    private static readonly SearchAttributeKey<IReadOnlyCollection<string>> List = SearchAttributeKey.CreateKeywordList("AList");

    [TestMethod]
    public async Task Info_tells_everything_about_a_first_run()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
                var i = Workflow.Info;
                return string.Join(" | ", new object?[]
                {
                    i.WorkflowId, i.WorkflowType, i.RunId, i.FirstExecutionRunId, i.ContinuedRunId, i.Attempt, i.CronSchedule, i.Namespace, i.TaskQueue,
                    i.ExecutionTimeout, i.RunTimeout, i.TaskTimeout, i.RetryPolicy?.MaximumAttempts, i.Priority.PriorityKey, i.Priority.FairnessKey, i.Parent, i.Root,
                    i.LastFailure, i.LastResult?.Count, i.Headers?.Count, i.WorkflowStartTime.ToString("HH:mm:ss", null), i.StartTime.ToString("HH:mm:ss", null),
                });
            }),
            async run =>
            {
                var options = new WorkflowOptions("id", "default")
                {
                    ExecutionTimeout = TimeSpan.FromHours(3),
                    RunTimeout = TimeSpan.FromHours(2),
                    RetryPolicy = new() { MaximumAttempts = 3 },
                    Priority = new Priority(2, "fair"),
                    StartDelay = TimeSpan.FromMinutes(5),
                };
                var workflow = await run.StartAsync("w", options);
                var id = workflow.ResultRunId;
                Assert.AreEqual(
                    $"id | w | {id} | {id} |  | 1 |  | default | default | 03:00:00 | 02:00:00 | 00:00:10 | 3 | 2 | fair |  |  |  |  | 0 | 12:00:00 | 12:05:00",
                    await workflow.GetResultAsync<string>());
            });
    }

    [TestMethod]
    public async Task Memo_is_read_changed_and_removed()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var before = Show();
                Workflow.UpsertMemo(MemoUpdate.ValueSet("b", "two"), MemoUpdate.ValueSet("c", new[] { 3 }), MemoUpdate.ValueUnset("a"));
                var after = Show();
                await Workflow.DelayAsync(1);
                Workflow.UpsertMemo(MemoUpdate.ValueUnset("nothing"));
                return $"{before} > {after} > {Show()}";
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w") { Memo = new Dictionary<string, object> { ["a"] = 1, ["b"] = 2 } });
                Assert.AreEqual("a=1,b=2 > b=\"two\",c=[3] > b=\"two\",c=[3]", await workflow.GetResultAsync<string>());
                var seen = await workflow.DescribeAsync();
                Assert.AreEqual("b c", string.Join(" ", seen.Memo.Keys.Order(StringComparer.Ordinal)));
                Assert.AreEqual("two", await seen.Memo["b"].ToValueAsync<string>());
                await run.PassAsync(TimeSpan.FromSeconds(1));
                await foreach (var listed in run.Client.ListWorkflowsAsync(""))
                {
                    Assert.AreEqual("two", await listed.Memo["b"].ToValueAsync<string>());
                }
            });

        static string Show() => string.Join(",", Workflow.Memo.OrderBy(static m => m.Key, StringComparer.Ordinal)
            .Select(static m => $"{m.Key}={System.Text.Encoding.UTF8.GetString(m.Value.Payload.Data.Span)}"));
    }

    [TestMethod]
    public async Task Search_attributes_of_every_type_are_set_changed_and_removed()
    {
        var noon = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var a = Workflow.TypedSearchAttributes;
                var before = $"{a.Get(Keyword)} {a.Get(Text)} {a.Get(Long)} {a.Get(Double)} {a.Get(Bool)} {a.Get(Time):HH:mm} {string.Join("+", a.Get(List))} {a.Count}";
                Workflow.UpsertTypedSearchAttributes(
                    Keyword.ValueSet("new"), Text.ValueUnset(), Long.ValueSet(2), Double.ValueSet(2.5), Bool.ValueSet(false), Time.ValueSet(noon.AddHours(1)), List.ValueSet(["z"]));
                await Workflow.DelayAsync(1);
                a = Workflow.TypedSearchAttributes;
                return $"{before} > {a.Get(Keyword)} {a.ContainsKey(Text)} {a.Get(Long)} {a.Get(Double)} {a.Get(Bool)} {a.Get(Time):HH:mm} {string.Join("+", a.Get(List))} {a.Count}";
            }),
            async run =>
            {
                var options = new WorkflowOptions("w")
                {
                    TypedSearchAttributes = new SearchAttributeCollection.Builder()
                        .Set(Keyword, "key").Set(Text, "some words").Set(Long, 1).Set(Double, 1.5).Set(Bool, true).Set(Time, noon).Set(List, ["x", "y"])
                        .ToSearchAttributeCollection(),
                };
                var workflow = await run.StartAsync("w", options);
                Assert.AreEqual("key some words 1 1.5 True 12:00 x+y 7 > new False 2 2.5 False 13:00 z 6", await workflow.GetResultAsync<string>());
                Assert.AreEqual(2, (await workflow.DescribeAsync()).TypedSearchAttributes.Get(Long));
                await run.PassAsync(TimeSpan.FromSeconds(1));
                Assert.AreEqual(1, (await run.Client.CountWorkflowsAsync("ALong = 2 AND AKeyword = 'new'", new WorkflowCountOptions())).Count);
                Assert.AreEqual(0, (await run.Client.CountWorkflowsAsync("ALong = 1")).Count);
            });
    }

    [TestMethod]
    public async Task Updates_of_memo_and_attributes_hold_what_they_were_made_of()
    {
        var set = MemoUpdate.ValueSet("k", 1);
        var unset = MemoUpdate.ValueUnset("u");
        Assert.AreEqual("k 1 True u False", $"{set.UntypedKey} {set.UntypedValue} {set.HasValue} {unset.UntypedKey} {unset.HasValue}");
        SearchAttributeUpdate<long> typed = SearchAttributeUpdate.ValueSet(Long, 5);
        SearchAttributeUpdate untyped = SearchAttributeUpdate.ValueUnset(Text);
        Assert.AreEqual("ALong 5 5 AText False", $"{typed.Key.Name} {typed.Value} {typed.UntypedValue} {untyped.UntypedKey.Name} {untyped.HasValue}");
        await Scripts.Gives("refused", async () =>
        {
            await Workflow.DelayAsync(1);
            try
            {
                Workflow.UpsertMemo(MemoUpdate.ValueSet("none", null!));
                return "set";
            }
            catch (ArgumentNullException)
            {
                return "refused";
            }
        });
    }

    [TestMethod]
    public async Task Summary_details_and_pending_work_are_shown()
    {
        await Behaviour.Run(
            setup => setup.Add<MendedCodeTests.Quick>().Add("w", async () =>
            {
                Workflow.CurrentDetails = "step 1";
                var delay = Workflow.DelayAsync(TimeSpan.FromDays(1));
                await Workflow.StartChildWorkflowAsync((MendedCodeTests.Quick q) => q.RunAsync());
                await delay;
                return Workflow.CurrentDetails;
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w") { StaticSummary = "a summary", StaticDetails = "some details" });
                var seen = await workflow.DescribeAsync(new WorkflowDescribeOptions());
                Assert.AreEqual("a summary", await seen.GetStaticSummaryAsync());
                Assert.AreEqual("some details", await seen.GetStaticDetailsAsync());
                Assert.AreEqual("0 1 1 0", $"{seen.PendingActivityCount} {seen.PendingTimerCount} {seen.PendingChildCount} {seen.InboxCount}");
                Assert.AreEqual("w w default", $"{seen.Id} {seen.WorkflowType} {seen.TaskQueue}");
                Assert.AreEqual(workflow.ResultRunId, seen.RunId);
                Assert.AreEqual(WorkflowExecutionStatus.Running, seen.Status);
                Assert.AreEqual((await run.HistoryAsync("w")).Count, seen.HistoryLength);
                Assert.IsGreaterThan(100, seen.HistorySize);
                Assert.IsNull(seen.CloseTime);
                Assert.IsNull(seen.ParentId);
                Assert.IsNull(seen.ParentRunId);
                Assert.AreEqual("w", seen.RootId);
                Assert.AreEqual(seen.StartTime, seen.ExecutionTime);
                Assert.AreEqual("step 1", await workflow.GetResultAsync<string>());
            });
    }

    [TestMethod]
    public async Task Length_and_size_of_the_history_are_the_same_in_replay()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var seen = new List<string>();
                for (var i = 0; i < 4; i++)
                {
                    seen.Add($"{Workflow.CurrentHistoryLength}/{Workflow.CurrentHistorySize}");
                    await Workflow.DelayAsync(1);
                }

                return string.Join(" ", seen);
            }),
            async run =>
            {
                var seen = (await run.ExecuteAsync<string>("w")).Split(' ', '/').Select(static n => int.Parse(n, null)).ToList();
                CollectionAssert.AreEqual(new[] { 2, 5, 8, 11 }, seen.Where(static (_, i) => i % 2 == 0).ToList());
                var sizes = seen.Where(static (_, i) => i % 2 == 1).ToList();
                CollectionAssert.AreEqual(sizes.Distinct().Order().ToList(), sizes);
            });
    }

    [TestMethod]
    public async Task Log_is_written_once_whatever_is_replayed()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                for (var i = 0; i < 5; i++)
                {
                    Log($"round {i}");
                    await Workflow.DelayAsync(1);
                }
            }),
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual(5, run.Log.Count(LogLevel.Information, "round "));
                Assert.AreEqual("Serverless.Workflow:w", run.Log.Lines.First(static l => l.Text == "round 0").Category);
            });

#pragma warning disable CA1848, CA2254 // A workflow logs as it likes.
        static void Log(string text) => Workflow.Logger.LogInformation(text);
#pragma warning restore CA1848, CA2254
    }

    [TestMethod]
    public async Task Code_can_tell_replay_and_workflow_from_the_rest()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var fresh = Workflow.Unsafe.IsReplaying ? 0 : 1;
                var events = Workflow.Unsafe.IsReplayingHistoryEvents ? 0 : 1;
                var outside = Workflow.Unsafe.WithTracingEventListenerDisabled(static () => Workflow.InWorkflow);
                Workflow.Unsafe.WithTracingEventListenerDisabled(static () => { });
                await Workflow.DelayAsync(1);
                Script.Me.Notes.Add($"{fresh} {events}");
                Workflow.MetricMeter.CreateCounter<int>("count").Add(1);
                return $"{Workflow.InWorkflow} {outside} {Workflow.CurrentBuildId}";
            }),
            async run =>
            {
                Assert.IsFalse(Workflow.InWorkflow);
                Assert.ThrowsExactly<InvalidOperationException>(static () => Workflow.Info);
                var workflow = await run.StartAsync("w");
                Assert.AreEqual("True True ", await workflow.GetResultAsync<string>());
                var seen = await workflow.QueryAsync(s => s.Notes);
                Assert.AreEqual(run.Way == Way.Warm ? "1 1" : "0 0", seen.Single());
            });
    }

    [TestMethod]
    public async Task Build_of_the_worker_is_seen_by_the_code()
    {
        await Behaviour.Run(
            setup =>
            {
                setup.Engine = setup.Engine with { BuildId = "build-7" };
                setup.Add("w", async () =>
                {
                    await Workflow.DelayAsync(1);
                    return Workflow.CurrentBuildId;
                });
            },
            async run => Assert.AreEqual("build-7", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Headers_travel_from_the_client_to_all_that_the_workflow_starts()
    {
        await Behaviour.Run(
            setup =>
            {
                setup.Interceptors.Add(new Carrying());
                setup.Client.Interceptors = [new Stamping()];
                setup.Add("w", async () =>
                {
                    var own = Read(Workflow.Info.Headers);
                    var child = await Workflow.ExecuteChildWorkflowAsync<string>("child", []);
                    return $"{own} {child}";
                }).Add("child", static () => Task.FromResult($"child {Read(Workflow.Info.Headers)}"));
            },
            async run => Assert.AreEqual("stamp child stamp", await run.ExecuteAsync<string>("w")));

        static string Read(IReadOnlyDictionary<string, Payload>? headers) =>
            headers is not null && headers.TryGetValue("user", out var payload) ? System.Text.Encoding.UTF8.GetString(payload.Data.Span).Trim('"') : "none";
    }

    /// <summary>Puts a header on each start.</summary>
    private sealed class Stamping : IClientInterceptor
    {
        public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new Outbound(nextInterceptor);

        private sealed class Outbound(ClientOutboundInterceptor next) : ClientOutboundInterceptor(next)
        {
            public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input) =>
                base.StartWorkflowAsync<TWorkflow, TResult>(input with
                {
                    Headers = new Dictionary<string, Payload> { ["user"] = DataConverter.Default.PayloadConverter.ToPayload("stamp") },
                });
        }
    }

    /// <summary>Hands the header of a workflow on to its children.</summary>
    private sealed class Carrying : IWorkerInterceptor
    {
        public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Inbound(nextInterceptor);

        private sealed class Inbound(WorkflowInboundInterceptor next) : WorkflowInboundInterceptor(next)
        {
            public override void Init(WorkflowOutboundInterceptor outbound) => base.Init(new Outbound(outbound));
        }

        private sealed class Outbound(WorkflowOutboundInterceptor next) : WorkflowOutboundInterceptor(next)
        {
            public override Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(StartChildWorkflowInput input) =>
                base.StartChildWorkflowAsync<TWorkflow, TResult>(input with { Headers = new Dictionary<string, Payload>(Workflow.Info.Headers!) });
        }
    }
}
