using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Replay;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>What is too much for one task, one transaction or one run is taken in parts, or stops its own workflow only, visibly.</summary>
[TestClass]
public sealed class TaskLimitTests
{
    private static readonly WorkflowRef W = new("w");
    private static readonly EngineOptions ThreeAtOnce = EngineHost.Options with { Limits = new EngineLimits { MaxInboxPerCommit = 3 } };

    [TestMethod]
    public async Task Terminate_takes_all_messages_along_however_many_wait()
    {
        await using var host = new EngineHost([], options: ThreeAtOnce with { RunsWorkflows = false });
        await host.StartAsync("Collector", "w", false);
        for (var i = 0; i < 10; i++)
        {
            await host.SignalAsync("w", "Add", i);
        }

        await host.Engine.Service.TerminateAsync(W, "enough", [], default);

        var description = await host.Engine.Reader.DescribeAsync(W, default);
        Assert.AreEqual((WorkflowExecutionStatus.Terminated, 0), (description.Summary.Status, description.InboxCount));
        CollectionAssert.AreEqual(
            (List<Type>)[typeof(WorkflowStarted), .. Enumerable.Repeat(typeof(WorkflowSignaled), 10), typeof(WorkflowTerminated)],
            (await host.Engine.Reader.ReadHistoryAsync(W, 0, TimeSpan.Zero, default)).Select(static e => e.GetType()).ToList());
    }

    [TestMethod]
    public async Task Updates_that_wait_behind_the_end_are_answered()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time);
        await using var client = new EngineHost([], null, ThreeAtOnce with { RunsWorkflows = false, Identity = "client" }, memory, time) { Jumps = false };
        await client.StartAsync("Collector", "w", false);
        await client.SignalAsync("w", "Finish");
        var updates = Enumerable.Range(0, 7).Select(i => client.Engine.Service.UpdateAsync(
            W, new WorkflowUpdateAccepted($"u{i}", "AddNow", [EngineHost.Value(i)]), true, TimeSpan.FromHours(1), default)).ToList();
        await client.UntilAsync(async () => (await client.Engine.Reader.DescribeAsync(W, default)).InboxCount == 9, "all of them");

        await using var worker = new EngineHost([typeof(Collector)], null, ThreeAtOnce with { Identity = "worker" }, memory, time);
        var close = await worker.CloseAsync("w");

        Assert.IsInstanceOfType<WorkflowCompleted>(close.Closed);
        var answers = await Task.WhenAll(updates.Select(AnswerAsync)).WaitAsync(TimeSpan.FromSeconds(20));
        CollectionAssert.AreEqual(EngineHost.Of<List<int>>(((WorkflowCompleted)close.Closed).Result), answers.Where(static a => a >= 0).Select(static a => a).ToList());
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Run_beyond_its_limits_is_blocked_with_the_cure_and_can_be_ended(bool byEvents)
    {
        var limits = byEvents ? new EngineLimits { MaxHistoryEvents = 20 } : new EngineLimits { MaxHistoryBytes = 2_000 };
        await using var host = new EngineHost([typeof(Endless), typeof(Hello)], options: EngineHost.Options with { Limits = limits });
        await host.StartAsync("Endless", "w", false);
        BlockedNote? note = null;
        await host.UntilAsync(async () => (note = (await host.Engine.Reader.DescribeAsync(W, default)).Blocked) is not null, "the block");

        Assert.AreEqual(nameof(WorkflowTaskFailedCause.LimitExceeded), note!.Cause);
        StringAssert.Contains(note.Message, $"the limits are {limits.MaxHistoryEvents} and {limits.MaxHistoryBytes}. Let the workflow continue as new earlier");
        await host.StartAsync("Hello", "h", false, "you");
        Assert.AreEqual("Hello you", await host.ResultAsync<string>("h"));
        await host.Engine.Service.TerminateAsync(W, "enough", [], default);
        Assert.IsInstanceOfType<WorkflowTerminated>((await host.CloseAsync("w")).Closed);
    }

    [TestMethod]
    public async Task Code_that_kept_control_too_long_is_thrown_away_and_tried_anew()
    {
        var runner = new SlowOnce();
        await using var host = new EngineHost([typeof(Hello)]);
        host.PinnedOnly = true;
        using var slow = new WorkflowEngine(
            EngineHost.Options with { Identity = "slow" }, host.Store, host.Code with { Runner = runner }, host.Time, new Random(7), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await host.StartAsync("Hello", "w", false, "you");

        await slow.Handlers.HandleWorkflowAsync(new QueueDelivery(new WorkMessage(WorkKind.Nudge, "t", "w").Encode(), 1, false), default);

        Assert.AreEqual("Deadlock", (await host.Engine.Reader.DescribeAsync(W, default)).Blocked?.Cause);
        host.PinnedOnly = false;
        Assert.AreEqual("Hello you", await host.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Code_that_left_its_scheduler_while_it_waited_is_blocked_and_resumed_once_mended()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time);
        Leaver.Outside = new TaskCompletionSource();
        await using (var bad = new EngineHost([typeof(Leaver)], null, EngineHost.Options with { Identity = "bad" }, memory, time) { Jumps = false })
        {
            await bad.StartAsync("Leaver", "w", false);
            await bad.UntilAsync(async () => (await bad.Engine.Reader.DescribeAsync(W, default)).State.LastTask is not null && bad.IsQuiet, "the first task");
            Leaver.Outside.SetResult();
            await bad.UntilAsync(async () => (await bad.Engine.Reader.DescribeAsync(W, default)).Blocked?.Cause == nameof(WorkflowTaskFailedCause.LeftScheduler), "the block");
        }

        // Code that does not match the history is blocked in its turn.
        await using (var worse = new EngineHost([typeof(Worse)], null, EngineHost.Options with { Identity = "worse" }, memory, time) { Jumps = false })
        {
            await worse.UntilAsync(async () => (await worse.Engine.Reader.DescribeAsync(W, default)).Blocked?.Cause == nameof(WorkflowTaskFailedCause.Nondeterminism), "the other block");
        }

        // Nothing has arrived that mended code could be run on: the note is all that there is to tidy.
        await using var good = new EngineHost([typeof(Mended)], null, EngineHost.Options with { Identity = "good" }, memory, time);
        await good.UntilAsync(async () => (await good.Engine.Reader.DescribeAsync(W, default)).Blocked is null, "no block");
        await good.SignalAsync("w", "Go");
        Assert.AreEqual("went", await good.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Messages_of_one_moment_keep_the_order_of_their_keys_behind_the_start()
    {
        await using var host = new EngineHost([]);
        await host.StartAsync("Collector", "w", false);
        var read = new PartitionRead();
        await foreach (var row in RowPages.RangeAsync(host.Store.Rows, new RowQuery(RowTable.Workflows, WorkflowKey.Partition("w"), JournalKeys.Head, JournalKeys.Head + "\0"), default))
        {
            read.Add(row);
        }

        foreach (var (key, written) in (ReadOnlySpan<(string, long)>)[("in:c", 7), ("in:b", 7), ("in:z", 6), ("in:a", 7)])
        {
            read.Inbox.Add(new InboxRow(key, written, new InboxItem(new WorkflowSignaled(key, []))));
        }

        read.Inbox.Add(new InboxRow("in:zz", 9, new InboxItem(new WorkflowStarted("Collector", "default", []))));
        CollectionAssert.AreEqual(new[] { "in:zz", "in:z", "in:a", "in:b", "in:c" }, read.ToWarm()!.Inbox.Select(static r => r.Key).ToList());
    }

    [TestMethod]
    public async Task History_of_middling_segments_stays_whole_when_small_ones_are_merged()
    {
        await using var host = new EngineHost([typeof(Collector)], options: EngineHost.Options with { CachedRuns = 10, Limits = new EngineLimits { MergeSegments = 3 } });
        await host.StartAsync("Collector", "w", false);
        for (var i = 0; i < 12; i++)
        {
            // Some fit a merge, some fill one, some are too large for any.
            var size = i % 3 * 15_000;
            await host.SignalAsync("w", "Unheard", [.. Enumerable.Range(0, 4).Select(_ => (object)SizeTests.Sized.Text(size))]);
            await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(W, default)).InboxCount == 0, "it is recorded");
        }

        await host.SignalAsync("w", "Finish");
        Assert.IsEmpty(await host.ResultAsync<List<int>>("w"));
        var history = await host.Engine.Reader.ReadHistoryAsync(W, 0, TimeSpan.Zero, default);
        CollectionAssert.AreEqual(Enumerable.Range(1, history.Count).Select(static i => (long)i).ToList(), history.Select(static e => e.Id).ToList());
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 12).Select(static i => (i % 3 * 15_000) + 2).ToList(),
            history.OfType<WorkflowSignaled>().Where(static s => s.Name == "Unheard").Select(static s => s.Args[3].Data.Length).ToList());
    }

    private static async Task<int> AnswerAsync(Task<UpdateOutcome?> update, int index)
    {
        try
        {
            return (await update) is { Accepted: true, Failure: null } ? index : -1;
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.Closed)
        {
            return -1;
        }
    }

    [Workflow]
    public class Endless
    {
        [WorkflowRun]
        public async Task RunAsync()
        {
            while (true)
            {
                await Workflow.DelayAsync(TimeSpan.FromSeconds(1));
            }
        }
    }

    [Workflow]
    public class Leaver
    {
        public static TaskCompletionSource Outside { get; set; } = null!;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            var go = false;
            _ = LeaveAsync();
            await Workflow.WaitConditionAsync(() => go);
            return "went";
        }

        [WorkflowSignal]
        public Task GoAsync() => Task.CompletedTask;

        private static async Task LeaveAsync() => await Outside.Task;
    }

    [Workflow("Leaver")]
    public class Worse
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.DelayAsync(TimeSpan.FromHours(1));
            return "slept";
        }
    }

    [Workflow("Leaver")]
    public class Mended
    {
        private bool _go;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _go);
            return "went";
        }

        [WorkflowSignal]
        public Task GoAsync()
        {
            _go = true;
            return Task.CompletedTask;
        }
    }

    /// <summary>Takes the first task for one that did not give control back.</summary>
    private sealed class SlowOnce : ICodeRunner
    {
        private readonly InPlaceCodeRunner _inner = new();
        private bool _done;

        public Task<T> RunWorkflowAsync<T>(CodeOwner owner, TimeSpan limit, Func<T> code)
        {
            if (_done)
            {
                return _inner.RunWorkflowAsync(owner, limit, code);
            }

            _done = true;
            return Task.FromException<T>(new WorkflowTaskFailedException(WorkflowTaskFailedCause.Deadlock, $"{owner} kept control for longer than {limit}"));
        }

        public Task<Serverless.Activities.ActivityOutcome> RunActivityAsync(Func<Task<Serverless.Activities.ActivityOutcome>> code) => _inner.RunActivityAsync(code);
    }
}
