using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Child workflows: starting them, their results and failures, their options.</summary>
[TestClass]
public sealed class ChildTests
{
    [TestMethod]
    public async Task Children_of_every_form_give_their_results()
    {
        await RunAsync(
            async () =>
            {
                var results = new List<string>
                {
                    await Workflow.ExecuteChildWorkflowAsync((Kid k) => k.RunAsync("1")),
                    await Workflow.ExecuteChildWorkflowAsync<string>("Kid", ["2"]),
                };
                await Workflow.ExecuteChildWorkflowAsync((Quiet q) => q.RunAsync());
                await Workflow.ExecuteChildWorkflowAsync("Quiet", []);
                var typed = await Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("3"));
                results.Add(await typed.GetResultAsync());
                var plain = await Workflow.StartChildWorkflowAsync("Kid", ["4"]);
                results.Add(await plain.GetResultAsync<string>());
                ChildWorkflowHandle nothing = await Workflow.StartChildWorkflowAsync((Quiet q) => q.RunAsync());
                await nothing.GetResultAsync();
                return string.Join(" ", results);
            },
            async run =>
            {
                Assert.AreEqual("got 1 got 2 got 3 got 4", await run.ExecuteAsync<string>("w"));
                Assert.HasCount(7, await run.EventsAsync<ChildWorkflowCompleted>("w"));
            });
    }

    [TestMethod]
    public async Task Start_and_result_are_two_steps()
    {
        await RunAsync(
            async () =>
            {
                var kid = await Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("wait"), new() { Id = "kid" });
                var started = $"{kid.Id} {kid.FirstExecutionRunId}";
                await kid.SignalAsync(k => k.TellAsync("a"));
                await kid.SignalAsync<Kid>(k => k.TellAsync("b"));
                await kid.SignalAsync("Tell", ["c"], new ChildWorkflowSignalOptions());
                await kid.SignalAsync(k => k.TellAsync("end"));
                return $"{started} {await kid.GetResultAsync()}";
            },
            async run =>
            {
                var result = await run.ExecuteAsync<string>("w");
                var kid = (await run.EventsAsync<WorkflowStarted>("kid")).Single();
                Assert.AreEqual($"kid {kid.RunId} told a b c end", result);
                Assert.HasCount(4, await run.EventsAsync<ExternalSignalClosed>("w"));
            });
    }

    [TestMethod]
    public async Task Options_are_the_childs()
    {
        var key = SearchAttributeKey.CreateLong("Size");
        var options = new ChildWorkflowOptions
        {
            Id = "kid",
            TaskQueue = "default",
            StaticSummary = "a kid",
            StaticDetails = "all about it",
            ExecutionTimeout = TimeSpan.FromHours(3),
            RunTimeout = TimeSpan.FromHours(2),
            TaskTimeout = TimeSpan.FromSeconds(5),
            RetryPolicy = new() { MaximumAttempts = 3 },
            Memo = new Dictionary<string, object> { ["note"] = "hi" },
            TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(key, 5).ToSearchAttributeCollection(),
            Priority = new Priority(1),
            IdReusePolicy = WorkflowIdReusePolicy.AllowDuplicate,
            CancellationType = ChildWorkflowCancellationType.WaitCancellationCompleted,
            ParentClosePolicy = ParentClosePolicy.Terminate,
        };
        await RunAsync(
            () => Workflow.ExecuteChildWorkflowAsync((Kid k) => k.RunAsync("info"), (ChildWorkflowOptions)options.Clone()),
            async run =>
            {
                var parent = await run.StartAsync("w");
                Assert.AreEqual($"hi 5 03:00:00 02:00:00 00:00:05 3 1 w/{parent.ResultRunId} root w/{parent.ResultRunId} default", await parent.GetResultAsync<string>());
                var seen = await run.Client.GetWorkflowHandle("kid").DescribeAsync();
                Assert.AreEqual("a kid", await seen.GetStaticSummaryAsync());
                Assert.AreEqual("all about it", await seen.GetStaticDetailsAsync());
                Assert.AreEqual("w", seen.ParentId);
                Assert.AreEqual(parent.ResultRunId, seen.ParentRunId);
                Assert.AreEqual("w", seen.RootId);
            });
    }

    [TestMethod]
    public async Task Ids_are_given_by_the_platform_where_the_code_names_none()
    {
        await RunAsync(
            async () =>
            {
                var first = await Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("1"));
                var second = await Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("2"));
                await Workflow.WhenAllAsync(first.GetResultAsync(), second.GetResultAsync());
                return first.Id != second.Id && Guid.TryParse(first.Id, out _);
            },
            async run => Assert.IsTrue(await run.ExecuteAsync<bool>("w")));
    }

    [TestMethod]
    public async Task Failure_of_a_child_carries_its_cause()
    {
        await RunAsync(
            () => Workflow.ExecuteChildWorkflowAsync((Kid k) => k.RunAsync("fail"), new() { Id = "kid" }),
            async run =>
            {
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync<string>("w"));
                var child = (ChildWorkflowFailureException)failed.InnerException!;
                var kid = (await run.EventsAsync<WorkflowStarted>("kid")).Single();
                Assert.AreEqual($"default kid {kid.RunId} Kid", $"{child.Namespace} {child.WorkflowId} {child.RunId} {child.WorkflowType}");
                Assert.AreEqual("kid failed", child.InnerException!.Message);
                Assert.AreEqual("Sad", ((ApplicationFailureException)child.InnerException).ErrorType);
                Assert.AreEqual(RetryState.RetryPolicyNotSet, child.RetryState);
            });
    }

    [TestMethod]
    public async Task Child_is_retried_by_its_policy_and_the_parent_gets_the_last_result()
    {
        await RunAsync(
            async () =>
            {
                var options = new ChildWorkflowOptions { Id = "kid", RetryPolicy = new() { InitialInterval = TimeSpan.FromMinutes(1), MaximumAttempts = 5 } };
                return await Workflow.ExecuteChildWorkflowAsync((Kid k) => k.RunAsync("third time"), options);
            },
            async run =>
            {
                var begun = run.Now;
                Assert.AreEqual("attempt 3 after kid failed", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual(TimeSpan.FromMinutes(3), run.Now - begun);
                Assert.HasCount(1, await run.EventsAsync<ChildWorkflowCompleted>("w"));
            });
    }

    [TestMethod]
    public async Task Attempts_of_a_child_run_out()
    {
        await RunAsync(
            async () =>
            {
                var options = new ChildWorkflowOptions { RetryPolicy = new() { InitialInterval = TimeSpan.FromMinutes(1), MaximumAttempts = 2 } };
                var failure = (ChildWorkflowFailureException?)await Script.FailureOf(Workflow.ExecuteChildWorkflowAsync((Kid k) => k.RunAsync("third time"), options));
                return $"{failure!.RetryState} {failure.InnerException!.Message}";
            },
            async run => Assert.AreEqual("MaximumAttemptsReached kid failed", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Child_that_continues_as_new_reports_its_last_result()
    {
        await RunAsync(
            () => Workflow.ExecuteChildWorkflowAsync((Kid k) => k.RunAsync("continue 3")),
            async run => Assert.AreEqual("got continue 0", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Child_can_run_by_cron_until_its_parent_closes()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("1"), new() { Id = "kid", CronSchedule = "0 * * * *" });
                await Workflow.DelayAsync(TimeSpan.FromHours(2.5));
            },
            async run =>
            {
                await run.ExecuteAsync<string>("w");
                await run.PassAsync(TimeSpan.FromMinutes(1));
                var kids = (await run.AllAsync()).Where(static r => r.Run.StartsWith("kid/", StringComparison.Ordinal)).ToList();
                Assert.AreEqual("Completed Completed Terminated", string.Join(" ", kids.Select(static k => k.Run.Split(", ")[1].TrimEnd(')'))));
            });
    }

    [TestMethod]
    [DataRow("run")]
    [DataRow("execution")]
    public async Task Child_that_takes_too_long_times_out(string which)
    {
        await RunAsync(
            async () =>
            {
                var limit = TimeSpan.FromMinutes(10);
                var failure = (ChildWorkflowFailureException?)await Script.FailureOf(Workflow.ExecuteChildWorkflowAsync(
                    (Kid k) => k.RunAsync("wait"), new() { RunTimeout = which == "run" ? limit : null, ExecutionTimeout = which == "run" ? null : limit }));
                return $"{((TimeoutFailureException)failure!.InnerException!).TimeoutType} at {Workflow.UtcNow:HH:mm}";
            },
            async run => Assert.AreEqual("StartToClose at 12:10", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Terminated_child_fails_for_its_parent()
    {
        await RunAsync(
            async () => (await Script.FailureOf(Workflow.ExecuteChildWorkflowAsync((Kid k) => k.RunAsync("wait"), new() { Id = "kid" })))!.InnerException!.GetType().Name,
            async run =>
            {
                var parent = await run.StartAsync("w");
                await run.Client.GetWorkflowHandle("kid").TerminateAsync("away");
                Assert.AreEqual(nameof(TerminatedFailureException), await parent.GetResultAsync<string>());
            });
    }

    [TestMethod]
    public async Task Id_in_use_fails_the_start_and_says_by_whom()
    {
        await RunAsync(
            async () =>
            {
                try
                {
                    await Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("wait"), new() { Id = "taken" });
                    return "started";
                }
                catch (WorkflowAlreadyStartedException e)
                {
                    return $"{e.WorkflowId} {e.WorkflowType} {e.RunId}";
                }
            },
            async run =>
            {
                var taken = await run.StartAsync((Kid k) => k.RunAsync("wait"), new("taken"));
                Assert.AreEqual($"taken Kid {taken.ResultRunId}", await run.ExecuteAsync<string>("w"));
                Assert.HasCount(1, await run.EventsAsync<ChildWorkflowStartFailed>("w"));
            });
    }

    [TestMethod]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicate, "ok", true)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicate, "fail", true)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicateFailedOnly, "ok", false)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicateFailedOnly, "fail", true)]
    [DataRow(WorkflowIdReusePolicy.RejectDuplicate, "ok", false)]
    [DataRow(WorkflowIdReusePolicy.RejectDuplicate, "fail", false)]
    public async Task Reuse_policy_decides_about_closed_workflows(WorkflowIdReusePolicy policy, string before, bool starts)
    {
        await RunAsync(
            async () =>
            {
                await Script.FailureOf(Workflow.ExecuteChildWorkflowAsync((Kid k) => k.RunAsync(before), new() { Id = "kid" }));
                var failure = await Script.FailureOf(Workflow.StartChildWorkflowAsync((Kid k) => k.RunAsync("1"), new() { Id = "kid", IdReusePolicy = policy }));
                return failure is null;
            },
            async run => Assert.AreEqual(starts, await run.ExecuteAsync<bool>("w")));
    }

    [TestMethod]
    public async Task Many_children_at_once()
    {
        await RunAsync(
            async () => (await Workflow.WhenAllAsync(Enumerable.Range(0, 30).Select(i => Workflow.ExecuteChildWorkflowAsync((Kid k) => k.RunAsync($"{i}"))))).Length,
            async run => Assert.AreEqual(30, await run.ExecuteAsync<int>("w")));
    }

    private static Task RunAsync<T>(Func<Task<T>> code, Func<BehaviourRun, Task> body) => Behaviour.Run(setup => setup.Add<Kid>().Add<Quiet>().Add("w", code), body);

    private static Task RunAsync(Func<Task> code, Func<BehaviourRun, Task> body) => Behaviour.Run(setup => setup.Add<Kid>().Add<Quiet>().Add("w", code), body);

    [Workflow]
    public class Quiet
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.DelayAsync(1);
    }

    [Workflow]
    public class Kid
    {
        private readonly List<string> _told = [];

        [WorkflowRun]
        public async Task<string> RunAsync(string what)
        {
            var info = Workflow.Info;
            switch (what.Split(' '))
            {
                case ["wait"]:
                    await Workflow.WaitConditionAsync(() => _told.Contains("end"));
                    return $"told {string.Join(" ", _told)}";
                case ["fail"]:
                    throw new ApplicationFailureException("kid failed", errorType: "Sad");
                case ["third", ..] when info.Attempt < 3:
                    throw new ApplicationFailureException("kid failed");
                case ["third", ..]:
                    return $"attempt {info.Attempt} after {info.LastFailure!.Message}";
                case ["continue", var left] when left != "0":
                    throw Workflow.CreateContinueAsNewException((Kid k) => k.RunAsync($"continue {int.Parse(left, null) - 1}"));
                case ["info"]:
                    var note = Workflow.PayloadConverter.ToValue(Workflow.Memo["note"].Payload, typeof(string));
                    return $"{note} {Workflow.TypedSearchAttributes.Get(SearchAttributeKey.CreateLong("Size"))} {info.ExecutionTimeout} {info.RunTimeout} {info.TaskTimeout} "
                        + $"{info.RetryPolicy!.MaximumAttempts} {info.Priority.PriorityKey} {info.Parent!.WorkflowId}/{info.Parent.RunId} root {info.Root!.WorkflowId}/{info.Root.RunId} {info.Parent.Namespace}";
                default:
                    return $"got {what}";
            }
        }

        [WorkflowSignal]
        public Task TellAsync(string word)
        {
            _told.Add(word);
            return Task.CompletedTask;
        }
    }
}
