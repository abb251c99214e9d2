using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>What steps refuse, what their ends say, and that steps which are over leave nothing behind.</summary>
[TestClass]
public sealed class StepRulesTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [TestMethod]
    public void Options_that_are_missing_are_named()
    {
        Func<Task>[] calls =
        [
            static () => Workflow.ExecuteActivityAsync("Pay", [], null!),
            static () => Workflow.ExecuteLocalActivityAsync("Pay", [], null!),
            static () => Workflow.WaitConditionWithOptionsAsync(null!),
        ];
        foreach (var call in calls)
        {
            using var run = ExecutorHarness.Of(call);
            Assert.AreEqual("options", ((ArgumentNullException)run.Fails().InnerException!).ParamName);
        }
    }

    [TestMethod]
    public void Refusals_say_what_is_wrong()
    {
        (Func<Task> Call, string Message)[] refusals =
        [
            (static () => Workflow.ExecuteLocalActivityAsync("Pay", [], new()), "Activity 'Pay' needs StartToCloseTimeout or ScheduleToCloseTimeout: without either it could hang for ever."),
            (static () => Workflow.DelayAsync(-2), "A delay is not negative, or infinite: -00:00:00.0020000. (Parameter 'delay')"),
            (static () => Done(static () => Workflow.UpsertMemo()), "At least one memo update is needed. (Parameter 'updates')"),
            (static () => Done(static () => Workflow.UpsertTypedSearchAttributes()), "At least one search attribute update is needed. (Parameter 'updates')"),
            (static () => Done(static () => Workflow.Patched("")), "The value cannot be an empty string. (Parameter 'patchId')"),
            (static () => Workflow.StartChildWorkflowAsync("Child", [], new() { CronSchedule = "every day" }), "every day"),
        ];
        foreach (var (call, message) in refusals)
        {
            using var run = ExecutorHarness.Of(call);
            var refusal = run.Fails().InnerException;
            Assert.IsInstanceOfType<ArgumentException>(refusal);
            StringAssert.Contains(refusal.Message, message);
        }
    }

    [TestMethod]
    public void A_local_activity_that_this_process_does_not_have_is_refused_but_replays()
    {
        static Task Near() => Workflow.ExecuteLocalActivityAsync("Near", [], new() { StartToCloseTimeout = Minute });
        using var without = ExecutorHarness.Of(Awaited(Near), static o => o with { KnowsActivity = static _ => false });
        Assert.AreEqual(
            "There is no activity 'Near' in this process, and a local activity runs nowhere else. Register it.", without.Fails().InnerException!.Message);

        var known = true;
        using var run = ExecutorHarness.Of(Awaited(Near), o => o with { KnowsActivity = _ => known });
        run.Run();
        known = false;
        run.Replayed().Dispose();
    }

    [TestMethod]
    public void A_local_activity_is_cancelled_by_its_own_token_only()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            using var own = new CancellationTokenSource();
            var near = Workflow.ExecuteLocalActivityAsync("Near", [], new() { StartToCloseTimeout = Minute, CancellationToken = own.Token });
            await ExecutorHarness.CaughtAsync(static () => Workflow.DelayAsync(-1));
            await Workflow.DelayAsync(1000, CancellationToken.None);
            own.Cancel();
            return (object?)(await ExecutorHarness.CaughtAsync(() => near)).InnerException!.Message;
        });

        run.Run();
        CollectionAssert.AreEqual(new[] { "TimerStarted 1" }, run.Run(ExecutorHarness.Cancel()));
        CollectionAssert.AreEqual(new[] { "ActivityCancelRequested of event 3", "WorkflowCompleted" }, run.Fire(6));
        Assert.AreEqual("The activity was cancelled.", run.Result<string>());
    }

    [TestMethod]
    public void Steps_that_are_over_are_not_cancelled()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            using var source = new CancellationTokenSource();
            await Workflow.ExecuteActivityAsync("Pay", [], new() { StartToCloseTimeout = Minute, CancellationToken = source.Token });
            await Workflow.DelayAsync(1000, source.Token);
            await Workflow.ExecuteChildWorkflowAsync("Child", [], new() { CancellationToken = source.Token });
            await Workflow.WaitConditionAsync(static () => true, source.Token);
            await ExecutorHarness.CaughtAsync(() => Workflow.StartChildWorkflowAsync("Child", [], new() { CancellationToken = source.Token }));
            source.Cancel();
        });

        run.Run();
        run.Run(new ActivityCompleted(3, null));
        run.Fire(6);
        run.Run(new ChildWorkflowStarted(9, "r"), new ChildWorkflowCompleted(9, null));
        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run(new ChildWorkflowStartFailed(13, "theirs")));
    }

    [TestMethod]
    public void A_timer_after_one_that_was_never_started_has_the_first_id()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            await ExecutorHarness.CaughtAsync(static () => Workflow.DelayAsync(1000, new CancellationToken(canceled: true)));
            await Workflow.DelayAsync(1000);
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1" }, run.Run());
    }

    [TestMethod]
    public void A_condition_that_was_cancelled_is_not_looked_at_again()
    {
        var looks = 0;
        using var run = ExecutorHarness.Of(async () =>
        {
            using var source = new CancellationTokenSource();
            looks = 0;
            var waiting = Workflow.WaitConditionAsync(() => ++looks > 1000, source.Token);
            source.Cancel();
            return (object?)(await ExecutorHarness.CaughtAsync(() => waiting)).GetType().Name;
        });

        run.Run();

        Assert.AreEqual(nameof(TaskCanceledException), run.Result<string>());
        Assert.AreEqual(0, looks);
    }

    [TestMethod]
    public void A_condition_without_a_time_out_that_holds_is_told_as_true()
    {
        using var run = ExecutorHarness.Of(static async () => (object?)await Workflow.WaitConditionWithOptionsAsync(new(static () => true)));

        run.Run();

        Assert.IsTrue(run.Result<bool>());
    }

    [TestMethod]
    public void Results_that_are_not_wanted_are_left_and_missing_ones_are_the_default()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            await Workflow.ExecuteActivityAsync("Pay", [], new() { StartToCloseTimeout = Minute });
            return (object?)await Workflow.ExecuteActivityAsync<int>("Pay", [], new() { StartToCloseTimeout = Minute });
        });

        run.Run();
        run.Run(new ActivityCompleted(3, ExecutorHarness.Value("a receipt")));
        run.Run(new ActivityCompleted(6, null));

        Assert.AreEqual(0, run.Result<int>());
    }

    [TestMethod]
    public void A_run_method_without_a_result_records_none()
    {
        using var run = ExecutorHarness.Of<Silent>();

        run.Run();

        Assert.IsNull(run.Last<WorkflowCompleted>().Result);
    }

    [TestMethod]
    public void An_outcome_that_nobody_awaits_any_more_is_not_converted()
    {
        using var run = new ExecutorHarness(
            ExecutorHarness.Scripting(static async () =>
            {
                using var source = new CancellationTokenSource();
                var pay = Workflow.ExecuteActivityAsync("Pay", [], new() { StartToCloseTimeout = Minute, CancellationToken = source.Token });
                var tried = Workflow.ExecuteChildWorkflowAsync(
                    "Child", [], new() { CancellationToken = source.Token, CancellationType = ChildWorkflowCancellationType.TryCancel });
                var requested = Workflow.ExecuteChildWorkflowAsync(
                    "Child", [], new() { CancellationToken = source.Token, CancellationType = ChildWorkflowCancellationType.WaitCancellationRequested });
                await Workflow.DelayAsync(1000);
                source.Cancel();
                await ExecutorHarness.CaughtAsync(() => Workflow.WhenAllAsync(pay, tried, requested));
                await Workflow.WaitConditionAsync(static () => false);
                return null;
            }),
            [],
            null,
            static o => o with { FailureConverter = new Choosy() });
        var late = new Failure("late", new ApplicationFailureInfo("Late", false));

        CollectionAssert.AreEqual(
            new[] { "ActivityScheduled 'Pay' (id 1)", "TimerStarted 1" },
            run.Run().Where(static c => !c.StartsWith("Child", StringComparison.Ordinal)).ToArray());
        run.Run(new ChildWorkflowStarted(4, "r"), new ChildWorkflowStarted(5, "r"));
        var cancels = run.Fire(6);
        Assert.HasCount(3, cancels);
        var second = run.History.OfType<ExternalCancelInitiated>().Single(static c => c.ChildInitiatedEventId == 5);
        Assert.AreEqual("The parent workflow asked for it.", second.Reason);
        run.Run(new ExternalCancelClosed(second.Id, null));

        Assert.IsEmpty(run.Run(
            new ActivityFailed(3, late, RetryState.MaximumAttemptsReached),
            new ChildWorkflowFailed(4, late, RetryState.MaximumAttemptsReached),
            new ChildWorkflowFailed(5, late, RetryState.MaximumAttemptsReached)));
    }

    [TestMethod]
    public void Ends_of_steps_say_what_ended()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            var activity = await ExecutorHarness.CaughtAsync(static () => Workflow.ExecuteActivityAsync("Pay", [], new() { StartToCloseTimeout = Minute }));
            var child = await ExecutorHarness.CaughtAsync(static () => Workflow.ExecuteChildWorkflowAsync("Child", [], new() { Id = "kid" }));
            var taken = await ExecutorHarness.CaughtAsync(static () => Workflow.StartChildWorkflowAsync("Child", [], new() { Id = "kid" }));
            return (object?)string.Join(" | ", activity.Message, activity.InnerException!.Message, child.Message, taken.Message);
        });

        run.Run();
        run.Run(new ActivityCanceled(3, []));
        run.Run(new ChildWorkflowTerminated(6));
        run.Run(new ChildWorkflowStartFailed(9, "theirs"));

        Assert.AreEqual(
            "The activity failed. | The activity was cancelled. | The child workflow failed. | Workflow id 'kid' is in use: a workflow with it is already started.",
            run.Result<string>());
    }

    [TestMethod]
    public void Signals_that_were_cancelled_say_when()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            using var source = new CancellationTokenSource();
            var other = Workflow.GetExternalWorkflowHandle("other");
            var early = other.SignalAsync("Hi", [], new() { CancellationToken = source.Token });
            source.Cancel();
            var late = other.SignalAsync("Hi", [], new() { CancellationToken = source.Token });
            return (object?)$"{(await ExecutorHarness.CaughtAsync(() => early)).Message} | {(await ExecutorHarness.CaughtAsync(() => late)).Message}";
        });

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run());
        Assert.AreEqual("Signal cancelled before it left | Signal cancelled before scheduled", run.Result<string>());
    }

    [TestMethod]
    public void A_cancelled_child_says_so()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            var e = await ExecutorHarness.CaughtAsync(static () => Workflow.StartChildWorkflowAsync("Child", [], new() { CancellationType = ChildWorkflowCancellationType.Abandon }));
            return (object?)$"{e.Message} {e.InnerException!.Message}";
        });

        run.Run();
        run.Run(ExecutorHarness.Cancel());

        Assert.AreEqual("The child workflow failed. The child workflow was cancelled.", run.Result<string>());
    }

    [TestMethod]
    public void Options_of_children_signals_and_continuations_are_recorded()
    {
        using var child = ExecutorHarness.Of(static () => Workflow.StartChildWorkflowAsync("Child", [], new() { TaskQueue = "there" }));
        child.Run();
        Assert.AreEqual("there", child.Last<ChildWorkflowInitiated>().TaskQueue);

        using var signal = ExecutorHarness.Of(static () => Workflow.SignalWithStartWorkflowAsync("Other", [], "Hi", [], new("other", "q")
        {
            IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate,
            IdConflictPolicy = WorkflowIdConflictPolicy.Fail,
            VersioningOverride = new VersioningOverride.AutoUpgrade(),
        }));
        signal.Run();
        var sent = signal.Last<ExternalSignalInitiated>();
        Assert.AreEqual((WorkflowIdReusePolicy.RejectDuplicate, WorkflowIdConflictPolicy.Fail), (sent.IdReusePolicy, sent.IdConflictPolicy));
        Assert.AreEqual(VersioningBehavior.AutoUpgrade, sent.Start!.VersioningOverride);

        using var next = ExecutorHarness.Of(static () => throw Workflow.CreateContinueAsNewException(
            "Next", [], new() { InitialVersioningBehavior = InitialVersioningBehavior.AutoUpgrade }));
        next.Run();
        Assert.AreEqual(InitialVersioningBehavior.AutoUpgrade, next.Last<WorkflowContinuedAsNew>().InitialVersioning);
    }

    [TestMethod]
    public void Signals_to_others_carry_the_headers_of_the_start()
    {
        using var run = new ExecutorHarness(
            ExecutorHarness.Scripting(static async () =>
            {
                await Workflow.GetExternalWorkflowHandle("other").SignalAsync("Hi", []);
                return null;
            }),
            [],
            static s => s with { Headers = new Dictionary<string, Payload> { ["trace"] = ExecutorHarness.Value("t1") } });

        run.Run();

        Assert.AreEqual("t1", ExecutorHarness.Of<string>(run.Last<ExternalSignalInitiated>().Headers["trace"]));
    }

    [TestMethod]
    public void Arguments_are_not_converted_again_on_replay()
    {
        var refuses = false;
        using var run = new ExecutorHarness(
            ExecutorHarness.Scripting(static async () =>
            {
                await Workflow.ExecuteActivityAsync("Pay", [new object()], new() { StartToCloseTimeout = Minute });
                return null;
            }),
            [],
            null,
            o => o with { PayloadConverter = new Moody(() => refuses) });
        run.Run();
        refuses = true;

        run.Replayed().Dispose();
    }

    private static Func<Task<object?>> Awaited(Func<Task> code) => async () =>
    {
        await code();
        return null;
    };

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    [Workflow]
    public class Silent
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;
    }

    private sealed class Choosy : DefaultFailureConverter
    {
        public override Exception ToException(Failure failure, IPayloadConverter payloadConverter) =>
            failure.Cause?.Message == "late" ? throw new InvalidOperationException("nobody asked for this") : base.ToException(failure, payloadConverter);
    }

    private sealed class Moody(Func<bool> refuses) : IPayloadConverter
    {
        public Payload ToPayload(object? value) => refuses()
            ? throw new InvalidOperationException("it is recorded already")
            : DataConverter.Default.PayloadConverter.ToPayload(value);

        public object? ToValue(Payload payload, Type type) => DataConverter.Default.PayloadConverter.ToValue(payload, type);
    }
}
