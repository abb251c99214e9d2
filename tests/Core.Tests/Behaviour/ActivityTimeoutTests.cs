using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>The four time-outs of activities, and heartbeats.</summary>
[TestClass]
public sealed class ActivityTimeoutTests
{
    [TestMethod]
    public async Task Start_to_close_ends_an_attempt_and_another_begins()
    {
        await RunAsync(
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { MaximumAttempts = 2 } },
            async run =>
            {
                run.The<Slow>().Takes = TimeSpan.FromMinutes(5);
                var (failure, timeout) = await TimeoutAsync(run);
                Assert.AreEqual(TimeoutType.StartToClose, timeout.TimeoutType);
                Assert.AreEqual(RetryState.MaximumAttemptsReached, failure.RetryState);
                Assert.AreEqual(2, run.The<Slow>().Started);
                Assert.AreEqual(ActivityCancelReason.Timeout, run.The<Slow>().Reason);
                Assert.AreEqual(2, (await run.EventsAsync<ActivityTimedOut>("w")).Single().Attempt);
            });
    }

    [TestMethod]
    public async Task Start_to_close_can_be_named_as_final()
    {
        await RunAsync(
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { NonRetryableErrorTypes = ["TemporalTimeout:StartToClose"] } },
            async run =>
            {
                run.The<Slow>().Takes = TimeSpan.FromMinutes(5);
                var (failure, _) = await TimeoutAsync(run);
                Assert.AreEqual(RetryState.NonRetryableFailure, failure.RetryState);
                Assert.AreEqual(1, run.The<Slow>().Started);
            });
    }

    [TestMethod]
    public async Task Schedule_to_close_ends_the_activity_for_good()
    {
        await RunAsync(
            new() { ScheduleToCloseTimeout = TimeSpan.FromMinutes(10), StartToCloseTimeout = TimeSpan.FromMinutes(4) },
            async run =>
            {
                var begun = run.Now;
                run.The<Slow>().Takes = TimeSpan.FromMinutes(60);
                var (failure, timeout) = await TimeoutAsync(run);
                Assert.AreEqual(TimeoutType.ScheduleToClose, timeout.TimeoutType);
                Assert.AreEqual(3, run.The<Slow>().Started);
                Assert.IsTrue(failure.RetryState is RetryState.Timeout or RetryState.NonRetryableFailure, $"{failure.RetryState}");
                Assert.AreEqual(TimeSpan.FromMinutes(10), run.Now - begun);
            });
    }

    [TestMethod]
    public async Task Activity_that_ends_in_time_completes()
    {
        await RunAsync(
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(10), HeartbeatTimeout = TimeSpan.FromMinutes(9) },
            async run =>
            {
                run.The<Slow>().Takes = TimeSpan.FromMinutes(8);
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                var closed = (await run.EventsAsync<ActivityCompleted>("w")).Single();
                Assert.AreEqual(TimeSpan.FromMinutes(8), closed.Time - closed.Started);
            });
    }

    [TestMethod]
    public async Task Missing_heartbeat_ends_an_attempt_with_the_last_details()
    {
        await RunAsync(
            new() { StartToCloseTimeout = TimeSpan.FromHours(1), HeartbeatTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { MaximumAttempts = 1 } },
            async run =>
            {
                run.The<Slow>().Takes = TimeSpan.FromSeconds(30);
                run.The<Slow>().Beats = 3;
                run.The<Slow>().ThenTakes = TimeSpan.FromMinutes(30);
                var (_, timeout) = await TimeoutAsync(run);
                Assert.AreEqual(TimeoutType.Heartbeat, timeout.TimeoutType);
                Assert.AreEqual(2, timeout.LastHeartbeatDetails.ElementAt<int>(0));
                Assert.AreEqual("beat", timeout.LastHeartbeatDetails.ElementAt<string>(1));
            });
    }

    [TestMethod]
    public async Task Heartbeats_keep_a_long_attempt_alive()
    {
        await RunAsync(
            new() { StartToCloseTimeout = TimeSpan.FromHours(1), HeartbeatTimeout = TimeSpan.FromSeconds(50), RetryPolicy = new() { MaximumAttempts = 1 } },
            async run =>
            {
                run.The<Slow>().Takes = TimeSpan.FromSeconds(30);
                run.The<Slow>().Beats = 60;
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
            });
    }

    [TestMethod]
    public async Task Details_of_the_last_heartbeat_reach_the_next_attempt()
    {
        await RunAsync(
            new() { StartToCloseTimeout = TimeSpan.FromHours(1) },
            async run =>
            {
                run.The<Slow>().Takes = TimeSpan.FromSeconds(1);
                run.The<Slow>().Beats = 3;
                run.The<Slow>().FailFirst = 2;
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                CollectionAssert.AreEqual(new[] { "none", "2 beat", "2 beat" }, run.The<Slow>().Resumed);
            });
    }

    [TestMethod]
    public async Task Heartbeat_is_seen_from_outside_while_the_attempt_runs()
    {
        await RunAsync(
            new() { StartToCloseTimeout = TimeSpan.FromHours(1) },
            async run =>
            {
                run.The<Slow>().Takes = TimeSpan.FromSeconds(40);
                run.The<Slow>().Beats = 5;
                var workflow = await run.StartAsync("w");
                await run.PassAsync(TimeSpan.FromSeconds(100));
                Assert.AreEqual("1", run.Text((await run.LookAsync("w")).Attempts.Single().Value.HeartbeatDetails[0]));
                await workflow.GetResultAsync();
            });
    }

    [TestMethod]
    public async Task Heartbeat_that_can_not_be_stored_fails_the_attempt()
    {
        await RunAsync(
            new() { StartToCloseTimeout = TimeSpan.FromHours(1), RetryPolicy = new() { MaximumAttempts = 1 } },
            async run =>
            {
                run.The<Slow>().Takes = TimeSpan.FromSeconds(1);
                run.The<Slow>().Beats = 2;
                run.The<Slow>().Unstorable = true;
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync<string>("w"));
                Assert.IsInstanceOfType<ApplicationFailureException>(failed.InnerException!.InnerException);
                Assert.AreEqual(ActivityCancelReason.HeartbeatRecordFailure, run.The<Slow>().Reason);
            });
    }

    [TestMethod]
    public async Task Time_out_carries_the_failure_before_as_its_cause()
    {
        await RunAsync(
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { MaximumAttempts = 2 } },
            async run =>
            {
                run.The<Slow>().Takes = TimeSpan.FromSeconds(1);
                run.The<Slow>().FailFirst = 1;
                run.The<Slow>().ThenTakes = TimeSpan.FromMinutes(9);
                var (_, timeout) = await TimeoutAsync(run);
                Assert.AreEqual("failed as told", timeout.InnerException!.Message);
            });
    }

    private static Task RunAsync(ActivityOptions options, Func<BehaviourRun, Task> body) => Behaviour.Run(
        setup => setup.AddActivities(new Slow()).Add("w", () => Workflow.ExecuteActivityAsync((Slow s) => s.WorkAsync(), options)), body);

    private static async Task<(ActivityFailureException Failure, TimeoutFailureException Timeout)> TimeoutAsync(BehaviourRun run)
    {
        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync<string>("w"));
        var failure = (ActivityFailureException)failed.InnerException!;
        return (failure, (TimeoutFailureException)failure.InnerException!);
    }

    public sealed class Slow : Timed
    {
        /// <summary>How long it takes, or with heartbeats, each beat.</summary>
        public TimeSpan Takes { get; set; }

        public TimeSpan ThenTakes { get; set; }

        public int Beats { get; set; }

        public int FailFirst { get; set; }

        public bool Unstorable { get; set; }

        public int Started { get; private set; }

        public List<string> Resumed { get; } = [];

        public ActivityCancelReason Reason { get; private set; }

        [Activity]
        public async Task WorkAsync()
        {
            Started++;
            var context = ActivityExecutionContext.Current;
            Resumed.Add(context.Info.HeartbeatDetails.Count == 0
                ? "none"
                : $"{await context.Info.HeartbeatDetailAtAsync<int>(0)} {await context.Info.HeartbeatDetailAtAsync<string>(1)}");
            try
            {
                for (var i = 0; i < Beats; i++)
                {
                    await PassAsync(Takes, context.CancellationToken);
                    context.Heartbeat(i, Unstorable ? (object)Thread.CurrentThread : "beat");
                }

                await PassAsync(Started > FailFirst && ThenTakes > TimeSpan.Zero ? ThenTakes : Takes, context.CancellationToken);
            }
            catch (OperationCanceledException)
            {
                Reason = context.CancelReason;
                throw;
            }

            if (Started <= FailFirst)
            {
                throw new InvalidOperationException("failed as told");
            }
        }
    }
}
