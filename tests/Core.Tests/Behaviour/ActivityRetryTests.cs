using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>When failed activities are tried again, and when not.</summary>
[TestClass]
public sealed class ActivityRetryTests
{
    [TestMethod]
    public async Task Pauses_double_from_a_second_up_to_a_hundred_seconds_and_never_end()
    {
        await RunAsync(
            new Fails { FailFirst = 11 },
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) },
            async run =>
            {
                await run.ExecuteAsync<string>("w");
                CollectionAssert.AreEqual(new[] { 1, 2, 4, 8, 16, 32, 64, 100, 100, 100, 100 }, run.The<Fails>().Pauses);
                Assert.AreEqual(12, (await run.EventsAsync<ActivityCompleted>("w")).Single().Attempt);
            });
    }

    [TestMethod]
    public async Task Policy_sets_first_pause_growth_longest_pause_and_number()
    {
        await RunAsync(
            new Fails { FailFirst = 99 },
            new()
            {
                StartToCloseTimeout = TimeSpan.FromMinutes(1),
                RetryPolicy = new()
                {
                    InitialInterval = TimeSpan.FromSeconds(10), BackoffCoefficient = 3, MaximumInterval = TimeSpan.FromSeconds(100), MaximumAttempts = 6,
                },
            },
            async run =>
            {
                var failure = await FailureAsync(run);
                CollectionAssert.AreEqual(new[] { 10, 30, 90, 100, 100 }, run.The<Fails>().Pauses);
                Assert.AreEqual(RetryState.MaximumAttemptsReached, failure.RetryState);
                Assert.AreEqual("failure 6", failure.InnerException!.Message);
            });
    }

    [TestMethod]
    public async Task One_attempt_means_no_retry()
    {
        await RunAsync(
            new Fails { FailFirst = 99 },
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { MaximumAttempts = 1 } },
            async run =>
            {
                Assert.AreEqual("failure 1", (await FailureAsync(run)).InnerException!.Message);
                Assert.HasCount(1, run.The<Fails>().Attempts);
            });
    }

    [TestMethod]
    public async Task Growth_of_one_means_even_pauses()
    {
        await RunAsync(
            new Fails { FailFirst = 4 },
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { InitialInterval = TimeSpan.FromMinutes(5), BackoffCoefficient = 1 } },
            async run =>
            {
                await run.ExecuteAsync<string>("w");
                CollectionAssert.AreEqual(new[] { 300, 300, 300, 300 }, run.The<Fails>().Pauses);
            });
    }

    [TestMethod]
    public async Task Failure_that_says_so_is_not_retried()
    {
        await RunAsync(
            new Fails { FailFirst = 99, With = static _ => new ApplicationFailureException("final", nonRetryable: true) },
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) },
            async run =>
            {
                var failure = await FailureAsync(run);
                Assert.AreEqual(RetryState.NonRetryableFailure, failure.RetryState);
                Assert.IsTrue(((ApplicationFailureException)failure.InnerException!).NonRetryable);
                Assert.HasCount(1, run.The<Fails>().Attempts);
            });
    }

    [TestMethod]
    [DataRow("ArgumentNullException", 1)]
    [DataRow("ArgumentException", 3)]
    [DataRow("System.ArgumentNullException", 3)]
    public async Task Failure_types_are_matched_by_their_exact_name(string type, int attempts)
    {
        await RunAsync(
            new Fails { FailFirst = 99, With = _ => new ArgumentNullException(nameof(type)) },
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { MaximumAttempts = 3, NonRetryableErrorTypes = [type] } },
            async run =>
            {
                var failure = await FailureAsync(run);
                Assert.AreEqual(attempts == 1 ? RetryState.NonRetryableFailure : RetryState.MaximumAttemptsReached, failure.RetryState);
                Assert.HasCount(attempts, run.The<Fails>().Attempts);
            });
    }

    [TestMethod]
    public async Task Type_of_an_application_failure_is_what_it_says()
    {
        await RunAsync(
            new Fails { FailFirst = 99, With = static n => new ApplicationFailureException("x", errorType: n == 3 ? "Bad" : "Odd") },
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { NonRetryableErrorTypes = ["Bad"] } },
            async run =>
            {
                Assert.AreEqual("Bad", ((ApplicationFailureException)(await FailureAsync(run)).InnerException!).ErrorType);
                Assert.HasCount(3, run.The<Fails>().Attempts);
            });
    }

    [TestMethod]
    public async Task Failure_may_name_the_next_pause()
    {
        await RunAsync(
            new Fails { FailFirst = 3, With = static n => new ApplicationFailureException("x", nextRetryDelay: n == 2 ? TimeSpan.FromMinutes(30) : null) },
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) },
            async run =>
            {
                await run.ExecuteAsync<string>("w");
                CollectionAssert.AreEqual(new[] { 1, 1800, 4 }, run.The<Fails>().Pauses);
            });
    }

    [TestMethod]
    public async Task No_attempt_begins_after_the_end_of_all()
    {
        await RunAsync(
            new Fails { FailFirst = 99 },
            new() { ScheduleToCloseTimeout = TimeSpan.FromSeconds(10) },
            async run =>
            {
                var failure = await FailureAsync(run);
                CollectionAssert.AreEqual(new[] { 1, 2, 4 }, run.The<Fails>().Pauses);
                Assert.AreEqual(RetryState.Timeout, failure.RetryState);
            });
    }

    [TestMethod]
    public async Task Waiting_activity_shows_attempt_last_failure_and_next_time()
    {
        await RunAsync(
            new Fails { FailFirst = 3 },
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { InitialInterval = TimeSpan.FromHours(1) } },
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await run.PassAsync(TimeSpan.FromMinutes(61));
                Assert.AreEqual(1, (await workflow.DescribeAsync()).PendingActivityCount);
                var attempts = (await run.LookAsync("w")).Attempts.Single().Value;
                Assert.AreEqual(3, attempts.Attempt);
                Assert.AreEqual("failure 2", attempts.LastFailure!.Message);
                Assert.AreEqual(run.Now + TimeSpan.FromMinutes(119), attempts.NextAttempt);
                await workflow.GetResultAsync();
            });
    }

    [TestMethod]
    public async Task Attempts_leave_no_events_but_the_last()
    {
        await RunAsync(
            new Fails { FailFirst = 5 },
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) },
            async run =>
            {
                await run.ExecuteAsync<string>("w");
                Assert.AreEqual(
                    "WorkflowStarted WorkflowTaskCompleted ActivityScheduled ActivityCompleted WorkflowTaskCompleted WorkflowCompleted",
                    string.Join(" ", (await run.HistoryAsync("w")).Select(static e => e.GetType().Name)));
            });
    }

    [TestMethod]
    public async Task Failure_of_an_activity_keeps_its_details_and_causes()
    {
        await RunAsync(
            new Fails
            {
                FailFirst = 99,
                With = static _ => new ApplicationFailureException("outer", new FormatException("inner"), "Kind", true, ["detail", 7], category: ApplicationErrorCategory.Benign),
            },
            new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) },
            async run =>
            {
                var cause = (ApplicationFailureException)(await FailureAsync(run)).InnerException!;
                var details = (InboundFailureDetails)cause.Details;
                Assert.AreEqual("detail", details.ElementAt<string>(0));
                Assert.AreEqual(7, details.ElementAt<int>(1));
                Assert.AreEqual(2, details.Count);
                Assert.HasCount(2, details.Payloads!);
                Assert.IsNotNull(details.Converter);
                Assert.AreEqual(ApplicationErrorCategory.Benign, cause.Category);
                Assert.AreEqual(nameof(FormatException), ((ApplicationFailureException)cause.InnerException!).ErrorType);
            });
    }

    private static Task RunAsync(Fails activities, ActivityOptions options, Func<BehaviourRun, Task> body) => Behaviour.Run(
        setup => setup.AddActivities(new Fails { FailFirst = activities.FailFirst, With = activities.With }).Add("w", () => Workflow.ExecuteActivityAsync((Fails f) => f.Work(), options)), body);

    private static async Task<ActivityFailureException> FailureAsync(BehaviourRun run)
    {
        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.ExecuteAsync<string>("w"));
        return (ActivityFailureException)failed.InnerException!;
    }

    public sealed class Fails
    {
        public int FailFirst { get; init; }

        public Func<int, Exception>? With { get; init; }

        public List<DateTime> Attempts { get; } = [];

        public List<int> Pauses => [.. Attempts.Zip(Attempts.Skip(1), static (a, b) => (int)(b - a).TotalSeconds)];

        [Activity]
        public void Work()
        {
            var info = ActivityExecutionContext.Current.Info;
            Attempts.Add(info.StartedTime);
            Assert.AreEqual(Attempts.Count, info.Attempt);
            if (info.Attempt <= FailFirst)
            {
                throw With?.Invoke(info.Attempt) ?? new InvalidOperationException($"failure {info.Attempt}");
            }
        }
    }
}
