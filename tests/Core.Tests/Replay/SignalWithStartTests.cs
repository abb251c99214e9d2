using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class SignalWithStartTests
{
    [TestMethod]
    public void SignalWithStart_Answered_GivesTheRunThatHasIt()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var handle = await Workflow.SignalWithStartWorkflowAsync("Other", [1], "poke", ["x"], new("other", "queue"));
            return (object?)$"{handle.Id} {handle.RunId}";
        });

        CollectionAssert.AreEqual(new[] { "ExternalSignalInitiated 'poke' to 'other', which starts as 'Other'" }, run.Run());
        var asked = run.Last<ExternalSignalInitiated>();
        Assert.AreEqual(36, asked.Start!.RunId.Length);
        Assert.AreEqual("queue 1", $"{asked.Start.TaskQueue} {ExecutorHarness.Of<int>(asked.Start.Args.Single())}");
        Assert.AreEqual("x", ExecutorHarness.Of<string>(asked.Args.Single()));
        Assert.AreEqual((WorkflowIdReusePolicy.AllowDuplicate, WorkflowIdConflictPolicy.UseExisting), (asked.IdReusePolicy, asked.IdConflictPolicy));
        run.Run(new ExternalSignalClosed(3, null) { RunId = "run-o" });
        Assert.AreEqual("other run-o", run.Result<string>());
    }

    [TestMethod]
    public void SignalWithStart_Refused_NamesTheRunInTheWay()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var e = (WorkflowAlreadyStartedException)await ExecutorHarness.CaughtAsync(
                () => Workflow.SignalWithStartWorkflowAsync("Other", null, "poke", null, new("other", "queue")));
            return (object?)$"{e.Message} {e.WorkflowId} {e.WorkflowType} {e.RunId}";
        });

        run.Run();
        run.Run(new ExternalSignalClosed(3, new Failure("in use", new ApplicationFailureInfo("AlreadyStarted", true))) { RunId = "run-o" });
        Assert.AreEqual("in use other Other run-o", run.Result<string>());
    }

    [TestMethod]
    public void SignalWithStart_NotValid_FailsAsTheAnswerSays()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var e = (ApplicationFailureException)await ExecutorHarness.CaughtAsync(
                () => Workflow.SignalWithStartWorkflowAsync("Other", null, "poke", null, new("other", "queue")));
            return (object?)$"{e.ErrorType} {e.Message}";
        });

        run.Run();
        run.Run(new ExternalSignalClosed(3, new Failure("no such cron", new ApplicationFailureInfo("InvalidArgument", true))));
        Assert.AreEqual("InvalidArgument no such cron", run.Result<string>());
    }

    [TestMethod]
    public void SignalWithStart_AfterTheCancellation_IsNeverSent()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var e = await ExecutorHarness.CaughtAsync(() => Workflow.SignalWithStartWorkflowAsync("Other", null, "poke", null, new("other", "queue")));
            return (object?)e.GetType().Name;
        });

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run(ExecutorHarness.Cancel()));
        Assert.AreEqual("CanceledFailureException", run.Result<string>());
    }

    [TestMethod]
    public void SignalWithStart_OfAnotherTypeThanRecorded_IsAMismatch()
    {
        using var run = ExecutorHarness.Of(static () => (Task)Workflow.SignalWithStartWorkflowAsync("Other", null, "poke", null, new("other", "queue")));
        run.Run();

        run.ReplayWith(static async () => await Workflow.SignalWithStartWorkflowAsync("Other", ["more"], "poke", [1], new("other", "elsewhere")));
        foreach (var changed in (Func<Task>[])
            [
                static () => Workflow.SignalWithStartWorkflowAsync("Another", null, "poke", null, new("other", "queue")),
                static () => Workflow.GetExternalWorkflowHandle("other").SignalAsync("poke", []),
            ])
        {
            var failure = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.ReplayWith(async () =>
            {
                await changed();
                return null;
            }));
            StringAssert.Contains(failure.Message, "event 3 is ExternalSignalInitiated 'poke' to 'other', which starts as 'Other', but the code asked for");
        }
    }

    [TestMethod]
    public void SignalWithStart_OptionsThatAreNotPossible_AreRefusedAtOnce()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            SignalWithStartWorkflowOptions[] wrong =
            [
                new("", "queue"),
                new("other", ""),
                new("other", "queue") { IdReusePolicy = WorkflowIdReusePolicy.TerminateIfRunning },
                new("other", "queue") { IdConflictPolicy = WorkflowIdConflictPolicy.TerminateExisting },
                new("other", "queue") { RunTimeout = TimeSpan.Zero },
                new("other", "queue") { StartDelay = TimeSpan.FromSeconds(1), CronSchedule = "@daily" },
                new("other", "queue") { RetryPolicy = new RetryPolicy { MaximumAttempts = -1 } },
            ];
            var refused = 0;
            foreach (var options in wrong)
            {
                refused += await ExecutorHarness.CaughtAsync(() => Workflow.SignalWithStartWorkflowAsync("Other", null, "poke", null, options)) is ArgumentException ? 1 : 0;
            }

            return (object?)$"{refused} of {wrong.Length}";
        });

        CollectionAssert.AreEqual(new[] { "WorkflowCompleted" }, run.Run());
        Assert.AreEqual("7 of 7", run.Result<string>());
    }
}
