using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>What histories must be like, which steps are the same, and what a replayed history decides about the run.</summary>
[TestClass]
public sealed class HistoryRulesTests
{
    private static readonly ActivityOptions Minute = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };
    private static readonly LocalActivityOptions LocalMinute = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };

    public static IEnumerable<object[]> Damaged =>
    [
        ["event 9 (WorkflowTerminated) stands in the place of event 4", new HistoryEvent[] { new WorkflowTerminated("x", [], null) { Id = 9 } }],
        ["event 9 (WorkflowTerminated) stands in the place of event 5", new HistoryEvent[] { new WorkflowSignaled("s", []) { Id = 4 }, new WorkflowTerminated("x", [], null) { Id = 9 } }],
        ["event 9 (WorkflowTaskCompleted) stands in the place of event 5", new HistoryEvent[] { new WorkflowSignaled("s", []) { Id = 4 }, new WorkflowTaskCompleted(null, null) { Id = 9 } }],
        ["event 9 (WorkflowSignaled) stands in the place of event 5", new HistoryEvent[] { new WorkflowSignaled("s", []) { Id = 4 }, new WorkflowSignaled("s", []) { Id = 9 } }],
        ["event 9 (TimerStarted) stands in the place of event 5", new HistoryEvent[] { new WorkflowTaskCompleted(null, null) { Id = 4 }, new TimerStarted("1", default) { Id = 9 } }],
        ["event 4 (TimerStarted) belongs to no task", new HistoryEvent[] { new TimerStarted("1", default) { Id = 4 } }],
    ];

    public static IEnumerable<object[]> Differences =>
    [
        [
            "event 3 is ActivityScheduled 'A' (id 1), but the code asked for ActivityScheduled 'A' (id 1, local)",
            (Func<Task>)(static () => Workflow.ExecuteActivityAsync("A", [], Minute)), (Func<Task>)(static () => Workflow.ExecuteLocalActivityAsync("A", [], LocalMinute)),
        ],
        [
            "event 3 is ChildWorkflowInitiated 'Child' (id kid), but the code asked for ChildWorkflowInitiated 'Child' (id boy)",
            Child("Child", "kid"), Child("Child", "boy"),
        ],
        [
            "event 3 is ChildWorkflowInitiated 'Child' (id kid), but the code asked for ChildWorkflowInitiated 'Infant' (id kid)",
            Child("Child", "kid"), Child("Infant", "kid"),
        ],
        [
            "event 3 is ExternalSignalInitiated 'Hi' to 'a', but the code asked for ExternalSignalInitiated 'Hi' to 'b'",
            Signal("a", "Hi"), Signal("b", "Hi"),
        ],
        [
            "event 3 is ExternalSignalInitiated 'Hi' to 'a', but the code asked for ExternalSignalInitiated 'Bye' to 'a'",
            Signal("a", "Hi"), Signal("a", "Bye"),
        ],
        [
            "event 3 is ExternalSignalInitiated 'Hi' to 'a', which starts as 'Other', but the code asked for ExternalSignalInitiated 'Hi' to 'a'",
            SignalWithStart("Other"), Signal("a", "Hi"),
        ],
        [
            "event 3 is ExternalSignalInitiated 'Hi' to 'a', which starts as 'Other', but the code asked for ExternalSignalInitiated 'Hi' to 'a', which starts as 'Another'",
            SignalWithStart("Other"), SignalWithStart("Another"),
        ],
        [
            "event 3 is ExternalCancelInitiated of 'a', but the code asked for ExternalCancelInitiated of 'b'",
            Cancel("a"), Cancel("b"),
        ],
        [
            "event 3 is WorkflowContinuedAsNew 'Next', but the code asked for WorkflowContinuedAsNew 'Other'",
            Continue("Next"), Continue("Other"),
        ],
        [
            "event 3 is PatchMarked 'a', but the code asked for TimerStarted 1",
            (Func<Task>)(static () => Workflow.Patched("a") ? Workflow.DelayAsync(1) : Task.CompletedTask), (Func<Task>)(static () => Workflow.DelayAsync(1)),
        ],
    ];

    [TestMethod]
    [DynamicData(nameof(Damaged))]
    public void A_damaged_history_is_refused_and_the_place_named(string problem, object events)
    {
        using var run = ExecutorHarness.Of(static () => Workflow.DelayAsync(1000));
        run.Run();
        using var executor = run.Replayed();

        var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => executor.Replay((HistoryEvent[])events));

        Assert.AreEqual($"The history can't be replayed: {problem}.", e.Message);
        Assert.AreEqual(WorkflowTaskFailedCause.CorruptHistory, e.Cause);
    }

    [TestMethod]
    public void A_run_that_the_engine_failed_replays_to_its_end()
    {
        using var run = ExecutorHarness.Of(static () => Workflow.DelayAsync(1000));
        run.Run();
        using var executor = run.Replayed();

        executor.Replay([new WorkflowFailed(new Failure("lost", new ApplicationFailureInfo("Lost", true)), RetryState.Unspecified) { Id = 4, WithoutTask = true }]);

        Assert.AreEqual(4, executor.LastEventId);
    }

    [TestMethod]
    [DynamicData(nameof(Differences))]
    public void Steps_that_differ_in_what_tells_them_apart_are_not_the_same(string difference, Func<Task> before, Func<Task> now)
    {
        using var run = ExecutorHarness.Of(before);
        run.Run();

        var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.ReplayWith(async () =>
        {
            await now();
            return null;
        }));

        StringAssert.Contains(e.Message, $"Nondeterminism: {difference}.");
    }

    [TestMethod]
    public void A_forgotten_patch_may_stand_at_the_end_of_a_task()
    {
        using var run = ExecutorHarness.Of(static () =>
        {
            var step = Workflow.DelayAsync(1000);
            Workflow.DeprecatePatch("old");
            Workflow.DeprecatePatch("older");
            return step;
        });
        run.Run();

        run.ReplayWith(static async () =>
        {
            await Workflow.DelayAsync(1000);
            return null;
        });
    }

    [TestMethod]
    public void A_patch_that_the_code_still_mentions_keeps_its_place()
    {
        using var run = ExecutorHarness.Of(static () =>
        {
            Workflow.DeprecatePatch("old");
            return Workflow.DelayAsync(1000);
        });
        run.Run();

        var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.ReplayWith(static async () =>
        {
            var step = Workflow.DelayAsync(1000);
            Workflow.DeprecatePatch("old");
            await step;
            return null;
        }));

        StringAssert.Contains(e.Message, "event 3 is PatchMarked 'old', but the code asked for TimerStarted 1.");
    }

    [TestMethod]
    public void An_update_that_was_accepted_among_others_but_has_no_handler_now_is_named()
    {
        using var run = ExecutorHarness.Of<Open>();
        run.Run();
        run.Run(ExecutorHarness.Signal("Note"), ExecutorHarness.Update("u1", "Go"));

        var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.ReplayWith(WorkflowDefinition.Create(typeof(Closed), "Open", null)));

        StringAssert.StartsWith(e.Message, "Nondeterminism: event 4 accepted update 'u1', but the code now refuses it: There is no handler for update 'Go'.");
        StringAssert.EndsWith(e.Message, "Bring its handler back.");
    }

    [TestMethod]
    public void What_one_process_refused_another_may_have_accepted_later()
    {
        using var run = ExecutorHarness.Of<Open>();
        run.Run();
        using var behind = run.Replayed();
        Assert.HasCount(1, behind.RunTask(new([ExecutorHarness.Update("u1", "Late")], run.Now, "test", null, 0)).RejectedUpdates);

        run.Run(ExecutorHarness.Signal("Allow"), ExecutorHarness.Update("u1", "Late"));
        behind.Replay([.. run.History.Skip(2)]);

        Assert.AreEqual(run.History.Count, behind.LastEventId);
    }

    [TestMethod]
    public void A_run_stays_pinned_and_is_marked_so_once()
    {
        var marked = new WorkflowTaskCompleted("test", "b1") { Id = 2, Flags = TaskFlags.Pinned };
        using var run = new ExecutorHarness(ExecutorHarness.Scripting(static async () =>
        {
            await Workflow.WaitConditionAsync(static () => false);
            return null;
        }), [], null, static o => o with { DefaultVersioning = VersioningBehavior.Pinned }) { BuildId = "b1" };
        run.Run();
        foreach (var flags in (ulong[])[0, TaskFlags.Pinned])
        {
            using var executor = run.Replayed();
            executor.Replay([marked with { Id = 3, Flags = flags }]);

            var next = (WorkflowTaskCompleted)executor.RunTask(new([], run.Now, "test", "b1", 0)).Events[0];
            var last = (WorkflowTaskCompleted)executor.RunTask(new([], run.Now, "test", "b1", 0)).Events[0];

            Assert.IsTrue(run.Event<WorkflowTaskCompleted>(2).IsPinned());
            Assert.IsFalse(next.IsPinned());
            Assert.IsFalse(last.IsPinned());
        }
    }

    [TestMethod]
    [DataRow("wf", "wf new new here", true)]
    [DataRow("copy", "copy new new here", false)]
    public void A_copy_of_a_history_has_its_own_run_and_a_fork_no_parent(string workflowId, string expected, bool hasParent)
    {
        using var run = new ExecutorHarness(
            ExecutorHarness.Scripting(static async () =>
            {
                await Workflow.DelayAsync(1000);
                var info = Workflow.Info;
                return $"{info.WorkflowId} {info.RunId} {info.FirstExecutionRunId} here"
                    + $"{(info.Parent is null ? "" : " parent")}{(info.Root is null ? "" : " root")}{(info.ContinuedRunId is null ? "" : " continued")}";
            }),
            [],
            static s => s with { Parent = new ParentLink("p", "pr", 1, ParentClosePolicy.Abandon), Root = new WorkflowLink("p", "pr"), ContinuedFromRunId = "before" });
        run.Run();

        run.Run(
            new WorkflowResetMarked("run-1", 3, 99, "again") { FromWorkflowId = "wf", Into = new WorkflowLink(workflowId, "new"), FirstRunId = "new" },
            new TimerFired(3));

        Assert.AreEqual(expected + (hasParent ? " parent root continued" : ""), run.Result<string>());
    }

    [TestMethod]
    public void Only_the_first_way_out_of_the_scheduler_is_told()
    {
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        using var run = ExecutorHarness.Of(() => Workflow.WhenAllAsync(Await(first.Task), Await(second.Task)));
        run.Run();
        var told = new List<string>();
        run.Live.OnViolation = told.Add;

        first.SetResult();
        second.SetResult();

        CollectionAssert.AreEqual(
            new[]
            {
                "Workflow code awaited something that is not the workflow's own: a thread-pool task, a real timer, I/O or ConfigureAwait(false). "
                + "Use Workflow.DelayAsync for time, Workflow.RunTaskAsync for tasks, and activities for everything outside.",
            },
            told);

        static async Task Await(Task task) => await task;
    }

    private static Func<Task> Child(string type, string id) => () => Workflow.StartChildWorkflowAsync(type, [], new() { Id = id });

    private static Func<Task> Signal(string id, string name) => () => Workflow.GetExternalWorkflowHandle(id).SignalAsync(name, []);

    private static Func<Task> SignalWithStart(string type) => () => Workflow.SignalWithStartWorkflowAsync(type, [], "Hi", [], new("a", "q"));

    private static Func<Task> Cancel(string id) => () => Workflow.GetExternalWorkflowHandle(id).CancelAsync();

    private static Func<Task> Continue(string type) => () => throw Workflow.CreateContinueAsNewException(type, []);

    [Workflow]
    public class Open
    {
        private bool _allowed;

        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(static () => false);

        [WorkflowSignal]
        public Task NoteAsync() => Task.CompletedTask;

        [WorkflowSignal]
        public Task AllowAsync()
        {
            _allowed = true;
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task GoAsync() => Task.CompletedTask;

        [WorkflowUpdate]
        public Task LateAsync() => Task.CompletedTask;

        [WorkflowUpdateValidator(nameof(LateAsync))]
        public void CheckLate()
        {
            if (!_allowed)
            {
                throw new ArgumentException("not yet");
            }
        }
    }

    [Workflow]
    public class Closed
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(static () => false);

        [WorkflowSignal]
        public Task NoteAsync() => Task.CompletedTask;
    }
}
