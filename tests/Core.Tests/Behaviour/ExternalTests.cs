using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Workflows that signal and cancel other workflows.</summary>
[TestClass]
public sealed class ExternalTests
{
    [TestMethod]
    public async Task Signals_of_every_form_reach_the_other_workflow()
    {
        await RunAsync(
            async () =>
            {
                var other = Workflow.GetExternalWorkflowHandle<Other>("other");
                await other.SignalAsync(o => o.TellAsync("1"));
                await other.SignalAsync<Other>(o => o.TellAsync("2"));
                await other.SignalAsync("Tell", ["3"], new ExternalWorkflowSignalOptions());
                var plain = Workflow.GetExternalWorkflowHandle("other");
                await plain.SignalAsync((Other o) => o.TellAsync("4"));
                await plain.SignalAsync("Tell", ["end"]);
                return $"{other.Id} {other.RunId ?? "any"}";
            },
            async run =>
            {
                var other = await run.StartAsync((Other o) => o.RunAsync(), new("other"));
                Assert.AreEqual("other any", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual("1 2 3 4 end", await other.GetResultAsync());
                Assert.AreEqual("w", (await run.EventsAsync<WorkflowSignaled>("other"))[0].Identity);
            });
    }

    [TestMethod]
    public async Task Signal_to_a_certain_run_reaches_no_other()
    {
        await RunAsync(
            async () =>
            {
                await Script.HearAsync("go");
                var other = Workflow.GetExternalWorkflowHandle<Other>("other", Script.Me.Words[0]);
                var failure = await Script.FailureOf(other.SignalAsync(o => o.TellAsync("end")));
                return failure is null ? other.RunId : failure.Message;
            },
            async run =>
            {
                var other = await run.StartAsync((Other o) => o.RunAsync(), new("other"));
                var right = await run.StartAsync("w", new("right"));
                var wrong = await run.StartAsync("w", new("wrong"));
                await wrong.SignalAsync(s => s.TellAsync("no-such-run"));
                await wrong.SignalAsync(s => s.TellAsync("go"));
                Assert.Contains("not that run of it", await wrong.GetResultAsync<string>());
                await right.SignalAsync(s => s.TellAsync(other.ResultRunId!));
                await right.SignalAsync(s => s.TellAsync("go"));
                Assert.AreEqual(other.ResultRunId, await right.GetResultAsync<string>());
                Assert.AreEqual("end", await other.GetResultAsync());
            });
    }

    [TestMethod]
    public async Task Cancellation_reaches_the_other_workflow()
    {
        await RunAsync(
            async () => await Script.FailureOf(Workflow.GetExternalWorkflowHandle("other").CancelAsync()) is null,
            async run =>
            {
                var other = await run.StartAsync((Other o) => o.RunAsync(), new("other"));
                Assert.IsTrue(await run.ExecuteAsync<bool>("w"));
                await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => other.GetResultAsync());
                Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await other.DescribeAsync()).Status);
            });
    }

    [TestMethod]
    [DataRow("missing", "WorkflowNotFound")]
    [DataRow("closed", "WorkflowClosed")]
    public async Task Workflow_that_is_not_there_fails_for_the_sender_and_may_be_caught(string which, string type)
    {
        await RunAsync(
            async () =>
            {
                var handle = Workflow.GetExternalWorkflowHandle(which);
                var signal = (ApplicationFailureException?)await Script.FailureOf(handle.SignalAsync("Tell", ["x"]));
                var cancel = (ApplicationFailureException?)await Script.FailureOf(handle.CancelAsync());
                return $"{signal!.ErrorType} {cancel!.ErrorType} {signal.NonRetryable}";
            },
            async run =>
            {
                await (await run.StartAsync((Other o) => o.RunAsync(), new("closed"))).TerminateAsync();
                Assert.AreEqual($"{type} {type} True", await run.ExecuteAsync<string>("w"));
            });
    }

    [TestMethod]
    public async Task Failure_to_signal_that_is_not_caught_fails_the_workflow()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.GetExternalWorkflowHandle("missing").SignalAsync("Tell", ["x"]);
                return "went on";
            },
            async run => await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Signal_with_a_cancelled_token_is_not_sent()
    {
        await RunAsync(
            async () =>
            {
                using var cancel = new CancellationTokenSource();
                var options = (ExternalWorkflowSignalOptions)new ExternalWorkflowSignalOptions { CancellationToken = cancel.Token }.Clone();
                var sent = Workflow.GetExternalWorkflowHandle("other").SignalAsync("Tell", ["too late"], options);
                cancel.Cancel();
                var inTime = await Script.FailureOf(sent);
                var before = await Script.FailureOf(Workflow.GetExternalWorkflowHandle("other").SignalAsync("Tell", ["never"], options));
                return $"{inTime!.GetType().Name} {before!.GetType().Name}";
            },
            async run =>
            {
                await run.StartAsync((Other o) => o.RunAsync(), new("other"));
                Assert.AreEqual("CanceledFailureException CanceledFailureException", await run.ExecuteAsync<string>("w"));
                Assert.HasCount(0, await run.EventsAsync<ExternalSignalInitiated>("w"));
                Assert.HasCount(0, await run.EventsAsync<WorkflowSignaled>("other"));
            });
    }

    [TestMethod]
    public async Task Signal_to_a_child_with_a_cancelled_token_is_not_sent()
    {
        await RunAsync(
            async () =>
            {
                var child = await Workflow.StartChildWorkflowAsync((Other o) => o.RunAsync(), new() { Id = "other" });
                var options = (ChildWorkflowSignalOptions)new ChildWorkflowSignalOptions { CancellationToken = new CancellationToken(canceled: true) }.Clone();
                var failure = await Script.FailureOf(child.SignalAsync(o => o.TellAsync("never"), options));
                await child.SignalAsync(o => o.TellAsync("end"));
                return $"{failure!.GetType().Name} {await child.GetResultAsync()}";
            },
            async run => Assert.AreEqual("CanceledFailureException end", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Workflow_may_signal_itself()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.GetExternalWorkflowHandle<Script>(Workflow.Info.WorkflowId).SignalAsync(s => s.TellAsync("me"));
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
                _ = Workflow.GetExternalWorkflowHandle("other").SignalAsync("Tell", ["end"]);
                _ = Workflow.GetExternalWorkflowHandle("cancelled").CancelAsync();
                _ = Workflow.StartChildWorkflowAsync((Other o) => o.RunAsync(), new() { Id = "left", ParentClosePolicy = ParentClosePolicy.Abandon });
                _ = Workflow.StartChildWorkflowAsync((Other o) => o.RunAsync(), new() { Id = "never" });
                await Task.CompletedTask;
                return "done";
            },
            async run =>
            {
                var other = await run.StartAsync((Other o) => o.RunAsync(), new("other"));
                var cancelled = await run.StartAsync((Other o) => o.RunAsync(), new("cancelled"));
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual("end", await other.GetResultAsync());
                Assert.IsInstanceOfType<WorkflowFailedException>(await Script.FailureOf(cancelled.GetResultAsync()));
                Assert.AreEqual(WorkflowExecutionStatus.Running, (await run.Client.GetWorkflowHandle("left").DescribeAsync()).Status);
                await Assert.ThrowsExactlyAsync<RpcException>(() => run.Client.GetWorkflowHandle("never").DescribeAsync());
            });
    }

    [TestMethod]
    public async Task Two_workflows_play_ping_pong()
    {
        await Behaviour.Run(
            setup => setup.Add("ping", () => PlayAsync("pong", serves: true)).Add("pong", () => PlayAsync("ping", serves: false)),
            async run =>
            {
                var pong = await run.StartAsync("pong");
                var ping = await run.StartAsync("ping");
                Assert.AreEqual(5, await ping.GetResultAsync<int>());
                Assert.AreEqual(5, await pong.GetResultAsync<int>());
            });

        static async Task<int> PlayAsync(string other, bool serves)
        {
            for (var round = 1; round <= 5; round++)
            {
                if (serves)
                {
                    await Workflow.GetExternalWorkflowHandle<Script>(other).SignalAsync(s => s.TellAsync("ball"));
                }

                await Workflow.WaitConditionAsync(() => Script.Me.Words.Count == round);
                if (!serves)
                {
                    await Workflow.GetExternalWorkflowHandle<Script>(other).SignalAsync(s => s.TellAsync("ball"));
                }
            }

            return Script.Me.Words.Count;
        }
    }

    private static Task RunAsync<T>(Func<Task<T>> code, Func<BehaviourRun, Task> body) => Behaviour.Run(setup => setup.Add<Other>().Add("w", code), body);

    [Workflow]
    public class Other
    {
        private readonly List<string> _told = [];

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _told.Contains("end"));
            return string.Join(" ", _told);
        }

        [WorkflowSignal]
        public Task TellAsync(string word)
        {
            _told.Add(word);
            return Task.CompletedTask;
        }
    }
}
