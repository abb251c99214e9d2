using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Tests.Engine;

/// <summary>What is tried again and when, and which start a closed run leaves room for.</summary>
[TestClass]
public sealed class RetryDecisionTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
    private static readonly RetryPolicy s_policy = new() { NonRetryableErrorTypes = ["Final", "TemporalTimeout:Heartbeat"] };

    public static IEnumerable<object[]> Failures =>
    [
        [new ApplicationFailureInfo("Any", false), RetryState.InProgress],
        [new ApplicationFailureInfo(null, false), RetryState.InProgress],
        [new ApplicationFailureInfo("Any", true), RetryState.NonRetryableFailure],
        [new ApplicationFailureInfo("Final", false), RetryState.NonRetryableFailure],
        [new ServerFailureInfo(false), RetryState.InProgress],
        [new ServerFailureInfo(true), RetryState.NonRetryableFailure],
        [new CanceledFailureInfo([]), RetryState.NonRetryableFailure],
        [new TerminatedFailureInfo(), RetryState.NonRetryableFailure],
        [new TimeoutFailureInfo(TimeoutType.StartToClose), RetryState.InProgress],
        [new TimeoutFailureInfo(TimeoutType.Heartbeat), RetryState.NonRetryableFailure],
        [new TimeoutFailureInfo(TimeoutType.ScheduleToStart), RetryState.NonRetryableFailure],
        [new TimeoutFailureInfo(TimeoutType.ScheduleToClose), RetryState.NonRetryableFailure],
        [new ActivityFailureInfo(1, "Charge", "1", null, RetryState.InProgress), RetryState.InProgress],
    ];

    [TestMethod]
    [DynamicData(nameof(Failures))]
    public void After_Failure_IsRetriedUnlessItIsFinal(FailureInfo info, RetryState expected)
    {
        var decision = RetryDecision.After(s_policy, 1, new Failure("why", info), s_now, null);
        Assert.AreEqual(expected, decision.State);
        Assert.AreEqual(expected == RetryState.InProgress ? TimeSpan.FromSeconds(1) : null, decision.NextDelay);
    }

    [TestMethod]
    [DataRow(1.0, 2.0f, null, 1, 1.0)]
    [DataRow(1.0, 2.0f, null, 7, 64.0)]
    [DataRow(1.0, 2.0f, null, 8, 100.0)]
    [DataRow(1.0, 2.0f, 5.0, 4, 5.0)]
    [DataRow(1.0, 2.0f, 5.0, int.MaxValue, 5.0)]
    [DataRow(1.0, 1.0f, null, 50, 1.0)]
    [DataRow(1.0, float.NaN, 5.0, 2, 5.0)]
    public void After_Attempts_WaitsGrowUpToTheLongest(double initial, float coefficient, double? longest, int attempt, double expected)
    {
        var policy = new RetryPolicy
        {
            InitialInterval = TimeSpan.FromSeconds(initial),
            BackoffCoefficient = coefficient,
            MaximumInterval = longest is { } s ? TimeSpan.FromSeconds(s) : null,
        };
        Assert.AreEqual(TimeSpan.FromSeconds(expected), RetryDecision.After(policy, attempt, new Failure("why", new ServerFailureInfo(false)), s_now, null).NextDelay);
    }

    [TestMethod]
    public void After_IntervalsBeyondAllTime_WaitForEver()
    {
        var policy = new RetryPolicy { InitialInterval = TimeSpan.MaxValue };
        Assert.AreEqual(TimeSpan.MaxValue, RetryDecision.After(policy, 1, new Failure("why", new ServerFailureInfo(false)), s_now, null).NextDelay);
        Assert.AreEqual(RetryState.Timeout, RetryDecision.After(policy, 1, new Failure("why", new ServerFailureInfo(false)), s_now, DateTimeOffset.MaxValue).State);
    }

    [TestMethod]
    public void After_WaitsThatLeaveTheCalendar_EndOnItsLastOrFirstDay()
    {
        Assert.AreEqual(DateTimeOffset.MaxValue, s_now.After(TimeSpan.MaxValue));
        Assert.AreEqual(DateTimeOffset.MinValue, s_now.After(TimeSpan.MinValue));
        Assert.AreEqual(s_now.AddDays(1), s_now.After(TimeSpan.FromDays(1)));
        Assert.AreEqual(s_now.AddDays(-1), s_now.After(TimeSpan.FromDays(-1)));
        Assert.IsNull(((DateTimeOffset?)null).After(TimeSpan.FromDays(1)));
        Assert.IsNull(((DateTimeOffset?)s_now).After(null));
    }

    [TestMethod]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicate, WorkflowIdConflictPolicy.Fail, nameof(StartVerdict.Refuse), nameof(StartVerdict.Start), nameof(StartVerdict.Start))]
    [DataRow(WorkflowIdReusePolicy.RejectDuplicate, WorkflowIdConflictPolicy.Fail, nameof(StartVerdict.Refuse), nameof(StartVerdict.Refuse), nameof(StartVerdict.Refuse))]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicateFailedOnly, WorkflowIdConflictPolicy.Fail, nameof(StartVerdict.Refuse), nameof(StartVerdict.Refuse), nameof(StartVerdict.Start))]
    [DataRow(WorkflowIdReusePolicy.TerminateIfRunning, WorkflowIdConflictPolicy.Fail, nameof(StartVerdict.TerminateExisting), nameof(StartVerdict.Start), nameof(StartVerdict.Start))]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicate, WorkflowIdConflictPolicy.UseExisting, nameof(StartVerdict.UseExisting), nameof(StartVerdict.Start), nameof(StartVerdict.Start))]
    [DataRow(WorkflowIdReusePolicy.RejectDuplicate, WorkflowIdConflictPolicy.TerminateExisting, nameof(StartVerdict.TerminateExisting), nameof(StartVerdict.Refuse), nameof(StartVerdict.Refuse))]
    public void Judge_EachPolicy_DecidesByWhatIsThere(
        WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict, string open, string completed, string failed)
    {
        var started = new WorkflowStarted("Type", "default", []) { RunId = "mine", RequestId = "request" };
        var request = new StartRequest("w", started) { ReusePolicy = reuse, ConflictPolicy = conflict };
        Assert.AreEqual(StartVerdict.Start, WorkflowStarter.Judge(request, started, null));
        Assert.AreEqual(open, $"{WorkflowStarter.Judge(request, started, Head(WorkflowExecutionStatus.Running))}");
        Assert.AreEqual(completed, $"{WorkflowStarter.Judge(request, started, Head(WorkflowExecutionStatus.Completed))}");
        Assert.AreEqual(failed, $"{WorkflowStarter.Judge(request, started, Head(WorkflowExecutionStatus.Failed))}");
        Assert.AreEqual(StartVerdict.IsOurs, WorkflowStarter.Judge(request, started, Head(WorkflowExecutionStatus.Completed) with { FirstRunId = "mine" }));
        Assert.AreEqual(StartVerdict.IsRepeated, WorkflowStarter.Judge(request, started, Head(WorkflowExecutionStatus.Running) with { RequestId = "request" }));
    }

    [TestMethod]
    public void WithRetryState_EventOfAnotherKind_IsLeftAlone()
    {
        var state = new RunState();
        state.Apply(new WorkflowStarted("Type", "default", []) { Id = 1, RunId = "r", Time = s_now, FirstRunStarted = s_now });
        HistoryEvent closing = new WorkflowTerminated("why", [], "me");
        Assert.AreSame(closing, NextRun.WithRetryState(state, closing, s_now));
        Assert.AreEqual(
            RetryState.RetryPolicyNotSet,
            ((WorkflowTimedOut)NextRun.WithRetryState(state, new WorkflowTimedOut(TimeoutType.StartToClose, default), s_now)).RetryState);
    }

    private static WorkflowHead Head(WorkflowExecutionStatus status) => new()
    {
        RunNumber = 1,
        RunId = "other",
        FirstRunId = "other",
        WorkflowType = "Type",
        Status = status,
        Started = s_now,
        CommitId = "c",
    };
}
