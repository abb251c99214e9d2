using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Local activities: they run where the workflow's task runs.</summary>
[TestClass]
public sealed class LocalActivityTests
{
    [TestMethod]
    public async Task Options_are_recorded_and_told_to_the_activity()
    {
        var options = new LocalActivityOptions
        {
            ActivityId = "mine",
            Summary = "one line",
            ScheduleToCloseTimeout = TimeSpan.FromHours(2),
            ScheduleToStartTimeout = TimeSpan.FromHours(1),
            StartToCloseTimeout = TimeSpan.FromMinutes(30),
            LocalRetryThreshold = TimeSpan.FromMinutes(5),
            CancellationType = ActivityCancellationType.Abandon,
            RetryPolicy = new() { MaximumAttempts = 4 },
        };
        await Behaviour.Run(
            setup => setup.AddActivities(new Near()).Add("w", () => Workflow.ExecuteLocalActivityAsync((Near n) => n.Work(), (LocalActivityOptions)options.Clone())),
            async run =>
            {
                Assert.AreEqual("1", await run.ExecuteAsync<string>("w"));
                var info = run.The<Near>().Info!;
                Assert.IsTrue(info.IsLocal);
                Assert.AreEqual("mine", info.ActivityId);
                Assert.AreEqual(TimeSpan.FromHours(2), info.ScheduleToCloseTimeout);
                var recorded = (await run.EventsAsync<ActivityScheduled>("w")).Single();
                Assert.AreEqual("one line", recorded.Summary);
                Assert.AreEqual(TimeSpan.FromHours(1), recorded.ScheduleToStartTimeout);
                Assert.AreEqual(ActivityCancellationType.Abandon, recorded.CancellationType);
                Assert.AreEqual(4, recorded.RetryPolicy!.MaximumAttempts);
            });
    }

    [TestMethod]
    public async Task Failures_are_retried_with_short_and_long_pauses()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Near { FailFirst = 4 }).Add("w", () => Workflow.ExecuteLocalActivityAsync((Near n) => n.Work(), new()
            {
                StartToCloseTimeout = TimeSpan.FromMinutes(1),
                RetryPolicy = new() { InitialInterval = TimeSpan.FromSeconds(10), BackoffCoefficient = 10, MaximumInterval = TimeSpan.FromDays(1) },
            })),
            async run =>
            {
                var begun = run.Now;
                Assert.AreEqual("5", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual(TimeSpan.FromSeconds(10 + 100 + 1000 + 10_000), run.Now - begun);
            });
    }

    [TestMethod]
    public async Task Last_failure_reaches_the_workflow()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Near { FailFirst = 9 }).Add("w", async () =>
            {
                var failure = (ActivityFailureException?)await Script.FailureOf(Workflow.ExecuteLocalActivityAsync(
                    (Near n) => n.Work(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { MaximumAttempts = 2 } }));
                return $"{failure!.RetryState} {failure.InnerException!.Message}";
            }),
            async run => Assert.AreEqual("MaximumAttemptsReached failure 2", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Time_out_ends_it()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Near()).Add("w", async () =>
            {
                var failure = await Script.FailureOf(Workflow.ExecuteLocalActivityAsync(
                    (Near n) => n.WaitAsync(), new() { ScheduleToCloseTimeout = TimeSpan.FromMinutes(1) }));
                return ((TimeoutFailureException)failure!.InnerException!).TimeoutType.ToString();
            }),
            async run => Assert.AreEqual(nameof(TimeoutType.ScheduleToClose), await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    [DataRow(ActivityCancellationType.TryCancel)]
    [DataRow(ActivityCancellationType.WaitCancellationCompleted)]
    [DataRow(ActivityCancellationType.Abandon)]
    public async Task It_can_be_cancelled(ActivityCancellationType type)
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Near()).Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                var activity = Workflow.ExecuteLocalActivityAsync(
                    (Near n) => n.WaitAsync(), new() { StartToCloseTimeout = TimeSpan.FromHours(2), CancellationType = type, CancellationToken = cancel.Token });
                await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
                cancel.Cancel();
                var failure = await Script.FailureOf(activity);
                await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
                return TemporalException.IsCanceledException(failure!);
            }),
            async run =>
            {
                Assert.IsTrue(await run.ExecuteAsync<bool>("w"));
                Assert.AreEqual(type == ActivityCancellationType.Abandon ? 0 : 1, run.The<Near>().Cancelled);
            });
    }

    [TestMethod]
    public async Task Cancelled_before_it_is_scheduled_it_never_runs()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Near()).Add("w", async () => (await Script.FailureOf(Workflow.ExecuteLocalActivityAsync(
                (Near n) => n.Work(), new() { StartToCloseTimeout = TimeSpan.FromHours(1), CancellationToken = new CancellationToken(true) })))!.Message),
            async run =>
            {
                Assert.AreEqual("Activity cancelled before scheduled", await run.ExecuteAsync<string>("w"));
                Assert.IsNull(run.The<Near>().Info);
            });
    }

    [TestMethod]
    public async Task It_needs_a_time_out()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Near()).Add("w", async () =>
            {
                try
                {
                    await Workflow.ExecuteLocalActivityAsync((Near n) => n.Work(), new());
                    return "ran";
                }
                catch (ArgumentException)
                {
                    return "refused";
                }
            }),
            async run => Assert.AreEqual("refused", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Many_in_a_row_need_no_message()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Near()).Add("w", async () =>
            {
                for (var i = 0; i < 10; i++)
                {
                    await Workflow.ExecuteLocalActivityAsync((Near n) => n.Work(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
                }
            }),
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual(10, run.The<Near>().Calls);
            });
    }

    public sealed class Near : Timed
    {
        public int FailFirst { get; set; }

        public int Calls { get; private set; }

        public int Cancelled { get; private set; }

        public ActivityInfo? Info { get; private set; }

        [Activity]
        public string Work()
        {
            Calls++;
            Info = ActivityExecutionContext.Current.Info;
            return Info.Attempt <= FailFirst ? throw new InvalidOperationException($"failure {Info.Attempt}") : $"{Info.Attempt}";
        }

        [Activity]
        public async Task WaitAsync()
        {
            try
            {
                await PassAsync(TimeSpan.FromHours(1), ActivityExecutionContext.Current.CancellationToken);
            }
            catch (OperationCanceledException) when (ActivityExecutionContext.Current.CancelReason == ActivityCancelReason.CancelRequested)
            {
                Cancelled++;
                throw;
            }
        }
    }
}
