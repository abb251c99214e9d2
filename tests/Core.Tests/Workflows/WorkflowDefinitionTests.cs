using Serverless.Converters;
using Serverless.Workflows;

namespace Serverless.Tests.Workflows;

#pragma warning disable CA1822, CA1052 // The types here are wrong on purpose.

[TestClass]
public sealed class WorkflowDefinitionTests
{
    [TestMethod]
    public void Create_OfAWholeWorkflow_KnowsAllItsMembers()
    {
        var definition = WorkflowDefinition.Create<Whole>();

        Assert.AreEqual("Whole", definition.Name);
        Assert.AreEqual(nameof(Whole.RunAsync), definition.RunMethod.Name);
        Assert.IsTrue(definition.Instantiable);
        CollectionAssert.AreEqual(new[] { "Approve", "renamed" }, definition.Signals.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { "Count", "GetAsync" }, definition.Queries.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { "Set" }, definition.Updates.Keys.ToArray());
        Assert.AreEqual("sets", definition.Updates["Set"].Description);
        Assert.AreEqual(HandlerUnfinishedPolicy.Abandon, definition.Signals["renamed"].UnfinishedPolicy);
    }

    [TestMethod]
    public void Create_OfAnInterface_DropsItsI_AndCannotBeRun()
    {
        var definition = WorkflowDefinition.Create<IOrder>();

        Assert.AreEqual("Order", definition.Name);
        Assert.IsFalse(definition.Instantiable);
    }

    [TestMethod]
    public void Create_WithoutAttribute_IsRefused() => Refused(typeof(string), "no [Workflow] attribute");

    [TestMethod]
    [DataRow(typeof(NoRun), "no method has [WorkflowRun]")]
    [DataRow(typeof(TwoRuns), "one method is the run method")]
    [DataRow(typeof(StaticRun), "RunAsync must not be static")]
    [DataRow(typeof(NotATask), "Run must return a Task")]
    [DataRow(typeof(InheritedRun), "must be repeated on a method declared on InheritedRun")]
    [DataRow(typeof(GenericRun), "RunAsync must not have type parameters")]
    [DataRow(typeof(OtherInit), "constructor must take the parameters of RunAsync")]
    [DataRow(typeof(TwoInits), "two constructors have [WorkflowInit]")]
    [DataRow(typeof(NoConstructor), "public constructor without parameters")]
    [DataRow(typeof(DynamicRun), "takes one IRawValue[]")]
    [DataRow(typeof(NamedAndDynamic), "has a name and is dynamic")]
    [DataRow(typeof(Reserved), "__temporal")]
    [DataRow(typeof(SignalWithResult), "[WorkflowSignal] PutAsync must return Task")]
    [DataRow(typeof(AsyncQuery), "[WorkflowQuery] AskAsync must return a value at once")]
    [DataRow(typeof(TwoSignals), "signal 'Put' has two handlers")]
    [DataRow(typeof(SilentOverride), "must be repeated on its override in SilentOverride")]
    [DataRow(typeof(LostValidator), "names Missing, which is no update method")]
    [DataRow(typeof(OtherValidator), "validator Check must take the parameters of PutAsync")]
    [DataRow(typeof(DynamicSignalShape), "it takes (string name, IRawValue[] args)")]
    public void Create_OfAWrongType_NamesTheMemberAndTheRule(Type type, string message) => Refused(type, message);

    [TestMethod]
    public void Create_OfATypeWithManyFaults_ListsAllOfThem()
    {
        var e = Assert.ThrowsExactly<ArgumentException>(() => WorkflowDefinition.Create<ManyFaults>());

        StringAssert.Contains(e.Message, nameof(ManyFaults));
        StringAssert.Contains(e.Message, "RunAsync must be public");
        StringAssert.Contains(e.Message, "[WorkflowSignal] Put must return a Task");
        StringAssert.Contains(e.Message, "[WorkflowQuery] Ask must return a value at once");
    }

    [TestMethod]
    public void FromMethod_WithoutAttribute_IsRefused()
    {
        var e = Assert.ThrowsExactly<ArgumentException>(() => WorkflowSignalDefinition.FromMethod(typeof(Whole).GetMethod(nameof(Whole.RunAsync))!));

        StringAssert.Contains(e.Message, "Whole.RunAsync has no [WorkflowSignal]");
    }

    private static void Refused(Type type, string message)
    {
        var e = Assert.ThrowsExactly<ArgumentException>(() => WorkflowDefinition.Create(type));
        StringAssert.Contains(e.Message, message);
        StringAssert.Contains(e.Message, type.Name);
    }

    [Workflow]
    public interface IOrder
    {
        [WorkflowRun]
        Task RunAsync();
    }

    [Workflow]
    public class Whole
    {
        [WorkflowQuery]
        public int Count => 0;

        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal]
        public Task ApproveAsync() => Task.CompletedTask;

        [WorkflowSignal("renamed", UnfinishedPolicy = HandlerUnfinishedPolicy.Abandon)]
        public Task OtherAsync() => Task.CompletedTask;

        [WorkflowQuery]
        public int GetAsync() => 0;

        [WorkflowUpdate(Description = "sets")]
        public Task<int> SetAsync(int value) => Task.FromResult(value);

        [WorkflowUpdateValidator(nameof(SetAsync))]
        public void ValidateSet(int value) => ArgumentOutOfRangeException.ThrowIfNegative(value);
    }

    [Workflow]
    public class NoRun;

    [Workflow]
    public class TwoRuns
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowRun]
        public Task AgainAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class StaticRun
    {
        [WorkflowRun]
        public static Task RunAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class NotATask
    {
        [WorkflowRun]
        public int Run() => 0;
    }

    [Workflow]
    public class BaseRun
    {
        [WorkflowRun]
        public virtual Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal]
        public virtual Task PutAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class InheritedRun : BaseRun;

    [Workflow]
    public class SilentOverride : BaseRun
    {
        [WorkflowRun]
        public override Task RunAsync() => Task.CompletedTask;

        public override Task PutAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class GenericRun
    {
        [WorkflowRun]
        public Task RunAsync<T>() => Task.CompletedTask;
    }

    [Workflow]
    public class OtherInit
    {
        [WorkflowInit]
        public OtherInit(int value) => _ = value;

        [WorkflowRun]
        public Task RunAsync(string value) => Task.FromResult(value);
    }

    [Workflow]
    public class TwoInits
    {
        [WorkflowInit]
        public TwoInits(int value) => _ = value;

        [WorkflowInit]
        public TwoInits(string value) => _ = value;

        [WorkflowRun]
        public Task RunAsync(int value) => Task.FromResult(value);
    }

    [Workflow]
    public class NoConstructor
    {
        public NoConstructor(int value) => _ = value;

        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;
    }

    [Workflow(Dynamic = true)]
    public class DynamicRun
    {
        [WorkflowRun]
        public Task RunAsync(int value) => Task.FromResult(value);
    }

    [Workflow("name", Dynamic = true)]
    public class NamedAndDynamic
    {
        [WorkflowRun]
        public Task RunAsync(IRawValue[] values) => Task.FromResult(values);
    }

    [Workflow("__temporal_x")]
    public class Reserved
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class SignalWithResult
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal]
        public Task<int> PutAsync() => Task.FromResult(1);
    }

    [Workflow]
    public class AsyncQuery
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowQuery]
        public Task<int> AskAsync() => Task.FromResult(1);
    }

    [Workflow]
    public class TwoSignals
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal]
        public Task PutAsync() => Task.CompletedTask;

        [WorkflowSignal("Put")]
        public Task OtherAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class LostValidator
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowUpdateValidator("Missing")]
        public void Check()
        {
        }
    }

    [Workflow]
    public class OtherValidator
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowUpdate]
        public Task PutAsync(int value) => Task.FromResult(value);

        [WorkflowUpdateValidator(nameof(PutAsync))]
        public void Check(string value) => _ = value;
    }

    [Workflow]
    public class DynamicSignalShape
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal(Dynamic = true)]
        public Task AnyAsync(string name) => Task.FromResult(name);
    }

    [Workflow]
    public class ManyFaults
    {
        [WorkflowSignal]
        public void Put()
        {
        }

        [WorkflowQuery]
        public void Ask()
        {
        }

        [WorkflowRun]
        private Task RunAsync() => Task.CompletedTask;
    }
}
