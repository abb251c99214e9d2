using Serverless.Client;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

[TestClass]
public sealed class TypedClientTests
{
    private static readonly Type[] Types = [typeof(Collector), typeof(Hello), typeof(Renamed)];

    [TestMethod]
    public async Task Lambdas_start_signal_query_and_update_a_workflow()
    {
        await using var host = new EngineHost(Types);
        var workflow = await host.Client.StartWorkflowAsync((Collector c) => c.RunAsync(), new("c"));

        await workflow.SignalAsync(c => c.AddAsync(3));
        var count = await workflow.ExecuteUpdateAsync(c => c.AddNowAsync(4));

        Assert.AreEqual(2, count);
        Assert.AreEqual(2, await workflow.QueryAsync(c => c.Count()));
        await workflow.SignalAsync(c => c.FinishAsync());
        CollectionAssert.AreEqual(new List<int> { 3, 4 }, await workflow.GetResultAsync());
    }

    [TestMethod]
    public async Task Lambda_executes_a_workflow_to_its_result()
    {
        await using var host = new EngineHost(Types);
        Assert.AreEqual("Hello you", await host.Client.ExecuteWorkflowAsync((Hello h) => h.RunAsync("you"), new("h")));
    }

    [TestMethod]
    public async Task Names_of_attributes_and_interfaces_are_those_of_the_workflow()
    {
        await using var host = new EngineHost(Types);
        var workflow = await host.Client.StartWorkflowAsync((IRenamed r) => r.RunAsync(), new("r"));

        await workflow.ExecuteUpdateAsync(r => r.SetAsync("x"));
        Assert.AreEqual("x", await workflow.QueryAsync(r => r.Value));
        await workflow.SignalAsync(r => r.EndAsync());

        Assert.AreEqual("x", await workflow.GetResultAsync());
    }

    [TestMethod]
    public async Task Rejected_update_fails_for_its_caller()
    {
        await using var host = new EngineHost(Types);
        var workflow = await host.Client.StartWorkflowAsync((Collector c) => c.RunAsync(), new("c"));

        var failed = await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync(c => c.AddNowAsync(-1)));

        Assert.AreEqual("negative", failed.InnerException!.Message);
    }

    [TestMethod]
    public async Task Terminated_workflow_tells_why_with_what_details_and_needs_no_cancelling()
    {
        await using var host = new EngineHost(Types);
        var workflow = await host.Client.StartWorkflowAsync((Collector c) => c.RunAsync(), new("c"));

        await workflow.TerminateAsync("enough", new() { Details = [7] });
        await workflow.CancelAsync();

        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
        var terminated = Assert.IsInstanceOfType<TerminatedFailureException>(failed.InnerException);
        Assert.AreEqual("enough", terminated.Message);
        Assert.AreEqual(7, terminated.Details!.ElementAt<int>(0));
    }

    [TestMethod]
    public async Task Update_is_found_again_by_its_id()
    {
        await using var host = new EngineHost(Types);
        var workflow = await host.Client.StartWorkflowAsync((Collector c) => c.RunAsync(), new("c"));
        await workflow.StartUpdateAsync(c => c.AddNowAsync(4), new(WorkflowUpdateStage.Accepted) { Id = "u" });

        Assert.AreEqual(1, await new WorkflowUpdateHandle<int>(host.Client, "u", "c").GetResultAsync());
        var unknown = await Assert.ThrowsExactlyAsync<RpcException>(() => new WorkflowUpdateHandle<int>(host.Client, "v", "c").GetResultAsync());
        Assert.AreEqual(RpcException.StatusCode.NotFound, unknown.Code);
    }
}

[Workflow("renamed-flow")]
public interface IRenamed
{
    [WorkflowQuery("what")]
    string Value { get; }

    [WorkflowRun]
    Task<string> RunAsync();

    [WorkflowUpdate("put")]
    Task SetAsync(string value);

    [WorkflowSignal]
    Task EndAsync();
}

[Workflow("renamed-flow")]
public class Renamed : IRenamed
{
    private bool _ended;

    [WorkflowQuery("what")]
    public string Value { get; private set; } = "";

    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => _ended);
        return Value;
    }

    [WorkflowUpdate("put")]
    public Task SetAsync(string value)
    {
        Value = value;
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task EndAsync()
    {
        _ended = true;
        return Task.CompletedTask;
    }
}
