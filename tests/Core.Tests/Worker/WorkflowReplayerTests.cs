using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Tests.Engine;
using Serverless.Tests.Replay;
using Serverless.Worker;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Tests.Worker;

[TestClass]
public sealed class WorkflowReplayerTests
{
    private static readonly Type[] Types =
        [typeof(Hello), typeof(Chain), typeof(Failing), typeof(Engine.Roller), typeof(Sleeper), typeof(Parent), typeof(Collector), typeof(Cancellable)];

    private static readonly WorkflowReplayer Replayer = new(Types.Aggregate(new WorkflowReplayerOptions(), static (options, type) => options.AddWorkflow(type)));

    [TestMethod]
    [DataRow("Hello", "x")]
    [DataRow("Chain", 3)]
    [DataRow("Failing", 1)]
    [DataRow("Parent", "x")]
    [DataRow("Sleeper", 5.0)]
    public async Task Closed_runs_replay(string type, object arg)
    {
        await using var host = new EngineHost(Types, new Steps { FailFirst = type == "Failing" ? 1 : 0 });
        await host.StartAsync(type, "w", false, arg);
        await host.CloseAsync("w");

        var history = await host.Client.GetWorkflowHandle("w").FetchHistoryAsync();
        var result = await Replayer.ReplayWorkflowAsync(history);
        var exported = await Replayer.ReplayWorkflowAsync(WorkflowHistory.FromJson("w", history.ToJson()));

        Assert.IsNull(result.ReplayFailure);
        Assert.IsNull(exported.ReplayFailure);
        Assert.AreEqual("w", result.History.Id);
    }

    [TestMethod]
    public async Task Runs_that_were_continued_cancelled_or_terminated_replay()
    {
        await using var host = new EngineHost(Types);
        var continued = await host.StartAsync("Roller", "continued", false, 1);
        await host.StartAsync("Cancellable", "cancelled", false);
        await host.StartAsync("Cancellable", "terminated", false);
        await host.Client.GetWorkflowHandle("cancelled").CancelAsync();
        await host.Client.GetWorkflowHandle("terminated").TerminateAsync();
        await Task.WhenAll(((string[])["continued", "cancelled", "terminated"]).Select(id => host.CloseAsync(id)));

        foreach (var handle in (WorkflowHandle[])[
            host.Client.GetWorkflowHandle("continued", continued.RunId), host.Client.GetWorkflowHandle("cancelled"), host.Client.GetWorkflowHandle("terminated")])
        {
            Assert.IsNull((await Replayer.ReplayWorkflowAsync(await handle.FetchHistoryAsync())).ReplayFailure);
        }
    }

    [TestMethod]
    public async Task Open_run_replays_as_far_as_it_is()
    {
        await using var host = new EngineHost(Types);
        var workflow = await host.Client.StartWorkflowAsync((Collector c) => c.RunAsync(), new("w"));
        await workflow.SignalAsync(c => c.AddAsync(1));
        await workflow.ExecuteUpdateAsync(c => c.AddNowAsync(2));

        Assert.IsNull((await Replayer.ReplayWorkflowAsync(await workflow.FetchHistoryAsync())).ReplayFailure);
    }

    [TestMethod]
    public async Task Inputs_that_no_task_has_taken_are_left_out()
    {
        var history = Recorded(static () => Workflow.DelayAsync(1000), new TimerFired(3) { Id = 4 }, new WorkflowSignaled("late", []) { Id = 5 });
        var unstarted = new WorkflowHistory("w", [.. history.Events.Take(1)]);

        Assert.IsNull((await Scripted(static () => Workflow.DelayAsync(1000)).ReplayWorkflowAsync(history)).ReplayFailure);
        Assert.IsNull((await Scripted(static () => throw new InvalidOperationException("never runs")).ReplayWorkflowAsync(unstarted)).ReplayFailure);
    }

    [TestMethod]
    public async Task Run_that_a_reset_made_goes_on_with_the_numbers_of_its_new_seed()
    {
        static async Task CodeAsync()
        {
            await Workflow.DelayAsync(1000 + Workflow.Random.Next(1000));
            await Workflow.ExecuteActivityAsync($"Step{Workflow.Random.Next(1_000_000)}", [], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
        }

        using var run = ExecutorHarness.Of(CodeAsync);
        run.Run();
        run.Run(new WorkflowResetMarked("run-0", 3, 99, "bad build"), new TimerFired(3));
        var seeded = run.Last<ActivityScheduled>().ActivityType;

        Assert.AreNotEqual(seeded, SeedOf(CodeAsync));
        Assert.IsNull((await Scripted(CodeAsync).ReplayWorkflowAsync(HistoryOf(run))).ReplayFailure);
    }

    [TestMethod]
    public async Task Mismatch_names_the_event_and_both_sides()
    {
        var history = Recorded(static () => Workflow.DelayAsync(1000));
        var other = Scripted(static () => Step("Pay"));

        var thrown = await Assert.ThrowsExactlyAsync<WorkflowNondeterminismException>(() => other.ReplayWorkflowAsync(history));
        var returned = await other.ReplayWorkflowAsync(history, throwOnReplayFailure: false);

        StringAssert.StartsWith(thrown.Message, "Nondeterminism: event 3 is TimerStarted 1, but the code asked for ActivityScheduled 'Pay' (id 1).");
        Assert.IsInstanceOfType<WorkflowNondeterminismException>(returned.ReplayFailure);
        Assert.AreEqual(thrown.Message, returned.ReplayFailure.Message);
        Assert.AreSame(history, returned.History);
    }

    [TestMethod]
    public async Task Mismatch_where_one_side_ends_says_so()
    {
        var history = Recorded(static () => Workflow.DelayAsync(1000));

        var less = await Scripted(static () => Workflow.WaitConditionAsync(static () => false)).ReplayWorkflowAsync(history, false);
        var more = await Scripted(static () => Task.WhenAll(Workflow.DelayAsync(1000), Step("Pay"))).ReplayWorkflowAsync(history, false);

        StringAssert.StartsWith(less.ReplayFailure!.Message, "Nondeterminism: event 3 is TimerStarted 1, but the code asked for nothing there.");
        StringAssert.StartsWith(
            more.ReplayFailure!.Message, "Nondeterminism: the history records nothing more for the task of event 2, but the code asked for ActivityScheduled 'Pay' (id 1).");
    }

    [TestMethod]
    public async Task Unknown_type_is_named_with_the_known_ones()
    {
        var history = new WorkflowHistory("w", [new(new WorkflowStarted("Gone", "default", []) { Id = 1 })]);

        var failure = await Assert.ThrowsExactlyAsync<InvalidWorkflowOperationException>(() => Replayer.ReplayWorkflowAsync(history));

        StringAssert.StartsWith(failure.Message, "UnknownWorkflowType: ");
        StringAssert.Contains(failure.Message, "'Gone'. Known types: Cancellable, Chain");
    }

    [TestMethod]
    public async Task Damaged_histories_are_told_from_changed_code()
    {
        var whole = Recorded(static () => Workflow.DelayAsync(1000), new TimerFired(3) { Id = 4 }, new WorkflowTaskCompleted(null, null) { Id = 5 });
        var replayer = Scripted(static () => Workflow.DelayAsync(1000));

        foreach (var (events, problem) in new (IEnumerable<WorkflowHistoryEvent>, string)[]
        {
            ([], "does not begin with the start"),
            (whole.Events.Skip(1), "does not begin with the start"),
            (whole.Events.Where(static e => e.EventId != 3), "History event 4 (TimerFired) follows event 2"),
            (whole.Events.Take(3).Append(new(new WorkflowTimedOut(default, default) { Id = 4 })).Append(new(new TimerCanceled(3) { Id = 5 })), "belongs to no task"),
        })
        {
            var result = await replayer.ReplayWorkflowAsync(new("w", [.. events]), false);
            Assert.IsInstanceOfType<InvalidWorkflowOperationException>(result.ReplayFailure);
            StringAssert.StartsWith(result.ReplayFailure.Message, "CorruptHistory: ");
            StringAssert.Contains(result.ReplayFailure.Message, problem);
        }
    }

    [TestMethod]
    public async Task Code_that_throws_or_leaves_its_scheduler_fails_the_replay()
    {
        var history = Recorded(static () => Workflow.DelayAsync(1000));

        var thrown = await Scripted(static () => throw new TimeZoneNotFoundException("none")).ReplayWorkflowAsync(history, false);
        var left = await Scripted(static async () => await Task.Run(static () => 1)).ReplayWorkflowAsync(history, false);

        StringAssert.StartsWith(thrown.ReplayFailure!.Message, "UnhandledException: ");
        Assert.IsInstanceOfType<TimeZoneNotFoundException>(thrown.ReplayFailure.InnerException);
        StringAssert.StartsWith(left.ReplayFailure!.Message, "LeftScheduler: ");
    }

    [TestMethod]
    public async Task Exceptions_that_count_as_failures_replay_as_recorded()
    {
        static Task CodeAsync() => throw new TimeZoneNotFoundException("none");
        using var run = ExecutorHarness.Of(static async () =>
        {
            await CodeAsync();
            return null;
        }, static o => o with { FailureExceptionTypes = [typeof(TimeZoneNotFoundException)] });
        run.Run();

        var strict = await Scripted(CodeAsync).ReplayWorkflowAsync(HistoryOf(run), false);
        var told = await Scripted(CodeAsync, new() { WorkflowFailureExceptionTypes = [typeof(TimeZoneNotFoundException)] }).ReplayWorkflowAsync(HistoryOf(run));

        Assert.IsNotNull(strict.ReplayFailure);
        Assert.IsNull(told.ReplayFailure);
    }

    [TestMethod]
    public async Task Interceptors_are_part_of_the_code()
    {
        var history = Recorded(static () => Workflow.DelayAsync(1000));

        var result = await Scripted(static () => Workflow.DelayAsync(1000), new() { Interceptors = [new ExtraStep()] }).ReplayWorkflowAsync(history, false);

        StringAssert.Contains(result.ReplayFailure!.Message, "the code asked for ActivityScheduled 'Extra'");
    }

    [TestMethod]
    public async Task Encoded_histories_need_the_codec()
    {
        var converter = DataConverter.Default with { PayloadCodec = new XorCodec("") };
        await using var host = new EngineHost([typeof(Chain), typeof(Hello)], new Steps(), converter: converter);
        var handle = await host.Client.StartWorkflowAsync((Chain c) => c.RunAsync(2), new("coded"));
        await handle.GetResultAsync();
        var history = await handle.FetchHistoryAsync();

        var plain = await Replayer.ReplayWorkflowAsync(history, false);
        var coded = await new WorkflowReplayer(new WorkflowReplayerOptions { DataConverter = converter }.AddWorkflow<Chain>()).ReplayWorkflowAsync(history);

        Assert.IsNotNull(plain.ReplayFailure);
        Assert.IsNull(coded.ReplayFailure);
    }

    [TestMethod]
    public async Task Several_histories_are_replayed_in_their_order()
    {
        var good = Recorded(static () => Workflow.DelayAsync(1000));
        var bad = Recorded(static () => Step("Pay"));
        var replayer = Scripted(static () => Workflow.DelayAsync(1000));

        var results = (await replayer.ReplayWorkflowsAsync([good, bad, good])).ToList();

        CollectionAssert.AreEqual(new[] { true, false, true }, results.Select(static r => r.ReplayFailure is null).ToArray());
        await Assert.ThrowsExactlyAsync<WorkflowNondeterminismException>(() => replayer.ReplayWorkflowsAsync([good, bad], throwOnReplayFailure: true));
    }

    [TestMethod]
    public async Task Stream_of_histories_is_replayed_as_it_is_asked_for()
    {
        var asked = 0;
        var good = Recorded(static () => Workflow.DelayAsync(1000));
        var bad = Recorded(static () => Step("Pay"));
        var replayer = Scripted(static () => Workflow.DelayAsync(1000));
        async IAsyncEnumerable<WorkflowHistory> StreamAsync()
        {
            foreach (var history in (WorkflowHistory[])[good, bad, good])
            {
                asked++;
                await Task.Yield();
                yield return history;
            }
        }

        var failures = new List<int>();
        await foreach (var result in replayer.ReplayWorkflowsAsync(StreamAsync()))
        {
            if (result.ReplayFailure is not null)
            {
                failures.Add(asked);
            }
        }

        CollectionAssert.AreEqual(new[] { 2 }, failures);
        await Assert.ThrowsExactlyAsync<WorkflowNondeterminismException>(async () =>
        {
            await foreach (var result in replayer.ReplayWorkflowsAsync(StreamAsync(), throwOnReplayFailure: true))
            {
            }
        });
        Assert.AreEqual(5, asked, "nothing is replayed after the first failure");
    }

    [TestMethod]
    public async Task Cancelled_replay_replays_nothing()
    {
        var history = Recorded(static () => Workflow.DelayAsync(1000));
        var replayer = Scripted(static () => throw new InvalidOperationException("never runs"));

        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => replayer.ReplayWorkflowAsync(history, true, new CancellationToken(true)));
        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => replayer.ReplayWorkflowsAsync([history], false, new CancellationToken(true)));
    }

    [TestMethod]
    public void Replayer_without_workflows_is_refused_and_copies_of_options_are_their_own()
    {
        var options = new WorkflowReplayerOptions();
        Assert.ThrowsExactly<ArgumentException>(() => new WorkflowReplayer(options));

        var copy = (WorkflowReplayerOptions)options.Clone();
        copy.AddWorkflow<Hello>();

        Assert.HasCount(0, options.Workflows);
        Assert.AreSame(copy, new WorkflowReplayer(copy).Options);
    }

    private static Task Step(string name) => Workflow.ExecuteActivityAsync(name, [], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });

    private static WorkflowReplayer Scripted(Func<Task> code, WorkflowReplayerOptions? options = null) =>
        new((options ?? new()).AddWorkflow(ExecutorHarness.Scripting(async () =>
        {
            await code();
            return null;
        })));

    private static WorkflowHistory Recorded(Func<Task> code, params HistoryEvent[] more)
    {
        using var run = ExecutorHarness.Of(code);
        run.Run();
        return new("w", [.. run.History.Concat(more).Select(static e => new WorkflowHistoryEvent(e))]);
    }

    private static WorkflowHistory HistoryOf(ExecutorHarness run) => new("w", [.. run.History.Select(static e => new WorkflowHistoryEvent(e))]);

    private static string SeedOf(Func<Task> code)
    {
        using var run = ExecutorHarness.Of(code);
        run.Run();
        run.Run(new TimerFired(3));
        return run.Last<ActivityScheduled>().ActivityType;
    }

    private sealed class ExtraStep : IWorkerInterceptor
    {
        public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Inbound(nextInterceptor);

        private sealed class Inbound(WorkflowInboundInterceptor next) : WorkflowInboundInterceptor(next)
        {
            public override async Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
            {
                await Step("Extra");
                return await base.ExecuteWorkflowAsync(input);
            }
        }
    }
}
