using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>A request to cancel an activity finds it wherever it is: due but not begun, in line for a place, or running in another process.</summary>
[TestClass]
public sealed class ActivityCancelRaceTests
{
    private static readonly WorkflowRef W = new("w");
    private static readonly string Gpu = QueueNames.ActivitiesOf("gpu", "default");

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public async Task Attempt_that_is_due_when_the_request_comes_does_not_begin(int deliveries)
    {
        var code = new Tries();
        await using var host = new EngineHost([typeof(Insistent)], code);
        using var held = host.Hold();
        var workflow = await StartAsync(host, code);

        // From here on, the test hands the messages over.
        host.PinnedOnly = true;
        await CreepUntilAsync(host, () => host.IsQuiet, "rest");
        host.Time.Advance(TimeSpan.FromSeconds(51));
        await workflow.CancelAsync();
        await HandOverAsync(host, QueueNames.Workflows, host.Engine.Handlers.HandleWorkflowAsync, 1);
        Assert.IsInstanceOfType<ActivityCancelRequested>((await HistoryAsync(host))[^1], "nothing is answered yet");
        await HandOverAsync(host, QueueNames.Timers, host.Engine.Handlers.HandleTimerAsync, deliveries);
        held.Dispose();

        Assert.AreEqual("cancelled", await host.ResultAsync<string>("w"));
        Assert.AreEqual(1, code.Count);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Attempt_that_waits_for_a_place_ends_with_its_wait(bool isCanceled)
    {
        var code = new Tries();
        await using var host = new EngineHost([typeof(Insistent), typeof(Occupant)], code, EngineHost.Options with { MaxConcurrentActivities = 1 }) { Lease = TimeSpan.FromDays(6) };
        using var held = host.Hold();
        var workflow = await StartAsync(host, code);
        await host.Client.StartWorkflowAsync((Occupant o) => o.RunAsync(), new("o", "default"));
        await host.UntilAsync(() => Task.FromResult(code.IsTaken), "the place to be taken");
        host.Time.Advance(TimeSpan.FromSeconds(51));
        await host.UntilAsync(() => Task.FromResult(!(host.NextVisible <= host.Time.GetUtcNow())), "the attempt in line");

        var asking = isCanceled ? workflow.CancelAsync() : workflow.TerminateAsync();
        await CreepUntilAsync(host, () => asking.IsCompleted, "the request is stored");
        await host.UntilAsync(async () => !isCanceled || (await HistoryAsync(host)).OfType<ActivityCancelRequested>().Any(), "the request");
        host.Time.Advance(TimeSpan.FromDays(2));

        held.Dispose();
        Assert.IsInstanceOfType((await host.CloseAsync("w")).Closed, isCanceled ? typeof(WorkflowCompleted) : typeof(WorkflowTerminated));
        Assert.AreEqual(1, code.Count);
        code.Release.SetResult();
        await host.CloseAsync("o");
    }

    [TestMethod]
    [DataRow(true, ActivityCancelReason.CancelRequested)]
    [DataRow(false, ActivityCancelReason.GoneFromServer)]
    public async Task Attempt_in_another_process_learns_with_its_next_heartbeat_why_it_is_to_stop(bool isCanceled, ActivityCancelReason expected)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time);
        var code = new Distant();
        var failing = 0;
        var shaky = new FaultyHubStore(memory, (_, what) => what == "Commit Workflows" && Volatile.Read(ref failing) > 0 && Interlocked.Decrement(ref failing) >= 0 ? Fault.FailBefore : Fault.None);
        await using var near = new EngineHost([typeof(Sender)], null, EngineHost.Options, memory, time) { Jumps = false };
        await using var far = new EngineHost([], code, EngineHost.Options with { Identity = "far", RunsWorkflows = false, ActivityQueues = [Gpu] }, shaky, time)
        {
            Jumps = false,
            Lease = TimeSpan.FromDays(1),
        };
        var workflow = await near.Client.StartWorkflowAsync((Sender s) => s.RunAsync(), new("w", "default"));
        await near.UntilAsync(() => Task.FromResult(code.Context is not null), "the attempt");

        // Storage that fails for a while is no reason to stop: the next heartbeat is recorded.
        Volatile.Write(ref failing, 5);
        code.Context!.Heartbeat("lost");
        await near.UntilAsync(() => Task.FromResult(Volatile.Read(ref failing) <= 0), "the failures");
        Assert.IsFalse(code.Context.CancellationToken.IsCancellationRequested);
        await near.PassAsync(TimeSpan.FromSeconds(60));
        code.Context.Heartbeat("kept");
        await near.UntilAsync(async () => (await near.Engine.Reader.DescribeAsync(W, default)).Attempts.Values.Any(static a => a.HeartbeatDetails.Count > 0), "the heartbeat");

        await (isCanceled ? workflow.CancelAsync() : workflow.TerminateAsync());
        await near.UntilAsync(async () => !isCanceled || (await HistoryAsync(near)).OfType<ActivityCancelRequested>().Any(), "the request");
        await near.UntilAsync(
            async () =>
            {
                await near.PassAsync(TimeSpan.FromSeconds(30));
                code.Context.Heartbeat("more");
                return code.Context.CancellationToken.IsCancellationRequested;
            },
            "the attempt is told");

        Assert.AreEqual(expected, code.Context.CancelReason);
        Assert.IsInstanceOfType((await near.CloseAsync("w")).Closed, isCanceled ? typeof(WorkflowCompleted) : typeof(WorkflowTerminated));
        await far.UntilAsync(() => Task.FromResult(far.IsQuiet), "the attempt's message is done with");
        Assert.IsNull(far.HandlerFailure);
    }

    private static async Task<WorkflowHandle<Insistent, string>> StartAsync(EngineHost host, Tries code)
    {
        var workflow = await host.Client.StartWorkflowAsync((Insistent i) => i.RunAsync(), new("w", "default"));
        await host.UntilAsync(async () => code.Count == 1 && (await host.Engine.Reader.DescribeAsync(W, default)).Attempts.Values.Any(static a => a.Attempt == 2), "the second attempt's row");
        await host.UntilAsync(() => Task.FromResult(host.NextVisible is not null), "its timer");
        return workflow;
    }

    private static async Task HandOverAsync(EngineHost host, string queue, Func<QueueDelivery, CancellationToken, Task> handle, int deliveries)
    {
        foreach (var message in await host.Store.Queues.ReceiveAsync(queue, 32, TimeSpan.FromMinutes(1), default))
        {
            var handling = handle(new QueueDelivery(message.Body, deliveries, false), default);
            await CreepUntilAsync(host, () => handling.IsCompleted, "the message is done with");
            await handling;
            await host.Store.Queues.DeleteAsync(message.Receipt, default);
        }
    }

    /// <summary>The test holds the clock; what waits for a few milliseconds needs them.</summary>
    private static Task CreepUntilAsync(EngineHost host, Func<bool> condition, string what) => host.UntilAsync(
        () =>
        {
            host.Time.Advance(TimeSpan.FromMilliseconds(1));
            return Task.FromResult(condition());
        },
        what);

    private static Task<IReadOnlyList<HistoryEvent>> HistoryAsync(EngineHost host) => host.Engine.Reader.ReadHistoryAsync(W, 0, TimeSpan.Zero, default);

    public sealed class Tries
    {
        public int Count { get; private set; }

        public bool IsTaken { get; private set; }

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        [Activity]
        public void Try()
        {
            Count++;
            throw new InvalidOperationException("once more");
        }

        [Activity]
        public Task TakeAsync()
        {
            IsTaken = true;
            return Release.Task;
        }
    }

    public sealed class Distant
    {
        public ActivityExecutionContext? Context { get; private set; }

        [Activity]
        public async Task WaitAsync()
        {
            Context = ActivityExecutionContext.Current;
            await Task.Delay(Timeout.Infinite, Context.CancellationToken);
        }
    }

    [Workflow]
    public class Insistent
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            try
            {
                await Workflow.ExecuteActivityAsync((Tries t) => t.Try(), new()
                {
                    StartToCloseTimeout = TimeSpan.FromMinutes(1),
                    ScheduleToCloseTimeout = TimeSpan.FromDays(1),
                    RetryPolicy = new() { InitialInterval = TimeSpan.FromSeconds(50) },
                    CancellationType = ActivityCancellationType.WaitCancellationCompleted,
                });
                return "done";
            }
            catch (Exception e) when (TemporalException.IsCanceledException(e))
            {
                return "cancelled";
            }
        }
    }

    [Workflow]
    public class Occupant
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.ExecuteActivityAsync((Tries t) => t.TakeAsync(), new() { StartToCloseTimeout = TimeSpan.FromDays(100) });
    }

    [Workflow]
    public class Sender
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            try
            {
                await Workflow.ExecuteActivityAsync((Distant d) => d.WaitAsync(), new()
                {
                    TaskQueue = "gpu",
                    StartToCloseTimeout = TimeSpan.FromDays(100),
                    CancellationType = ActivityCancellationType.WaitCancellationCompleted,
                });
                return "done";
            }
            catch (Exception e) when (TemporalException.IsCanceledException(e))
            {
                return "cancelled";
            }
        }
    }
}
