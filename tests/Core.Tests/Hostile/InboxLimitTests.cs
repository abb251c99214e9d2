using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Workflows;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Core.Tests.Hostile;

/// <summary>Messages that nobody takes are not collected without end: senders are told to wait, and whatever was accepted before is applied.</summary>
[TestClass]
public sealed class InboxLimitTests
{
    private const int Few = 10;
    private static readonly WorkflowRef W = new("w");
    private static readonly EngineOptions Small = EngineHost.Options with { Limits = new EngineLimits { MaxInbox = Few, MaxInboxPerCommit = 2 } };

    [TestMethod]
    public async Task A_full_inbox_refuses_messages_and_takes_them_again_when_it_is_half_empty()
    {
        var code = new Mood { IsBroken = true };
        Listening.Mood = code;
        await using var host = new EngineHost([typeof(Listening)], options: Small);
        await host.StartAsync("Listening", "w", false);
        await host.UntilAsync(async () => (await DescribeAsync(host)).Blocked is not null, "the run to block");

        // The start waits too: nine messages and it are ten.
        for (var i = 0; i < Few - 1; i++)
        {
            await host.SignalAsync("w", "Add", i);
        }

        await host.UntilAsync(async () => await IsFullAsync(host), "the inbox to be full");
        foreach (var send in Messages(host))
        {
            var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(send);
            Assert.AreEqual(WorkflowServiceError.InboxFull, e.Code);
            Assert.StartsWith("So many messages wait for workflow 'w'", e.Message);
        }

        // What does not come from outside is not refused; nor is a request to end.
        await host.Engine.Service.CancelAsync(W, "enough", null, default);
        Assert.AreEqual(Few + 1, (await HubRowsAsync(host)).Count);

        code.IsBroken = false;
        await host.Engine.Steering.ResumeAsync(W, default);
        await host.UntilAsync(async () => !await IsFullAsync(host) && (await DescribeAsync(host)).InboxCount == 0, "the inbox to be empty");
        await host.SignalAsync("w", "Add", Few - 1);
        await host.SignalAsync("w", "Finish");
        CollectionAssert.AreEqual(Enumerable.Range(0, Few).ToArray(), await host.ResultAsync<List<int>>("w"));
    }

    [TestMethod]
    public async Task A_full_inbox_counts_bytes_too_and_its_workflow_can_be_ended()
    {
        Listening.Mood = new Mood { IsBroken = true };
        var small = EngineHost.Options with { Limits = new EngineLimits { MaxInboxBytes = 300_000 } };
        await using var host = new EngineHost([typeof(Listening)], options: small);
        await host.StartAsync("Listening", "w", false);
        var large = new string('x', 100_000);
        await host.SignalAsync("w", "Tell", large);
        await host.SignalAsync("w", "Tell", large);
        await host.UntilAsync(async () => (await DescribeAsync(host)) is { Blocked: not null, InboxCount: 3 }, "the run to block");
        Assert.IsFalse(await IsFullAsync(host));
        await host.SignalAsync("w", "Tell", large);
        await host.UntilAsync(async () => await IsFullAsync(host), "the inbox to be full");

        await host.Engine.Service.TerminateAsync(W, "flooded", [], null, default);
        Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await host.CloseAsync("w")).Status);
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "quiet");
        await host.Engine.Service.DeleteAsync("w", default);
        await host.UntilAsync(async () => (await RowsAsync(host)).Count == 0, "nothing is left");
    }

    [TestMethod]
    public async Task No_more_of_an_inbox_is_read_at_once_than_its_limit_and_the_start_comes_first()
    {
        Listening.Mood = new Mood();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var store = new MemoryHubStore(time);

        // Nobody is there to read but the sender's engine, which gets no message.
        await using (var deaf = new EngineHost(
            [typeof(Listening)], options: Small with { Identity = "deaf" }, store: new FaultyHubStore(store, static (_, _) => Fault.None) { IsDeaf = true }, time: time))
        {
            await deaf.StartAsync("Listening", "w", false);
            for (var i = 0; i < 5 * Few; i++)
            {
                await deaf.SignalAsync("w", "Add", i);
            }

            Assert.AreEqual(Few, (await DescribeAsync(deaf)).InboxCount);
        }

        await using var late = new EngineHost([typeof(Listening)], options: Small with { Identity = "late" }, store: store, time: time);
        await late.UntilAsync(async () => (await DescribeAsync(late)).InboxCount == 0, "all to be taken");
        var first = (await DescribeAsync(late)).Summary.RunId;
        await late.SignalAsync("w", "Again");
        await late.UntilAsync(async () => await DescribeAsync(late) is { InboxCount: 0 } next && next.Summary.RunId != first, "the next run");
        await late.SignalAsync("w", "Finish");
        CollectionAssert.AreEqual(Enumerable.Range(0, 5 * Few).ToArray(), await late.ResultAsync<List<int>>("w"));
    }

    [TestMethod]
    public async Task A_workflow_that_signals_into_a_full_inbox_is_told_and_a_result_gets_in()
    {
        Listening.Mood = new Mood { IsBroken = true };
        await using var host = new EngineHost([typeof(Listening), typeof(Teller)], options: Small);
        await host.StartAsync("Listening", "w", false);
        for (var i = 0; i < Few - 1; i++)
        {
            await host.SignalAsync("w", "Add", i);
        }

        await host.UntilAsync(async () => await IsFullAsync(host), "the inbox to be full");
        await host.StartAsync("Teller", "teller", false);
        Assert.AreEqual("InboxFull", await host.ResultAsync<string>("teller"));

        var head = (await DescribeAsync(host)).Summary.RunId;
        var ids = new IdSource(host.Time, new Random(1));
        var retry = new StorageRetry(host.Time, ids);
        var segments = new Segments(host.Store.Blobs, ids, retry, new EngineLimits());
        var journal = new Journal(host.Store.Rows, new JournalReader(host.Store.Rows, segments, retry, new EngineLimits()), segments, retry);
        Assert.AreEqual(PostOutcome.Accepted, await journal.PostAsync(
            "w", JournalKeys.ActivityResult(head, 99), new InboxItem(new ActivityCompleted(99, null), head), null, default));
        Assert.IsTrue(await journal.WriteWhileOpenAsync("w", JournalKeys.Activity(1, 99), new ActivityAttemptRow(2, null, null, []).Encode(), default));
    }

    private static IEnumerable<Func<Task>> Messages(EngineHost host) =>
    [
        () => host.SignalAsync("w", "Add", 99),
        () => host.Engine.Service.SignalAsync(W, new WorkflowSignaled("Add", [EngineHost.Value(99)]), "request", default),
        () => host.Engine.Service.UpdateAsync(W, new WorkflowUpdateAccepted("u", "u", []), false, TimeSpan.Zero, default),
        () => host.Engine.Steering.ModifyAsync(W, new WorkflowPropertiesModified(new Dictionary<string, Payload?> { ["a"] = EngineHost.Value(1) }, WorkflowStarted.Empty!), null, default),
        () => host.Engine.Service.StartAsync(
            new StartRequest("w", new WorkflowStarted("Listening", "default", []))
            {
                ConflictPolicy = WorkflowIdConflictPolicy.UseExisting,
                Signal = new WorkflowSignaled("Add", [EngineHost.Value(99)]),
            },
            default),
    ];

    private static Task<WorkflowDescription> DescribeAsync(EngineHost host) => host.Engine.Reader.DescribeAsync(W, default);

    private static async Task<bool> IsFullAsync(EngineHost host) => (await RowsAsync(host)).Any(static r => r.Key == JournalKeys.FullGate);

    private static async Task<IReadOnlyList<Row>> HubRowsAsync(EngineHost host) => [.. (await RowsAsync(host)).Where(static r => r.Key.StartsWith(JournalKeys.InboxPrefix, StringComparison.Ordinal))];

    private static async Task<IReadOnlyList<Row>> RowsAsync(EngineHost host)
    {
        var (rows, continuation) = (new List<Row>(), (string?)null);
        do
        {
            var page = await host.Store.Rows.QueryAsync(new RowQuery(RowTable.Workflows, WorkflowKey.Partition("w"), "", null, Continuation: continuation), default);
            rows.AddRange(page.Rows);
            continuation = page.Continuation;
        }
        while (continuation is not null);

        return rows;
    }

    public sealed class Mood
    {
        public bool IsBroken { get; set; }
    }

    [Workflow]
    public class Listening
    {
        private List<int> _seen = [];
        private bool _again;
        private bool _done;

        public static Mood Mood { get; set; } = new();

        [WorkflowRun]
        public async Task<List<int>> RunAsync(List<int>? seen = null)
        {
            if (Mood.IsBroken)
            {
                throw new InvalidOperationException("not in the mood");
            }

            _seen = [.. seen ?? [], .. _seen];
            while (!_done)
            {
                try
                {
                    await Workflow.WaitConditionAsync(() => _again || _done);
                }
                catch (OperationCanceledException)
                {
                    await Workflow.WaitConditionAsync(() => _again || _done, CancellationToken.None);
                }

                if (_again)
                {
                    throw Workflow.CreateContinueAsNewException("Listening", [_seen]);
                }
            }

            return _seen;
        }

        [WorkflowSignal]
        public Task AddAsync(int value)
        {
            _seen.Add(value);
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task TellAsync(string text) => Task.CompletedTask;

        [WorkflowSignal]
        public Task AgainAsync()
        {
            _again = true;
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task FinishAsync()
        {
            _done = true;
            return Task.CompletedTask;
        }
    }

    [Workflow]
    public class Teller
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            try
            {
                await Workflow.GetExternalWorkflowHandle("w").SignalAsync("Add", [1]);
                return "";
            }
            catch (Serverless.Exceptions.ApplicationFailureException e)
            {
                return e.ErrorType ?? "";
            }
        }
    }
}
