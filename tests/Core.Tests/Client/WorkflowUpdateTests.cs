using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;

namespace Core.Tests.Client;

[TestClass]
public sealed class WorkflowUpdateTests
{
    private static readonly Payload s_seven = DataConverter.Default.PayloadConverter.ToPayload(7);

    private readonly FakeWorkflowService _service = new();
    private readonly FakeTimeProvider _time = new();

    [TestMethod]
    public async Task Execute_WaitsForTheCompletion_AndGivesTheResult()
    {
        _service.Updates.Enqueue(null);
        _service.Updates.Enqueue(Completed());

        Assert.AreEqual(7, await Handle().ExecuteUpdateAsync<int>("u", [1]));

        var (workflow, update, untilCompleted) = ((WorkflowRef, WorkflowUpdateAccepted, bool))_service.Asked[1];
        Assert.AreEqual(new WorkflowRef("wf"), workflow);
        Assert.AreEqual("u", update.Name);
        Assert.AreEqual("new", update.UpdateId);
        Assert.IsTrue(untilCompleted);
    }

    [TestMethod]
    public async Task Start_UntilAccepted_ResultIsLookedForLater()
    {
        _service.Updates.Enqueue(new UpdateOutcome("mine", true, false, null, null));
        _service.Updates.Enqueue(null);
        _service.Updates.Enqueue(Completed());

        var handle = await Handle().StartUpdateAsync<int>("u", [], new("mine", WorkflowUpdateStage.Accepted));

        Assert.AreEqual("mine", handle.Id);
        Assert.AreEqual(7, await handle.GetResultAsync());
        Assert.AreEqual(7, await handle.GetResultAsync());
        Assert.AreEqual(3, _service.Asked.Count);
        Assert.AreEqual(("update", new WorkflowRef("wf"), "mine"), _service.Asked[2]);
    }

    [TestMethod]
    public async Task Rejected_TheResultSaysWhy()
    {
        _service.Updates.Enqueue(new UpdateOutcome("u", false, false, null, new Failure("no", new ApplicationFailureInfo("T", false))));

        var e = await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => Handle().ExecuteUpdateAsync("u", []));

        Assert.AreEqual("no", e.InnerException!.Message);
    }

    [TestMethod]
    public async Task Start_WithoutAUsableStage_IsRefused()
    {
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => Handle().StartUpdateAsync("u", [], new()));
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => Handle().StartUpdateAsync("u", [], new(WorkflowUpdateStage.Admitted)));
    }

    [TestMethod]
    public async Task Wait_ThatIsGivenUp_HasItsOwnException()
    {
        _service.Hangs = true;

        var update = Handle().ExecuteUpdateAsync("u", [], new() { Rpc = new() { Timeout = TimeSpan.FromSeconds(1) } });
        _time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsExactlyAsync<WorkflowUpdateRpcTimeoutOrCanceledException>(() => update);
    }

    [TestMethod]
    public async Task WithStart_StartsThenUpdates_AndGivesBothHandles()
    {
        _service.Updates.Enqueue(Completed());
        var start = WithStartWorkflowOperation.Create("Flow", [1], new("wf") { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });

        Assert.AreEqual(7, await Client().ExecuteUpdateWithStartWorkflowAsync<int>("u", [], new("mine", start)));

        var handle = await start.GetHandleAsync();
        Assert.AreEqual(("wf", "run-1", "run-0"), (handle.Id, handle.ResultRunId, handle.FirstExecutionRunId));
        Assert.AreEqual("wf", ((StartRequest)_service.Asked[0]).WorkflowId);
        Assert.AreEqual(new WorkflowRef("wf", null, "run-0"), (((WorkflowRef, WorkflowUpdateAccepted, bool))_service.Asked[1]).Item1);
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => Client().ExecuteUpdateWithStartWorkflowAsync("u", [], new(start)));
    }

    [TestMethod]
    public void WithStart_Clone_SharesTheHandleButNotTheOptions()
    {
        var start = WithStartWorkflowOperation.Create("Flow", [1], new("wf"));

        var copy = (WithStartWorkflowOperation<WorkflowHandle>)start.Clone();
        copy.Options.Id = "other";

        Assert.AreEqual("wf", start.Options.Id);
        Assert.AreEqual(("Flow", start.Args), (copy.Workflow, copy.Args));
        Assert.AreSame(start.GetHandleAsync(), copy.GetHandleAsync());
    }

    [TestMethod]
    public async Task WithStart_OfAWorkflowThatClosesInBetween_StartsAnew()
    {
        var starts = 0;
        _service.OnStart = _ =>
        {
            _service.UpdateThrows = ++starts == 1 ? new WorkflowServiceException(WorkflowServiceError.Closed, "closed") : null;
            return new StartResult($"run-{starts}", $"run-{starts}", Started: starts > 1, WorkflowExecutionStatus.Running, null);
        };
        _service.Updates.Enqueue(Completed());
        var start = WithStartWorkflowOperation.Create("Flow", [], new("wf") { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });

        await Client().ExecuteUpdateWithStartWorkflowAsync("u", [], new(start));

        Assert.AreEqual(2, starts);
        Assert.AreEqual("run-2", (await start.GetHandleAsync()).ResultRunId);
    }

    [TestMethod]
    public async Task WithStart_WithoutAConflictPolicy_IsRefused() =>
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => Client().ExecuteUpdateWithStartWorkflowAsync(
            "u", [], new(WithStartWorkflowOperation.Create("Flow", [], new("wf")))));

    [TestMethod]
    public async Task WithStart_ThatCannotStart_FailsBoth()
    {
        _service.Throws = new WorkflowServiceException(WorkflowServiceError.AlreadyStarted, "in use", "r");
        var start = WithStartWorkflowOperation.Create("Flow", [], new("wf") { IdConflictPolicy = WorkflowIdConflictPolicy.Fail });

        await Assert.ThrowsExactlyAsync<WorkflowAlreadyStartedException>(() => Client().ExecuteUpdateWithStartWorkflowAsync("u", [], new(start)));
        await Assert.ThrowsExactlyAsync<WorkflowAlreadyStartedException>(start.GetHandleAsync);
    }

    private static UpdateOutcome Completed() => new("u", true, true, s_seven, null);

    private WorkflowHandle Handle() => Client().GetWorkflowHandle("wf");

    private WorkflowClient Client() => new(
        new WorkflowClientServices { Service = _service, Reader = _service, Updates = _service, NewId = () => "new", Time = _time }, new WorkflowClientOptions());
}
