using Serverless.Api.Enums.V1;
using Serverless.History;
using Serverless.Workflows;

namespace Core.Tests.History;

[TestClass]
public sealed class RunStateTests
{
    private static readonly Failure Broken = EventSamples.Simple;

    public static IEnumerable<object[]> Ends =>
    [
        [new WorkflowCompleted(null), WorkflowExecutionStatus.Completed],
        [new WorkflowFailed(Broken, default), WorkflowExecutionStatus.Failed],
        [new WorkflowCanceled([]), WorkflowExecutionStatus.Canceled],
        [new WorkflowTerminated(null, [], null), WorkflowExecutionStatus.Terminated],
        [new WorkflowTimedOut(default, default), WorkflowExecutionStatus.TimedOut],
        [new WorkflowContinuedAsNew("T", "q", []), WorkflowExecutionStatus.ContinuedAsNew],
    ];

    public static IEnumerable<object[]> ActivityEnds =>
    [
        [new ActivityCompleted(2, null)],
        [new ActivityFailed(2, Broken, default)],
        [new ActivityTimedOut(2, Broken, default)],
        [new ActivityCanceled(2, [])],
    ];

    public static IEnumerable<object[]> ChildEnds =>
    [
        [new ChildWorkflowStartFailed(2, "other")],
        [new ChildWorkflowCompleted(2, null)],
        [new ChildWorkflowFailed(2, Broken, default)],
        [new ChildWorkflowCanceled(2, [])],
        [new ChildWorkflowTimedOut(2, default)],
        [new ChildWorkflowTerminated(2)],
    ];

    [TestMethod]
    public void New_IsAnOpenRunOfWhichNothingIsKnown()
    {
        var state = new RunState();
        Assert.AreEqual(0, state.LastEventId);
        Assert.IsTrue(state.IsOpen);
        Assert.IsNull(state.LastTask);
        Assert.IsNull(state.Closed);
        Assert.IsFalse(state.CancelRequested);
        Assert.AreEqual(0, state.SignalCount);
    }

    [TestMethod]
    [DataRow(0, 2, "History event 2 (TimerFired) follows event 0; expected 1.")]
    [DataRow(3, 3, "History event 3 (TimerFired) follows event 3; expected 4.")]
    [DataRow(3, 5, "History event 5 (TimerFired) follows event 3; expected 4.")]
    public void Apply_AnotherIdThanTheNext_IsRefusedAndChangesNothing(int events, long id, string message)
    {
        var state = After([.. Enumerable.Repeat(new TimerStarted("1", TimeSpan.FromDays(1)), events)]);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => state.Apply(new TimerFired(1) { Id = id }));
        Assert.AreEqual(message, error.Message);
        Assert.AreEqual(events, state.LastEventId);
        Assert.HasCount(events, state.Timers);
    }

    [TestMethod]
    public void Apply_UnknownKind_IsRefused()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => After(new OfNoKind()));
        Assert.AreEqual("History event 1 is of the unknown kind OfNoKind.", error.Message);
    }

    [TestMethod]
    public void Apply_EveryKind_IsKnown()
    {
        foreach (var e in EventSamples.All.Where(static e => e is not WorkflowStarted))
        {
            After(Began(), e);
        }
    }

    [TestMethod]
    public void Started_SaysHowTheRunBegan()
    {
        var started = Began() with
        {
            PinnedBuildId = "b1",
            Memo = new Dictionary<string, Payload> { ["m"] = EventSamples.Json("1") },
            SearchAttributes = new Dictionary<string, Payload> { ["s"] = EventSamples.Typed },
        };
        var state = After(started);
        Assert.AreEqual("run-1", state.Started.RunId);
        Assert.AreSame(state.Started, state.FirstEvent);
        Assert.AreEqual("b1", state.PinnedBuildId);
        Assert.AreSame(started.Memo["m"], state.Memo["m"]);
        Assert.HasCount(1, state.Memo);
        Assert.AreSame(EventSamples.Typed, state.SearchAttributes["s"]);
        Assert.HasCount(1, state.SearchAttributes);
    }

    [TestMethod]
    public void Tasks_SayWhichBuildRanAndWhen()
    {
        var state = After(Began(), new WorkflowTaskCompleted("h", "b1"), new WorkflowTaskCompleted("h", "b2"), new WorkflowTaskCompleted("h", "b1"));
        Assert.AreEqual("b1", state.BuildId);
        Assert.AreEqual(At(3), state.LastTask);
        Assert.IsNull(state.PinnedBuildId);
        CollectionAssert.AreEqual(new[] { ("b1", 2L), ("b2", 3L) }, state.Builds.Select(static b => (b.Key, b.Value)).ToArray());
    }

    [TestMethod]
    public void Task_OfNoNamedBuild_LeavesNone()
    {
        var state = After(Began(), new WorkflowTaskCompleted("h", "b1"), new WorkflowTaskCompleted("h", null));
        Assert.IsNull(state.BuildId);
        Assert.HasCount(1, state.Builds);
    }

    [TestMethod]
    public void Task_ThatIsPinned_PinsTheRunToItsBuildUntilAnotherDoes()
    {
        var pinned = new WorkflowTaskCompleted("h", "b1") { Flags = TaskFlags.Pinned | TaskFlags.OtherBuildSeen };
        Assert.AreEqual("b1", After(Began() with { PinnedBuildId = "b0" }, pinned).PinnedBuildId);
        Assert.AreEqual("b1", After(Began(), pinned, new WorkflowTaskCompleted("h", "b2") { Flags = ~TaskFlags.Pinned }).PinnedBuildId);
    }

    [TestMethod]
    public void SignalsAndCancelRequests_AreNoticed()
    {
        var state = After(Began(), new WorkflowSignaled("a", []), new WorkflowSignaled("a", []));
        Assert.AreEqual(2, state.SignalCount);
        Assert.IsFalse(state.CancelRequested);
        Assert.IsTrue(After(Began(), new WorkflowCancelRequested(null, null)).CancelRequested);
    }

    [TestMethod]
    [DynamicData(nameof(ActivityEnds))]
    public void Activity_IsPendingUntilItCloses(object end)
    {
        HistoryEvent[] pending = [Began(), Activity("first"), Activity("second"), new ActivityCancelRequested(2), new ActivityCancelRequested(3)];
        var state = After(pending);
        CollectionAssert.AreEqual(new[] { 2L, 3L }, state.Activities.Keys.ToArray());
        Assert.AreEqual("first", state.Activities[2].ActivityId);
        CollectionAssert.AreEqual(new[] { 2L, 3L }, state.ActivityCancels.ToArray());

        state = After([.. pending, (HistoryEvent)end]);
        CollectionAssert.AreEqual(new[] { 3L }, state.Activities.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { 3L }, state.ActivityCancels.ToArray());
    }

    [TestMethod]
    public void Timer_IsPendingUntilItFiresOrIsCanceled()
    {
        HistoryEvent[] pending = [Began(), Timer("1"), Timer("2")];
        Assert.AreEqual("1", After(pending).Timers[2].TimerId);
        CollectionAssert.AreEqual(new[] { 3L }, After([.. pending, new TimerFired(2)]).Timers.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { 2L }, After([.. pending, new TimerCanceled(3)]).Timers.Keys.ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(ChildEnds))]
    public void Child_IsPendingUntilItCloses(object end)
    {
        HistoryEvent[] pending = [Began(), Child("first"), Child("second")];
        Assert.AreEqual("first", After(pending).Children[2].Initiated.WorkflowId);
        CollectionAssert.AreEqual(new[] { 3L }, After([.. pending, (HistoryEvent)end]).Children.Keys.ToArray());
    }

    [TestMethod]
    public void ChildThatStarted_IsPendingAsStarted()
    {
        var state = After(Began(), Child("first"), Child("second"), new ChildWorkflowStarted(3, "run-c"), new ChildWorkflowStarted(77, "run-x"));
        CollectionAssert.AreEqual(new[] { (2L, false), (3L, true) }, state.Children.Select(static c => (c.Key, c.Value.Started)).ToArray());
    }

    [TestMethod]
    public void CallToAnotherWorkflow_IsPendingUntilAnswered()
    {
        HistoryEvent[] pending = [Began(), new ExternalSignalInitiated("w", null, "s", []), new ExternalCancelInitiated("w", null, null)];
        Assert.IsInstanceOfType<ExternalSignalInitiated>(After(pending).Externals[2]);
        Assert.IsInstanceOfType<ExternalCancelInitiated>(After(pending).Externals[3]);
        CollectionAssert.AreEqual(new[] { 3L }, After([.. pending, new ExternalSignalClosed(2, null)]).Externals.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { 2L }, After([.. pending, new ExternalCancelClosed(3, null)]).Externals.Keys.ToArray());
    }

    [TestMethod]
    public void Update_IsKnownFromItsAcceptanceAndKeepsItsAnswer()
    {
        var answer = new WorkflowUpdateCompleted("u1", 2, EventSamples.Json("1"), null);
        var state = After(Began(), new WorkflowUpdateAccepted("u1", "n", []), new WorkflowUpdateAccepted("u2", "n", []), answer);
        Assert.HasCount(2, state.Updates);
        Assert.AreEqual(2, state.Updates["u1"].AcceptedEventId);
        Assert.AreSame(answer.Result, state.Updates["u1"].Completed!.Result);
        Assert.AreEqual(new UpdateState(3, null), state.Updates["u2"]);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Properties_AreSetReplacedAndRemoved(bool byTheCode)
    {
        Dictionary<string, Payload> before = new() { ["kept"] = EventSamples.Json("1"), ["changed"] = EventSamples.Json("1"), ["gone"] = EventSamples.Json("1") };
        Dictionary<string, Payload?> memo = new() { ["changed"] = EventSamples.Json("2"), ["gone"] = null, ["new"] = EventSamples.Json("3") };
        Dictionary<string, Payload?> attributes = new() { ["changed"] = EventSamples.Json("4"), ["kept"] = null };
        var state = After(
            Began() with { Memo = before, SearchAttributes = before },
            byTheCode ? new PropertiesUpserted(memo, attributes) : new WorkflowPropertiesModified(memo, attributes));
        CollectionAssert.AreEqual(new[] { "changed=2", "kept=1", "new=3" }, Texts(state.Memo));
        CollectionAssert.AreEqual(new[] { "changed=4", "gone=1" }, Texts(state.SearchAttributes));
        Assert.HasCount(3, before);
    }

    [TestMethod]
    [DynamicData(nameof(Ends))]
    public void End_ClosesTheRun(object end, object status)
    {
        var state = After(Began(), (HistoryEvent)end);
        Assert.AreEqual((WorkflowExecutionStatus)status, state.Status);
        Assert.IsFalse(state.IsOpen);
        Assert.AreEqual(end.GetType(), state.Closed!.GetType());
        Assert.AreEqual(2, state.Closed.Id);
        Assert.IsFalse(state.Expects(new WorkflowSignaled("s", [])));
    }

    [TestMethod]
    public void Patches_AreKnownByTheEventThatSaidThemFirst()
    {
        var state = After(Began(), new PatchMarked("b", false), new PatchMarked("a", false), new PatchMarked("b", true));
        CollectionAssert.AreEqual(new[] { ("a", 3L), ("b", 2L) }, state.Patches.Select(static p => (p.Key, p.Value)).ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(ActivityEnds))]
    public void Expects_AnswerOfAnActivity_WhileItIsPending(object end)
    {
        Assert.IsTrue(After(Began(), Activity("a")).Expects((InputEvent)end));
        Assert.IsFalse(After(Began(), Timer("1")).Expects((InputEvent)end));
        Assert.IsFalse(After(Began(), Activity("a"), (HistoryEvent)end).Expects((InputEvent)end));
        Assert.IsFalse(After(Began(), Activity("a"), new WorkflowCompleted(null)).Expects((InputEvent)end));
    }

    [TestMethod]
    [DynamicData(nameof(ChildEnds))]
    public void Expects_AnswerOfAChild_WhileItIsPending(object end)
    {
        Assert.IsTrue(After(Began(), Child("c")).Expects((InputEvent)end));
        Assert.IsFalse(After(Began(), Timer("1")).Expects((InputEvent)end));
        Assert.AreEqual(end is not ChildWorkflowStartFailed, After(Began(), Child("c"), new ChildWorkflowStarted(2, "r")).Expects((InputEvent)end));
        Assert.IsFalse(After(Began(), Child("c"), (HistoryEvent)end).Expects((InputEvent)end));
    }

    [TestMethod]
    public void Expects_StartOfAChild_Once()
    {
        var start = new ChildWorkflowStarted(2, "r");
        Assert.IsTrue(After(Began(), Child("c")).Expects(start));
        Assert.IsFalse(After(Began(), Timer("1")).Expects(start));
        Assert.IsFalse(After(Began(), Child("c"), start).Expects(start));
    }

    [TestMethod]
    public void Expects_WhatIsPending_AndAnyMessageOnce()
    {
        var state = After(Began(), Timer("1"), new ExternalSignalInitiated("w", null, "s", []), new WorkflowUpdateAccepted("u1", "n", []));
        Assert.IsTrue(state.Expects(new TimerFired(2)));
        Assert.IsFalse(state.Expects(new TimerFired(3)));
        Assert.IsTrue(state.Expects(new ExternalSignalClosed(3, null)));
        Assert.IsFalse(state.Expects(new ExternalSignalClosed(2, null)));
        Assert.IsTrue(state.Expects(new ExternalCancelClosed(3, null)));
        Assert.IsFalse(state.Expects(new ExternalCancelClosed(2, null)));
        Assert.IsFalse(state.Expects(new WorkflowUpdateAccepted("u1", "n", [])));
        Assert.IsTrue(state.Expects(new WorkflowUpdateAccepted("U1", "n", [])));
        Assert.IsTrue(state.Expects(new WorkflowSignaled("s", [])));
        Assert.IsTrue(state.Expects(new WorkflowCancelRequested(null, null)));
        Assert.IsFalse(After(Began(), new WorkflowCancelRequested(null, null)).Expects(new WorkflowCancelRequested(null, null)));
    }

    private static DateTimeOffset At(int minutes) => EventSamples.Start.AddMinutes(minutes);

    private static WorkflowStarted Began() => new("T", "q", []) { RunId = "run-1" };

    private static ActivityScheduled Activity(string id) => new(id, "A", "q", []);

    private static TimerStarted Timer(string id) => new(id, TimeSpan.FromHours(1));

    private static ChildWorkflowInitiated Child(string id) => new(id, "C", "q", []);

    private static string[] Texts(IReadOnlyDictionary<string, Payload> map) => [.. map.Select(static e => $"{e.Key}={e.Value.Data.ToStringUtf8()}")];

    /// <summary>The state after events that are numbered from 1 and a minute apart.</summary>
    private static RunState After(params HistoryEvent[] events)
    {
        var state = new RunState();
        for (var i = 0; i < events.Length; i++)
        {
            state.Apply(events[i] with { Id = i + 1, Time = At(i) });
        }

        return state;
    }

    private sealed record OfNoKind : HistoryEvent;
}
