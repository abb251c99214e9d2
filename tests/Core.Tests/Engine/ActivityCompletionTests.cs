using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Common;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

[TestClass]
public sealed class ActivityCompletionTests
{
    private static readonly Type[] Types = [typeof(Asker)];

    [TestMethod]
    [DataRow(1000)]
    [DataRow(0)]
    public async Task Completion_by_token_is_the_activitys_result(int cached)
    {
        var desk = new Desk();
        await using var host = new EngineHost(Types, desk, EngineHost.Options with { CachedRuns = cached });
        var workflow = await StartAsync(host);
        var handle = await desk.NextAsync(host);

        await handle.CompleteAsync("yes");

        Assert.AreEqual("yes", await workflow.GetResultAsync());
        await AssertNotFoundAsync(() => handle.CompleteAsync("no"));
    }

    [TestMethod]
    public async Task Completion_by_id_is_the_activitys_result()
    {
        var desk = new Desk();
        await using var host = new EngineHost(Types, desk);
        var workflow = await StartAsync(host);
        await desk.NextAsync(host);

        await ById(host, "question").CompleteAsync("yes");

        Assert.AreEqual("yes", await workflow.GetResultAsync());
    }

    [TestMethod]
    public async Task Completion_before_the_code_has_returned_counts()
    {
        AsyncActivityHandle? handle = null;
        EngineHost? host = null;
        var desk = new Desk { BeforeReturn = token => handle!.CompleteAsync("fast") };
        desk.Asked = token => handle = host!.Client.GetAsyncActivityHandle(new AsyncActivityHandle.TaskTokenReference(token));
        await using (host = new EngineHost(Types, desk))
        {
            var workflow = await StartAsync(host);
            Assert.AreEqual("fast", await workflow.GetResultAsync());
        }
    }

    [TestMethod]
    public async Task Failure_is_retried_with_its_last_heartbeat_and_ends_the_old_token()
    {
        var desk = new Desk();
        await using var host = new EngineHost(Types, desk);
        var workflow = await StartAsync(host);
        var first = await desk.NextAsync(host);

        await first.FailAsync(new InvalidOperationException("busy"), new() { LastHeartbeatDetails = ["half"] });
        await AssertNotFoundAsync(() => first.CompleteAsync("late"));
        var second = await desk.NextAsync(host);
        await second.CompleteAsync("yes");

        Assert.AreEqual("yes", await workflow.GetResultAsync());
        CollectionAssert.AreEqual(new[] { "", "half" }, desk.LastDetails);
    }

    [TestMethod]
    public async Task Failure_that_may_not_be_retried_fails_the_activity()
    {
        var desk = new Desk();
        await using var host = new EngineHost(Types, desk);
        var workflow = await StartAsync(host);

        await (await desk.NextAsync(host)).FailAsync(new ApplicationFailureException("never", nonRetryable: true));

        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
        Assert.AreEqual("never", failed.InnerException!.InnerException!.Message);
    }

    [TestMethod]
    public async Task Heartbeat_is_recorded_and_tells_of_a_cancellation()
    {
        var desk = new Desk();
        await using var host = new EngineHost(Types, desk);
        var workflow = await StartAsync(host);
        var handle = await desk.NextAsync(host);

        await handle.HeartbeatAsync(new() { Details = ["half"] });
        var attempts = (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).Attempts.Values.Single();
        Assert.AreEqual("half", EngineHost.Of<string>(attempts.HeartbeatDetails[0]));
        Assert.AreEqual(RpcException.StatusCode.InvalidArgument, await CodeAsync(() => handle.ReportCancellationAsync()));

        await workflow.CancelAsync();
        await host.UntilAsync(
            async () =>
            {
                try
                {
                    await handle.HeartbeatAsync();
                    return false;
                }
                catch (AsyncActivityCanceledException)
                {
                    return true;
                }
            },
            "the heartbeat tells of the cancellation");
        await handle.ReportCancellationAsync();

        Assert.AreEqual("cancelled", await workflow.GetResultAsync());
    }

    [TestMethod]
    public async Task Missing_heartbeats_time_the_attempt_out()
    {
        var desk = new Desk();
        await using var host = new EngineHost(Types, desk);
        var workflow = await host.Client.StartWorkflowAsync((Asker w) => w.RunAsync(5, 1), new("w"));
        await desk.NextAsync(host);

        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());

        var timeout = Assert.IsInstanceOfType<TimeoutFailureException>(failed.InnerException!.InnerException);
        Assert.AreEqual(Api.Enums.V1.TimeoutType.Heartbeat, timeout.TimeoutType);
    }

    [TestMethod]
    public async Task What_is_not_pending_is_not_found_and_a_strange_token_is_refused()
    {
        var desk = new Desk();
        await using var host = new EngineHost(Types, desk);
        await StartAsync(host);
        await desk.NextAsync(host);

        await AssertNotFoundAsync(() => ById(host, "another").CompleteAsync());
        await AssertNotFoundAsync(() => host.Client.GetAsyncActivityHandle(new AsyncActivityHandle.IdReference("nobody", null, "question")).HeartbeatAsync());
        await AssertNotFoundAsync(() => host.Client.GetAsyncActivityHandle(new AsyncActivityHandle.IdReference("w", "no-run", "question")).CompleteAsync());
        Assert.AreEqual(
            RpcException.StatusCode.InvalidArgument,
            await CodeAsync(() => host.Client.GetAsyncActivityHandle(new AsyncActivityHandle.TaskTokenReference([1, 2, 3])).CompleteAsync()));
    }

    [TestMethod]
    public async Task Failure_is_retried_whatever_call_its_reporter_dies_at()
    {
        foreach (var fault in Faults.All)
        {
            for (var at = 1; await DieAsync(fault, at); at++)
            {
            }
        }
    }

    [TestMethod]
    public async Task Attempt_that_was_left_open_outlives_the_process_that_started_it()
    {
        var outlived = 0;
        for (var at = 1; at <= 12; at++)
        {
            outlived += await LeaveOpenAndDieAsync(at) ? 1 : 0;
        }

        Assert.IsGreaterThan(0, outlived);
    }

    /// <summary>True when the attempt had been left open before the process died.</summary>
    private static async Task<bool> LeaveOpenAndDieAsync(int at)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time, seed: at);
        var faulty = new FaultyHubStore(memory, (n, _) => n == at ? Fault.CrashAfter : Fault.None);
        var desk = new Desk();
        await using var first = new EngineHost(Types, desk, EngineHost.Options with { Identity = "first" }, faulty, time);
        await Task.WhenAny(StartAsync(first), Task.Delay(TimeSpan.FromSeconds(1)));
        await first.UntilAsync(() => Task.FromResult(faulty.IsDead || time.GetUtcNow().Year > 2026), "the process dies, or has nothing more to do");
        var ids = new IdSource(time, new Random(1));
        var retry = new StorageRetry(time, ids);
        var row = await new JournalReader(memory.Rows, new Segments(memory.Blobs, ids, retry, new EngineLimits()), retry, new EngineLimits()).ReadActivityAsync("w", 1, 3, default);
        if (row.Attempts is not { CompletesAsync: true })
        {
            return false;
        }

        await using var second = new EngineHost(Types, desk, EngineHost.Options with { Identity = "second" }, memory, time);
        var later = time.GetUtcNow() + TimeSpan.FromMinutes(5);
        await second.UntilAsync(() => Task.FromResult(time.GetUtcNow() > later), "messages have come back");
        await (await desk.NextAsync(second)).CompleteAsync("yes");

        Assert.AreEqual("yes", await second.ResultAsync<string>("w"), $"died at call {at}");
        Assert.HasCount(1, desk.LastDetails, $"died at call {at}");
        return true;
    }

    /// <summary>False when the report made fewer calls.</summary>
    private static async Task<bool> DieAsync(Fault fault, int at)
    {
        var desk = new Desk();
        await using var host = new EngineHost(Types, desk);
        var workflow = await StartAsync(host);
        var first = await desk.NextAsync(host);
        var faulty = new FaultyHubStore(host.Store, (n, _) => n == at ? fault : Fault.None);
        using var reporter = new WorkflowEngine(
            EngineHost.Options with { RunsWorkflows = false }, faulty, host.Code, host.Time, new Random(at), NullLoggerFactory.Instance);
        var token = ((AsyncActivityHandle.TaskTokenReference)first.Activity).TaskToken;
        try
        {
            var failure = new Failure("busy", new ApplicationFailureInfo("Busy", NonRetryable: false));
            await reporter.Completion.FailAsync(new ActivityRef.ByToken(token), failure, [], default);
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
            // Told that it failed, another reporter tries again: it may have been done.
            await IgnoreNotFoundAsync(() => first.FailAsync(new InvalidOperationException("busy")));
        }

        await (await desk.NextAsync(host)).CompleteAsync("yes");
        Assert.AreEqual("yes", await workflow.GetResultAsync(), $"{fault} at call {at}");
        return faulty.Count >= at;
    }

    private static async Task IgnoreNotFoundAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
        }
    }

    private static Task<WorkflowHandle<Asker, string>> StartAsync(EngineHost host) =>
        host.Client.StartWorkflowAsync((Asker w) => w.RunAsync(0, 0), new("w"));

    private static AsyncActivityHandle ById(EngineHost host, string activityId) =>
        host.Client.GetAsyncActivityHandle(new AsyncActivityHandle.IdReference("w", null, activityId));

    private static async Task AssertNotFoundAsync(Func<Task> call) => Assert.AreEqual(RpcException.StatusCode.NotFound, await CodeAsync(call));

    private static async Task<RpcException.StatusCode> CodeAsync(Func<Task> call) => (await Assert.ThrowsExactlyAsync<RpcException>(call)).Code;
}

/// <summary>Takes questions that others answer.</summary>
public sealed class Desk
{
    private readonly ConcurrentQueue<byte[]> _tokens = new();

    public Action<byte[]>? Asked { get; set; }

    public Func<byte[], Task>? BeforeReturn { get; set; }

    public List<string> LastDetails { get; } = [];

    [Activity]
    public async Task<string> AskAsync()
    {
        var context = ActivityExecutionContext.Current;
        LastDetails.Add(context.Info.HeartbeatDetails.Count == 0 ? "" : await context.Info.HeartbeatDetailAtAsync<string>(0));
        Asked?.Invoke(context.TaskToken);
        if (BeforeReturn is not null)
        {
            await BeforeReturn(context.TaskToken);
        }

        _tokens.Enqueue(context.TaskToken);
        throw new CompleteAsyncException();
    }

    internal async Task<AsyncActivityHandle> NextAsync(EngineHost host)
    {
        byte[]? token = null;
        await host.UntilAsync(() => Task.FromResult(_tokens.TryDequeue(out token)), "the activity asks");
        return host.Client.GetAsyncActivityHandle(new AsyncActivityHandle.TaskTokenReference(token!));
    }
}

[Workflow]
public class Asker
{
    [WorkflowRun]
    public async Task<string> RunAsync(int heartbeatSeconds, int maximumAttempts)
    {
        try
        {
            return await Workflow.ExecuteActivityAsync(
                (Desk d) => d.AskAsync(),
                new()
                {
                    ActivityId = "question",
                    StartToCloseTimeout = TimeSpan.FromDays(36500),
                    HeartbeatTimeout = heartbeatSeconds > 0 ? TimeSpan.FromSeconds(heartbeatSeconds) : null,
                    CancellationType = ActivityCancellationType.WaitCancellationCompleted,
                    RetryPolicy = new RetryPolicy { MaximumAttempts = maximumAttempts },
                });
        }
        catch (Exception e) when (TemporalException.IsCanceledException(e))
        {
            return "cancelled";
        }
    }
}
