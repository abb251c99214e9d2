using Serverless.Activities;
using Serverless.Converters;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>What can't be a workflow or an activity, reserved names among it.</summary>
[TestClass]
public sealed class RefusedDefinitionTests
{
    [TestMethod]
    [DataRow(typeof(NoRun))]
    [DataRow(typeof(TwoRuns))]
    [DataRow(typeof(PrivateRun))]
    [DataRow(typeof(ReservedSignal))]
    [DataRow(typeof(ReservedQuery))]
    [DataRow(typeof(ReservedUpdate))]
    [DataRow(typeof(ReservedName))]
    [DataRow(typeof(VoidQuery))]
    [DataRow(typeof(OddValidator))]
    public void What_can_not_be_a_workflow_is_refused(Type type) =>
        Assert.ThrowsExactly<ArgumentException>(() => WorkflowDefinition.Create(type));

    [Workflow]
    public class NoRun;

    [Workflow]
    public class TwoRuns
    {
        [WorkflowRun]
        public Task OneAsync() => Task.CompletedTask;

        [WorkflowRun]
        public Task TwoAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class PrivateRun
    {
        [WorkflowRun]
        protected Task RunAsync() => Task.CompletedTask;
    }

    [Workflow("__temporal_mine")]
    public class ReservedName
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class ReservedSignal
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal("__temporal_mine")]
        public Task MineAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class ReservedQuery
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowQuery("__temporal_mine")]
        public int Mine() => 1;
    }

    [Workflow]
    public class ReservedUpdate
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowUpdate("__temporal_mine")]
        public Task MineAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class VoidQuery
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowQuery]
        public void Nothing()
        {
        }
    }

    [Workflow]
    public class OddValidator
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowUpdate]
        public Task DoAsync(int a) => Task.CompletedTask;

        [WorkflowUpdateValidator(nameof(DoAsync))]
        public void Check(string a)
        {
        }
    }
}
