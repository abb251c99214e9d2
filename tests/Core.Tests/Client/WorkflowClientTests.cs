using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Client.Interceptors;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Storage;

namespace Core.Tests.Client;

[TestClass]
public sealed class WorkflowClientTests
{
    private static readonly IPayloadConverter s_payloads = DataConverter.Default.PayloadConverter;

    private readonly FakeWorkflowService _service = new();
    private readonly FakeTimeProvider _time = new();
    private int _ids;

    [TestMethod]
    public async Task Start_StoresArgumentsAndOptions()
    {
        var key = SearchAttributeKey.CreateKeyword("Customer");
        var options = new WorkflowOptions("wf", "queue")
        {
            ExecutionTimeout = TimeSpan.FromHours(1),
            Memo = new Dictionary<string, object> { ["note"] = "n" },
            TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(key, "c1").ToSearchAttributeCollection(),
            StaticSummary = "sum",
            RetryPolicy = new RetryPolicy { MaximumAttempts = 3 },
            Priority = new Priority(1),
            VersioningOverride = new VersioningOverride.Pinned(new("d", "b7")),
        };

        await Client().StartWorkflowAsync("Flow", [1, "two"], options);
        options.RetryPolicy.MaximumAttempts = 9;

        var request = Asked<StartRequest>();
        Assert.AreEqual("wf", request.WorkflowId);
        Assert.AreEqual("Flow", request.Started.WorkflowType);
        Assert.AreEqual("queue", request.Started.TaskQueue);
        Assert.AreEqual(1, s_payloads.ToValue<int>(request.Started.Args[0]));
        Assert.AreEqual("two", s_payloads.ToValue<string>(request.Started.Args[1]));
        Assert.AreEqual(TimeSpan.FromHours(1), request.Started.ExecutionTimeout);
        Assert.AreEqual("n", s_payloads.ToValue<string>(request.Started.Memo["note"]));
        Assert.AreEqual("c1", SearchAttributeCollection.FromPayloads(request.Started.SearchAttributes).Get(key));
        Assert.AreEqual("sum", request.Started.Summary);
        Assert.AreEqual(3, request.Started.RetryPolicy!.MaximumAttempts);
        Assert.AreEqual(1, request.Started.Priority!.PriorityKey);
        Assert.AreEqual("b7", request.Started.PinnedBuildId);
        Assert.AreEqual("id-1", request.Started.RequestId);
        Assert.AreEqual(WorkflowIdConflictPolicy.Fail, request.ConflictPolicy);
    }

    [TestMethod]
    public async Task Start_HandleMeansTheNewestRunButWaitsForItsOwn()
    {
        var handle = await Client().StartWorkflowAsync("Flow", [], new("wf"));

        Assert.IsNull(handle.RunId);
        Assert.AreEqual("run-1", handle.ResultRunId);
        Assert.AreEqual("run-0", handle.FirstExecutionRunId);
        Assert.AreEqual("default", Asked<StartRequest>().Started.TaskQueue);

        await handle.SignalAsync("s", []);
        await handle.CancelAsync();
        await handle.TerminateAsync("why", new() { Details = [1, 2] });

        var (signaled, _, requestId) = ((WorkflowRef, WorkflowSignaled, string?))_service.Asked[1];
        Assert.AreEqual(new WorkflowRef("wf"), signaled);
        Assert.IsNull(requestId, "nothing is kept to tell repeated signals unless the caller names them");
        Assert.AreEqual(("cancel", new WorkflowRef("wf", null, "run-0"), (string?)null), _service.Asked[2]);
        Assert.AreEqual(("terminate", new WorkflowRef("wf", null, "run-0"), (string?)"why", 2), _service.Asked[3]);
    }

    [TestMethod]
    public async Task StartWithSignal_JoinsARunningWorkflow()
    {
        var options = new WorkflowOptions("wf");
        options.SignalWithStart("go", [5]);

        await Client().StartWorkflowAsync("Flow", [], options);

        var request = Asked<StartRequest>();
        Assert.AreEqual(WorkflowIdConflictPolicy.UseExisting, request.ConflictPolicy);
        Assert.AreEqual("go", request.Signal!.Name);
        Assert.AreEqual(5, s_payloads.ToValue<int>(request.Signal.Args[0]));
    }

    [TestMethod]
    public async Task Start_RefusedBecauseTheIdIsInUse_SaysWhichRun()
    {
        _service.Throws = new WorkflowServiceException(WorkflowServiceError.AlreadyStarted, "in use", "run-9");

        var e = await Assert.ThrowsExactlyAsync<WorkflowAlreadyStartedException>(() => Client().StartWorkflowAsync("Flow", [], new("wf")));

        Assert.AreEqual(("wf", "Flow", "run-9"), (e.WorkflowId, e.WorkflowType, e.RunId));
    }

    [TestMethod]
    public async Task Start_ImpossibleOptions_AreRefusedBeforeAnythingIsAsked()
    {
        var second = TimeSpan.FromSeconds(1);
        WorkflowOptions[] wrong =
        [
            new(),
            new("wf") { StartDelay = second, CronSchedule = "* * * * *" },
            new("wf") { StartDelay = -second },
            new("wf") { RunTimeout = TimeSpan.Zero },
            new("wf") { RetryPolicy = new() { BackoffCoefficient = 0.5f } },
            new("wf") { RetryPolicy = new() { MaximumInterval = second / 2 } },
            new("wf") { IdReusePolicy = WorkflowIdReusePolicy.TerminateIfRunning, IdConflictPolicy = WorkflowIdConflictPolicy.Fail },
        ];

        foreach (var options in wrong)
        {
            await Assert.ThrowsExactlyAsync<ArgumentException>(() => Client().StartWorkflowAsync("Flow", [], options));
        }

        Assert.AreEqual(0, _service.Asked.Count);
    }

    [TestMethod]
    public async Task Result_IsWaitedForAndConverted()
    {
        _service.Closes.Enqueue(null);
        _service.Closes.Enqueue(Closed(new WorkflowCompleted(s_payloads.ToPayload(42)), WorkflowExecutionStatus.Completed));

        Assert.AreEqual(42, await Client().ExecuteWorkflowAsync<int>("Flow", [], new("wf")));

        Assert.AreEqual(("wait", new WorkflowRef("wf", "run-1"), true), _service.Asked[2]);
    }

    [TestMethod]
    public async Task Result_OfAWorkflowThatDidNotComplete_SaysWhy()
    {
        var failed = new WorkflowFailed(new Failure("no", new ApplicationFailureInfo("T", false)), RetryState.RetryPolicyNotSet);

        Assert.AreEqual("T", ((ApplicationFailureException)await CauseAsync(failed)).ErrorType);
        Assert.AreEqual(3, ((CanceledFailureException)await CauseAsync(new WorkflowCanceled([s_payloads.ToPayload(3)]))).Details.ElementAt<int>(0));
        Assert.AreEqual("why", (await CauseAsync(new WorkflowTerminated("why", [], null))).Message);
        Assert.AreEqual("Workflow terminated", (await CauseAsync(new WorkflowTerminated(null, [], null))).Message);
        Assert.AreEqual(
            TimeoutType.StartToClose,
            ((TimeoutFailureException)await CauseAsync(new WorkflowTimedOut(TimeoutType.StartToClose, RetryState.Timeout))).TimeoutType);
    }

    [TestMethod]
    public async Task Result_OfAContinuedRunThatIsNotFollowed_NamesTheNext()
    {
        _service.Closes.Enqueue(Closed(new WorkflowContinuedAsNew("Flow", "q", []) { NewRunId = "run-2" }, WorkflowExecutionStatus.ContinuedAsNew));

        var e = await Assert.ThrowsExactlyAsync<WorkflowContinuedAsNewException>(
            () => Client().GetWorkflowHandle("wf", "run-1").GetResultAsync(followRuns: false));

        Assert.AreEqual("run-2", e.NewRunId);
        Assert.AreEqual(("wait", new WorkflowRef("wf", "run-1"), false), _service.Asked[0]);
    }

    [TestMethod]
    public async Task Calls_ThatAreRefused_ThrowWithTheFittingCode()
    {
        (WorkflowServiceError, RpcException.StatusCode)[] cases =
        [
            (WorkflowServiceError.NotFound, RpcException.StatusCode.NotFound),
            (WorkflowServiceError.Closed, RpcException.StatusCode.NotFound),
            (WorkflowServiceError.InvalidArgument, RpcException.StatusCode.InvalidArgument),
            (WorkflowServiceError.LimitExceeded, RpcException.StatusCode.ResourceExhausted),
            (WorkflowServiceError.CodeUnavailable, RpcException.StatusCode.FailedPrecondition),
        ];

        foreach (var (error, code) in cases)
        {
            _service.Throws = new WorkflowServiceException(error, "refused");
            Assert.AreEqual(code, (await Assert.ThrowsExactlyAsync<RpcException>(() => Client().GetWorkflowHandle("wf").SignalAsync("s", []))).Code);
        }

        _service.Throws = new StorageException("down", StorageOutcome.Unknown);
        Assert.AreEqual(
            RpcException.StatusCode.Unavailable, (await Assert.ThrowsExactlyAsync<RpcException>(() => Client().GetWorkflowHandle("wf").CancelAsync())).Code);
        _service.Throws = new WorkflowServiceException(WorkflowServiceError.QueryFailed, "unknown query");
        await Assert.ThrowsExactlyAsync<WorkflowQueryFailedException>(() => Client().GetWorkflowHandle("wf").QueryAsync<int>("q", []));
    }

    [TestMethod]
    public async Task Query_GivesItsAnswer_OrIsRejectedByState()
    {
        _service.Answer = s_payloads.ToPayload("here");
        _service.Status = WorkflowExecutionStatus.Failed;
        var handle = Client().GetWorkflowHandle("wf");

        Assert.AreEqual("here", await handle.QueryAsync<string>("q", [1]));

        var e = await Assert.ThrowsExactlyAsync<WorkflowQueryRejectedException>(
            () => handle.QueryAsync<string>("q", [1], new() { RejectCondition = QueryRejectCondition.NotCompletedCleanly }));
        Assert.AreEqual(WorkflowExecutionStatus.Failed, e.WorkflowStatus);
        _service.Status = WorkflowExecutionStatus.Completed;
        Assert.AreEqual("here", await handle.QueryAsync<string>("q", [1], new() { RejectCondition = QueryRejectCondition.NotCompletedCleanly }));
    }

    [TestMethod]
    public async Task Timeout_EndsTheWait_TokenCancelsIt()
    {
        _service.Hangs = true;
        using var cancel = new CancellationTokenSource();
        var handle = Client().GetWorkflowHandle("wf");

        var timed = handle.GetResultAsync(rpcOptions: new() { Timeout = TimeSpan.FromSeconds(5) });
        var canceled = handle.GetResultAsync(rpcOptions: new() { CancellationToken = cancel.Token });
        _time.Advance(TimeSpan.FromSeconds(5));
        await cancel.CancelAsync();

        await Assert.ThrowsExactlyAsync<RpcTimeoutOrCanceledException>(() => timed);
        await Assert.ThrowsExactlyAsync<TaskCanceledException>(() => canceled);
    }

    [TestMethod]
    public async Task List_ReadsPagesUpToTheLimit()
    {
        _service.Pages.Enqueue(new WorkflowPage([Row("a"), Row("b")], "next"));
        _service.Pages.Enqueue(new WorkflowPage([Row("c"), Row("d")], null));
        var ids = new List<string>();

        await foreach (var workflow in Client().ListWorkflowsAsync("", new() { Limit = 3 }))
        {
            ids.Add(workflow.Id);
        }

        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, ids);
        Assert.AreEqual(((string?)null, 3, (string?)null), _service.Asked[0]);
        Assert.AreEqual(((string?)null, 1, (string?)"next"), _service.Asked[1]);
    }

    [TestMethod]
    public async Task Count_GivesTotalAndGroups()
    {
        _service.Counts = new Dictionary<string, long> { ["Running"] = 2, ["Failed"] = 1 };

        var count = await Client().CountWorkflowsAsync("GROUP BY ExecutionStatus");

        Assert.AreEqual(3, count.Count);
        CollectionAssert.AreEqual(new object[] { "Failed", "Running" }, count.Groups.Select(group => group.GroupValues.Single()).ToArray());

        _service.Counts = new Dictionary<string, long> { [""] = 7 };
        Assert.AreEqual(0, (await Client().CountWorkflowsAsync("")).Groups.Count);
    }

    [TestMethod]
    public async Task History_IsReadToItsEnd_OfOneRun()
    {
        _service.History.AddRange([
            new WorkflowStarted("Flow", "q", []) { Id = 1, RunId = "run-7" },
            new WorkflowTaskCompleted(null, null) { Id = 2 },
            new WorkflowCompleted(null) { Id = 3 },
        ]);

        var history = await Client().GetWorkflowHandle("wf").FetchHistoryAsync();

        CollectionAssert.AreEqual(new[] { "WorkflowExecutionStarted", "WorkflowTaskCompleted", "WorkflowExecutionCompleted" }, history.Events.Select(e => e.EventType).ToArray());
        Assert.AreEqual(("history", new WorkflowRef("wf", "run-7"), 2L), _service.Asked[1]);
        Assert.AreEqual(2, _service.Asked.Count);
    }

    [TestMethod]
    public async Task History_OfTheCloseOnly_IsWaitedForWhenAsked()
    {
        var closeOnly = new WorkflowHistoryEventFetchOptions { EventFilterType = HistoryEventFilterType.CloseEvent };
        _service.Closes.Enqueue(null);
        Assert.AreEqual(0, (await Client().GetWorkflowHandle("wf").FetchHistoryAsync(closeOnly)).Events.Count);

        closeOnly.WaitNewEvent = true;
        _service.Closes.Enqueue(null);
        _service.Closes.Enqueue(Closed(new WorkflowCompleted(null) { Id = 9 }, WorkflowExecutionStatus.Completed));
        var history = await Client().GetWorkflowHandle("wf").FetchHistoryAsync(closeOnly);

        Assert.AreEqual("9 WorkflowExecutionCompleted", history.Events.Single().ToString());
        Assert.AreEqual(3, _service.Asked.Count(asked => Equals(asked, ("wait", new WorkflowRef("wf"), false))));
    }

    [TestMethod]
    public async Task Histories_OfAList_AreReadOneByOne()
    {
        _service.Pages.Enqueue(new WorkflowPage([Row("a"), Row("b")], null));
        _service.History.Add(new WorkflowCompleted(null) { Id = 1 });

        var histories = await Client().ListWorkflowHistoriesAsync("").ToListAsync();

        CollectionAssert.AreEqual(new[] { "a", "b" }, histories.Select(history => history.Id).ToArray());
        Assert.AreEqual(("history", new WorkflowRef("b", "run"), 0L), _service.Asked[2]);
    }

    [TestMethod]
    public async Task AsyncActivity_ForAContext_ConvertsForIt()
    {
        var contexts = new List<ISerializationContext>();
        var options = new WorkflowClientOptions { DataConverter = new ContextConverter(contexts) };
        var plain = Client().GetAsyncActivityHandle([7]);
        var context = new ISerializationContext.Activity("hub", "1", "wf", "Flow", "act", "q", false);

        await Client(options).GetAsyncActivityHandle([7]).WithSerializationContext(context).CompleteAsync(5);

        Assert.AreEqual(context, contexts.Single());
        Assert.AreSame(plain, plain.WithSerializationContext(context));
    }

    [TestMethod]
    public async Task AsyncActivity_IsReportedByItsReference()
    {
        var handle = Client().GetAsyncActivityHandle("wf", "run", "act");
        var reference = new ActivityRef.ById("wf", "run", "act");

        await handle.HeartbeatAsync(new() { Details = [1] });
        await handle.FailAsync(new FormatException("no"));
        await handle.CompleteAsync(5);
        await handle.ReportCancellationAsync();

        CollectionAssert.AreEqual(
            new object[] { ("heartbeat", (ActivityRef)reference, 1), ("fail", (ActivityRef)reference, "no"), ("complete", (ActivityRef)reference), ("canceled", (ActivityRef)reference) },
            _service.Asked);
        _service.ActivityCanceled = true;
        await Assert.ThrowsExactlyAsync<AsyncActivityCanceledException>(() => handle.HeartbeatAsync());
    }

    [TestMethod]
    public async Task Interceptors_MayChangeWhatIsSent_AndSendHeaders()
    {
        var client = Client(new WorkflowClientOptions { Interceptors = [new HeaderInterceptor()] });

        await client.StartWorkflowAsync("Flow", [], new("wf"));

        Assert.AreEqual("v", s_payloads.ToValue<string>(Asked<StartRequest>().Started.Headers["h"]));
    }

    private static CloseResult Closed(HistoryEvent e, WorkflowExecutionStatus status) => new("run-1", status, e);

    private static WorkflowSummary Row(string id) => new(id, "run", "Flow", "q", WorkflowExecutionStatus.Running);

    private async Task<Exception> CauseAsync(HistoryEvent closed)
    {
        _service.Closes.Enqueue(Closed(closed, WorkflowExecutionStatus.Failed));
        return (await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => Client().GetWorkflowHandle("wf").GetResultAsync())).InnerException!;
    }

    private T Asked<T>() => _service.Asked.OfType<T>().Single();

    private WorkflowClient Client(WorkflowClientOptions? options = null) => new(
        new WorkflowClientServices
        {
            Service = _service,
            Reader = _service,
            Completion = _service,
            Updates = _service,
            NewId = () => $"id-{++_ids}",
            Time = _time,
        },
        options ?? new WorkflowClientOptions());

    private sealed record ContextConverter(List<ISerializationContext> Contexts)
        : DataConverter(Default.PayloadConverter, Default.FailureConverter)
    {
        public override DataConverter WithSerializationContext(ISerializationContext context)
        {
            Contexts.Add(context);
            return this with { };
        }
    }

    private sealed class HeaderInterceptor : IClientInterceptor
    {
        public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new Outbound(nextInterceptor);

        private sealed class Outbound(ClientOutboundInterceptor next) : ClientOutboundInterceptor(next)
        {
            public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input) =>
                Next.StartWorkflowAsync<TWorkflow, TResult>(
                    input with { Headers = new Dictionary<string, Payload> { ["h"] = s_payloads.ToPayload("v") } });
        }
    }
}
