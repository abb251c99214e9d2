using System.Text.Json;
using Serverless.Converters;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class WorkflowMetadataTests
{
    [TestMethod]
    public void Metadata_NamesHandlersAndCurrentDetails()
    {
        using var run = ExecutorHarness.Of<Till>();
        run.Run();

        var metadata = ExecutorHarness.Of<JsonElement>(run.Live.Query("__temporal_workflow_metadata", [], WorkflowStarted.Empty));

        Assert.AreEqual("waiting for a customer", metadata.GetProperty("currentDetails").GetString());
        var definition = metadata.GetProperty("definition");
        Assert.AreEqual("Till", definition.GetProperty("type").GetString());
        Assert.AreEqual("Sum=what is in it", Handlers(definition, "queryDefinitions"));
        Assert.AreEqual("Close=|=Takes what has no handler of its own.", Handlers(definition, "signalDefinitions"));
        Assert.AreEqual("Pay=adds to it", Handlers(definition, "updateDefinitions"));
    }

    private static string Handlers(JsonElement definition, string kind) => string.Join(
        '|', definition.GetProperty(kind).EnumerateArray().Select(static h => $"{h.GetProperty("name").GetString()}={h.GetProperty("description").GetString()}"));

    [Workflow]
    public class Till
    {
        [WorkflowQuery(Description = "what is in it")]
        public int Sum { get; private set; }

        [WorkflowRun]
        public Task RunAsync()
        {
            Workflow.CurrentDetails = "waiting for a customer";
            return Workflow.DelayAsync(Timeout.InfiniteTimeSpan);
        }

        [WorkflowSignal]
        public Task CloseAsync() => Task.CompletedTask;

        [WorkflowSignal(Dynamic = true)]
        public Task AnyAsync(string name, IRawValue[] args) => Task.CompletedTask;

        [WorkflowUpdate(Description = "adds to it")]
        public Task<int> PayAsync(int amount) => Task.FromResult(Sum += amount);
    }
}
