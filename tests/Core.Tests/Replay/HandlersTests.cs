using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class HandlersTests
{
    [TestMethod]
    public void Signals_OfTheFirstTask_RunBeforeTheRunMethod_AfterTheConstructor()
    {
        using var run = ExecutorHarness.Of<Diary>("start");

        run.Run(ExecutorHarness.Signal("Note", "a"), ExecutorHarness.Signal("Note", "b"), ExecutorHarness.Signal("Finish"));

        CollectionAssert.AreEqual(new[] { "constructor start", "a", "b", "run" }, run.Result<string[]>());
    }

    [TestMethod]
    public void Signals_AreStartedInOrder_AndMayInterleaveAtAwaits()
    {
        using var run = ExecutorHarness.Of<Diary>("start");

        run.Run();
        CollectionAssert.AreEqual(new[] { "TimerStarted 1", "TimerStarted 2" }, run.Run(ExecutorHarness.Signal("Slow", "x"), ExecutorHarness.Signal("Slow", "y")));
        run.Run(new TimerFired(6));
        run.Run(new TimerFired(7), ExecutorHarness.Signal("Finish"));

        CollectionAssert.AreEqual(new[] { "constructor start", "run", "begin x", "begin y", "end x", "end y" }, run.Result<string[]>());
    }

    [TestMethod]
    public void UnknownSignals_WaitUntilThereIsAHandler()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var seen = new List<int>();
            await Workflow.DelayAsync(1);
            Workflow.Signals["late"] = WorkflowSignalDefinition.CreateWithoutAttribute("late", (int n) =>
            {
                seen.Add(n);
                return Task.CompletedTask;
            });
            await Workflow.WaitConditionAsync(() => seen.Count == 2);
            return (object?)seen;
        });

        run.Run(ExecutorHarness.Signal("late", 1), ExecutorHarness.Signal("other"));
        run.Run(ExecutorHarness.Signal("late", 2));
        run.Run(new TimerFired(5));

        CollectionAssert.AreEqual(new[] { 1, 2 }, run.Result<int[]>());
    }

    [TestMethod]
    public void DynamicHandlers_TakeWhatNoOtherHandlerTakes_ButNoReservedNames()
    {
        using var run = ExecutorHarness.Of<CatchAll>();

        run.Run(ExecutorHarness.Signal("any", 1, 2), ExecutorHarness.Signal("__temporal_thing"), ExecutorHarness.Signal("named"));
        CollectionAssert.AreEqual(new[] { "WorkflowUpdateCompleted 'u1'" }, run.Run(ExecutorHarness.Update("u1", "whatever", "x")));

        Assert.AreEqual("whatever:1", ExecutorHarness.Of<string>(run.Last<WorkflowUpdateCompleted>().Result));
        CollectionAssert.AreEqual(new[] { "any:2", "named!" }, run.Query<string[]>("everything"));
        Assert.ThrowsExactly<QueryFailedException>(() => run.Live.Query("__temporal_query", [], WorkflowStarted.Empty));
    }

    [TestMethod]
    public void SignalWithArgumentsThatCantBeDecoded_IsDroppedAndLogged()
    {
        var log = new LogLines();
        using var run = new ExecutorHarness(WorkflowDefinition.Create<Diary>(), ["s"], options: o => o with { Loggers = log });

        run.Run();
        run.Run(ExecutorHarness.Signal("Note", new { Not = "a string" }), ExecutorHarness.Signal("Finish"));

        CollectionAssert.AreEqual(new[] { "constructor s", "run" }, run.Result<string[]>());
        Assert.IsTrue(log.Lines.Exists(static l => l.StartsWith("Error: Signal 'Note' was dropped", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void SignalHandler_ThatThrowsAFailure_FailsTheWorkflow()
    {
        using var run = ExecutorHarness.Of<Diary>("s");

        run.Run();
        CollectionAssert.AreEqual(new[] { "WorkflowFailed" }, run.Run(ExecutorHarness.Signal("Fail", "no paper")));
        Assert.AreEqual("no paper", run.Last<WorkflowFailed>().Failure.Message);
    }

    [TestMethod]
    public void SignalHandler_ThatThrowsAnythingElse_FailsTheTaskOnly()
    {
        using var run = ExecutorHarness.Of<Diary>("s");

        run.Run();
        var failure = run.Fails(ExecutorHarness.Signal("Bug"));

        Assert.AreEqual(WorkflowTaskFailedCause.UnhandledException, failure.Cause);
        Assert.HasCount(2, run.History);
        run.Run(ExecutorHarness.Signal("Finish"));
        run.Last<WorkflowCompleted>();
    }

    [TestMethod]
    public void MissingArguments_TakeDefaults_SurplusOnesAreIgnored()
    {
        using var run = ExecutorHarness.Of<Diary>("s", "surplus");

        run.Run(ExecutorHarness.Signal("Optional"), ExecutorHarness.Signal("Optional", "given", 3, 4), ExecutorHarness.Signal("Note"), ExecutorHarness.Signal("Finish"));

        CollectionAssert.AreEqual(new[] { "constructor s", "default 7", "given 3", "run" }, run.Result<string[]>());
    }

    [TestMethod]
    public void MissingRunArgument_FailsTheTask()
    {
        using var run = ExecutorHarness.Of<Diary>();

        var failure = run.Fails();

        StringAssert.Contains(failure.Message, "'first' is missing");
    }

    [TestMethod]
    public void UnfinishedHandlers_AreWarnedAboutOnce_AtTheEndOnly()
    {
        var log = new LogLines();
        using var run = new ExecutorHarness(WorkflowDefinition.Create<Diary>(), ["s"], options: o => o with { Loggers = log });

        run.Run(ExecutorHarness.Signal("Slow", "x"), ExecutorHarness.Signal("Slow", "y"), ExecutorHarness.Signal("Careless"));
        Assert.IsEmpty(log.Lines);
        run.Run(ExecutorHarness.Signal("Finish"));

        // Both of the harness's executors ran the task; replays stayed silent.
        Assert.HasCount(2, log.Lines);
        Assert.AreEqual(1, log.Lines.Distinct().Count());
        StringAssert.Contains(log.Lines[0], "2 signal handlers");
    }

    [TestMethod]
    public void HandlersThatFinishInTheClosingTask_AreNoReasonToWarn()
    {
        var log = new LogLines();
        using var run = new ExecutorHarness(WorkflowDefinition.Create<Diary>(), ["s"], options: o => o with { Loggers = log });

        run.Run(ExecutorHarness.Signal("Slow", "x"));
        run.Run(ExecutorHarness.Signal("Finish"), new TimerFired(4));

        run.Last<WorkflowCompleted>();
        Assert.IsEmpty(log.Lines);
    }

    [TestMethod]
    public void AllHandlersFinished_IsFalseWhileOneRuns()
    {
        using var run = ExecutorHarness.Of<Diary>("s");

        run.Run(ExecutorHarness.Signal("Slow", "x"));
        Assert.IsFalse(run.Query<bool>("Idle"));
        run.Fire(4);
        Assert.IsTrue(run.Query<bool>("Idle"));
    }

    [TestMethod]
    public void Queries_AnswerFromTheStateAndLeaveNoTrace()
    {
        using var run = ExecutorHarness.Of<Diary>("s");

        run.Run();
        Assert.AreEqual(2, run.Query<int>("Count"));
        Assert.AreEqual("run", run.Query<string>("Entry", 1));
        run.Run(ExecutorHarness.Signal("Finish"));
        Assert.AreEqual(2, run.Query<int>("Count"));
    }

    [TestMethod]
    [DataRow("Nothing", "Known queries: Busy, Count, Entry, Idle, Throw")]
    [DataRow("Throw", "no such page")]
    [DataRow("Busy", "it only looks")]
    [DataRow("Entry", "'page' is missing")]
    public void Queries_ThatCantBeAnswered_SayWhy(string name, string why)
    {
        using var run = ExecutorHarness.Of<Diary>("s");
        run.Run();

        var e = Assert.ThrowsExactly<QueryFailedException>(() => run.Live.Query(name, [], WorkflowStarted.Empty));

        StringAssert.Contains(e.Message, why);
        run.Run(ExecutorHarness.Signal("Finish"));
        run.Last<WorkflowCompleted>();
    }

    [TestMethod]
    public void QueryHandler_CanBeSetByCode()
    {
        using var run = ExecutorHarness.Of(async () =>
        {
            var state = 5;
            Workflow.Queries["state"] = WorkflowQueryDefinition.CreateWithoutAttribute("state", () => state);
            await Workflow.DelayAsync(1);
            state = 6;
            await Workflow.DelayAsync(1);
        });

        run.Run();
        Assert.AreEqual(5, run.Query<int>("state"));
        run.Fire(3);
        Assert.AreEqual(6, run.Query<int>("state"));
    }

    [TestMethod]
    public void Handlers_AreNotForQueriesToChange()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            Workflow.Queries["steal"] = WorkflowQueryDefinition.CreateWithoutAttribute("steal", static () => Workflow.Queries.Remove("steal"));
            await Workflow.DelayAsync(1000);
        });
        run.Run();

        for (var i = 0; i < 2; i++)
        {
            var e = Assert.ThrowsExactly<QueryFailedException>(() => run.Live.Query("steal", [], WorkflowStarted.Empty));
            StringAssert.Contains(e.Message, "Nothing can be changed in query 'steal'");
        }
    }

    [TestMethod]
    public void Handlers_ThatAreRemoved_LetSignalsWaitAgain()
    {
        using var code = ExecutorHarness.Of(static async () =>
        {
            var seen = new List<int>();
            Task Note(int n)
            {
                seen.Add(n);
                return Task.CompletedTask;
            }

            var definition = WorkflowSignalDefinition.CreateWithoutAttribute("note", Note);
            Workflow.Signals.Add("note", definition);
            await Workflow.WaitConditionAsync(() => seen.Count == 1);
            Workflow.Signals.Remove("note");
            await Workflow.DelayAsync(1000);
            seen.Add(100);
            Workflow.DynamicSignal = WorkflowSignalDefinition.CreateWithoutAttribute(null, (string name, Converters.IRawValue[] args) => Note(args.Length));
            await Workflow.WaitConditionAsync(() => seen.Count == 3);
            return (object?)seen;
        });

        code.Run();
        code.Run(ExecutorHarness.Signal("note", 7));
        code.Run(ExecutorHarness.Signal("note", 8));
        code.Run(new TimerFired(5));
        CollectionAssert.AreEqual(new[] { 7, 100, 1 }, code.Result<int[]>());
    }

    [Workflow]
    public class Diary
    {
        private readonly List<string> _entries = [];
        private bool _finished;

        [WorkflowInit]
        public Diary(string first) => _entries.Add($"constructor {first}");

        [WorkflowQuery]
        public int Count => _entries.Count;

        [WorkflowQuery]
        public bool Idle => Workflow.AllHandlersFinished;

        [WorkflowRun]
        public async Task<List<string>> RunAsync(string first)
        {
            _entries.Add("run");
            await Workflow.WaitConditionAsync(() => _finished);
            return _entries;
        }

        [WorkflowSignal]
        public Task NoteAsync(string entry)
        {
            _entries.Add(entry);
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task OptionalAsync(string entry = "default", int number = 7)
        {
            _entries.Add($"{entry} {number}");
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public async Task SlowAsync(string entry)
        {
            _entries.Add($"begin {entry}");
            await Workflow.DelayAsync(1000);
            _entries.Add($"end {entry}");
        }

        [WorkflowSignal(UnfinishedPolicy = HandlerUnfinishedPolicy.Abandon)]
        public Task CarelessAsync() => Workflow.DelayAsync(5000);

        [WorkflowSignal]
        public Task FinishAsync() => Task.FromResult(_finished = true);

        [WorkflowSignal]
        public Task FailAsync(string why) => throw new ApplicationFailureException(why);

        [WorkflowSignal]
        public Task BugAsync() => throw new InvalidOperationException("a bug");

        [WorkflowQuery]
        public string Entry(int page) => _entries[page];

        [WorkflowQuery]
        public string Throw() => throw new FormatException("no such page");

        [WorkflowQuery(Description = "Asks too much")]
        public bool Busy() => Workflow.DelayAsync(1).IsCompleted;
    }

    [Workflow]
    public class CatchAll
    {
        private readonly List<string> _seen = [];

        [WorkflowRun]
        public Task RunAsync() => Workflow.DelayAsync(Timeout.InfiniteTimeSpan);

        [WorkflowSignal(Dynamic = true)]
        public Task AnySignalAsync(string name, IRawValue[] args)
        {
            _seen.Add($"{name}:{args.Length}");
            return Task.CompletedTask;
        }

        [WorkflowSignal("named")]
        public Task NamedAsync()
        {
            _seen.Add("named!");
            return Task.CompletedTask;
        }

        [WorkflowQuery(Dynamic = true)]
        public List<string> AnyQuery(string name, IRawValue[] args) => _seen;

        [WorkflowUpdate(Dynamic = true)]
        public Task<string> AnyUpdateAsync(string name, IRawValue[] args) => Task.FromResult($"{name}:{args.Length}");
    }
}
