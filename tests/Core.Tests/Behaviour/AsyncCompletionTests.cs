using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Activities that are completed from outside, by their token and by their id.</summary>
[TestClass]
public sealed class AsyncCompletionTests
{
    private static readonly ActivityOptions Options = new() { StartToCloseTimeout = TimeSpan.FromHours(1), ActivityId = "form" };

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Completion_gives_the_result(bool byToken)
    {
        await RunAsync(Options, async (run, workflow) =>
        {
            var activity = Handle(run, workflow, byToken);
            await activity.HeartbeatAsync(new() { Details = [1, "filled in"] });
            Assert.AreEqual("filled in", run.Text((await run.LookAsync("w")).Attempts.Single().Value.HeartbeatDetails[1]));
            await activity.CompleteAsync("signed", new AsyncActivityCompleteOptions());
            Assert.AreEqual("signed", await workflow.GetResultAsync<string>());
            Assert.AreSame(run.Client, activity.Client);
        });
    }

    [TestMethod]
    public async Task Completion_without_a_result_gives_null()
    {
        await RunAsync(Options, async (run, workflow) =>
        {
            await Handle(run, workflow, true).CompleteAsync();
            Assert.IsNull(await workflow.GetResultAsync<string?>());
        });
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Failure_goes_through_the_retry_policy_and_hands_on_the_heartbeat(bool byToken)
    {
        await RunAsync(Options, async (run, workflow) =>
        {
            await Handle(run, workflow, byToken).FailAsync(new InvalidOperationException("ink is out"), new() { LastHeartbeatDetails = ["page 3"] });
            await run.PassAsync(TimeSpan.FromSeconds(5));
            Assert.AreEqual("page 3", run.The<Desk>().Resumed);
            Assert.AreEqual("ink is out", (await run.LookAsync("w")).Attempts.Single().Value.LastFailure!.Message);
            await Handle(run, workflow, byToken).FailAsync(new ApplicationFailureException("refused", nonRetryable: true));
            var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
            Assert.AreEqual("refused", failed.InnerException!.InnerException!.Message);
            Assert.AreEqual(2, (await run.EventsAsync<ActivityFailed>("w")).Single().Attempt);
        });
    }

    [TestMethod]
    public async Task Heartbeat_says_that_the_workflow_wants_it_cancelled_and_that_can_be_reported()
    {
        var options = (ActivityOptions)Options.Clone();
        options.CancellationType = ActivityCancellationType.WaitCancellationCompleted;
        await RunAsync(options, async (run, workflow) =>
        {
            var activity = Handle(run, workflow, true);
            var early = await Assert.ThrowsExactlyAsync<RpcException>(() => activity.ReportCancellationAsync());
            Assert.AreEqual(RpcException.StatusCode.InvalidArgument, early.Code);
            await workflow.CancelAsync();
            await Assert.ThrowsExactlyAsync<AsyncActivityCanceledException>(() => activity.HeartbeatAsync());
            await activity.ReportCancellationAsync(new() { Details = ["torn up"] });
            await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
            Assert.AreEqual(WorkflowExecutionStatus.Canceled, (await workflow.DescribeAsync()).Status);
            Assert.AreEqual("torn up", run.Text((await run.EventsAsync<ActivityCanceled>("w")).Single().Details[0]));
        });
    }

    [TestMethod]
    public async Task Heartbeat_says_so_as_well_when_the_workflow_has_gone_on()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Desk()).Add("w", async () =>
            {
                var failure = await Script.FailureOf(Workflow.ExecuteActivityAsync((Desk d) => d.Sign(), Options));
                await Workflow.DelayAsync(TimeSpan.FromHours(1), CancellationToken.None);
                return TemporalException.IsCanceledException(failure!);
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.CancelAsync();
                await Assert.ThrowsExactlyAsync<AsyncActivityCanceledException>(() => run.Client.GetAsyncActivityHandle("w", null, "form").HeartbeatAsync());
                Assert.IsTrue(await workflow.GetResultAsync<bool>());
            });
    }

    [TestMethod]
    public async Task Activity_that_nobody_completes_is_tried_again()
    {
        await RunAsync(Options, async (run, workflow) =>
        {
            var first = run.The<Desk>().Token;
            await run.PassAsync(TimeSpan.FromMinutes(61));
            Assert.AreEqual(2, run.The<Desk>().Started);
            var late = await Assert.ThrowsExactlyAsync<RpcException>(() => run.Client.GetAsyncActivityHandle(first).CompleteAsync("late"));
            Assert.AreEqual(RpcException.StatusCode.NotFound, late.Code);
            await Handle(run, workflow, true).CompleteAsync("second");
            Assert.AreEqual("second", await workflow.GetResultAsync<string>());
        });
    }

    [TestMethod]
    public async Task Completing_twice_is_refused()
    {
        await RunAsync(Options, async (run, workflow) =>
        {
            var activity = Handle(run, workflow, false);
            await activity.CompleteAsync("once");
            Assert.AreEqual(RpcException.StatusCode.NotFound, (await Assert.ThrowsExactlyAsync<RpcException>(() => activity.CompleteAsync("twice"))).Code);
            Assert.AreEqual("once", await workflow.GetResultAsync<string>());
            Assert.AreEqual(RpcException.StatusCode.NotFound, (await Assert.ThrowsExactlyAsync<RpcException>(() => activity.FailAsync(new FormatException()))).Code);
        });
    }

    [TestMethod]
    public async Task Missing_heartbeats_from_outside_end_the_attempt()
    {
        var options = (ActivityOptions)Options.Clone();
        options.HeartbeatTimeout = TimeSpan.FromMinutes(2);
        options.RetryPolicy = new() { MaximumAttempts = 1 };
        await RunAsync(options, async (run, workflow) =>
        {
            var activity = Handle(run, workflow, true);
            for (var i = 0; i < 5; i++)
            {
                await run.PassAsync(TimeSpan.FromMinutes(1));
                await activity.HeartbeatAsync(new AsyncActivityHeartbeatOptions { Details = [i] });
            }

            var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
            var timeout = (TimeoutFailureException)failed.InnerException!.InnerException!;
            Assert.AreEqual(TimeoutType.Heartbeat, timeout.TimeoutType);
            Assert.AreEqual(4, timeout.LastHeartbeatDetails.ElementAt<int>(0));
        });
    }

    [TestMethod]
    public async Task References_hold_what_they_were_made_of()
    {
        var byId = new AsyncActivityHandle.IdReference("w", "r", "a");
        Assert.AreEqual("w r a", $"{byId.WorkflowId} {byId.RunId} {byId.ActivityId}");
        CollectionAssert.AreEqual(new byte[] { 1, 2 }, new AsyncActivityHandle.TaskTokenReference([1, 2]).TaskToken);
        await RunAsync(Options, async (run, workflow) =>
        {
            var handle = new AsyncActivityHandle(run.Client, byId);
            Assert.AreSame(byId, handle.Activity);
            Assert.AreEqual(RpcException.StatusCode.NotFound, (await Assert.ThrowsExactlyAsync<RpcException>(() => handle.CompleteAsync())).Code);
            var right = run.Client.GetAsyncActivityHandle(new AsyncActivityHandle.IdReference("w", workflow.ResultRunId, "form"));
            await right.CompleteAsync("by reference");
            Assert.AreEqual("by reference", await workflow.GetResultAsync<string>());
        });
    }

    private static Task RunAsync(ActivityOptions options, Func<BehaviourRun, WorkflowHandle, Task> body) => Behaviour.Run(
        setup => setup.AddActivities(new Desk()).Add("w", () => Workflow.ExecuteActivityAsync((Desk d) => d.Sign(), options)),
        async run => await body(run, await run.StartAsync("w")));

    private static AsyncActivityHandle Handle(BehaviourRun run, WorkflowHandle workflow, bool byToken) => byToken
        ? run.Client.GetAsyncActivityHandle(run.The<Desk>().Token)
        : run.Client.GetAsyncActivityHandle(workflow.Id, null, "form");

    public sealed class Desk
    {
        public byte[] Token { get; private set; } = [];

        public int Started { get; private set; }

        public string? Resumed { get; private set; }

        [Activity]
        public string? Sign()
        {
            var context = ActivityExecutionContext.Current;
            Token = context.TaskToken;
            Started++;
            Resumed = context.Info.HeartbeatDetails.Count == 0 ? null : context.PayloadConverter.ToValue(context.Info.HeartbeatDetails.First(), typeof(string)) as string;
            throw new CompleteAsyncException();
        }
    }
}
