using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>The table: what the history has, what the code calls, what comes of it.</summary>
[TestClass]
public sealed class PatchesTests
{
    [TestMethod]
    public void Patched_WhenNotReplaying_IsTrueAndMarkedOnce()
    {
        using var run = ExecutorHarness.Of(New);

        CollectionAssert.AreEqual(new[] { "PatchMarked 'p'", "TimerStarted 1" }, run.Run());
        CollectionAssert.AreEqual(new[] { "TimerStarted 2" }, run.Fire(4));
        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Fire(7));
        CollectionAssert.AreEqual(new[] { true, true }, run.Result<bool[]>());
    }

    [TestMethod]
    public void Patched_OverHistoryWithoutMarker_IsFalseAndStaysFalse()
    {
        using var old = ExecutorHarness.Of(Old);
        old.Run();
        using var executor = old.ReplayWith(ExecutorHarness.Scripting(New));

        var timer = executor.RunTask(new([new TimerFired(3) { Time = old.Now }], old.Now, "test", null, 0));
        var end = executor.RunTask(new([new TimerFired(6) { Time = old.Now }], old.Now, "test", null, 0));

        Assert.IsFalse(timer.Events.Any(static e => e is PatchMarked));
        CollectionAssert.AreEqual(new[] { false, false }, ExecutorHarness.Of<bool[]>(((WorkflowCompleted)end.Events[^1]).Result));
    }

    [TestMethod]
    public void Patched_FirstReachedAfterTheReplay_IsTrue()
    {
        using var old = ExecutorHarness.Of(Old);
        old.Run();
        using var executor = old.ReplayWith(ExecutorHarness.Scripting(async () =>
        {
            await Workflow.DelayAsync(1000);
            return Workflow.Patched("later");
        }));

        var outcome = executor.RunTask(new([new TimerFired(3) { Time = old.Now }], old.Now, "test", null, 0));

        Assert.IsTrue(outcome.Events.Any(static e => e is PatchMarked { PatchId: "later", Deprecated: false }));
    }

    [TestMethod]
    [DataRow(false, "Patched", true)]
    [DataRow(false, "Deprecate", true)]
    [DataRow(false, "nothing", false)]
    [DataRow(true, "Patched", true)]
    [DataRow(true, "Deprecate", true)]
    [DataRow(true, "nothing", true)]
    public void Marker_AndTheCodeOfToday(bool deprecated, string code, bool replays)
    {
        using var run = ExecutorHarness.Of(deprecated ? Code("Deprecate") : Code("Patched"));
        run.Run();
        run.Fire(4);
        run.Fire(7);

        if (replays)
        {
            run.ReplayWith(Code(code));
        }
        else
        {
            var failure = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.ReplayWith(Code(code)));
            Assert.AreEqual(WorkflowTaskFailedCause.Nondeterminism, failure.Cause);
            StringAssert.Contains(failure.Message, "PatchMarked 'p'");
        }
    }

    [TestMethod]
    public void Deprecate_WhenNotReplaying_WritesADeprecatedMarkerOnce()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            Workflow.DeprecatePatch("p");
            await Workflow.DelayAsync(1000);
            Workflow.DeprecatePatch("p");
            return (object?)Workflow.Patched("p");
        });

        CollectionAssert.AreEqual(new[] { "PatchMarked 'p'", "TimerStarted 1" }, run.Run());
        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Fire(4));
        Assert.IsTrue(run.Event<PatchMarked>(3).Deprecated);
        Assert.IsTrue(run.Result<bool>());
    }

    [TestMethod]
    public void Patched_InALoopThatBeganWithoutIt_StaysFalseForTheRun()
    {
        using var old = ExecutorHarness.Of(static () => LoopAsync(static _ => false));
        old.Run();
        old.Fire(3);
        using var executor = old.ReplayWith(ExecutorHarness.Scripting(static () => LoopAsync(static _ => Workflow.Patched("p"))));

        var outcome = executor.RunTask(new([new TimerFired(6) { Time = old.Now }], old.Now, "test", null, 0));

        Assert.AreEqual(1.0, ((TimerStarted)outcome.Events[^1]).Delay.TotalSeconds);
        Assert.HasCount(3, outcome.Events);
    }

    [TestMethod]
    public void Patched_WithAnIdForEachRoundOfALoop_IsDecidedForEachRound()
    {
        using var old = ExecutorHarness.Of(static () => LoopAsync(static _ => false));
        old.Run();
        old.Fire(3);
        static Task<object?> NewAsync() => LoopAsync(static round => Workflow.Patched($"p-{round}"));
        using var executor = old.ReplayWith(ExecutorHarness.Scripting(NewAsync));

        var outcome = executor.RunTask(new([new TimerFired(6) { Time = old.Now }], old.Now, "test", null, 0));

        Assert.AreEqual("p-3", outcome.Events.OfType<PatchMarked>().Single().PatchId);
        Assert.AreEqual(2.0, ((TimerStarted)outcome.Events[^1]).Delay.TotalSeconds);
        using var again = new WorkflowExecutor("wf", ExecutorHarness.Scripting(NewAsync), old.Event<WorkflowStarted>(1), ExecutorHarness.Options);
        again.Replay([.. old.History, .. outcome.Events]);
        Assert.AreEqual(10, again.LastEventId);
    }

    [TestMethod]
    public void Patched_InALoopOfItsOwn_IsMarkedOnce()
    {
        using var run = ExecutorHarness.Of(static () => LoopAsync(static _ => Workflow.Patched("p")));

        CollectionAssert.AreEqual(new[] { "PatchMarked 'p'", "TimerStarted 1" }, run.Run());
        CollectionAssert.AreEqual(new[] { "TimerStarted 2" }, run.Fire(4));
        CollectionAssert.AreEqual(new[] { "TimerStarted 3" }, run.Fire(7));
        Assert.AreEqual(2.0, run.Last<TimerStarted>().Delay.TotalSeconds);
    }

    [TestMethod]
    public void Patched_InHandlers_IsMarkedWhereTheyRun()
    {
        using var run = ExecutorHarness.Of<Patching>();
        run.Run();

        CollectionAssert.AreEqual(new[] { "PatchMarked 'signal'" }, run.Run(ExecutorHarness.Signal("Note")));
        CollectionAssert.AreEqual(
            new[] { "PatchMarked 'update'", "WorkflowUpdateCompleted 'u1'" }, run.Run(ExecutorHarness.Signal("Note"), ExecutorHarness.Update("u1", "Ask")));
        CollectionAssert.AreEqual(new[] { "WorkflowUpdateCompleted 'u2'" }, run.Run(ExecutorHarness.Update("u2", "Ask")));
        CollectionAssert.AreEqual(new[] { true, true, true, true }, run.Query<bool[]>("Seen"));
    }

    [TestMethod]
    public void Patched_InAHandlerThatRanWithoutIt_IsFalseForThatRun()
    {
        using var run = ExecutorHarness.Of<Patching>();
        run.Run();
        var before = new WorkflowTaskCompleted("old", null) { Id = run.History.Count + 2 };
        using var executor = run.Replayed();
        executor.Replay([ExecutorHarness.Signal("Note") with { Id = before.Id - 1 }, before]);

        var outcome = executor.RunTask(new([ExecutorHarness.Signal("Note"), ExecutorHarness.Update("u", "Ask")], run.Now, "test", null, 0));

        CollectionAssert.AreEqual(new[] { "update" }, outcome.Events.OfType<PatchMarked>().Select(static p => p.PatchId).ToArray());
        CollectionAssert.AreEqual(new[] { false, false, true }, ExecutorHarness.Of<bool[]>(executor.Query("Seen", [], WorkflowStarted.Empty)));
    }

    [TestMethod]
    public void Patched_WhereNothingMayChange_IsRefused()
    {
        using var run = ExecutorHarness.Of<Patching>();
        run.Run();

        StringAssert.Contains(Assert.ThrowsExactly<QueryFailedException>(() => run.Query<bool>("Try")).Message, "Nothing can be changed in query 'Try'");
        StringAssert.Contains(run.Fails(ExecutorHarness.Update("u", "Checked")).Message, "Nothing can be changed in");
    }

    [TestMethod]
    public void Patches_OfOneTask_AreEachDecidedForThemselves()
    {
        using var old = ExecutorHarness.Of(Code("Patched"));
        old.Run();
        using var executor = old.ReplayWith(ExecutorHarness.Scripting(static async () =>
        {
            var known = Workflow.Patched("p");
            var unknown = Workflow.Patched("q");
            await Workflow.DelayAsync(1000);
            return new[] { known, unknown, Workflow.Patched("q"), Workflow.Patched("r") };
        }));

        var end = executor.RunTask(new([new TimerFired(4) { Time = old.Now }], old.Now, "test", null, 0));

        CollectionAssert.AreEqual(new[] { true, false, false, true }, ExecutorHarness.Of<bool[]>(((WorkflowCompleted)end.Events[^1]).Result));
    }

    [TestMethod]
    public void Deprecate_OverHistoryWithoutMarker_IsAllowed()
    {
        using var run = ExecutorHarness.Of(Code("nothing"));
        run.Run();
        run.Fire(3);

        run.ReplayWith(Code("Deprecate"));
    }

    [TestMethod]
    public void ForgottenPatch_KeepsThePlacesOfWhatFollows()
    {
        using var run = ExecutorHarness.Of(Code("Deprecate"));
        run.Run();
        using var executor = run.ReplayWith(ExecutorHarness.Scripting(Code("nothing")));

        // The timer is event 4 in the history, though the code of today would put it at 3.
        var outcome = executor.RunTask(new([new TimerFired(4) { Time = run.Now }], run.Now, "test", null, 0));

        Assert.IsInstanceOfType<TimerStarted>(outcome.Events[^1]);
        Assert.AreEqual(7, outcome.Events[^1].Id);
    }

    private static async Task<object?> LoopAsync(Func<int, bool> isNew)
    {
        for (var round = 1; ; round++)
        {
            await Workflow.DelayAsync(isNew(round) ? 2000 : 1000);
        }
    }

    private static async Task<object?> Old()
    {
        await Workflow.DelayAsync(1000);
        await Workflow.DelayAsync(1000);
        return null;
    }

    private static async Task<object?> New()
    {
        var first = Workflow.Patched("p");
        await Workflow.DelayAsync(1000);
        var second = Workflow.Patched("p");
        await Workflow.DelayAsync(1000);
        return new[] { first, second };
    }

    private static Func<Task<object?>> Code(string call) => async () =>
    {
        var patched = call == "Patched" ? Workflow.Patched("p") : (bool?)null;
        if (call == "Deprecate")
        {
            Workflow.DeprecatePatch("p");
        }

        await Workflow.DelayAsync(1000);
        await Workflow.DelayAsync(2000);
        return patched is not false;
    };

    [Workflow]
    public class Patching
    {
        private readonly List<bool> _seen = [];

        [WorkflowQuery]
        public List<bool> Seen => _seen;

        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(static () => false);

        [WorkflowSignal]
        public Task NoteAsync()
        {
            _seen.Add(Workflow.Patched("signal"));
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task AskAsync()
        {
            _seen.Add(Workflow.Patched("update"));
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task CheckedAsync() => Task.CompletedTask;

        [WorkflowUpdateValidator(nameof(CheckedAsync))]
        public void Check() => Workflow.Patched("validator");

        [WorkflowQuery]
        public bool Try() => Workflow.Patched("query");
    }
}
