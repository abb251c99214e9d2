using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Common;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Where activities run that name a task queue, and where those run that name none.</summary>
[TestClass]
public sealed class TaskQueueTests
{
    private static readonly string Gpu = QueueNames.ActivitiesOf("gpu", "default");
    private static readonly EngineOptions GpuOptions = EngineHost.Options with { Identity = "gpu", RunsWorkflows = false, ActivityQueues = [Gpu] };
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [TestMethod]
    public async Task A_process_without_workflows_leaves_their_messages_to_others()
    {
        await using var host = new EngineHost([], options: GpuOptions);
        var message = new QueueDelivery(new WorkMessage(WorkKind.Nudge, "t", "w").Encode(), 1, false);
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => host.Engine.Handlers.HandleWorkflowAsync(message, default));
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => host.Engine.Handlers.HandleTimerAsync(message, default));
    }

    [TestMethod]
    public async Task An_activity_waits_on_a_queue_that_did_not_exist_until_somebody_serves_it()
    {
        var store = new MemoryHubStore(_time);
        await using var host = new EngineHost([typeof(OnGpu)], new Renderer("workflows"), store: store, time: _time);
        await host.StartAsync("OnGpu", "w", false);
        await host.UntilAsync(async () => await store.Queues.CountAsync(Gpu, default) == 1, "the activity on its queue");
        await using var gpu = new EngineHost([], new Renderer("gpu"), GpuOptions, store, _time);
        Assert.AreEqual("gpu", await host.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Retries_run_where_their_task_queue_is_served()
    {
        var store = new MemoryHubStore(_time);
        var (here, there) = (new Renderer("workflows"), new Renderer("gpu") { FailFirst = 3 });
        await using var host = new EngineHost([typeof(OnGpu)], here, store: store, time: _time);
        await using var gpu = new EngineHost([], there, GpuOptions, store, _time);
        for (var i = 0; i < 5; i++)
        {
            await host.StartAsync("OnGpu", $"w{i}", false);
            Assert.AreEqual("gpu", await host.ResultAsync<string>($"w{i}"));
        }

        Assert.AreEqual(0, here.Calls);
        Assert.AreEqual(8, there.Calls);
    }

    [TestMethod]
    public async Task A_due_attempt_that_nobody_takes_from_its_queue_times_out()
    {
        var store = new MemoryHubStore(_time);
        var there = new Renderer("gpu") { FailFirst = 1 };
        await using var host = new EngineHost([typeof(OnGpuInTime)], new Renderer("workflows"), store: store, time: _time);
        await using (var gpu = new EngineHost([], there, GpuOptions, store, _time))
        {
            await host.StartAsync("OnGpuInTime", "w", false);
            await host.UntilAsync(
                async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).Attempts.Values.Any(static a => a.Attempt == 2) && gpu.IsQuiet,
                "the second attempt to be due later");
        }

        var close = await host.CloseAsync("w");
        var failure = ((WorkflowFailed)close.Closed).Failure;
        Assert.AreEqual(Api.Enums.V1.TimeoutType.ScheduleToStart, ((TimeoutFailureInfo)failure.Cause!.Info).Type);
    }

    [TestMethod]
    public async Task Activities_of_the_workflows_task_queue_run_where_workflows_run_whatever_that_queue_is()
    {
        var options = EngineHost.Options with { MaxConcurrentActivities = 1, SpillAfter = TimeSpan.FromMilliseconds(1) };
        var steps = new Renderer("here") { FailFirst = 4 };
        await using var host = new EngineHost([typeof(Fan)], steps, options);
        await host.Engine.Service.StartAsync(new StartRequest("w", new WorkflowStarted("Fan", "orders", [])), default);
        Assert.AreEqual(8, await host.ResultAsync<int>("w"));
        Assert.AreEqual(12, steps.Calls);
        Assert.IsNull(await host.Store.Queues.CountAsync(QueueNames.ActivitiesOf("orders", "default"), default));
    }

    [TestMethod]
    public async Task Steps_on_the_file_system_of_one_worker_run_on_that_worker()
    {
        var store = new MemoryHubStore(_time);
        var options = new[] { "worker-1", "worker-2" }.Select(name => EngineHost.Options with
        {
            Identity = name,
            ActivityQueues = [QueueNames.Activities, QueueNames.ActivitiesOf(name, "default")],
        }).ToList();
        await using var first = new EngineHost([typeof(FileProcessing)], new Worker("worker-1"), options[0], store, _time);
        await using var second = new EngineHost([typeof(FileProcessing)], new Worker("worker-2"), options[1], store, _time);
        for (var i = 0; i < 10; i++)
        {
            await first.StartAsync("FileProcessing", $"w{i}", false);
        }

        for (var i = 0; i < 10; i++)
        {
            var ran = await first.ResultAsync<string[]>($"w{i}");
            Assert.HasCount(1, ran.Distinct(), string.Join(", ", ran));
        }
    }

    [TestMethod]
    public async Task An_activity_that_must_not_run_ahead_goes_over_its_queue()
    {
        var steps = new Renderer("here");
        await using var host = new EngineHost([typeof(NotEager)], steps, EngineHost.Options with { ActivityQueues = [] });
        await host.StartAsync("NotEager", "w", false);
        await host.UntilAsync(async () => await host.Store.Queues.CountAsync(QueueNames.Activities, default) == 1, "the activity on its queue");
        Assert.AreEqual(0, steps.Calls);
        await host.Engine.Service.TerminateAsync(new WorkflowRef("w"), null, [], default);
    }

    public sealed class Renderer(string name)
    {
        private int _calls;

        public int FailFirst { get; init; }

        public int Calls => Volatile.Read(ref _calls);

        [Activity]
        public string Render() => Interlocked.Increment(ref _calls) > FailFirst ? name : throw new InvalidOperationException("not yet");
    }

    public sealed class Worker(string name)
    {
        private bool _failed;

        [Activity]
        public string OwnTaskQueue() => name;

        [Activity]
        public string Work()
        {
            _failed = !_failed;
            return _failed ? throw new InvalidOperationException("every other time") : name;
        }
    }

    [Workflow]
    public class OnGpu
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteActivityAsync(
            (Renderer r) => r.Render(), new() { TaskQueue = "gpu", StartToCloseTimeout = TimeSpan.FromHours(1) });
    }

    [Workflow]
    public class OnGpuInTime
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteActivityAsync(
            (Renderer r) => r.Render(),
            new()
            {
                TaskQueue = "gpu",
                ScheduleToStartTimeout = TimeSpan.FromSeconds(5),
                StartToCloseTimeout = TimeSpan.FromHours(1),
                RetryPolicy = new RetryPolicy { InitialInterval = TimeSpan.FromMinutes(10) },
            });
    }

    [Workflow]
    public class NotEager
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteActivityAsync(
            (Renderer r) => r.Render(), new() { DisableEagerActivityExecution = true, StartToCloseTimeout = TimeSpan.FromHours(1) });
    }

    [Workflow]
    public class Fan
    {
        [WorkflowRun]
        public async Task<int> RunAsync() => (await Workflow.WhenAllAsync(Enumerable.Range(0, 8).Select(
            _ => Workflow.ExecuteActivityAsync((Renderer r) => r.Render(), new() { StartToCloseTimeout = TimeSpan.FromHours(1) })))).Length;
    }

    [Workflow]
    public class FileProcessing
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var queue = await Workflow.ExecuteActivityAsync((Worker w) => w.OwnTaskQueue(), new() { StartToCloseTimeout = TimeSpan.FromHours(1) });
            var ran = new List<string>();
            for (var i = 0; i < 3; i++)
            {
                ran.Add(await Workflow.ExecuteActivityAsync(
                    (Worker w) => w.Work(), new() { TaskQueue = queue, ScheduleToCloseTimeout = TimeSpan.FromHours(1) }));
            }

            return [.. ran];
        }
    }
}
