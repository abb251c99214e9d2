using Serverless.Common;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class ContinueAsNewTests
{
    [TestMethod]
    public void ContinueAsNew_ClosesTheRunWithTheNextOnesStart()
    {
        using var run = ExecutorHarness.Of<Roller>(3);

        CollectionAssert.AreEqual(new[] { "WorkflowContinuedAsNew 'Roller'" }, run.Run());

        var next = run.Last<WorkflowContinuedAsNew>();
        Assert.AreEqual(2, ExecutorHarness.Of<int>(next.Args[0]));
        Assert.AreEqual("default", next.TaskQueue);
        Assert.AreNotEqual("", next.NewRunId);
        Assert.IsNull(next.Memo);
        Assert.IsNull(next.SearchAttributes);
    }

    [TestMethod]
    public void ContinueAsNew_TakesItsOptions()
    {
        using var run = ExecutorHarness.Of(Task () => throw Workflow.CreateContinueAsNewException("Other", ["x"], new()
        {
            TaskQueue = "elsewhere",
            RunTimeout = TimeSpan.FromHours(1),
            TaskTimeout = TimeSpan.FromSeconds(20),
            BackoffStartInterval = TimeSpan.FromMinutes(2),
            RetryPolicy = new RetryPolicy { MaximumAttempts = 2 },
            Memo = new Dictionary<string, object> { ["why"] = "news" },
            TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(SearchAttributeKey.CreateLong("Round"), 2).ToSearchAttributeCollection(),
        }));

        CollectionAssert.AreEqual(new[] { "WorkflowContinuedAsNew 'Other'" }, run.Run());

        var next = run.Last<WorkflowContinuedAsNew>();
        Assert.AreEqual("elsewhere", next.TaskQueue);
        Assert.AreEqual(TimeSpan.FromHours(1), next.RunTimeout);
        Assert.AreEqual(TimeSpan.FromSeconds(20), next.TaskTimeout);
        Assert.AreEqual(TimeSpan.FromMinutes(2), next.BackoffStartInterval);
        Assert.AreEqual(2, next.RetryPolicy!.MaximumAttempts);
        Assert.AreEqual("news", ExecutorHarness.Of<string>(next.Memo!["why"]));
        Assert.IsTrue(next.SearchAttributes!.ContainsKey("Round"));
    }

    [TestMethod]
    public void ContinueAsNew_FromASignalHandler_ContinuesTheWorkflow()
    {
        using var run = ExecutorHarness.Of<Roller>(-1);

        run.Run();
        CollectionAssert.AreEqual(new[] { "WorkflowContinuedAsNew 'Roller'" }, run.Run(ExecutorHarness.Signal("Roll", 7)));
        Assert.AreEqual(7, ExecutorHarness.Of<int>(run.Last<WorkflowContinuedAsNew>().Args[0]));
    }

    [TestMethod]
    public void FirstCloseWins_AndIsMovedToTheEnd()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            _ = Workflow.RunTaskAsync(async () =>
            {
                await Task.Yield();
                await Workflow.DelayAsync(1000);
            });
            await Task.Yield();
            return (object?)"first";
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1", "WorkflowCompleted" }, run.Run());
    }

    [TestMethod]
    public void CreatingTheException_ClosesNothing_ThrowingItDoes()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            _ = Workflow.CreateContinueAsNewException(static (Roller r) => r.RunAsync(1));
            await Workflow.DelayAsync(1000);
        });

        CollectionAssert.AreEqual(new[] { "TimerStarted 1" }, run.Run());
    }

    [TestMethod]
    public void Suggestion_FollowsLengthAndSize_AndReplayRepeatsIt()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var seen = new List<string>();
            for (var i = 0; i < 3; i++)
            {
                await Workflow.DelayAsync(1000);
                seen.Add($"{Workflow.CurrentHistoryLength} {Workflow.CurrentHistorySize} {Workflow.ContinueAsNewSuggested} {string.Join(' ', Workflow.SuggestedContinueAsNewReasons)}");
            }

            return (object?)seen;
        }, static o => o with { SuggestContinueAsNewEvents = 10, SuggestContinueAsNewBytes = 1_000 });

        run.Run();
        run.HistoryBytes = 500;
        run.Fire(3);
        run.HistoryBytes = 1_500;
        run.Fire(6);
        run.HistoryBytes = 2_000;
        run.Fire(9);

        CollectionAssert.AreEqual(
            new[] { "5 500 False ", "8 1500 True HistorySizeTooLarge", "11 2000 True HistorySizeTooLarge TooManyHistoryEvents" }, run.Result<string[]>());
    }

    [TestMethod]
    public void Suggestion_CountsTheUpdatesThatWereAcceptedBefore()
    {
        using var run = new ExecutorHarness(WorkflowDefinition.Create<Updated>(), [], null, static o => o with { SuggestContinueAsNewUpdates = 2 });

        run.Run();
        run.Run(ExecutorHarness.Update("u1", "Why"));
        run.Run(ExecutorHarness.Update("refused", "Why", "no"));
        run.Run(ExecutorHarness.Update("u2", "Why"));
        run.Run(ExecutorHarness.Update("u3", "Why"));

        CollectionAssert.AreEqual(new[] { "", "", "TooManyUpdates" }, run.Query<string[]>("Seen"));
    }

    [TestMethod]
    public void Suggestion_OfAHistoryThatOnlyKnewOneReason_IsThatReason()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            await Workflow.DelayAsync(1000);
            if (string.Join(' ', Workflow.SuggestedContinueAsNewReasons) == "TooManyHistoryEvents")
            {
                await Workflow.DelayAsync(2000);
            }

            return (object?)null;
        });
        run.Run();
        using var executor = run.Replayed();

        executor.Replay(
        [
            new TimerFired(3) { Id = 4 },
            new WorkflowTaskCompleted("test", null) { Id = 5, Flags = 1 },
            new TimerStarted("2", TimeSpan.FromSeconds(2)) { Id = 6 },
        ]);

        Assert.AreEqual(6, executor.LastEventId);
    }

    [Workflow]
    public class Updated
    {
        private readonly List<string> _seen = [];

        [WorkflowQuery]
        public List<string> Seen => _seen;

        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(static () => false);

        [WorkflowUpdate]
        public Task WhyAsync(string? word = null)
        {
            _seen.Add(string.Join(' ', Workflow.SuggestedContinueAsNewReasons));
            return Task.CompletedTask;
        }

        [WorkflowUpdateValidator(nameof(WhyAsync))]
        public void Check(string? word = null)
        {
            if (word == "no")
            {
                throw new ArgumentException("no");
            }
        }
    }

    [Workflow]
    public class Roller
    {
        [WorkflowRun]
        public async Task RunAsync(int left)
        {
            if (left > 0)
            {
                throw Workflow.CreateContinueAsNewException(static (Roller r) => r.RunAsync(2));
            }

            await Workflow.DelayAsync(TimeSpan.FromDays(1));
        }

        [WorkflowSignal]
        public async Task RollAsync(int left)
        {
            await Task.Yield();
            throw Workflow.CreateContinueAsNewException((Roller r) => r.RunAsync(left));
        }
    }
}
