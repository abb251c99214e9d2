using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Workflows that signal other workflows and start them first.</summary>
[TestClass]
public sealed class SignalWithStartTests
{
    private static readonly SearchAttributeKey<string> Tier = SearchAttributeKey.CreateKeyword("Tier");

    [TestMethod]
    public async Task First_signal_starts_the_workflow_and_the_next_join_it()
    {
        await RunAsync(
            async () =>
            {
                var first = await Workflow.SignalWithStartWorkflowAsync((Other o) => o.RunAsync("of w"), o => o.TellAsync("1"), Target());
                var second = await Workflow.SignalWithStartWorkflowAsync((Other o) => o.RunAsync("again"), "Tell", ["2"], Target());
                var third = await Workflow.SignalWithStartWorkflowAsync<Other>("Other", ["again"], o => o.TellAsync("3"), Target());
                var fourth = await Workflow.SignalWithStartWorkflowAsync("Other", ["again"], "Tell", ["4"], Target());
                await fourth.SignalAsync<Other>(o => o.TellAsync("end"));
                return $"{first.Id} {first.RunId == second.RunId} {first.RunId == third.RunId} {first.RunId == fourth.RunId}";
            },
            async run =>
            {
                Assert.AreEqual("other True True True", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual("of w, at once 1: 1 2 3 4 end", await run.Client.GetWorkflowHandle("other").GetResultAsync<string>());
                Assert.AreEqual("w", (await run.EventsAsync<WorkflowSignaled>("other"))[0].Identity);
            });
    }

    [TestMethod]
    public async Task Started_workflow_is_no_child_and_outlives_its_starter()
    {
        await RunAsync(
            async () => (await Workflow.SignalWithStartWorkflowAsync((Other o) => o.RunAsync(""), o => o.TellAsync("1"), Target())).RunId,
            async run =>
            {
                var runId = await run.ExecuteAsync<string>("w");
                var started = (await run.LookAsync("other")).State.Started;
                Assert.AreEqual((runId, "w", null, null), (started.RunId, started.Identity, started.Parent, started.Root));
                var other = run.Client.GetWorkflowHandle("other");
                Assert.AreEqual(WorkflowExecutionStatus.Running, (await other.DescribeAsync()).Status);
                await other.SignalAsync("Tell", ["end"]);
                Assert.AreEqual(", at once 1: 1 end", await other.GetResultAsync<string>());
            });
    }

    [TestMethod]
    [DataRow(false, WorkflowIdReusePolicy.RejectDuplicate, WorkflowIdConflictPolicy.Unspecified, false)]
    [DataRow(false, WorkflowIdReusePolicy.AllowDuplicateFailedOnly, WorkflowIdConflictPolicy.Unspecified, true)]
    [DataRow(false, WorkflowIdReusePolicy.AllowDuplicate, WorkflowIdConflictPolicy.Fail, true)]
    [DataRow(true, WorkflowIdReusePolicy.RejectDuplicate, WorkflowIdConflictPolicy.Unspecified, true)]
    [DataRow(true, WorkflowIdReusePolicy.AllowDuplicate, WorkflowIdConflictPolicy.Fail, false)]
    public async Task Id_policies_decide_what_becomes_of_a_workflow_that_is_there(
        bool open, WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict, bool allowed)
    {
        await RunAsync(
            async () =>
            {
                var options = Target();
                (options.IdReusePolicy, options.IdConflictPolicy) = (reuse, conflict);
                var failure = await Script.FailureOf(Workflow.SignalWithStartWorkflowAsync((Other o) => o.RunAsync(""), o => o.TellAsync("1"), options));
                return failure is WorkflowAlreadyStartedException refused ? $"{refused.WorkflowId} {refused.WorkflowType} {refused.RunId}" : $"{failure}";
            },
            async run =>
            {
                var there = await run.StartAsync((Other o) => o.RunAsync(""), new("other"));
                if (!open)
                {
                    await there.TerminateAsync();
                }

                Assert.AreEqual(allowed ? "" : $"other Other {there.ResultRunId}", await run.ExecuteAsync<string>("w"));
                Assert.HasCount(allowed ? 1 : 0, await run.EventsAsync<WorkflowSignaled>("other"));
            });
    }

    [TestMethod]
    public async Task Options_reach_the_start()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.SignalWithStartWorkflowAsync("Other", ["x"], "Tell", ["end"], new("other", "default")
                {
                    ExecutionTimeout = TimeSpan.FromHours(3),
                    RunTimeout = TimeSpan.FromHours(2),
                    TaskTimeout = TimeSpan.FromSeconds(5),
                    RequestId = "req",
                    RetryPolicy = new() { MaximumAttempts = 2 },
                    Memo = new Dictionary<string, object?> { ["note"] = "n", ["nothing"] = null },
                    SearchAttributes = new SearchAttributeCollection.Builder().Set(Tier, "gold").ToSearchAttributeCollection(),
                    Priority = new(3),
                    VersioningOverride = new VersioningOverride.AutoUpgrade(),
                    StartDelay = TimeSpan.FromMinutes(1),
                    StaticSummary = "summary",
                    StaticDetails = "details",
                });
            },
            async run =>
            {
                await run.ExecuteAsync<object>("w");
                Assert.AreEqual("x, at once end: end", await run.Client.GetWorkflowHandle("other").GetResultAsync<string>());
                var e = (await run.EventsAsync<WorkflowStarted>("other")).Single();
                Assert.AreEqual((TimeSpan.FromHours(3), TimeSpan.FromHours(2), TimeSpan.FromSeconds(5)), (e.ExecutionTimeout, e.RunTimeout, e.TaskTimeout));
                Assert.AreEqual(("req", 2, "summary", "details"), (e.RequestId, e.RetryPolicy!.MaximumAttempts, e.Summary, e.Details));
                Assert.AreEqual((VersioningBehavior.AutoUpgrade, 3, TimeSpan.FromMinutes(1)), (e.VersioningOverride, e.Priority!.PriorityKey, e.FirstTaskDelay));
                Assert.AreEqual(("n", "", "gold"), (run.Text(e.Memo["note"]), run.Text(e.Memo["nothing"]), run.Text(e.SearchAttributes["Tier"])));
            });
    }

    [TestMethod]
    public async Task Request_id_makes_two_calls_one_signal()
    {
        await RunAsync(
            async () =>
            {
                var options = Target();
                options.RequestId = "once";
                await Workflow.SignalWithStartWorkflowAsync((Other o) => o.RunAsync(""), o => o.TellAsync("1"), options);
                await Workflow.SignalWithStartWorkflowAsync((Other o) => o.RunAsync(""), o => o.TellAsync("1"), options);
                await Workflow.GetExternalWorkflowHandle<Other>("other").SignalAsync(o => o.TellAsync("end"));
            },
            async run =>
            {
                await run.ExecuteAsync<object>("w");
                Assert.AreEqual(", at once 1: 1 end", await run.Client.GetWorkflowHandle("other").GetResultAsync<string>());
            });
    }

    [TestMethod]
    public async Task Start_that_is_not_valid_fails_for_the_sender_and_may_be_caught()
    {
        await RunAsync(
            async () =>
            {
                var options = Target();
                options.CronSchedule = "whenever";
                var cron = (ApplicationFailureException?)await Script.FailureOf(Workflow.SignalWithStartWorkflowAsync("Other", [""], "Tell", ["1"], options));
                return $"{cron!.ErrorType} {cron.NonRetryable}";
            },
            async run =>
            {
                Assert.AreEqual("InvalidArgument True", await run.ExecuteAsync<string>("w"));
                await Assert.ThrowsExactlyAsync<RpcException>(() => run.Client.GetWorkflowHandle("other").DescribeAsync());
            });
    }

    [TestMethod]
    public async Task Workflow_may_signal_itself()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.SignalWithStartWorkflowAsync<Script>("w", [], s => s.TellAsync("me"), new("w", "default"));
                await Script.HearAsync("me");
                return "heard";
            },
            async run => Assert.AreEqual("heard", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task What_is_sent_in_the_last_task_arrives()
    {
        await RunAsync(
            async () =>
            {
                _ = Workflow.SignalWithStartWorkflowAsync((Other o) => o.RunAsync(""), o => o.TellAsync("end"), Target());
                await Task.CompletedTask;
                return "done";
            },
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual(", at once end: end", await run.Client.GetWorkflowHandle("other").GetResultAsync<string>());
            });
    }

    private static SignalWithStartWorkflowOptions Target() => new("", "") { Id = "other", TaskQueue = "default" };

    private static Task RunAsync(Func<Task> code, Func<BehaviourRun, Task> body) => Behaviour.Run(setup => setup.Add<Other>().Add("w", code), body);

    private static Task RunAsync<T>(Func<Task<T>> code, Func<BehaviourRun, Task> body) => Behaviour.Run(setup => setup.Add<Other>().Add("w", code), body);

    [Workflow]
    public class Other
    {
        private readonly List<string> _told = [];

        [WorkflowRun]
        public async Task<string> RunAsync(string arg)
        {
            var atOnce = _told.FirstOrDefault() ?? "nothing";
            await Workflow.WaitConditionAsync(() => _told.Contains("end"));
            return $"{arg}, at once {atOnce}: {string.Join(" ", _told)}";
        }

        [WorkflowSignal]
        public Task TellAsync(string word)
        {
            _told.Add(word);
            return Task.CompletedTask;
        }
    }
}
