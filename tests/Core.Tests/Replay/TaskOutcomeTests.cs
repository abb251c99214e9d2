using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>What a task leaves in the history when little or nothing came of it, and which of several failures it names.</summary>
[TestClass]
public sealed class TaskOutcomeTests
{
    [TestMethod]
    public void A_refused_update_that_is_all_there_was_leaves_no_task()
    {
        using var run = ExecutorHarness.Of<Guarded>();
        run.Run();
        run.Now = run.Now.AddMinutes(1);

        run.Run(ExecutorHarness.Update("u1", "Pass", false));

        Assert.HasCount(2, run.History);
        Assert.IsTrue(run.Query<bool>("Idle"));
        Assert.AreEqual(ExecutorHarness.Begin.UtcDateTime, run.Query<DateTime>("Time"), "a task that has not been moves no clock");
    }

    [TestMethod]
    public void A_task_without_inputs_is_recorded()
    {
        using var run = ExecutorHarness.Of<Guarded>();
        run.Run();

        run.Run();

        Assert.HasCount(3, run.History);
        Assert.IsInstanceOfType<WorkflowTaskCompleted>(run.History[2]);
    }

    [TestMethod]
    public void What_came_with_a_refused_update_is_recorded()
    {
        using var run = ExecutorHarness.Of<Guarded>();
        run.Run();

        run.Run(ExecutorHarness.Signal("Note"), ExecutorHarness.Update("u1", "Pass", false));

        CollectionAssert.AreEqual(new[] { "WorkflowSignaled", "WorkflowTaskCompleted" }, run.History.Skip(2).Select(static e => e.GetType().Name).ToArray());
    }

    [TestMethod]
    public void A_condition_that_comes_true_beside_a_refused_update_is_recorded()
    {
        using var run = ExecutorHarness.Of<Guarded>(60);
        run.Run();
        Assert.IsFalse(run.Query<bool>("Over"));
        run.Now = run.Now.AddMinutes(1);

        Assert.IsEmpty(run.Run(ExecutorHarness.Update("u1", "Pass", false)));

        Assert.HasCount(3, run.History);
        Assert.IsTrue(run.Query<bool>("Over"));
    }

    [TestMethod]
    [DataRow("later", "TimerStarted 1")]
    [DataRow("end", "WorkflowCompleted")]
    public void What_code_asks_for_beside_a_refused_update_is_not_lost(string way, string expected)
    {
        using var executor = Executor<Released>(way);

        var outcome = executor.RunTask(TaskOf(ExecutorHarness.Update("u1", "Release")));

        Assert.HasCount(1, outcome.RejectedUpdates);
        Assert.AreEqual(expected, CommandComparer.Describe((CommandEvent)outcome.Events[1]));
    }

    [TestMethod]
    public void Code_that_has_left_its_scheduler_runs_no_further()
    {
        var foreign = new TaskCompletionSource();
        var went = false;
        using var run = ExecutorHarness.Of(async () =>
        {
            async Task LeaveAsync() => await foreign.Task;

            var left = LeaveAsync();
            await Workflow.DelayAsync(1000);
            went = true;
            await left;
        });
        run.Run();
        went = false;
        foreign.SetResult();

        Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.Live.RunTask(TaskOf(new TimerFired(3))));

        Assert.IsFalse(went);
    }

    [TestMethod]
    [DataRow("signal", "first bug")]
    [DataRow("update", "first bug")]
    [DataRow("validator", "the validator of update 'First'")]
    [DataRow("condition", "first bug")]
    [DataRow("continuation", "first bug")]
    public void Of_several_failures_of_a_task_the_first_is_named(string kind, string expected)
    {
        using var run = ExecutorHarness.Of<Buggy>(kind == "condition");
        InputEvent[] inputs = kind switch
        {
            "signal" => [ExecutorHarness.Signal("Throw", "first bug"), ExecutorHarness.Signal("Throw", "second bug")],
            "update" => [ExecutorHarness.Update("u1", "Bug", "first bug"), ExecutorHarness.Update("u2", "Bug", "second bug")],
            "validator" => [ExecutorHarness.Update("u1", "First"), ExecutorHarness.Update("u2", "Second")],
            "continuation" => [ExecutorHarness.Signal("Throw", "first bug"), ExecutorHarness.Signal("Continue")],
            _ => [],
        };
        if (kind != "condition")
        {
            run.Run();
        }

        StringAssert.Contains(run.Fails(inputs).Message, expected);
    }

    [TestMethod]
    public void A_failure_of_the_first_task_keeps_the_run_method_from_starting()
    {
        var began = false;
        using var run = ExecutorHarness.Of(() =>
        {
            began = true;
            return Task.CompletedTask;
        });

        run.Fails(new Unheard());

        Assert.IsFalse(began);
    }

    [TestMethod]
    public void Code_does_not_go_on_after_a_condition_that_threw()
    {
        var went = false;
        using var run = ExecutorHarness.Of(async () =>
        {
            await Workflow.WaitConditionAsync(static () => throw new FormatException("bad"));
            went = true;
        });

        StringAssert.StartsWith(run.Fails().Message, "A wait condition threw FormatException: bad");
        Assert.IsFalse(went);
    }

    [TestMethod]
    public void What_a_callback_of_the_cancellation_throws_fails_the_task_and_what_follows_does_not_hide_it()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            Workflow.CancellationToken.Register(static () => throw new FormatException("callback"));
            await Workflow.DelayAsync(1000);
        });
        run.Run();

        StringAssert.Contains(run.Fails(ExecutorHarness.Cancel(), new Unheard()).Message, "callback");
    }

    [TestMethod]
    public void An_input_of_a_kind_that_is_not_known_blocks_the_run()
    {
        using var run = ExecutorHarness.Of<Guarded>();
        run.Run();

        StringAssert.Contains(run.Fails(new Unheard()).Message, "The input Unheard is unknown to this version.");
    }

    [TestMethod]
    public void Task_failures_tell_what_to_do()
    {
        using var run = ExecutorHarness.Of(static () => throw new FormatException("oops"));

        Assert.AreEqual(
            "The workflow code threw FormatException, which is not a workflow failure: oops "
            + "Throw ApplicationFailureException to fail the workflow, or mend the code: the workflow goes on from here.",
            run.Fails().Message);
    }

    private static WorkflowExecutor Executor<T>(params object?[] args)
    {
        var started = new WorkflowStarted(typeof(T).Name, "default", [.. args.Select(ExecutorHarness.Value)]) { RunId = "r", FirstRunId = "r", RandomSeed = 1 };
        var executor = new WorkflowExecutor("wf", WorkflowDefinition.Create<T>(), started, ExecutorHarness.Options);
        executor.RunTask(TaskOf(started));
        return executor;
    }

    private static WorkflowTaskInput TaskOf(params InputEvent[] inputs) => new(inputs, ExecutorHarness.Begin, "test", null, 0);

    private sealed record Unheard : InputEvent;

    [Workflow]
    public class Guarded
    {
        [WorkflowQuery]
        public bool Over { get; private set; }

        [WorkflowQuery]
        public bool Idle => Workflow.AllHandlersFinished;

        [WorkflowQuery]
        public DateTime Time => Workflow.UtcNow;

        [WorkflowRun]
        public async Task RunAsync(int seconds = 0)
        {
            var end = Workflow.UtcNow.AddSeconds(seconds);
            await Workflow.WaitConditionAsync(() => seconds > 0 && Workflow.UtcNow >= end);
            Over = true;
            await Workflow.WaitConditionAsync(static () => false);
        }

        [WorkflowSignal]
        public Task NoteAsync() => Task.CompletedTask;

        [WorkflowUpdate]
        public Task PassAsync(bool valid) => Task.FromResult(valid);

        [WorkflowUpdateValidator(nameof(PassAsync))]
        public void CheckPass(bool valid)
        {
            if (!valid)
            {
                throw new ArgumentException("not valid");
            }
        }
    }

    /// <summary>Its validator does what none should: it sets waiting code going.</summary>
    [Workflow]
    public class Released
    {
        private readonly TaskCompletionSource _gate = new();

        [WorkflowRun]
        public async Task RunAsync(string way)
        {
            await _gate.Task;
            await (way == "later" ? Workflow.DelayAsync(1000) : Task.CompletedTask);
        }

        [WorkflowUpdate]
        public Task ReleaseAsync() => Task.CompletedTask;

        [WorkflowUpdateValidator(nameof(ReleaseAsync))]
        public void CheckRelease()
        {
            _gate.TrySetResult();
            throw new ArgumentException("no");
        }
    }

    [Workflow]
    public class Buggy
    {
        [WorkflowRun]
        public Task RunAsync(bool conditions) => conditions
            ? Workflow.WhenAllAsync(
                Workflow.WaitConditionAsync(static () => throw new FormatException("first bug")),
                Workflow.WaitConditionAsync(static () => throw new FormatException("second bug")))
            : Workflow.WaitConditionAsync(static () => false);

        [WorkflowSignal]
        public Task ThrowAsync(string message) => throw new FormatException(message);

        [WorkflowSignal]
        public Task ContinueAsync() => throw Workflow.CreateContinueAsNewException("Next", [new Action(static () => { })]);

        [WorkflowUpdate]
        public Task BugAsync(string message) => throw new FormatException(message);

        [WorkflowUpdate]
        public Task FirstAsync() => Task.CompletedTask;

        [WorkflowUpdate]
        public Task SecondAsync() => Task.CompletedTask;

        [WorkflowUpdateValidator(nameof(FirstAsync))]
        public void CheckFirst() => _ = Workflow.DelayAsync(1);

        [WorkflowUpdateValidator(nameof(SecondAsync))]
        public void CheckSecond() => _ = Workflow.DelayAsync(1);
    }
}
