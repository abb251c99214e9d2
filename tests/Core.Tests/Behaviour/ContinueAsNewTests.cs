using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Continuing as new: what is carried over, and what is not lost.</summary>
[TestClass]
public sealed class ContinueAsNewTests
{
    private static readonly SearchAttributeKey<long> Round = SearchAttributeKey.CreateLong("Round");

    [TestMethod]
    public async Task Every_form_starts_the_next_run_with_its_arguments()
    {
        await Behaviour.Run(static setup => setup.Add<Loops>().Add<Simple>(), async run =>
        {
            var workflow = await run.StartAsync((Loops l) => l.RunAsync("lambda 3"));
            Assert.AreEqual("end", await workflow.GetResultAsync());
            Assert.AreEqual("end", await run.ExecuteAsync((Loops l) => l.RunAsync("name 2"), new("by name")));
            await run.PassAsync(TimeSpan.FromSeconds(1));
            Assert.HasCount(4, (await run.AllAsync()).Where(static r => r.Run.StartsWith("w/", StringComparison.Ordinal)));
            Assert.AreEqual("done", await run.ExecuteAsync((Loops l) => l.RunAsync("other type"), new("other")));
            Assert.AreEqual("Simple", (await run.Client.GetWorkflowHandle("other").DescribeAsync()).WorkflowType);
        });
    }

    [TestMethod]
    public async Task Runs_know_each_other_and_share_the_id()
    {
        await Behaviour.Run<Loops>(async run =>
        {
            var workflow = await run.StartAsync((Loops l) => l.RunAsync("links 1"));
            var second = await workflow.GetResultAsync();
            Assert.AreEqual($"{workflow.ResultRunId} first {workflow.ResultRunId}", second);
            var continued = (await run.EventsAsync<WorkflowContinuedAsNew>("w", workflow.ResultRunId)).Single();
            Assert.AreEqual(continued.NewRunId, (await run.EventsAsync<WorkflowStarted>("w")).Single().RunId);
            var stopped = await Assert.ThrowsExactlyAsync<WorkflowContinuedAsNewException>(() => workflow.GetResultAsync(followRuns: false));
            Assert.AreEqual(continued.NewRunId, stopped.NewRunId);
        });
    }

    [TestMethod]
    public async Task Memo_attributes_policy_and_time_outs_are_carried_over()
    {
        await Behaviour.Run<Loops>(async run =>
        {
            var options = new WorkflowOptions("w")
            {
                Memo = new Dictionary<string, object> { ["note"] = "kept", ["other"] = 1 },
                TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Round, 7).ToSearchAttributeCollection(),
                ExecutionTimeout = TimeSpan.FromDays(3),
                RunTimeout = TimeSpan.FromDays(2),
                TaskTimeout = TimeSpan.FromSeconds(8),
                RetryPolicy = new() { MaximumAttempts = 9 },
            };
            Assert.AreEqual("kept changed 7 3.00:00:00 2.00:00:00 00:00:08 9", await run.ExecuteAsync((Loops l) => l.RunAsync("keep"), options));
        });
    }

    [TestMethod]
    public async Task Options_replace_what_would_be_carried_over()
    {
        await Behaviour.Run<Loops>(async run =>
        {
            var options = new WorkflowOptions("w")
            {
                Memo = new Dictionary<string, object> { ["note"] = "kept", ["other"] = 1 },
                TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Round, 7).ToSearchAttributeCollection(),
                RunTimeout = TimeSpan.FromDays(2),
                RetryPolicy = new() { MaximumAttempts = 9 },
            };
            var begun = run.Now;
            Assert.AreEqual("new none 8 none 04:00:00 00:00:03 2", await run.ExecuteAsync((Loops l) => l.RunAsync("replace"), options));
            Assert.AreEqual(TimeSpan.FromHours(1), run.Now - begun);
            Assert.AreEqual("other", (await run.EventsAsync<WorkflowStarted>("w")).Single().TaskQueue);
        });
    }

    [TestMethod]
    public async Task Signal_handler_may_continue_as_new()
    {
        await Behaviour.Run<Loops>(async run =>
        {
            var workflow = await run.StartAsync((Loops l) => l.RunAsync("wait"));
            await workflow.SignalAsync(l => l.ContinueAsync("end"));
            Assert.AreEqual("end", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Signals_that_wait_reach_the_next_run()
    {
        await Behaviour.Run<Loops>(async run =>
        {
            var workflow = await run.StartAsync((Loops l) => l.RunAsync("collect"));
            await Task.WhenAll(Enumerable.Range(0, 300).Select(i => workflow.SignalAsync(l => l.AddAsync(i))));
            await workflow.SignalAsync(l => l.AddAsync(-1));
            Assert.AreEqual($"{Enumerable.Range(0, 300).Sum()}", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Execution_time_out_spans_all_runs()
    {
        await Behaviour.Run<Loops>(async run =>
        {
            var begun = run.Now;
            var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(
                () => run.ExecuteAsync((Loops l) => l.RunAsync("for ever"), new("w") { ExecutionTimeout = TimeSpan.FromMinutes(95) }));
            Assert.AreEqual(TimeoutType.StartToClose, ((TimeoutFailureException)failed.InnerException!).TimeoutType);
            Assert.AreEqual(TimeSpan.FromMinutes(95), run.Now - begun);
            Assert.HasCount(10, await run.AllAsync());
        });
    }

    [TestMethod]
    public async Task Run_time_out_begins_anew_with_each_run()
    {
        await Behaviour.Run<Loops>(async run =>
            Assert.AreEqual("end", await run.ExecuteAsync((Loops l) => l.RunAsync("slow 5"), new("w") { RunTimeout = TimeSpan.FromMinutes(11) })));
    }

    [TestMethod]
    public async Task Cancelled_workflow_may_continue_as_new_and_the_next_run_is_not_cancelled()
    {
        await Behaviour.Run<Loops>(async run =>
        {
            var workflow = await run.StartAsync((Loops l) => l.RunAsync("until cancelled"));
            await workflow.CancelAsync();
            Assert.AreEqual("next run cancelled: False", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Exception_holds_what_it_was_made_of()
    {
        await Scripts.Gives("Simple 0 00:05:00", async () =>
        {
            var e = Workflow.CreateContinueAsNewException((Simple s) => s.RunAsync(), new ContinueAsNewOptions { RunTimeout = TimeSpan.FromMinutes(5) });
            await Task.CompletedTask;
            return $"{e.Workflow} {e.Args.Count} {e.Options!.RunTimeout}";
        });
    }

    [TestMethod]
    public async Task Long_histories_suggest_it()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var (before, reasons) = (Workflow.ContinueAsNewSuggested, Workflow.SuggestedContinueAsNewReasons.Count);
                for (var i = 0; i < 4096; i++)
                {
                    Workflow.UpsertMemo(MemoUpdate.ValueSet("counter", i));
                }

                await Workflow.DelayAsync(1);
                before |= !Workflow.ContinueAsNewSuggested;
                var suggested = Workflow.SuggestedContinueAsNewReasons.Contains(SuggestContinueAsNewReason.TooManyHistoryEvents);
                return $"{before} {reasons} {suggested} {Workflow.CurrentHistoryLength >= 4096} {Workflow.CurrentHistorySize > 500}";
            }),
            async run => Assert.AreEqual("False 0 True True True", await run.ExecuteAsync<string>("w")));
    }

    [Workflow]
    public class Simple
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Task.FromResult("done");
    }

    [Workflow]
    public class Loops
    {
        private readonly List<int> _added = [];

        [WorkflowRun]
        public async Task<string> RunAsync(string what)
        {
            var info = Workflow.Info;
            switch (what.Split(' '))
            {
                case ["lambda" or "slow" or "links", var left] when left != "0":
                    await Workflow.DelayAsync(TimeSpan.FromMinutes(what.StartsWith("slow", StringComparison.Ordinal) ? 10 : 0));
                    throw Workflow.CreateContinueAsNewException((Loops l) => l.RunAsync($"{what.Split(' ')[0]} {int.Parse(left, null) - 1}"));
                case ["name", var left] when left != "0":
                    throw Workflow.CreateContinueAsNewException("Loops", [$"name {int.Parse(left, null) - 1}"]);
                case ["links", _]:
                    return $"{info.ContinuedRunId} first {info.FirstExecutionRunId}";
                case ["other", ..]:
                    throw Workflow.CreateContinueAsNewException((Simple s) => s.RunAsync());
                case ["for", ..]:
                    await Workflow.DelayAsync(TimeSpan.FromMinutes(10));
                    throw Workflow.CreateContinueAsNewException((Loops l) => l.RunAsync(what));
                case ["until", ..]:
                    await Script.FailureOf(Workflow.DelayAsync(TimeSpan.FromDays(1)));
                    throw Workflow.CreateContinueAsNewException((Loops l) => l.RunAsync("cancelled?"));
                case ["cancelled?"]:
                    return $"next run cancelled: {Workflow.CancellationToken.IsCancellationRequested}";
                case ["wait"]:
                    await Workflow.WaitConditionAsync(static () => false);
                    break;
                case ["collect", ..]:
                    await CollectAsync(what);
                    return $"{int.Parse(what.Split(' ').ElementAtOrDefault(1) ?? "0", null) + _added.Where(static a => a >= 0).Sum()}";
                case ["keep" or "replace"] when info.ContinuedRunId is null:
                    Workflow.UpsertMemo(MemoUpdate.ValueSet("other", "changed"));
                    throw Workflow.CreateContinueAsNewException((Loops l) => l.RunAsync(what), what == "keep" ? null : (ContinueAsNewOptions)Replacing.Clone());
                case ["keep" or "replace"]:
                    return $"{Memo("note")} {Memo("other")} {Workflow.TypedSearchAttributes.Get(Round)} {info.ExecutionTimeout?.ToString() ?? "none"} {info.RunTimeout} "
                        + $"{info.TaskTimeout} {info.RetryPolicy!.MaximumAttempts}";
                default:
                    break;
            }

            return "end";
        }

        [WorkflowSignal]
        public Task ContinueAsync(string what) => throw Workflow.CreateContinueAsNewException((Loops l) => l.RunAsync(what));

        [WorkflowSignal]
        public Task AddAsync(int value)
        {
            _added.Add(value);
            return Task.CompletedTask;
        }

        private static ContinueAsNewOptions Replacing => new()
        {
            TaskQueue = "other",
            RunTimeout = TimeSpan.FromHours(4),
            TaskTimeout = TimeSpan.FromSeconds(3),
            BackoffStartInterval = TimeSpan.FromHours(1),
            RetryPolicy = new() { MaximumAttempts = 2 },
            Memo = new Dictionary<string, object> { ["note"] = "new" },
            TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Round, 8).ToSearchAttributeCollection(),
        };

        private static string Memo(string key) =>
            Workflow.Memo.TryGetValue(key, out var raw) ? (string)Workflow.PayloadConverter.ToValue(raw.Payload, typeof(string))! : "none";

        /// <summary>Takes fifty at a time, and goes on as a new run, until there is one below zero.</summary>
        private async Task CollectAsync(string what)
        {
            var before = int.Parse(what.Split(' ').ElementAtOrDefault(1) ?? "0", null);
            await Workflow.WaitConditionAsync(() => _added.Contains(-1) || _added.Count >= 50);
            if (!_added.Contains(-1))
            {
                throw Workflow.CreateContinueAsNewException((Loops l) => l.RunAsync($"collect {before + _added.Sum()}"));
            }
        }
    }
}
