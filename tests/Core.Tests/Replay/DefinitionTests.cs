using Serverless.Common;
using Serverless.Converters;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>Each rule for workflow types, and the message that tells how it was broken.</summary>
[TestClass]
public sealed class DefinitionTests
{
    [TestMethod]
    [DataRow(typeof(NoAttribute), "has no [Workflow] attribute")]
    [DataRow(typeof(NoRun), "no method has [WorkflowRun]")]
    [DataRow(typeof(TwoRuns), "one method is the run method")]
    [DataRow(typeof(PrivateRun), "[WorkflowRun] RunAsync must be public")]
    [DataRow(typeof(StaticRun), "[WorkflowRun] RunAsync must not be static")]
    [DataRow(typeof(VoidRun), "[WorkflowRun] Run must return a Task")]
    [DataRow(typeof(InheritedRun), "must be repeated on a method declared on InheritedRun itself")]
    [DataRow(typeof(NoConstructor), "needs a public constructor without parameters, or one with [WorkflowInit]")]
    [DataRow(typeof(OddInit), "the [WorkflowInit] constructor must take the parameters of RunAsync")]
    [DataRow(typeof(PrivateInit), "[WorkflowInit] is on a constructor that is not public")]
    [DataRow(typeof(TwoInits), "two constructors have [WorkflowInit]")]
    [DataRow(typeof(NamedAndDynamic), "it has a name and is dynamic")]
    [DataRow(typeof(DynamicWithOtherArguments), "the run method of a dynamic workflow takes one IRawValue[]")]
    [DataRow(typeof(SignalWithResult), "[WorkflowSignal] Go must return Task")]
    [DataRow(typeof(TwoSignals), "signal 'Go' has two handlers")]
    [DataRow(typeof(PrivateSignal), "[WorkflowSignal] GoAsync must be public")]
    [DataRow(typeof(DynamicSignal), "[WorkflowSignal] GoAsync is dynamic: it takes (string name, IRawValue[] args)")]
    [DataRow(typeof(NamedDynamicSignal), "[WorkflowSignal] GoAsync has a name and is dynamic")]
    [DataRow(typeof(AsyncQuery), "[WorkflowQuery] StateAsync must return a value at once")]
    [DataRow(typeof(VoidQuery), "[WorkflowQuery] State must return a value at once")]
    [DataRow(typeof(WriteOnlyQuery), "[WorkflowQuery] property State needs a public getter")]
    [DataRow(typeof(TwoQueries), "query 'State' has two handlers")]
    [DataRow(typeof(UpdateWithoutTask), "[WorkflowUpdate] Set must return a Task")]
    [DataRow(typeof(TwoUpdates), "update 'Set' has two handlers")]
    [DataRow(typeof(ValidatorOfNothing), "[WorkflowUpdateValidator] names Nothing, which is no update method")]
    [DataRow(typeof(ValidatorWithResult), "[WorkflowUpdateValidator] Check must return void")]
    [DataRow(typeof(ValidatorWithOtherArguments), "validator Check must take the parameters of SetAsync")]
    [DataRow(typeof(TwoValidators), "update method SetAsync has two validators")]
    public void BrokenRule_IsNamed(Type type, string message)
    {
        var e = Assert.ThrowsExactly<ArgumentException>(() => WorkflowDefinition.Create(type));

        StringAssert.Contains(e.Message, message);
        StringAssert.Contains(e.Message, type.Name);
    }

    [TestMethod]
    public void SeveralBrokenRules_AreAllNamed()
    {
        var e = Assert.ThrowsExactly<ArgumentException>(WorkflowDefinition.Create<Hopeless>);

        StringAssert.Contains(e.Message, "WorkflowRun] Run must return a Task; [WorkflowSignal] Go must return a Task");
    }

    [TestMethod]
    public void Names_FollowTheRules()
    {
        var definition = WorkflowDefinition.Create<Named>();

        Assert.AreEqual("Named", definition.Name);
        CollectionAssert.AreEqual(new[] { "Go", "stop" }, definition.Signals.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { "State", "StateAsync", "full" }, definition.Queries.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { "Set" }, definition.Updates.Keys.ToArray());
        Assert.AreEqual("Contract", WorkflowDefinition.Create<IContract>().Name);
        Assert.IsFalse(WorkflowDefinition.Create<IContract>().Instantiable);
        Assert.AreEqual("Iceberg", WorkflowDefinition.Create<Iceberg>().Name);
        Assert.AreEqual("other", WorkflowDefinition.Create(typeof(Named), "other", null).Name);
    }

    [TestMethod]
    public void Factory_RefusesWhatItCantTellApartOrMake()
    {
        var options = new ExecutorOptions(DataConverter.Default.PayloadConverter, DataConverter.Default.FailureConverter, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        string Refusal(params WorkflowDefinition[] definitions) =>
            Assert.ThrowsExactly<ArgumentException>(() => new WorkflowExecutorFactory(definitions, options)).Message;

        StringAssert.Contains(Refusal(WorkflowDefinition.Create<Named>(), WorkflowDefinition.Create(typeof(Iceberg), "Named", null)), "Two workflows are named 'Named'");
        StringAssert.Contains(Refusal(WorkflowDefinition.Create<AnyWorkflow>(), WorkflowDefinition.Create<OtherAnyWorkflow>()), "(dynamic)");
        StringAssert.Contains(Refusal(WorkflowDefinition.Create<IContract>()), "can't be run as a workflow");
        var factory = new WorkflowExecutorFactory([WorkflowDefinition.Create<Named>()], options);
        var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => factory.Create("wf", new("Gone", "q", [])));
        Assert.AreEqual(WorkflowTaskFailedCause.UnknownWorkflowType, e.Cause);
        StringAssert.Contains(e.Message, "'Gone'. Known types: Named");
    }

    [TestMethod]
    public void DynamicWorkflow_SaysItselfWhichExceptionsFailIt()
    {
        using var run = ExecutorHarness.Of<Anything>();

        CollectionAssert.AreEqual(new[] { "WorkflowFailed" }, run.Run());
    }

    [Workflow(Dynamic = true)]
    public class Anything
    {
        [WorkflowDynamicOptions]
        public WorkflowDefinitionOptions Options() => new() { FailureExceptionTypes = [typeof(FormatException)] };

        [WorkflowRun]
        public Task RunAsync(IRawValue[] args) => throw new FormatException($"{args.Length} arguments");
    }

    [TestMethod]
    public void DynamicWorkflow_TakesEveryTypeAndRawArguments()
    {
        using var run = new ExecutorHarness(WorkflowDefinition.Create<AnyWorkflow>(), [1, "two"]);

        run.Run();
        Assert.AreEqual("Anything 2", run.Result<string>());
    }

    public class NoAttribute;

    [Workflow] public class NoRun;

    [Workflow] public class TwoRuns { [WorkflowRun] public Task RunAsync() => Task.CompletedTask; [WorkflowRun] public Task AlsoAsync() => Task.CompletedTask; }

    [Workflow] public class PrivateRun { [WorkflowRun] private Task RunAsync() => Task.CompletedTask; }

    [Workflow] public class StaticRun { [WorkflowRun] public static Task RunAsync() => Task.CompletedTask; }

    [Workflow] public class VoidRun { [WorkflowRun] public void Run() { } }

    [Workflow] public class InheritedRun : Iceberg;

    [Workflow] public class NoConstructor(int x) : Iceberg { [WorkflowRun] public override Task RunAsync() => Task.FromResult(x); }

    [Workflow] public class OddInit { [WorkflowInit] public OddInit(int x) => Console.WriteLine(x); [WorkflowRun] public Task RunAsync(string x) => Task.CompletedTask; }

    [Workflow] public class PrivateInit { [WorkflowInit] private PrivateInit() { } [WorkflowRun] public Task RunAsync() => Task.CompletedTask; }

    [Workflow]
    public class TwoInits
    {
        [WorkflowInit] public TwoInits(int x) => Console.WriteLine(x);
        [WorkflowInit] public TwoInits() { }
        [WorkflowRun] public Task RunAsync(int x) => Task.CompletedTask;
    }

    [Workflow("x", Dynamic = true)] public class NamedAndDynamic { [WorkflowRun] public Task RunAsync(IRawValue[] args) => Task.CompletedTask; }

    [Workflow(Dynamic = true)] public class DynamicWithOtherArguments { [WorkflowRun] public Task RunAsync(int x) => Task.CompletedTask; }

    [Workflow] public class SignalWithResult : Base { [WorkflowSignal] public Task<int> Go() => Task.FromResult(1); }

    [Workflow] public class TwoSignals : Base { [WorkflowSignal] public Task Go() => Task.CompletedTask; [WorkflowSignal] public Task GoAsync() => Task.CompletedTask; }

    [Workflow] public class PrivateSignal : Base { [WorkflowSignal] private Task GoAsync() => Task.CompletedTask; }

    [Workflow] public class DynamicSignal : Base { [WorkflowSignal(Dynamic = true)] public Task GoAsync(string name) => Task.CompletedTask; }

    [Workflow] public class NamedDynamicSignal : Base { [WorkflowSignal("x", Dynamic = true)] public Task GoAsync(string name, IRawValue[] args) => Task.CompletedTask; }

    [Workflow] public class AsyncQuery : Base { [WorkflowQuery] public Task<int> StateAsync() => Task.FromResult(1); }

    [Workflow] public class VoidQuery : Base { [WorkflowQuery] public void State() { } }

    [Workflow] public class WriteOnlyQuery : Base { [WorkflowQuery] public int State { private get; set; } }

    [Workflow] public class TwoQueries : Base { [WorkflowQuery] public int State() => 1; [WorkflowQuery("State")] public int Also => 1; }

    [Workflow] public class UpdateWithoutTask : Base { [WorkflowUpdate] public int Set() => 1; }

    [Workflow] public class TwoUpdates : Base { [WorkflowUpdate] public Task SetAsync() => Task.CompletedTask; [WorkflowUpdate("Set")] public Task AlsoAsync() => Task.CompletedTask; }

    [Workflow] public class ValidatorOfNothing : Base { [WorkflowUpdateValidator("Nothing")] public void Check() { } }

    [Workflow] public class ValidatorWithResult : WithUpdate { [WorkflowUpdateValidator(nameof(SetAsync))] public int Check(int x) => x; }

    [Workflow] public class ValidatorWithOtherArguments : WithUpdate { [WorkflowUpdateValidator(nameof(SetAsync))] public void Check(string x) { } }

    [Workflow]
    public class TwoValidators : WithUpdate
    {
        [WorkflowUpdateValidator(nameof(SetAsync))] public void Check(int x) { }
        [WorkflowUpdateValidator(nameof(SetAsync))] public void CheckAgain(int x) { }
    }

    [Workflow] public class Hopeless { [WorkflowRun] public void Run() { } [WorkflowSignal] public void Go() { } }

    [Workflow]
    public class Named
    {
        [WorkflowQuery] public int State => 1;
        [WorkflowRun] public Task RunAsync() => Task.CompletedTask;
        [WorkflowSignal] public Task GoAsync() => Task.CompletedTask;
        [WorkflowSignal("stop")] public Task HaltAsync() => Task.CompletedTask;
        [WorkflowQuery] public int StateAsync() => 1;
        [WorkflowQuery("full")] public int Everything() => 1;
        [WorkflowUpdate] public Task SetAsync() => Task.CompletedTask;
    }

    [Workflow] public interface IContract { [WorkflowRun] Task RunAsync(); }

    [Workflow] public class Iceberg { [WorkflowRun] public virtual Task RunAsync() => Task.CompletedTask; }

    [Workflow(Dynamic = true)] public class AnyWorkflow { [WorkflowRun] public Task<string> RunAsync(IRawValue[] args) => Task.FromResult($"{Workflow.Info.WorkflowType} {args.Length}"); }

    [Workflow(Dynamic = true)] public class OtherAnyWorkflow { [WorkflowRun] public Task RunAsync(IRawValue[] args) => Task.CompletedTask; }
}

/// <summary>Handlers of a base class count, its run method does not: each type repeats its own.</summary>
public abstract class Base
{
}

public abstract class WithUpdate
{
    [WorkflowUpdate]
    public Task SetAsync(int x) => Task.CompletedTask;
}
