using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Time-outs, heartbeats, cancellation, spilling and other task queues, on virtual time.</summary>
[TestClass]
public sealed class ActivityTests
{
    private static readonly Type[] Types = [typeof(Waiting), typeof(WideFan), typeof(Elsewhere), typeof(CancelsActivity)];

    [TestMethod]
    public async Task Start_to_close_time_out_is_retried_until_attempts_run_out()
    {
        var code = new WaitingSteps();
        await using var host = new EngineHost(Types, code);
        await host.StartAsync("Waiting", "w", false, new Limits { StartToClose = 10, Attempts = 2 });
        var failure = await FailureAsync(host, "w");
        Assert.AreEqual(RetryState.MaximumAttemptsReached, ((ActivityFailureInfo)failure.Info).RetryState);
        Assert.AreEqual(TimeoutType.StartToClose, ((TimeoutFailureInfo)failure.Cause!.Info).Type);
        Assert.AreEqual(2, code.Attempts);

        // The engine does not wait for code that timed out.
        await host.UntilAsync(() => Task.FromResult(code.Canceled == 2), "both attempts were told");
    }

    [TestMethod]
    public async Task Heartbeat_time_out_gives_the_last_details_to_the_next_attempt()
    {
        var code = new WaitingSteps { Beats = true };
        await using var host = new EngineHost(Types, code);
        await host.StartAsync("Waiting", "w", false, new Limits { StartToClose = 3600, Heartbeat = 20, Attempts = 2 });
        var failure = await FailureAsync(host, "w");
        Assert.AreEqual(TimeoutType.Heartbeat, ((TimeoutFailureInfo)failure.Cause!.Info).Type);
        CollectionAssert.AreEqual(new[] { 0, 1 }, code.DetailsSeen);
    }

    [TestMethod]
    public async Task Schedule_to_close_ends_the_retries()
    {
        await using var host = new EngineHost(Types, new WaitingSteps());
        await host.StartAsync("Waiting", "w", false, new Limits { StartToClose = 10, ScheduleToClose = 25 });
        var failure = await FailureAsync(host, "w");
        Assert.AreEqual(TimeoutType.ScheduleToClose, ((TimeoutFailureInfo)failure.Cause!.Info).Type);
    }

    [TestMethod]
    [DataRow(null, TimeoutType.StartToClose)]
    [DataRow(8.0, TimeoutType.Heartbeat)]
    public async Task Schedule_to_close_ends_an_activity_whose_next_attempt_would_be_too_late(double? heartbeat, TimeoutType last)
    {
        await using var host = new EngineHost(Types, new WaitingSteps());
        await host.StartAsync("Waiting", "w", false, new Limits { StartToClose = 10, ScheduleToClose = heartbeat + 0.5 ?? 10.5, Heartbeat = heartbeat });
        var failure = await FailureAsync(host, "w");
        Assert.AreEqual(RetryState.Timeout, ((ActivityFailureInfo)failure.Info).RetryState);
        Assert.AreEqual(TimeoutType.ScheduleToClose, ((TimeoutFailureInfo)failure.Cause!.Info).Type);
        Assert.AreEqual(last, ((TimeoutFailureInfo)failure.Cause.Cause!.Info).Type);
    }

    [TestMethod]
    public async Task Activities_beyond_the_places_here_go_to_the_queue_and_all_finish()
    {
        var steps = new Steps();
        await using var host = new EngineHost(
            [typeof(WideFan)], new SlowSteps(), EngineHost.Options with { MaxConcurrentActivities = 2, SpillAfter = TimeSpan.FromSeconds(1) });
        await host.StartAsync("WideFan", "w", false, 12);
        Assert.AreEqual(12, await host.ResultAsync<int>("w"));
        var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("w"), 0, TimeSpan.Zero, default);
        Assert.AreEqual(12, history.OfType<ActivityCompleted>().Count());
    }

    [TestMethod]
    public async Task Activity_of_a_task_queue_that_nobody_serves_times_out_before_its_start()
    {
        await using var host = new EngineHost(Types, new WaitingSteps());
        await host.StartAsync("Elsewhere", "w", false);
        var failure = await FailureAsync(host, "w");
        Assert.AreEqual(TimeoutType.ScheduleToStart, ((TimeoutFailureInfo)failure.Cause!.Info).Type);
        Assert.AreEqual(1, await host.Store.Queues.CountAsync(QueueNames.ActivitiesOf("gpu", "default"), default));
    }

    [TestMethod]
    [DataRow(ActivityCancellationType.TryCancel, "cancelled")]
    [DataRow(ActivityCancellationType.WaitCancellationCompleted, "cancelled")]
    [DataRow(ActivityCancellationType.Abandon, "cancelled")]
    public async Task Cancellation_reaches_the_running_code_as_its_type_says(ActivityCancellationType type, string expected)
    {
        var code = new WaitingSteps();
        await using var host = new EngineHost(Types, code);
        await host.StartAsync("CancelsActivity", "w", false, type);
        await host.UntilAsync(() => Task.FromResult(code.Attempts == 1), "the attempt");
        await host.Engine.Service.CancelAsync(new WorkflowRef("w"), null, default);
        Assert.AreEqual(expected, await host.ResultAsync<string>("w"));
        var asked = type != ActivityCancellationType.Abandon;
        var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("w"), 0, TimeSpan.Zero, default);
        Assert.AreEqual(asked ? 1 : 0, history.OfType<ActivityCancelRequested>().Count());
    }

    private static async Task<Failure> FailureAsync(EngineHost host, string id)
    {
        var close = await host.CloseAsync(id);
        Assert.IsInstanceOfType<WorkflowFailed>(close.Closed, $"{close.Closed}");
        return ((WorkflowFailed)close.Closed).Failure;
    }

    public sealed record Limits
    {
        public double StartToClose { get; init; }

        public double? ScheduleToClose { get; init; }

        public double? Heartbeat { get; init; }

        public int Attempts { get; init; }
    }

    public sealed class WaitingSteps
    {
        private int _attempts;
        private int _canceled;

        public bool Beats { get; set; }

        public List<int> DetailsSeen { get; } = [];

        public int Attempts => Volatile.Read(ref _attempts);

        public int Canceled => Volatile.Read(ref _canceled);

        [Activity]
        public async Task<string> WaitAsync()
        {
            var context = ActivityExecutionContext.Current;
            Interlocked.Increment(ref _attempts);
            if (Beats)
            {
                DetailsSeen.Add(context.Info.HeartbeatDetails.Count > 0 ? await context.Info.HeartbeatDetailAtAsync<int>(0) : 0);
                context.Heartbeat(context.Info.Attempt);
            }

            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = context.CancellationToken.Register(() => stopped.SetResult());
            await stopped.Task;
            Interlocked.Increment(ref _canceled);
            context.CancellationToken.ThrowIfCancellationRequested();
            return "never";
        }
    }

    public sealed class SlowSteps
    {
        [Activity]
        public static async Task<int> SlowAsync()
        {
            await Task.Delay(30);
            return 1;
        }
    }

    [Workflow]
    public class Waiting
    {
        [WorkflowRun]
        public async Task<string> RunAsync(Limits limits) => await Workflow.ExecuteActivityAsync(
            (WaitingSteps s) => s.WaitAsync(),
            new()
            {
                StartToCloseTimeout = TimeSpan.FromSeconds(limits.StartToClose),
                ScheduleToCloseTimeout = limits.ScheduleToClose is { } s ? TimeSpan.FromSeconds(s) : null,
                HeartbeatTimeout = limits.Heartbeat is { } h ? TimeSpan.FromSeconds(h) : null,
                RetryPolicy = new RetryPolicy { MaximumAttempts = limits.Attempts },
            });
    }

    [Workflow]
    public class WideFan
    {
        [WorkflowRun]
        public async Task<int> RunAsync(int width) => (await Workflow.WhenAllAsync(Enumerable.Range(0, width).Select(
            _ => Workflow.ExecuteActivityAsync(() => SlowSteps.SlowAsync(), new() { StartToCloseTimeout = TimeSpan.FromHours(1) })))).Sum();
    }

    [Workflow]
    public class Elsewhere
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteActivityAsync<string>(
            "Wait", [], new() { TaskQueue = "gpu", ScheduleToStartTimeout = TimeSpan.FromSeconds(10), StartToCloseTimeout = TimeSpan.FromMinutes(1) });
    }

    [Workflow]
    public class CancelsActivity
    {
        [WorkflowRun]
        public async Task<string> RunAsync(ActivityCancellationType type)
        {
            try
            {
                return await Workflow.ExecuteActivityAsync(
                    (WaitingSteps s) => s.WaitAsync(), new() { StartToCloseTimeout = TimeSpan.FromHours(1), CancellationType = type });
            }
            catch (ActivityFailureException e) when (TemporalException.IsCanceledException(e))
            {
                return "cancelled";
            }
        }
    }
}
