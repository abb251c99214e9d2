using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>Two things that arrive in one task, or that undo each other in one.</summary>
[TestClass]
public sealed class RaceTests
{
    private static readonly ActivityOptions Patient = new()
    {
        StartToCloseTimeout = TimeSpan.FromMinutes(1), CancellationType = ActivityCancellationType.WaitCancellationCompleted,
    };

    [TestMethod]
    public void A_timer_that_fires_in_the_task_that_cancels_it_is_not_cancelled_in_history()
    {
        using var run = ExecutorHarness.Of(() => Workflow.DelayAsync(1000));

        run.Run();
        CollectionAssert.AreEqual(new[] { "WorkflowCanceled" }, run.Run(ExecutorHarness.Cancel(), new TimerFired(3)));
    }

    [TestMethod]
    public void An_activity_that_ends_in_the_task_that_cancels_it_is_not_asked_to()
    {
        using var run = ExecutorHarness.Of(async () => (object?)await Workflow.ExecuteActivityAsync<int>("Pay", [], Patient));

        run.Run();
        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run(ExecutorHarness.Cancel(), new ActivityCompleted(3, ExecutorHarness.Value(7))));
        Assert.AreEqual(7, run.Result<int>());
    }

    [TestMethod]
    public void Inputs_go_on_in_their_order_whatever_their_kind()
    {
        using var run = ExecutorHarness.Of<Diary>();

        run.Run();
        run.Run(ExecutorHarness.Signal("Note", "before"), new TimerFired(3), ExecutorHarness.Signal("Note", "after"));
        Assert.AreEqual("begin before timer after", run.Query<string>("Text"));
    }

    [TestMethod]
    public void Signals_that_come_with_the_start_are_handled_before_the_run_method()
    {
        using var run = ExecutorHarness.Of<Diary>();

        run.Run(ExecutorHarness.Signal("Note", "early"));
        Assert.AreEqual("early begin", run.Query<string>("Text"));
    }

    [TestMethod]
    public void A_validator_sees_what_came_before_the_update_in_the_same_task()
    {
        using var run = ExecutorHarness.Of<Diary>();

        run.Run();
        run.Run(ExecutorHarness.Signal("Note", "full"), ExecutorHarness.Update("u1", "Append", "more"));
        Assert.AreEqual("u1", run.Rejected.Single().UpdateId);
    }

    [TestMethod]
    public void A_signal_to_another_workflow_that_is_cancelled_in_its_own_task_never_leaves()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            using var source = new CancellationTokenSource();
            var sent = Workflow.GetExternalWorkflowHandle("other").SignalAsync("Hi", [], new() { CancellationToken = source.Token });
            source.Cancel();
            return (object?)(await ExecutorHarness.CaughtAsync(() => sent)).GetType().Name;
        });

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run());
        Assert.AreEqual(nameof(CanceledFailureException), run.Result<string>());
    }

    [TestMethod]
    public void Steps_asked_for_after_the_end_of_the_run_method_leave_before_the_closing_event()
    {
        using var run = ExecutorHarness.Of(() =>
        {
            _ = Workflow.RunTaskAsync(() => Workflow.DelayAsync(5));
            return Task.CompletedTask;
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1", "WorkflowCompleted" }, run.Run());
    }

    [TestMethod]
    public void A_token_that_another_thread_cancels_is_a_violation()
    {
        using var source = new CancellationTokenSource();
        using var run = ExecutorHarness.Of(() => Workflow.DelayAsync(1000, source.Token));
        run.Run();
        string? told = null;
        run.Live.OnViolation = violation => told = violation;

        source.Cancel();

        Assert.AreEqual(
            "A cancellation token that workflow code waits with was cancelled from outside of it: by CancelAfter, a real timer or another thread. "
            + "Await Workflow.DelayAsync and call Cancel() instead.",
            told);
        Assert.AreEqual(told, run.Live.Violation);
        Assert.AreEqual(
            Serverless.Replay.WorkflowTaskFailedCause.LeftScheduler,
            Assert.ThrowsExactly<Serverless.Replay.WorkflowTaskFailedException>(() => run.Live.RunTask(new([new TimerFired(3)], run.Now, "x", null, 0))).Cause);
    }

    [Workflow]
    public class Diary
    {
        private readonly List<string> _notes = [];

        [WorkflowQuery]
        public string Text => string.Join(' ', _notes);

        [WorkflowRun]
        public async Task RunAsync()
        {
            _notes.Add("begin");
            await Workflow.DelayAsync(1000);
            _notes.Add("timer");
            await Workflow.DelayAsync(1000);
        }

        [WorkflowSignal]
        public Task NoteAsync(string text)
        {
            _notes.Add(text);
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task AppendAsync(string text) => NoteAsync(text);

        [WorkflowUpdateValidator(nameof(AppendAsync))]
        public void ValidateAppend(string text)
        {
            if (_notes.Contains("full"))
            {
                throw new ArgumentException($"No room for {text}.");
            }
        }
    }
}
