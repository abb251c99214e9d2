using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Cancelling activities: what the workflow gets, and what the activity notices.</summary>
[TestClass]
public sealed class ActivityCancellationTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [TestMethod]
    public async Task TryCancel_gives_up_at_once_and_the_activity_hears_of_it()
    {
        await RunAsync(ActivityCancellationType.TryCancel, false, async run =>
        {
            Assert.AreEqual("cancelled CancelRequested at 12:10", await run.ExecuteAsync<string>("w"));
            Assert.AreEqual(ActivityCancelReason.CancelRequested, run.The<Stubborn>().Reason);
            Assert.HasCount(1, await run.EventsAsync<ActivityCancelRequested>("w"));
        });
    }

    [TestMethod]
    public async Task WaitCancellationCompleted_waits_for_the_activity()
    {
        await RunAsync(ActivityCancellationType.WaitCancellationCompleted, false, async run =>
        {
            run.The<Stubborn>().Tidying = TimeSpan.FromMinutes(1);
            Assert.AreEqual("cancelled CancelRequested at 12:11", await run.ExecuteAsync<string>("w"));
            Assert.HasCount(1, await run.EventsAsync<ActivityCanceled>("w"));
        });
    }

    [TestMethod]
    public async Task WaitCancellationCompleted_gets_what_the_activity_makes_of_it()
    {
        await RunAsync(ActivityCancellationType.WaitCancellationCompleted, true, async run =>
        {
            Assert.AreEqual("finished anyway", await run.ExecuteAsync<string>("w"));
            Assert.HasCount(1, await run.EventsAsync<ActivityCompleted>("w"));
        });
    }

    [TestMethod]
    public async Task Abandon_asks_nobody()
    {
        await RunAsync(ActivityCancellationType.Abandon, true, async run =>
        {
            Assert.AreEqual("cancelled CancelRequested at 12:10", await run.ExecuteAsync<string>("w"));
            Assert.HasCount(0, await run.EventsAsync<ActivityCancelRequested>("w"));
            Assert.AreNotEqual(ActivityCancelReason.CancelRequested, run.The<Stubborn>().Reason);
        });
    }

    [TestMethod]
    public async Task Cancelling_a_workflow_cancels_its_activities()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Stubborn()).Add("w", () => Workflow.ExecuteActivityAsync(
                (Stubborn s) => s.WorkAsync(false), new() { StartToCloseTimeout = TimeSpan.FromDays(1), HeartbeatTimeout = TimeSpan.FromMinutes(5) })),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await run.PassAsync(TimeSpan.FromMinutes(10));
                await workflow.CancelAsync();
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                Assert.IsInstanceOfType<CanceledFailureException>(failed.InnerException);
                Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await workflow.DescribeAsync()).Status);
            });
    }

    [TestMethod]
    public async Task Activity_with_a_cancelled_token_is_never_scheduled()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Stubborn()).Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                cancel.Cancel();
                var failure = await Script.FailureOf(Workflow.ExecuteActivityAsync(
                    (Stubborn s) => s.WorkAsync(false), new() { StartToCloseTimeout = Hour, CancellationToken = cancel.Token }));
                return $"{failure!.GetType().Name}: {failure.Message} {TemporalException.IsCanceledException(failure)}";
            }),
            async run =>
            {
                Assert.AreEqual("CanceledFailureException: Activity cancelled before scheduled True", await run.ExecuteAsync<string>("w"));
                Assert.HasCount(0, await run.EventsAsync<ActivityScheduled>("w"));
            });
    }

    [TestMethod]
    public async Task Activity_that_is_cancelled_in_the_task_that_schedules_it_leaves_no_event()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Stubborn()).Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                var activity = Workflow.ExecuteActivityAsync(
                    (Stubborn s) => s.WorkAsync(false), new() { StartToCloseTimeout = Hour, CancellationToken = cancel.Token });
                cancel.Cancel();
                return TemporalException.IsCanceledException((await Script.FailureOf(activity))!);
            }),
            async run =>
            {
                Assert.IsTrue(await run.ExecuteAsync<bool>("w"));
                Assert.HasCount(0, await run.EventsAsync<ActivityScheduled>("w"));
            });
    }

    [TestMethod]
    public async Task Activity_that_waits_for_its_next_attempt_is_cancelled_at_once()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Stubborn { Fails = true }).Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                var activity = Workflow.ExecuteActivityAsync((Stubborn s) => s.WorkAsync(false), new()
                {
                    StartToCloseTimeout = Hour,
                    CancellationToken = cancel.Token,
                    CancellationType = ActivityCancellationType.WaitCancellationCompleted,
                    RetryPolicy = new() { InitialInterval = TimeSpan.FromHours(5) },
                });
                await Workflow.DelayAsync(TimeSpan.FromMinutes(10));
                cancel.Cancel();
                await Script.FailureOf(activity);
                return Workflow.UtcNow.ToString("HH:mm", null);
            }),
            async run => Assert.AreEqual("12:10", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Cancellation_that_nobody_asked_for_is_an_ordinary_failure()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Stubborn { CancelsItself = true }).Add("w", async () =>
            {
                var failure = (ActivityFailureException?)await Script.FailureOf(Workflow.ExecuteActivityAsync(
                    (Stubborn s) => s.WorkAsync(false), new() { StartToCloseTimeout = Hour, RetryPolicy = new() { MaximumAttempts = 2 } }));
                return $"{failure!.InnerException!.GetType().Name} {failure.RetryState}";
            }),
            async run =>
            {
                Assert.AreEqual("ApplicationFailureException MaximumAttemptsReached", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual(2, run.The<Stubborn>().Started);
            });
    }

    [TestMethod]
    public async Task Activity_of_a_workflow_that_is_gone_is_told_so()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Stubborn()).Add("w", () => Workflow.ExecuteActivityAsync(
                (Stubborn s) => s.WorkAsync(false), new() { StartToCloseTimeout = TimeSpan.FromDays(1), HeartbeatTimeout = TimeSpan.FromMinutes(5) })),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await run.PassAsync(TimeSpan.FromMinutes(10));
                await workflow.TerminateAsync();
                await run.PassAsync(TimeSpan.FromMinutes(10));
                Assert.AreEqual(ActivityCancelReason.GoneFromServer, run.The<Stubborn>().Reason);
            });
    }

    private static Task RunAsync(ActivityCancellationType type, bool finishes, Func<BehaviourRun, Task> body) => Behaviour.Run(
        setup => setup.AddActivities(new Stubborn()).Add("w", async () =>
        {
            using var cancel = new CancellationTokenSource();
            var activity = Workflow.ExecuteActivityAsync((Stubborn s) => s.WorkAsync(finishes), new()
            {
                StartToCloseTimeout = Hour,
                HeartbeatTimeout = TimeSpan.FromMinutes(2),
                CancellationType = type,
                CancellationToken = cancel.Token,
            });
            await Workflow.DelayAsync(TimeSpan.FromMinutes(10));
            cancel.Cancel();
            try
            {
                return await activity;
            }
            catch (ActivityFailureException e) when (TemporalException.IsCanceledException(e))
            {
                var result = $"cancelled {e.RetryState} at {Workflow.UtcNow:HH:mm}";
                await Workflow.DelayAsync(TimeSpan.FromMinutes(20));
                return result;
            }
        }),
        body);

    public sealed class Stubborn : Timed
    {
        public TimeSpan Tidying { get; set; }

        public bool Fails { get; set; }

        public bool CancelsItself { get; set; }

        public int Started { get; private set; }

        public ActivityCancelReason Reason { get; private set; }

        [Activity]
        public async Task<string> WorkAsync(bool finishes)
        {
            Started++;
            var context = ActivityExecutionContext.Current;
            if (Fails)
            {
                throw new InvalidOperationException("as told");
            }

            if (CancelsItself)
            {
                throw new OperationCanceledException("of its own");
            }

            try
            {
                for (var i = 0; i < 50; i++)
                {
                    context.Heartbeat(i);
                    await PassAsync(TimeSpan.FromMinutes(1), context.CancellationToken);
                }

                return "finished";
            }
            catch (OperationCanceledException) when (finishes)
            {
                Reason = context.CancelReason;
                return "finished anyway";
            }
            catch (OperationCanceledException)
            {
                Reason = context.CancelReason;
                await PassAsync(Tidying);
                throw;
            }
        }
    }
}
