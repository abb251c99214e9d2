using System.Text.Json;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>Handlers that run, wait, end late or are missing.</summary>
[TestClass]
public sealed class HandlerRulesTests
{
    [TestMethod]
    public void AllHandlersFinished_CountsSignalsAndUpdatesTogether()
    {
        using var run = ExecutorHarness.Of<Desk>();
        run.Run();

        run.Run(ExecutorHarness.Update("u1", "Work"));
        Assert.IsFalse(run.Query<bool>("Idle"));
        run.Run(ExecutorHarness.Signal("Note"));
        Assert.IsFalse(run.Query<bool>("Idle"));
        run.Run(ExecutorHarness.Signal("Finish"));
        Assert.IsTrue(run.Query<bool>("Idle"));
    }

    [TestMethod]
    public void Updates_ThatTheWorkflowDoesNotWaitFor_AreWarnedAboutUnlessTheySayOtherwise()
    {
        var log = new LogLines();
        using var run = new ExecutorHarness(WorkflowDefinition.Create<Desk>(), [], null, o => o with { Loggers = log });
        run.Run();

        run.Run(
            ExecutorHarness.Update("u1", "Quick"), ExecutorHarness.Update("u2", "Work"), ExecutorHarness.Update("u3", "Work"), ExecutorHarness.Update("u4", "Careless"));
        run.Run(ExecutorHarness.Signal("Close"));

        CollectionAssert.AreEqual(
            new[]
            {
                "Warning: The workflow ended while 2 update handlers were still running: what they were doing is abandoned. "
                + "Await Workflow.AllHandlersFinished, or set UnfinishedPolicy to Abandon",
            },
            log.Lines.Distinct().ToArray());
    }

    [TestMethod]
    public void SignalsWithoutAHandler_WaitSilently_AndAreDeliveredOnce()
    {
        var log = new LogLines();
        using var run = new ExecutorHarness(WorkflowDefinition.Create<Desk>(), [], null, o => o with { Loggers = log });

        run.Run(ExecutorHarness.Signal("late"));
        run.Run(ExecutorHarness.Signal("Listen"));
        run.Run(ExecutorHarness.Signal("Listen"));

        Assert.AreEqual(1, run.Query<int>("Heard"));
        Assert.IsEmpty(log.Lines);
    }

    [TestMethod]
    public void ReservedUpdateNames_AreNotForDynamicHandlers()
    {
        using var run = ExecutorHarness.Of<Desk>();
        run.Run();

        run.Run(ExecutorHarness.Update("u1", "__temporal_secret"));

        StringAssert.Contains(run.Rejected.Single().Failure.Message, "There is no handler for update '__temporal_secret'.");
    }

    [TestMethod]
    public void Queries_PassInterceptorsWithoutAnId()
    {
        var ids = new List<string>();
        using var run = new ExecutorHarness(WorkflowDefinition.Create<Desk>(), [], null, o => o with { Interceptors = [new Watcher(ids)] });
        run.Run();

        run.Query<int>("Heard");

        CollectionAssert.AreEqual(new[] { "", "" }, ids);
    }

    [TestMethod]
    public void Constructor_ThatThrowsAFailure_FailsTheWorkflow_AndNothingElseRuns()
    {
        using var run = ExecutorHarness.Of<Refusing>();

        CollectionAssert.AreEqual(new[] { "WorkflowFailed" }, run.Run());

        Assert.AreEqual("no such customer", run.Last<WorkflowFailed>().Failure.Message);
        using var dynamic = ExecutorHarness.Of<RefusingAll>();
        CollectionAssert.AreEqual(new[] { "WorkflowFailed" }, dynamic.Run());
    }

    [TestMethod]
    public void Constructor_HasNoWorkflowObjectYet()
    {
        using var run = ExecutorHarness.Of<Hasty>();

        StringAssert.Contains(run.Fails().Message, "The workflow object does not exist yet: its constructor is running.");
    }

    [TestMethod]
    public void DynamicOptions_MayNameNoFailureTypes()
    {
        using var run = ExecutorHarness.Of<Plain>();

        Assert.IsInstanceOfType<FormatException>(run.Fails().InnerException);
        using var byOption = new ExecutorHarness(WorkflowDefinition.Create<Plain>(), [], null, static o => o with { FailureExceptionTypes = [typeof(FormatException)] });
        CollectionAssert.AreEqual(new[] { "WorkflowFailed" }, byOption.Run());
    }

    [TestMethod]
    public void Metadata_BeginsEmpty_AndDescribesDynamicHandlersAsTheySay()
    {
        using var run = ExecutorHarness.Of<Desk>();
        run.Run();

        var metadata = ExecutorHarness.Of<JsonElement>(run.Live.Query("__temporal_workflow_metadata", [], WorkflowStarted.Empty));

        Assert.AreEqual("", metadata.GetProperty("currentDetails").GetString());
        Assert.AreEqual("whatever comes", metadata.GetProperty("definition").GetProperty("updateDefinitions").EnumerateArray().Last().GetProperty("description").GetString());
    }

    [TestMethod]
    public void Info_TellsTheTaskTimeoutOfTheStart()
    {
        using var said = new ExecutorHarness(TaskTimeout(), [], static s => s with { TaskTimeout = TimeSpan.FromSeconds(3) });
        using var unsaid = new ExecutorHarness(TaskTimeout(), []);

        said.Run();
        unsaid.Run();

        Assert.AreEqual(3, said.Result<double>());
        Assert.AreEqual(10, unsaid.Result<double>());
    }

    [TestMethod]
    [DataRow(3, 100, "")]
    [DataRow(2, 100, "TooManyHistoryEvents")]
    [DataRow(3, 99, "HistorySizeTooLarge")]
    public void ContinueAsNew_IsSuggestedFromTheLimitOn(int events, long bytes, string expected)
    {
        using var run = new ExecutorHarness(
            ExecutorHarness.Scripting(static () => Task.FromResult<object?>(string.Join(' ', Workflow.SuggestedContinueAsNewReasons))),
            [],
            null,
            o => o with { SuggestContinueAsNewEvents = events, SuggestContinueAsNewBytes = bytes }) { HistoryBytes = 99 };

        run.Run();

        Assert.AreEqual(expected, run.Result<string>());
    }

    [TestMethod]
    public void HistoryLength_DoesNotCountTheUpdatesOfTheTask()
    {
        using var run = ExecutorHarness.Of<Desk>();
        run.Run();

        run.Run(ExecutorHarness.Signal("Note"), ExecutorHarness.Update("u1", "Length"));

        Assert.AreEqual(4, ExecutorHarness.Of<int>(run.Last<WorkflowUpdateCompleted>().Result));
    }

    private static WorkflowDefinition TaskTimeout() =>
        ExecutorHarness.Scripting(static () => Task.FromResult<object?>(Workflow.Info.TaskTimeout.TotalSeconds));

    [Workflow]
    public class Desk
    {
        private bool _closed;
        private bool _finished;

        [WorkflowQuery]
        public bool Idle => Workflow.AllHandlersFinished;

        [WorkflowQuery]
        public int Heard { get; private set; }

        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(() => _closed);

        [WorkflowSignal]
        public Task NoteAsync() => Workflow.WaitConditionAsync(() => _finished);

        [WorkflowSignal]
        public Task FinishAsync()
        {
            _finished = true;
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task CloseAsync()
        {
            _closed = true;
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task ListenAsync()
        {
            Workflow.Signals.Remove("late");
            Workflow.Signals.Add("late", WorkflowSignalDefinition.CreateWithoutAttribute("late", () =>
            {
                Heard++;
                return Task.CompletedTask;
            }));
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task WorkAsync() => Workflow.WaitConditionAsync(() => _finished);

        [WorkflowUpdate]
        public Task QuickAsync() => Task.CompletedTask;

        [WorkflowUpdate(UnfinishedPolicy = HandlerUnfinishedPolicy.Abandon)]
        public Task CarelessAsync() => Workflow.WaitConditionAsync(() => _finished);

        [WorkflowUpdate]
        public Task<int> LengthAsync() => Task.FromResult(Workflow.CurrentHistoryLength);

        [WorkflowUpdate(Dynamic = true, Description = "whatever comes")]
        public Task AnyAsync(string name, IRawValue[] args) => Task.CompletedTask;
    }

    [Workflow]
    public class Refusing
    {
        public Refusing() => throw new ApplicationFailureException("no such customer");

        [WorkflowRun]
        public Task RunAsync() => throw new FormatException("never");
    }

    [Workflow(Dynamic = true)]
    public class RefusingAll
    {
        private readonly WorkflowDefinitionOptions _options = new();

        public RefusingAll() => throw new ApplicationFailureException("no such customer");

        [WorkflowDynamicOptions]
        public WorkflowDefinitionOptions Options() => _options;

        [WorkflowRun]
        public Task RunAsync(IRawValue[] args) => throw new FormatException("never");
    }

    [Workflow]
    public class Hasty
    {
        public Hasty() => _ = Workflow.Instance;

        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;
    }

    [Workflow(Dynamic = true)]
    public class Plain
    {
        [WorkflowDynamicOptions]
        public WorkflowDefinitionOptions Options() => new();

        [WorkflowRun]
        public Task RunAsync(IRawValue[] args) => throw new FormatException("no failure");
    }

    private sealed class Watcher(List<string> ids) : IWorkerInterceptor
    {
        public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Inbound(nextInterceptor, ids);

        private sealed class Inbound(WorkflowInboundInterceptor next, List<string> ids) : WorkflowInboundInterceptor(next)
        {
            public override object? HandleQuery(HandleQueryInput input)
            {
                ids.Add(input.Id);
                return base.HandleQuery(input);
            }
        }
    }
}
