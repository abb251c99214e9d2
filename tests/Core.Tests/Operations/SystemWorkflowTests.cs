using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;
using Serverless.Operations;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Worker;
using Serverless.Workflows;

namespace Serverless.Tests.Operations;

[TestClass]
public sealed class SystemWorkflowTests
{
    private static readonly BatchRequest Idle = new() { Id = "b", Query = "WorkflowType = 'Nothing'", Operation = new() { Action = BatchAction.TerminateName } };

    [TestMethod]
    public void A_registration_of_a_reserved_type_is_refused()
    {
        var registrations = new WorkerRegistrations();
        Action[] all =
        [
            () => registrations.AddWorkflow<Usurper>(),
            () => registrations.AddActivities<UsurpingActivities>(),
            () => registrations.AddActivities(typeof(UsurpingActivities), new UsurpingActivities()),
            () => registrations.AddActivity(new UsurpingActivities().Act),
        ];
        foreach (var register in all)
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(register).Message, "begins with serverless-, which is reserved");
        }
    }

    [TestMethod]
    public async Task A_start_of_a_reserved_type_is_refused()
    {
        await using var host = new EngineHost([]);
        var refused = await Assert.ThrowsExactlyAsync<ArgumentException>(() => host.Client.StartWorkflowAsync(BatchWorkflow.TypeName, [], new WorkflowOptions("x", "default")));
        StringAssert.Contains(refused.Message, "begins with serverless-, which is reserved");
    }

    [TestMethod]
    public async Task They_run_without_any_workflow_or_activity_of_the_application()
    {
        var options = EngineHost.Options with { ActivityQueues = [] };
        await using var host = new EngineHost([], options: options);
        await host.Engine.Batches.StartAsync(Idle, default);
        await host.CloseAsync("serverless-batch:b");
        var batch = await host.Engine.Batches.DescribeAsync("b", default);
        Assert.AreEqual((WorkflowExecutionStatus.Completed, (long?)0, 0L, 0L), (batch.Status, batch.Total, batch.Done, batch.Failed));
    }

    [TestMethod]
    public async Task Their_activities_wait_with_the_workflows_when_they_must_wait()
    {
        // No budget to run activities ahead: each goes to a queue.
        await using var host = new EngineHost([], options: EngineHost.Options with { ActivityQueues = [], RunAheadBudget = TimeSpan.Zero });
        await host.Engine.Batches.StartAsync(Idle, default);
        Assert.AreEqual(WorkflowExecutionStatus.Completed, (await host.CloseAsync("serverless-batch:b")).Status);
    }

    [TestMethod]
    public async Task A_process_without_workflows_leaves_them_to_others()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var store = new MemoryHubStore(time);
        await using var other = new EngineHost([], options: EngineHost.Options with { Identity = "activities", RunsWorkflows = false }, store: store, time: time);
        await other.Engine.Batches.StartAsync(Idle, default);
        await other.PassAsync(TimeSpan.FromMinutes(5));
        Assert.AreEqual(0, (await other.Engine.Reader.ReadHistoryAsync(new WorkflowRef("serverless-batch:b"), 1, TimeSpan.Zero, default)).Count);

        await using var host = new EngineHost([], store: store, time: time);
        Assert.AreEqual(WorkflowExecutionStatus.Completed, (await host.CloseAsync("serverless-batch:b")).Status);
    }

    [TestMethod]
    public async Task A_batch_whose_next_run_has_not_begun_shows_what_was_done()
    {
        await using var host = new EngineHost([], options: EngineHost.Options with { RunsWorkflows = false, ActivityQueues = [] });
        var input = new BatchInput { Request = Idle, Progress = new BatchProgress { Total = 5_000, Done = 3_999, Failed = 1 }, PageToken = "next" };
        var started = new WorkflowStarted(BatchWorkflow.TypeName, "default", [EngineHost.Value(input)]);
        await host.Engine.Service.StartAsync(new StartRequest("serverless-batch:b", started), default);
        var batch = await host.Engine.Batches.DescribeAsync("b", default);
        Assert.AreEqual((WorkflowExecutionStatus.Running, (long?)5_000, 3_999L, 1L), (batch.Status, batch.Total, batch.Done, batch.Failed));
    }

    [TestMethod]
    public async Task What_they_store_and_send_goes_through_the_codec_of_the_application()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var written = new WrittenBytes();
        var converter = new DataConverter(new DefaultPayloadConverter(), new DefaultFailureConverter(), new XorCodec(""));
        await using var host = new EngineHost([typeof(Collector)], store: new RecordingHubStore(new MemoryHubStore(time), written), time: time, converter: converter);
        await host.Client.StartWorkflowAsync("Collector", [], new("w"));
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync("WorkflowType = 'Collector'", default)).Values.Sum() == 1, "the row");
        var batch = await host.Client.StartBatchAsync(new("WorkflowType = 'Collector'", BatchAction.Signal("Add", [42])) { Id = "b", Reason = "a secret" });
        Assert.AreEqual((1L, "a secret"), ((await batch.GetResultAsync()).Done, (await batch.DescribeAsync()).Reason));
        await host.UntilAsync(async () => await host.Client.ListBatchesAsync().AnyAsync(static b => b is { Id: "b", Reason: "a secret", Done: 1 }), "the batch's row");
        await host.Client.GetWorkflowHandle("w").SignalAsync("Finish", []);
        CollectionAssert.AreEqual(new[] { 42 }, await host.Client.GetWorkflowHandle("w").GetResultAsync<List<int>>());
        Assert.AreEqual("", string.Join(", ", written.Found("a secret")));
    }

    [Workflow("serverless-mine")]
    private sealed class Usurper
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;
    }

    private sealed class UsurpingActivities
    {
        [Activity("serverless-mine")]
        public void Act()
        {
        }
    }
}
