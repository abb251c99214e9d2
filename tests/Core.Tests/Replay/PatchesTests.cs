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
}
