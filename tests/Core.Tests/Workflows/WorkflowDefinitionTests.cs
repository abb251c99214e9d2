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
    [DataRow(typeof(GenericRun), "RunAsync must not have type parameters")]
    [DataRow(typeof(NoConstructor), "public constructor without parameters")]
    [DataRow(typeof(NamedAndDynamic), "has a name and is dynamic")]
    [DataRow(typeof(Reserved), "__temporal")]
    [DataRow(typeof(OddOptions), "Options is for dynamic workflows only; [WorkflowDynamicOptions] Options must take nothing and return WorkflowDefinitionOptions")]
    [DataRow(typeof(SilentOverride), "must be repeated on its override in SilentOverride")]
    public void Create_OfAWrongType_NamesTheMemberAndTheRule(Type type, string message) => Refused(type, message);

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
    public class BaseRun
    {
        [WorkflowRun]
        public virtual Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal]
        public virtual Task PutAsync() => Task.CompletedTask;
    }

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
    public class NoConstructor
    {
        public NoConstructor(int value) => _ = value;

        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;
    }

    [Workflow("name", Dynamic = true)]
    public class NamedAndDynamic
    {
        [WorkflowRun]
        public Task RunAsync(IRawValue[] values) => Task.FromResult(values);
    }

    [Workflow]
    public class OddOptions
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowDynamicOptions]
        public int Options(int value) => value;
    }

    [Workflow("__temporal_x")]
    public class Reserved
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;
    }
}
