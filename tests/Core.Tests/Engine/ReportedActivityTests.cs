using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>What is told of activities from outside, and what of those that nobody runs.</summary>
[TestClass]
public sealed class ReportedActivityTests
{
    private static readonly WorkflowRef W = new("w");
    private static readonly Type[] Types = [typeof(Open), typeof(Unserved), typeof(Group), typeof(Wordy)];

    [TestMethod]
    public async Task Heartbeat_from_outside_counts_while_the_code_still_runs()
    {
        var code = new Gates();
        await using var host = new EngineHost(Types, code) { Jumps = false };
        await host.StartAsync("Open", "w", false);
        await host.UntilAsync(() => Task.FromResult(code.Token is not null), "the attempt");

        Assert.IsFalse(await host.Engine.Completion.HeartbeatAsync(new ActivityRef.ByToken(code.Token), [EngineHost.Value("half")], default));

        var attempts = (await host.Engine.Reader.DescribeAsync(W, default)).Attempts.Values.Single();
        Assert.AreEqual((1, "half"), (attempts.Attempt, EngineHost.Of<string>(attempts.HeartbeatDetails[0])));
        await host.Engine.Completion.CompleteAsync(new ActivityRef.ByToken(code.Token), null, default);
        Assert.AreEqual("completed", await host.ResultAsync<string>("w"));
        code.Open(0);
    }

    [TestMethod]
    [DataRow("complete")]
    [DataRow("heartbeat")]
    [DataRow("fail")]
    public async Task Report_whose_workflow_closes_meanwhile_says_so(string name)
    {
        var code = new Gates();
        await using var host = new EngineHost(Types, code) { Jumps = false };
        await host.StartAsync("Open", "w", false);
        await host.UntilAsync(() => Task.FromResult(code.Token is not null), "the attempt");
        using var reporter = new WorkflowEngine(
            EngineHost.Options with { Identity = "reporter" },
            new FaultyHubStore(host.Store, (_, what) => what == "Commit Workflows" ? EndIt() : Fault.None),
            host.Code,
            host.Time,
            new Random(5),
            NullLoggerFactory.Instance);
        var token = new ActivityRef.ByToken(code.Token!);

        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => name switch
        {
            "complete" => reporter.Completion.CompleteAsync(token, EngineHost.Value(1), default),
            "heartbeat" => reporter.Completion.HeartbeatAsync(token, [], default),
            _ => reporter.Completion.FailAsync(token, new Failure("no", new ApplicationFailureInfo("No", NonRetryable: true)), [], default),
        });

        Assert.AreEqual(WorkflowServiceError.NotFound, e.Code);
        StringAssert.Contains(e.Message, "or its workflow is closed");
        code.Open(0);

        Fault EndIt()
        {
            try
            {
                host.Engine.Service.TerminateAsync(new WorkflowRef("w"), "over", [], default).Wait();
            }
            catch (AggregateException ended) when (ended.InnerException is WorkflowServiceException)
            {
                // It has ended before.
            }

            return Fault.None;
        }
    }

    [TestMethod]
    public async Task Activity_of_a_task_queue_that_nobody_serves_ends_with_all_its_time()
    {
        await using var host = new EngineHost(Types, new Gates());
        await host.StartAsync("Unserved", "w", false);
        var failed = Assert.IsInstanceOfType<WorkflowFailed>((await host.CloseAsync("w")).Closed);
        Assert.AreEqual(Api.Enums.V1.TimeoutType.ScheduleToClose, ((TimeoutFailureInfo)failed.Failure.Cause!.Info).Type);
    }

    [TestMethod]
    public async Task Results_that_arrive_close_together_are_one_commit()
    {
        var code = new Gates();
        await using var host = new EngineHost(Types, code, EngineHost.Options with { GroupCommitDelay = TimeSpan.FromMilliseconds(2) });
        using (host.Hold())
        {
            await host.StartAsync("Group", "w", false);
            await host.UntilAsync(() => Task.FromResult(code.Begun == 3), "all three");
            code.Open(0);
            code.Open(1);
            await host.UntilAsync(
                async () =>
                {
                    host.Time.Advance(TimeSpan.FromMilliseconds(1));
                    return (await HistoryAsync(host)).OfType<ActivityCompleted>().Count() == 2;
                },
                "two results");
            code.Open(2);
        }

        Assert.AreEqual(3, await host.ResultAsync<int>("w"));
        Assert.AreEqual(3, (await HistoryAsync(host)).OfType<WorkflowTaskCompleted>().Count(), "one task for the start, one for two results, one for the last");
    }

    [TestMethod]
    public async Task Long_reason_of_a_block_is_cut()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Wordy", "w", false);
        BlockedNote? note = null;
        await host.UntilAsync(async () => (note = (await host.Engine.Reader.DescribeAsync(W, default)).Blocked) is not null, "the block");
        Assert.AreEqual(4_000, note!.Message.Length);
    }

    private static Task<IReadOnlyList<HistoryEvent>> HistoryAsync(EngineHost host) => host.Engine.Reader.ReadHistoryAsync(W, 0, TimeSpan.Zero, default);

    public sealed class Gates
    {
        private readonly TaskCompletionSource[] _gates = [.. Enumerable.Range(0, 3).Select(static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        private int _begun;

        public int Begun => Volatile.Read(ref _begun);

        public byte[]? Token { get; private set; }

        public void Open(int gate) => _gates[gate].SetResult();

        [Activity]
        public async Task<int> PassAsync(int gate)
        {
            Token = ActivityExecutionContext.Current.TaskToken;
            Interlocked.Increment(ref _begun);
            await _gates[gate].Task;
            return 1;
        }
    }

    [Workflow]
    public class Open
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.ExecuteActivityAsync("Pass", [0], new() { StartToCloseTimeout = TimeSpan.FromDays(1) });
            return "completed";
        }
    }

    [Workflow]
    public class Unserved
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.ExecuteActivityAsync("Pass", [0], new() { TaskQueue = "nobodys", ScheduleToCloseTimeout = TimeSpan.FromSeconds(10) });
    }

    [Workflow]
    public class Group
    {
        [WorkflowRun]
        public async Task<int> RunAsync() => (await Workflow.WhenAllAsync(Enumerable.Range(0, 3).Select(
            static i => Workflow.ExecuteActivityAsync((Gates g) => g.PassAsync(i), new() { StartToCloseTimeout = TimeSpan.FromDays(1) })))).Sum();
    }

    [Workflow]
    public class Wordy
    {
        [WorkflowRun]
        public Task RunAsync() => throw new InvalidOperationException(new string('x', 10_000));
    }
}
