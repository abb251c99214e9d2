using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>What the options of an activity do, and what the activity knows of them.</summary>
[TestClass]
public sealed class ActivityOptionTests
{
    [TestMethod]
    public async Task Options_are_recorded_and_told_to_the_activity()
    {
        var options = new ActivityOptions
        {
            ActivityId = "mine",
            Summary = "one line",
            TaskQueue = "other",
            ScheduleToCloseTimeout = TimeSpan.FromHours(2),
            ScheduleToStartTimeout = TimeSpan.FromHours(1),
            StartToCloseTimeout = TimeSpan.FromMinutes(30),
            HeartbeatTimeout = TimeSpan.FromMinutes(2),
            CancellationType = ActivityCancellationType.WaitCancellationCompleted,
            DisableEagerActivityExecution = true,
            Priority = new Priority(2, "key", 3),
            RetryPolicy = new()
            {
                InitialInterval = TimeSpan.FromSeconds(3),
                BackoffCoefficient = 1.5f,
                MaximumInterval = TimeSpan.FromSeconds(30),
                MaximumAttempts = 4,
                NonRetryableErrorTypes = ["Bad"],
            },
        };
        await Behaviour.Run(
            setup =>
            {
                setup.TaskQueues.Add("other");
                setup.AddActivities(new Tells()).Add("w", () => Workflow.ExecuteActivityAsync((Tells t) => t.Tell(), (ActivityOptions)options.Clone()));
            },
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                var info = run.The<Tells>().Info!;
                Assert.AreEqual("mine", info.ActivityId);
                Assert.AreEqual("Tell", info.ActivityType);
                Assert.AreEqual("other", info.TaskQueue);
                Assert.AreEqual(TimeSpan.FromHours(2), info.ScheduleToCloseTimeout);
                Assert.AreEqual(TimeSpan.FromMinutes(30), info.StartToCloseTimeout);
                Assert.AreEqual(TimeSpan.FromMinutes(2), info.HeartbeatTimeout);
                Assert.AreEqual(new Priority(2, "key", 3), info.Priority);
                Assert.AreEqual(1.5f, info.RetryPolicy!.BackoffCoefficient);
                Assert.AreEqual(4, info.RetryPolicy.MaximumAttempts);
                var recorded = (await run.EventsAsync<ActivityScheduled>("w")).Single();
                Assert.AreEqual("one line", recorded.Summary);
                Assert.AreEqual(TimeSpan.FromHours(1), recorded.ScheduleToStartTimeout);
                Assert.AreEqual(ActivityCancellationType.WaitCancellationCompleted, recorded.CancellationType);
                Assert.AreEqual("Bad", recorded.RetryPolicy!.NonRetryableErrorTypes!.Single());
            });
    }

    [TestMethod]
    public async Task Activity_knows_its_workflow_its_attempt_and_its_times()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Tells { FailFirst = 1 }).Add("w", async () =>
            {
                await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
                await Workflow.ExecuteActivityAsync((Tells t) => t.Tell(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(5) });
            }),
            async run =>
            {
                var begun = run.Now.UtcDateTime;
                var workflow = await run.StartAsync("w", new("id"));
                await workflow.GetResultAsync();
                var info = run.The<Tells>().Info!;
                Assert.AreEqual("id", info.WorkflowId);
                Assert.AreEqual(workflow.ResultRunId, info.WorkflowRunId);
                Assert.AreEqual("w", info.WorkflowType);
                Assert.AreEqual("default", info.Namespace);
                Assert.AreEqual("default", info.WorkflowNamespace);
                Assert.AreEqual("default", info.TaskQueue);
                Assert.AreEqual("1", info.ActivityId);
                Assert.IsTrue(info.IsWorkflowActivity);
                Assert.IsFalse(info.IsLocal);
                Assert.AreEqual(2, info.Attempt);
                Assert.AreEqual(begun.AddMinutes(1), info.ScheduledTime);
                Assert.AreEqual(begun.AddSeconds(61), info.CurrentAttemptScheduledTime);
                Assert.AreEqual(begun.AddSeconds(61), info.StartedTime);
                Assert.HasCount(0, info.HeartbeatDetails);
                Assert.AreEqual(Priority.Default, info.Priority);
                Assert.AreSame(run.The<Tells>().Converter, info.DataConverter.PayloadConverter);
                CollectionAssert.AreEqual(run.The<Tells>().Token, info.TaskToken);
            });
    }

    [TestMethod]
    public async Task Context_is_there_in_the_activity_and_nowhere_else()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Tells()).Add("w", () => Workflow.ExecuteActivityAsync(
                (Tells t) => t.Tell(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(5) })),
            async run =>
            {
                Assert.IsFalse(ActivityExecutionContext.HasCurrent);
                Assert.ThrowsExactly<InvalidOperationException>(static () => ActivityExecutionContext.Current);
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                var tells = run.The<Tells>();
                Assert.IsTrue(tells.HadContext);
                Assert.AreEqual(ActivityCancelReason.None, tells.Reason);
                Assert.IsFalse(tells.Cancelled);
                Assert.AreEqual(1, run.Log.Count(Microsoft.Extensions.Logging.LogLevel.Information, "told"));
                Assert.HasCount(32, tells.Key);
            });
    }

    [TestMethod]
    public async Task Idempotency_key_stays_through_attempts_and_differs_between_activities()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Tells { FailFirst = 2 }).Add("w", async () =>
            {
                for (var i = 0; i < 2; i++)
                {
                    await Workflow.ExecuteActivityAsync((Tells t) => t.Tell(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(5) });
                }
            }),
            async run =>
            {
                await run.ExecuteAsync<string>("w");
                var keys = run.The<Tells>().Keys;
                Assert.HasCount(4, keys);
                Assert.HasCount(1, keys.Take(3).Distinct());
                Assert.HasCount(2, keys.Distinct());
            });
    }

    [TestMethod]
    public async Task Activity_without_any_time_out_is_refused()
    {
        await Scripts.Gives("ArgumentException", async () =>
        {
            try
            {
                await Workflow.ExecuteActivityAsync("Tell", [], new() { ScheduleToStartTimeout = TimeSpan.FromMinutes(1) });
                return "ran";
            }
            catch (ArgumentException e)
            {
                return e.GetType().Name;
            }
        });
    }

    [TestMethod]
    public async Task Activities_run_at_once_and_their_results_are_awaited_in_any_order()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Tells()).Add("w", async () =>
            {
                var options = new ActivityOptions { StartToCloseTimeout = TimeSpan.FromMinutes(5) };
                var all = Enumerable.Range(0, 20).Select(i => Workflow.ExecuteActivityAsync((Tells t) => t.Square(i), options)).ToList();
                var sum = 0;
                foreach (var one in Enumerable.Reverse(all))
                {
                    sum += await one;
                }

                return sum;
            }),
            async run =>
            {
                Assert.AreEqual(Enumerable.Range(0, 20).Sum(static i => i * i), await run.ExecuteAsync<int>("w"));
                Assert.HasCount(20, await run.EventsAsync<ActivityCompleted>("w"));
            });
    }

    [TestMethod]
    public async Task Queue_that_nobody_serves_holds_the_activity_until_its_time_is_over()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Tells()).Add("w", async () =>
            {
                var failure = (ActivityFailureException?)await Script.FailureOf(Workflow.ExecuteActivityAsync(
                    (Tells t) => t.Tell(), new() { ScheduleToCloseTimeout = TimeSpan.FromHours(1), ScheduleToStartTimeout = TimeSpan.FromMinutes(10), TaskQueue = "nobody" }));
                return $"{((TimeoutFailureException)failure!.InnerException!).TimeoutType} {failure.RetryState}";
            }),
            async run =>
            {
                await run.AddIdleQueueAsync("nobody");
                Assert.AreEqual($"{TimeoutType.ScheduleToStart} {RetryState.NonRetryableFailure}", await run.ExecuteAsync<string>("w"));
                Assert.IsNull(run.The<Tells>().Info);
            });
    }

    public sealed class Tells
    {
        public int FailFirst { get; set; }

        public ActivityInfo? Info { get; private set; }

        public object? Converter { get; private set; }

        public byte[] Token { get; private set; } = [];

        public bool HadContext { get; private set; }

        public bool Cancelled { get; private set; }

        public ActivityCancelReason Reason { get; private set; }

        public string Key => Keys[^1];

        public List<string> Keys { get; } = [];

        [Activity]
        public void Tell()
        {
            var context = ActivityExecutionContext.Current;
            Info = context.Info;
            Converter = context.PayloadConverter;
            Token = context.TaskToken;
            HadContext = ActivityExecutionContext.HasCurrent;
            Cancelled = context.CancellationToken.IsCancellationRequested || context.WorkerShutdownToken.IsCancellationRequested;
            Reason = context.CancelReason;
            Keys.Add(context.IdempotencyKey);
            context.MetricMeter.CreateCounter<int>("told").Add(1);
#pragma warning disable CA1848 // An activity logs as it likes.
            Microsoft.Extensions.Logging.LoggerExtensions.LogInformation(context.Logger, "told");
#pragma warning restore CA1848
            if (FailFirst-- > 0)
            {
                throw new InvalidOperationException("not yet");
            }
        }

        [Activity]
        public int Square(int value) => value * value;
    }
}
