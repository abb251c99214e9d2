using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Runs that follow each other by themselves: retries of a workflow, cron schedules, delayed starts, time-outs.</summary>
[TestClass]
public sealed class RunChainTests
{
    [TestMethod]
    public async Task Failed_workflow_is_retried_by_its_policy_with_what_it_should_know()
    {
        var policy = new RetryPolicy { InitialInterval = TimeSpan.FromMinutes(1), BackoffCoefficient = 3, MaximumAttempts = 4 };
        await RunAsync(
            async () =>
            {
                var info = Workflow.Info;
                await Workflow.DelayAsync(1);
                var seen = $"{info.Attempt} {info.LastFailure?.Message ?? "first"} at {info.StartTime:HH:mm}";
                return info.Attempt == 3 ? seen : throw new ApplicationFailureException(seen);
            },
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w") { RetryPolicy = policy });
                Assert.AreEqual("3 2 1 first at 12:00 at 12:01 at 12:04", await workflow.GetResultAsync<string>());
                var failed = (await run.EventsAsync<WorkflowFailed>("w", workflow.ResultRunId)).Single();
                Assert.AreEqual(RetryState.InProgress, failed.RetryState);
            });
    }

    [TestMethod]
    public async Task Attempts_of_a_workflow_run_out()
    {
        await RunAsync(
            () => throw new ApplicationFailureException($"attempt {Workflow.Info.Attempt}"),
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w") { RetryPolicy = new() { MaximumAttempts = 3 } });
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                Assert.AreEqual("attempt 3", failed.InnerException!.Message);
                var first = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync(followRuns: false));
                Assert.AreEqual("attempt 1", first.InnerException!.Message);
                Assert.AreEqual(RetryState.MaximumAttemptsReached, (await run.EventsAsync<WorkflowFailed>("w")).Single().RetryState);
            });
    }

    [TestMethod]
    [DataRow(true, null)]
    [DataRow(false, "Fatal")]
    public async Task Final_failures_of_a_workflow_are_not_retried(bool nonRetryable, string? type)
    {
        await RunAsync(
            () => throw new ApplicationFailureException("final", errorType: type, nonRetryable: nonRetryable),
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w") { RetryPolicy = new() { NonRetryableErrorTypes = ["Fatal"] } });
                await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                Assert.AreEqual(RetryState.NonRetryableFailure, (await run.EventsAsync<WorkflowFailed>("w")).Single().RetryState);
            });
    }

    [TestMethod]
    public async Task No_attempt_of_a_workflow_begins_after_the_end_of_all()
    {
        await RunAsync(
            () => throw new ApplicationFailureException("again"),
            async run =>
            {
                var workflow = await run.StartAsync(
                    "w", new("w") { ExecutionTimeout = TimeSpan.FromMinutes(5), RetryPolicy = new() { InitialInterval = TimeSpan.FromMinutes(2) } });
                await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                Assert.AreEqual(RetryState.Timeout, (await run.EventsAsync<WorkflowFailed>("w")).Single().RetryState);
            });
    }

    [TestMethod]
    public async Task Cancelled_and_terminated_workflows_are_not_retried()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.DelayAsync(TimeSpan.FromDays(1));
                return "slept";
            },
            async run =>
            {
                var options = new WorkflowOptions("a") { RetryPolicy = new() };
                var cancelled = await run.StartAsync("w", options);
                await cancelled.CancelAsync();
                var terminated = await run.StartAsync("w", new("b") { RetryPolicy = new() });
                await terminated.TerminateAsync();
                await run.PassAsync(TimeSpan.FromHours(1));
                Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await cancelled.DescribeAsync()).Status);
                Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await terminated.DescribeAsync()).Status);
            });
    }

    [TestMethod]
    public async Task Workflow_that_takes_too_long_is_retried_too()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.DelayAsync(Workflow.Info.Attempt == 1 ? TimeSpan.FromHours(1) : TimeSpan.FromMinutes(1));
                return $"{Workflow.Info.Attempt} {((TimeoutFailureException)Workflow.Info.LastFailure!).TimeoutType}";
            },
            async run => Assert.AreEqual(
                "2 StartToClose", await run.ExecuteAsync<string>("w", new("w") { RunTimeout = TimeSpan.FromMinutes(10), RetryPolicy = new() })));
    }

    [TestMethod]
    public async Task Cron_runs_at_its_times_with_the_last_result_and_the_last_failure()
    {
        await RunAsync(
            async () =>
            {
                var info = Workflow.Info;
                var last = info.LastResult is { Count: > 0 } results ? (string?)Workflow.PayloadConverter.ToValue(results.First().Payload, typeof(string)) : null;
                await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
                return info.StartTime.Hour switch
                {
                    15 => throw new ApplicationFailureException("three o'clock"),
                    _ => $"{info.StartTime:HH:mm}({last ?? "none"}{(info.LastFailure is { } failure ? ", " + failure.Message : "")})",
                };
            },
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w") { CronSchedule = "30 * * * *" });
                await run.PassAsync(TimeSpan.FromHours(5));
                var results = (await run.AllAsync()).SelectMany(static r => r.History.OfType<WorkflowCompleted>()).Select(e => run.Text(e.Result!)).ToList();
                Assert.AreEqual("12:30(none)", results[0]);
                Assert.AreEqual("14:30(13:30(12:30(none)))", results[2]);
                Assert.AreEqual("16:30(14:30(13:30(12:30(none))), three o'clock)", results[3]);
                Assert.AreEqual("30 * * * *", (await run.EventsAsync<WorkflowStarted>("w")).Single().CronSchedule);
                await workflow.TerminateAsync();
            });
    }

    [TestMethod]
    public async Task Cron_goes_on_after_failures_and_retries_come_first()
    {
        await RunAsync(
            () => Workflow.Info is { Attempt: 1, StartTime.Minute: 0 } ? throw new ApplicationFailureException("first") : Task.FromResult($"{Workflow.Info.StartTime:HH:mm}"),
            async run =>
            {
                await run.StartAsync("w", new("w") { CronSchedule = "0 * * * *", RetryPolicy = new() { InitialInterval = TimeSpan.FromMinutes(7) } });
                await run.PassAsync(TimeSpan.FromMinutes(150));
                var results = (await run.AllAsync()).SelectMany(static r => r.History.OfType<WorkflowCompleted>()).Select(e => run.Text(e.Result!));
                Assert.AreEqual("13:07 14:07", string.Join(" ", results));
            });
    }

    [TestMethod]
    public async Task Intervals_are_counted_from_when_the_run_before_was_due()
    {
        await RunAsync(
            async () =>
            {
                var due = $"{Workflow.UtcNow:HH:mm}";
                await Workflow.DelayAsync(due == "15:00" ? TimeSpan.FromMinutes(100) : TimeSpan.FromMinutes(20));
                return due;
            },
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w") { CronSchedule = "@every 1h30m" });
                await run.PassAsync(TimeSpan.FromHours(8));
                var results = (await run.AllAsync()).SelectMany(static r => r.History.OfType<WorkflowCompleted>()).Select(e => run.Text(e.Result!));
                Assert.AreEqual("13:30 15:00 18:00 19:30", string.Join(" ", results));
                await workflow.TerminateAsync();
            });
    }

    [TestMethod]
    public async Task Child_with_a_schedule_that_nobody_can_read_is_refused_in_the_code_that_starts_it()
    {
        await RunAsync(
            async () => (await Script.FailureOf(Workflow.ExecuteChildWorkflowAsync("w", [], new() { CronSchedule = "now and then" })))!.Message,
            async run => Assert.Contains("The cron schedule 'now and then' can't be read", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Execution_time_out_ends_a_cron_workflow()
    {
        await RunAsync(
            () => Task.FromResult("ran"),
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w") { CronSchedule = "0 * * * *", ExecutionTimeout = TimeSpan.FromMinutes(150) });
                await run.PassAsync(TimeSpan.FromHours(10));
                Assert.AreEqual(WorkflowExecutionStatus.TimedOut, (await run.Client.GetWorkflowHandle("w").DescribeAsync()).Status);
                Assert.HasCount(3, await run.AllAsync());
                await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
            });
    }

    [TestMethod]
    public async Task Cancelling_a_cron_workflow_ends_it_while_it_waits()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.DelayAsync(1);
                return "ran";
            },
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w") { CronSchedule = "0 0 * * *" });
                await workflow.CancelAsync();
                await run.PassAsync(TimeSpan.FromDays(3));
                Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await workflow.DescribeAsync()).Status);
            });
    }

    [TestMethod]
    public async Task Start_delay_holds_the_first_task_back()
    {
        await RunAsync(
            () => Task.FromResult($"{Workflow.UtcNow:HH:mm} {Workflow.Info.WorkflowStartTime:HH:mm}"),
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w") { StartDelay = TimeSpan.FromHours(3) });
                var seen = await workflow.DescribeAsync();
                Assert.AreEqual(WorkflowExecutionStatus.Running, seen.Status);
                Assert.AreEqual(seen.StartTime.AddHours(3), seen.ExecutionTime);
                Assert.AreEqual("15:00 12:00", await workflow.GetResultAsync<string>());
            });
    }

    [TestMethod]
    [DataRow("signal")]
    [DataRow("update")]
    [DataRow("cancel")]
    public async Task Message_ends_a_start_delay(string what)
    {
        await Behaviour.Run<Woken>(async run =>
        {
            var workflow = await run.StartAsync((Woken w) => w.RunAsync(), new("w") { StartDelay = TimeSpan.FromHours(3) });
            await run.PassAsync(TimeSpan.FromHours(1));
            await (what switch
            {
                "signal" => workflow.SignalAsync(w => w.WakeAsync()),
                "update" => workflow.ExecuteUpdateAsync(w => w.TouchAsync()),
                _ => workflow.CancelAsync(),
            });
            Assert.AreEqual($"13:00 {what == "cancel"}", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Start_delay_does_not_go_with_cron_and_is_not_negative()
    {
        await RunAsync(
            () => Task.FromResult("ran"),
            async run =>
            {
                await Assert.ThrowsExactlyAsync<ArgumentException>(
                    () => run.StartAsync("w", new("w") { StartDelay = TimeSpan.FromHours(1), CronSchedule = "0 * * * *" }));
                await Assert.ThrowsExactlyAsync<ArgumentException>(() => run.StartAsync("w", new("w") { StartDelay = TimeSpan.FromHours(-1) }));
                var wrong = await Assert.ThrowsExactlyAsync<RpcException>(() => run.StartAsync("w", new("w") { CronSchedule = "now and then" }));
                Assert.AreEqual(RpcException.StatusCode.InvalidArgument, wrong.Code);
                foreach (var options in (WorkflowOptions[])
                    [new("w") { RunTimeout = TimeSpan.Zero }, new("w") { TaskTimeout = TimeSpan.Zero }, new("w") { ExecutionTimeout = TimeSpan.FromSeconds(-1) }, new()])
                {
                    await Assert.ThrowsExactlyAsync<ArgumentException>(() => run.StartAsync("w", options));
                }
            });
    }

    [TestMethod]
    [DataRow("run")]
    [DataRow("execution")]
    public async Task Time_out_ends_a_workflow_and_its_activities_and_timers(string which)
    {
        await RunAsync(
            async () =>
            {
                await Workflow.DelayAsync(TimeSpan.FromDays(1));
                return "slept";
            },
            async run =>
            {
                var limit = TimeSpan.FromMinutes(10);
                var workflow = await run.StartAsync("w", new("w") { RunTimeout = which == "run" ? limit : null, ExecutionTimeout = which == "run" ? null : limit });
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                Assert.AreEqual(TimeoutType.StartToClose, ((TimeoutFailureException)failed.InnerException!).TimeoutType);
                var seen = await workflow.DescribeAsync();
                Assert.AreEqual(WorkflowExecutionStatus.TimedOut, seen.Status);
                Assert.AreEqual(seen.StartTime + limit, seen.CloseTime);
                await run.PassAsync(TimeSpan.FromDays(2));
                Assert.HasCount(4, await run.HistoryAsync("w"));
            });
    }

    [TestMethod]
    public async Task Run_time_out_counts_from_the_first_task_of_a_delayed_start()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.DelayAsync(TimeSpan.FromMinutes(5));
                return "in time";
            },
            async run => Assert.AreEqual("in time", await run.ExecuteAsync<string>("w", new("w") { StartDelay = TimeSpan.FromHours(1), RunTimeout = TimeSpan.FromMinutes(10) })));
    }

    private static Task RunAsync(Func<Task<string>> code, Func<BehaviourRun, Task> body) => Behaviour.Run(setup => setup.Add("w", code), body);

    [Workflow]
    public class Woken
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(static () => true, CancellationToken.None);
            return $"{Workflow.UtcNow:HH:mm} {Workflow.CancellationToken.IsCancellationRequested}";
        }

        [WorkflowSignal]
        public Task WakeAsync() => Task.CompletedTask;

        [WorkflowUpdate]
        public Task TouchAsync() => Task.CompletedTask;
    }
}
