using Serverless.Activities;
using Serverless.Converters;
using Serverless.Exceptions;
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

    [TestMethod]
    public void Reserved_names_are_refused_for_handlers_and_activities_made_by_hand()
    {
        Delegate handler = static (string _, IRawValue[] _) => Task.CompletedTask;
        Assert.ThrowsExactly<ArgumentException>(() => WorkflowSignalDefinition.CreateWithoutAttribute("__temporal_mine", handler));
        Assert.ThrowsExactly<ArgumentException>(() => WorkflowQueryDefinition.CreateWithoutAttribute("__temporal_mine", handler));
        Assert.ThrowsExactly<ArgumentException>(() => WorkflowUpdateDefinition.CreateWithoutAttribute("__temporal_mine", handler));
        Assert.ThrowsExactly<ArgumentException>(() => ActivityDefinition.Create("__temporal_mine", typeof(void), [], 0, static _ => null));
    }

    [TestMethod]
    public async Task Reserved_names_reach_no_dynamic_handler()
    {
        await Behaviour.Run<DefinitionTests.AnyFlow>(async run =>
        {
            var workflow = await run.Client.StartWorkflowAsync("Wait", [], new("w"));
            await workflow.SignalAsync("__temporal_mine", []);
            await Assert.ThrowsExactlyAsync<WorkflowQueryFailedException>(() => workflow.QueryAsync<string>("__temporal_mine", []));
            await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync("__temporal_mine", []));
            await workflow.SignalAsync("mine", []);
            Assert.AreEqual("Wait signal mine", await workflow.GetResultAsync<string>());
        });
    }

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
