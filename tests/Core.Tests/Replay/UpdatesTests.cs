using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class UpdatesTests
{
    [TestMethod]
    public void Update_OfTheFirstTask_RunsBeforeTheRunMethod()
    {
        using var run = ExecutorHarness.Of<Account>();

        CollectionAssert.AreEqual(new[] { "WorkflowUpdateCompleted 'u1'", "TimerStarted 1" }, run.Run(ExecutorHarness.Update("u1", "Deposit", 10)));

        var completed = run.Event<WorkflowUpdateCompleted>(4);
        Assert.AreEqual(2, completed.AcceptedEventId);
        Assert.AreEqual(10, ExecutorHarness.Of<int>(completed.Result));
    }

    [TestMethod]
    public void Update_ThatTheValidatorRefuses_LeavesNoEvent()
    {
        using var run = ExecutorHarness.Of<Account>();
        run.Run();

        Assert.IsEmpty(run.Run(ExecutorHarness.Update("u1", "Deposit", -1)));

        Assert.AreEqual("u1", run.Rejected.Single().UpdateId);
        Assert.AreEqual("not negative", run.Rejected.Single().Failure.Message);
        Assert.IsFalse(run.History.Any(static e => e is WorkflowUpdateAccepted));
        Assert.AreEqual(0, run.Query<int>("Balance"));
    }

    [TestMethod]
    public void Updates_RefusedAndAccepted_InOneTask_KeepTheirPlaces()
    {
        using var run = ExecutorHarness.Of<Account>();
        run.Run();

        run.Run(ExecutorHarness.Update("a", "Deposit", 1), ExecutorHarness.Update("b", "Deposit", -1), ExecutorHarness.Update("c", "Deposit", 2));

        CollectionAssert.AreEqual(new[] { "b" }, run.Rejected.Select(static r => r.UpdateId).ToArray());
        Assert.AreEqual(4, run.History.OfType<WorkflowUpdateCompleted>().First().AcceptedEventId);
        Assert.AreEqual(5, run.History.OfType<WorkflowUpdateCompleted>().Last().AcceptedEventId);
        Assert.AreEqual(3, run.Query<int>("Balance"));
    }

    [TestMethod]
    public void Update_OfUnknownName_IsRefusedWithTheKnownOnes()
    {
        using var run = ExecutorHarness.Of<Account>();

        run.Run(ExecutorHarness.Update("u1", "Withdraw", 1));

        StringAssert.Contains(run.Rejected.Single().Failure.Message, "Known updates: Bug, Busy, Deposit, Fail, Slow, Spend, Spoil, Who");
    }

    [TestMethod]
    public void Update_WithArgumentsThatCantBeDecoded_IsRefused()
    {
        using var run = ExecutorHarness.Of<Account>();

        run.Run(ExecutorHarness.Update("u1", "Spend", "much"));

        Assert.AreEqual("u1", run.Rejected.Single().UpdateId);
    }

    [TestMethod]
    public void UpdateHandler_ThatThrowsAFailure_FailsTheUpdateOnly()
    {
        using var run = ExecutorHarness.Of<Account>();
        run.Run();

        CollectionAssert.AreEqual(new[] { "WorkflowUpdateCompleted 'u1'" }, run.Run(ExecutorHarness.Update("u1", "Fail")));

        Assert.AreEqual("broke", run.Last<WorkflowUpdateCompleted>().Failure!.Message);
    }

    [TestMethod]
    public void UpdateHandler_ThatThrowsAnythingElse_FailsTheTask()
    {
        using var run = ExecutorHarness.Of<Account>();
        run.Run();

        var failure = run.Fails(ExecutorHarness.Update("u1", "Bug"));

        Assert.AreEqual(WorkflowTaskFailedCause.UnhandledException, failure.Cause);
        Assert.IsFalse(run.History.Any(static e => e is WorkflowUpdateAccepted));
    }

    [TestMethod]
    public void Validator_ThatAsksForSomething_FailsTheTask_EvenWhenItHidesThat()
    {
        using var run = ExecutorHarness.Of<Account>();
        run.Run();

        var failure = run.Fails(ExecutorHarness.Update("u1", "Busy"));

        StringAssert.Contains(failure.Message, "the validator of update 'Busy'");
    }

    [TestMethod]
    public void Validator_GetsArgumentsOfItsOwn()
    {
        using var run = ExecutorHarness.Of<Account>();
        run.Run();

        run.Run(ExecutorHarness.Update("u1", "Spoil", new[] { 1, 2 }));

        Assert.AreEqual(3, ExecutorHarness.Of<int>(run.Last<WorkflowUpdateCompleted>().Result));
    }

    [TestMethod]
    public void Update_MayTakeSeveralTasks()
    {
        using var run = ExecutorHarness.Of<Account>();
        run.Run();

        CollectionAssert.AreEqual(new[] { "TimerStarted 2" }, run.Run(ExecutorHarness.Update("u1", "Slow")));
        CollectionAssert.AreEqual(new[] { "WorkflowUpdateCompleted 'u1'" }, run.Fire(6));
        Assert.AreEqual(4, run.Last<WorkflowUpdateCompleted>().AcceptedEventId);
        Assert.IsNull(run.Last<WorkflowUpdateCompleted>().Result);
    }

    [TestMethod]
    public void UpdateHandler_ThatIsCancelledWithTheWorkflow_FailsItsUpdate()
    {
        using var run = ExecutorHarness.Of<Account>();
        run.Run();
        run.Run(ExecutorHarness.Update("u1", "Slow"));

        var commands = run.Run(ExecutorHarness.Cancel());

        CollectionAssert.Contains(commands, "WorkflowUpdateCompleted 'u1'");
        Assert.AreEqual("WorkflowCanceled", commands[^1]);
        Assert.IsNotNull(run.History.OfType<WorkflowUpdateCompleted>().Single().Failure);
    }

    [TestMethod]
    public void CurrentUpdateInfo_IsTheHandlersOwn_AcrossAwaits()
    {
        using var run = ExecutorHarness.Of<Account>();
        run.Run();

        run.Run(ExecutorHarness.Update("u1", "Who"), ExecutorHarness.Update("u2", "Who"));
        run.Run(new TimerFired(8), new TimerFired(7));

        CollectionAssert.AreEqual(
            new[] { "u2:u2 Who", "u1:u1 Who" },
            run.History.OfType<WorkflowUpdateCompleted>().Select(static u => $"{u.UpdateId}:{ExecutorHarness.Of<string>(u.Result)}").ToArray());
        Assert.IsNull(run.Query<string?>("OutsideOfUpdates"));
    }

    [TestMethod]
    public void ContinueAsNew_FromAnUpdate_FailsTheTask()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            Workflow.Updates["roll"] = WorkflowUpdateDefinition.CreateWithoutAttribute(
                "roll", Task () => throw Workflow.CreateContinueAsNewException("Scripted", []));
            await Workflow.DelayAsync(Timeout.InfiniteTimeSpan);
        });
        run.Run();

        Assert.AreEqual(WorkflowTaskFailedCause.UnhandledException, run.Fails(ExecutorHarness.Update("u1", "roll")).Cause);
    }

    [TestMethod]
    public void UpdateThatWasAccepted_ReplaysThoughItsValidatorWouldNowRefuse()
    {
        using var run = ExecutorHarness.Of(Accepting(static _ => { }));
        run.Run();
        run.Run(ExecutorHarness.Update("u1", "set", 5));

        run.ReplayWith(Accepting(static _ => throw new ApplicationFailureException("never")));
    }

    [TestMethod]
    public void UpdateThatWasAccepted_WithoutItsHandler_IsNondeterminism()
    {
        using var run = ExecutorHarness.Of(Accepting(static _ => { }));
        run.Run();
        run.Run(ExecutorHarness.Update("u1", "set", 5));

        var failure = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.ReplayWith(async () =>
        {
            await Workflow.DelayAsync(Timeout.InfiniteTimeSpan);
            return null;
        }));

        Assert.AreEqual(WorkflowTaskFailedCause.Nondeterminism, failure.Cause);
        StringAssert.Contains(failure.Message, "update 'set'");
    }

    private static Func<Task<object?>> Accepting(Action<int> validator) => async () =>
    {
        Workflow.Updates["set"] = WorkflowUpdateDefinition.CreateWithoutAttribute("set", (int n) => Task.FromResult(n), validator);
        await Workflow.DelayAsync(Timeout.InfiniteTimeSpan);
        return null;
    };

    [Workflow]
    public class Account
    {
        [WorkflowQuery]
        public int Balance { get; private set; }

        [WorkflowQuery]
        public string? OutsideOfUpdates { get; private set; } = "not looked yet";

        [WorkflowRun]
        public async Task RunAsync()
        {
            OutsideOfUpdates = Workflow.CurrentUpdateInfo?.Id;
            await Workflow.DelayAsync(TimeSpan.FromDays(1));
        }

        [WorkflowUpdate]
        public Task<int> DepositAsync(int amount) => Task.FromResult(Balance += amount);

        [WorkflowUpdateValidator(nameof(DepositAsync))]
        public void CheckDeposit(int amount)
        {
            if (amount < 0)
            {
                throw new ApplicationFailureException("not negative");
            }
        }

        [WorkflowUpdate]
        public Task SpendAsync(int amount) => Task.FromResult(Balance -= amount);

        [WorkflowUpdate]
        public Task FailAsync() => throw new ApplicationFailureException("broke");

        [WorkflowUpdate]
        public Task BugAsync() => throw new InvalidOperationException("a bug");

        [WorkflowUpdate]
        public Task BusyAsync() => Task.CompletedTask;

        [WorkflowUpdateValidator(nameof(BusyAsync))]
        public void CheckBusy() => _ = Workflow.DelayAsync(1);

        [WorkflowUpdate]
        public Task<int> SpoilAsync(int[] numbers) => Task.FromResult(numbers.Sum());

        [WorkflowUpdateValidator(nameof(SpoilAsync))]
        public void CheckSpoil(int[] numbers) => Array.Clear(numbers);

        [WorkflowUpdate]
        public Task SlowAsync() => Workflow.DelayAsync(1000);

        [WorkflowUpdate]
        public async Task<string> WhoAsync()
        {
            var before = Workflow.CurrentUpdateInfo!.Id;
            await Workflow.DelayAsync(1000);
            return before == Workflow.CurrentUpdateInfo!.Id ? $"{before} {Workflow.CurrentUpdateInfo.Name}" : "changed";
        }
    }
}
