using Serverless.Api.Enums.V1;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class ChildrenTests
{
    [TestMethod]
    public void Child_StartAndResult_AreSeparateAwaits()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var handle = await Workflow.StartChildWorkflowAsync(static (Child c) => c.RunAsync(4), new() { Id = "kid", ParentClosePolicy = ParentClosePolicy.Abandon });
            await Workflow.DelayAsync(1000);
            return (object?)$"{handle.Id} {await handle.GetResultAsync()} {await handle.GetResultAsync()}";
        });

        CollectionAssert.AreEqual(new[] { "ChildWorkflowInitiated 'Child' (id kid)" }, run.Run());
        Assert.AreEqual(ParentClosePolicy.Abandon, run.Last<ChildWorkflowInitiated>().ParentClosePolicy);
        CollectionAssert.AreEqual(new[] { "TimerStarted 1" }, run.Run(new ChildWorkflowStarted(3, "r")));
        run.Run(new ChildWorkflowCompleted(3, ExecutorHarness.Value("grown")));
        run.Fire(6);
        Assert.AreEqual("kid grown grown", run.Result<string>());
    }

    [TestMethod]
    public void Child_WithoutAnId_GetsOneThatReplayRepeats_WhateverTheRandomNumbers()
    {
        using var run = ExecutorHarness.Of(() => Workflow.ExecuteChildWorkflowAsync("Child", []));
        using var other = ExecutorHarness.Of(async () =>
        {
            Workflow.NewGuid();
            await Workflow.ExecuteChildWorkflowAsync("Child", []);
        });

        run.Run();
        other.Run();

        Assert.IsTrue(Guid.TryParse(run.Last<ChildWorkflowInitiated>().WorkflowId, out _));
        Assert.AreEqual(run.Last<ChildWorkflowInitiated>().WorkflowId, other.Last<ChildWorkflowInitiated>().WorkflowId);
        Assert.AreNotEqual(run.Last<ChildWorkflowInitiated>().WorkflowId, run.Last<ChildWorkflowInitiated>().RunId);
    }

    [TestMethod]
    public void ChildThatCantStart_ThrowsAlreadyStarted_AtTheStart()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var e = (WorkflowAlreadyStartedException)await ExecutorHarness.CaughtAsync(() => Workflow.StartChildWorkflowAsync("Child", [], new() { Id = "kid" }));
            return (object?)$"{e.WorkflowId} {e.WorkflowType} {e.RunId}";
        });

        run.Run();
        run.Run(new ChildWorkflowStartFailed(3, "theirs"));
        Assert.AreEqual("kid Child theirs", run.Result<string>());
    }

    [TestMethod]
    public void ChildThatEnds_BeforeItsStartWasTold_CountsAsStarted()
    {
        using var run = ExecutorHarness.Of(async () => (object?)await Workflow.ExecuteChildWorkflowAsync<int>("Child", []));

        run.Run();
        run.Run(new ChildWorkflowCompleted(3, ExecutorHarness.Value(5)));
        Assert.AreEqual(5, run.Result<int>());
    }

    [TestMethod]
    public void EndsOfChildren_ThrowWithTheirCause()
    {
        (ChildWorkflowClosed Closed, string Expected)[] ends =
        [
            (new ChildWorkflowFailed(3, new Failure("sick", new ApplicationFailureInfo("Flu", false)), RetryState.RetryPolicyNotSet), "RetryPolicyNotSet ApplicationFailureException sick"),
            (new ChildWorkflowCanceled(3, []), "CancelRequested CanceledFailureException The child workflow was cancelled."),
            (new ChildWorkflowTimedOut(3, RetryState.Timeout), "Timeout TimeoutFailureException The child workflow's time is over."),
            (new ChildWorkflowTerminated(3), "NonRetryableFailure TerminatedFailureException The child workflow was terminated."),
        ];
        foreach (var (closed, expected) in ends)
        {
            using var run = ExecutorHarness.Of(async () =>
            {
                var e = (ChildWorkflowFailureException)await ExecutorHarness.CaughtAsync(() => Workflow.ExecuteChildWorkflowAsync("Child", []));
                return (object?)$"{e.RetryState} {e.InnerException!.GetType().Name} {e.InnerException.Message}";
            });
            run.Run();
            run.Run(new ChildWorkflowStarted(3, "r"));
            run.Run(closed);
            Assert.AreEqual(expected, run.Result<string>());
        }
    }

    [TestMethod]
    [DataRow(ChildWorkflowCancellationType.Abandon, false, true)]
    [DataRow(ChildWorkflowCancellationType.TryCancel, true, true)]
    [DataRow(ChildWorkflowCancellationType.WaitCancellationRequested, true, false)]
    [DataRow(ChildWorkflowCancellationType.WaitCancellationCompleted, true, false)]
    public void CancelledChild_FollowsItsCancellationType(ChildWorkflowCancellationType type, bool requests, bool throwsAtOnce)
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var e = await ExecutorHarness.CaughtAsync(() => Workflow.ExecuteChildWorkflowAsync("Child", [], new() { Id = "kid", CancellationType = type }));
            return (object?)TemporalException.IsCanceledException(e);
        });
        run.Run();
        run.Run(new ChildWorkflowStarted(3, "r"));

        var commands = run.Run(ExecutorHarness.Cancel());

        Assert.AreEqual(requests, commands.Contains("ExternalCancelInitiated of 'kid'"));
        Assert.AreEqual(throwsAtOnce, commands.Contains("WorkflowCompleted"));
        if (requests && !throwsAtOnce)
        {
            Assert.AreEqual(3, run.Last<ExternalCancelInitiated>().ChildInitiatedEventId);
            var arrived = run.Run(new ExternalCancelClosed(8, null));
            Assert.AreEqual(type == ChildWorkflowCancellationType.WaitCancellationRequested, arrived.Contains("WorkflowCompleted"));
            if (arrived.Length == 0)
            {
                run.Run(new ChildWorkflowCanceled(3, []));
            }
        }

        Assert.IsTrue(run.Result<bool>());
    }

    [TestMethod]
    public void ChildAfterTheCancellation_IsNeverStarted()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var e = await ExecutorHarness.CaughtAsync(() => Workflow.StartChildWorkflowAsync("Child", []));
            return (object?)e.Message;
        });

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run(ExecutorHarness.Cancel()));
        Assert.AreEqual("Child cancelled before scheduled", run.Result<string>());
    }

    [TestMethod]
    public void Signals_ToAChildAndToOthers_AreAnswered()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var handle = await Workflow.StartChildWorkflowAsync(static (Child c) => c.RunAsync(1), new() { Id = "kid" });
            await handle.SignalAsync(static c => c.WakeAsync("up"));
            var e = await ExecutorHarness.CaughtAsync(() => Workflow.GetExternalWorkflowHandle<Child>("other", "run").SignalAsync(static c => c.WakeAsync("you")));
            await Workflow.GetExternalWorkflowHandle("third").CancelAsync();
            return (object?)e.Message;
        });

        run.Run();
        CollectionAssert.AreEqual(new[] { "ExternalSignalInitiated 'Wake' to 'kid'" }, run.Run(new ChildWorkflowStarted(3, "r")));
        Assert.IsTrue(run.Last<ExternalSignalInitiated>().ChildOnly);
        CollectionAssert.AreEqual(new[] { "ExternalSignalInitiated 'Wake' to 'other'" }, run.Run(new ExternalSignalClosed(6, null)));
        Assert.AreEqual("run", run.Last<ExternalSignalInitiated>().RunId);
        CollectionAssert.AreEqual(
            new[] { "ExternalCancelInitiated of 'third'" }, run.Run(new ExternalSignalClosed(9, new Failure("not found", new ApplicationFailureInfo("NotFound", true)))));
        run.Run(new ExternalCancelClosed(12, null));
        Assert.AreEqual("not found", run.Result<string>());
    }

    [Workflow]
    public class Child
    {
        [WorkflowRun]
        public Task<string> RunAsync(int age) => Task.FromResult($"{age}");

        [WorkflowSignal]
        public Task WakeAsync(string how) => Task.CompletedTask;
    }
}
