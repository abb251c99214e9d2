using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class FactoryTests
{
    [TestMethod]
    public void Knows_NamedTypes_AndEverythingWithADynamicOne()
    {
        Assert.IsTrue(Factory<Plain>().Knows("Plain"));
        Assert.IsFalse(Factory<Plain>().Knows("Other"));
        Assert.IsTrue(new WorkflowExecutorFactory([WorkflowDefinition.Create<Any>(), WorkflowDefinition.Create<Plain>()], ExecutorHarness.Options).Knows("Other"));
    }

    [TestMethod]
    public void Create_TakesTheNamedType_ElseTheDynamicOne()
    {
        var factory = new WorkflowExecutorFactory([WorkflowDefinition.Create<Any>(), WorkflowDefinition.Create<Plain>()], ExecutorHarness.Options);

        Assert.AreEqual("plain", Outcome(factory, "Plain"));
        Assert.AreEqual("any", Outcome(factory, "Other"));
    }

    [TestMethod]
    public void Create_OfAnUnknownType_NamesTheKnownOnes_AndTheCure()
    {
        var factory = new WorkflowExecutorFactory([WorkflowDefinition.Create<Plain>(), WorkflowDefinition.Create<Failing>()], ExecutorHarness.Options);

        var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => factory.Create("wf", new("Gone", "q", [])));

        Assert.AreEqual("This process has no workflow type 'Gone'. Known types: Failing, Plain. Deploy it again, or terminate the workflow.", e.Message);
        Assert.AreEqual(WorkflowTaskFailedCause.UnknownWorkflowType, e.Cause);
    }

    [TestMethod]
    public void FailsOnNondeterminism_WhenTheDefinitionOrTheOptionsSaySo()
    {
        Assert.IsFalse(Factory<Plain>().FailsOnNondeterminism("Plain"));
        Assert.IsTrue(Factory<Failing>().FailsOnNondeterminism("Failing"));
        Assert.IsFalse(Factory<Failing>().FailsOnNondeterminism("Gone"));
        Assert.IsTrue(Factory<AnyFailing>().FailsOnNondeterminism("Whatever"));
        Assert.IsTrue(new WorkflowExecutorFactory(
            [WorkflowDefinition.Create<Plain>()], ExecutorHarness.Options with { FailureExceptionTypes = [typeof(FormatException), typeof(WorkflowNondeterminismException)] })
            .FailsOnNondeterminism("Plain"));
        Assert.IsFalse(new WorkflowExecutorFactory([WorkflowDefinition.Create<Plain>(), WorkflowDefinition.Create<AnyFailing>()], ExecutorHarness.Options)
            .FailsOnNondeterminism("Plain"));
    }

    [TestMethod]
    public void HandlersOf_NamesSignalsAndUpdates()
    {
        CollectionAssert.AreEqual(new[] { "Both", "Go", "Both", "Set" }, Factory<Failing>().HandlersOf("Failing").ToArray());
        Assert.IsEmpty(Factory<Failing>().HandlersOf("Gone"));
    }

    [TestMethod]
    public void Options_HaveTheDefaultsThatTheyTell()
    {
        var options = new ExecutorOptions(
            DataConverter.Default.PayloadConverter, DataConverter.Default.FailureConverter, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);

        Assert.AreEqual("default", options.Namespace);
        Assert.IsTrue(options.TraceTasks);
        Assert.AreEqual(4_096, options.SuggestContinueAsNewEvents);
        Assert.AreEqual(4_194_304, options.SuggestContinueAsNewBytes);
        Assert.AreEqual(1_800, options.SuggestContinueAsNewUpdates);
        Assert.IsTrue(options.KnowsActivity("any"));
    }

    private static WorkflowExecutorFactory Factory<T>() => new([WorkflowDefinition.Create<T>()], ExecutorHarness.Options);

    private static string Outcome(WorkflowExecutorFactory factory, string type)
    {
        var started = new WorkflowStarted(type, "q", []) { RunId = "r", FirstRunId = "r" };
        using var executor = factory.Create("wf", started);
        return ExecutorHarness.Of<string>(((WorkflowCompleted)executor.RunTask(new([started], ExecutorHarness.Begin, "test", null, 0)).Events[^1]).Result);
    }

    [Workflow]
    public class Plain
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Task.FromResult("plain");
    }

    [Workflow(FailureExceptionTypes = [typeof(FormatException), typeof(WorkflowNondeterminismException)])]
    public class Failing
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal]
        public Task GoAsync() => Task.CompletedTask;

        [WorkflowSignal("Both")]
        public Task SignalBothAsync() => Task.CompletedTask;

        [WorkflowUpdate]
        public Task SetAsync() => Task.CompletedTask;

        [WorkflowUpdate("Both")]
        public Task UpdateBothAsync() => Task.CompletedTask;
    }

    [Workflow(Dynamic = true)]
    public class Any
    {
        [WorkflowRun]
        public Task<string> RunAsync(IRawValue[] args) => Task.FromResult("any");
    }

    [Workflow(Dynamic = true, FailureExceptionTypes = [typeof(WorkflowNondeterminismException)])]
    public class AnyFailing
    {
        [WorkflowRun]
        public Task RunAsync(IRawValue[] args) => Task.CompletedTask;
    }
}
