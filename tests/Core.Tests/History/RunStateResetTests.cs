using Serverless.History;
using Serverless.Workflows;

namespace Core.Tests.History;

/// <summary>What a run's history says when it begins with a copy of another run's.</summary>
[TestClass]
public sealed class RunStateResetTests
{
    private static readonly DateTimeOffset Start = EventSamples.Start;

    private static readonly WorkflowStarted Began = new("T", "q", [])
    {
        RunId = "run-2",
        FirstRunId = "run-0",
        FirstRunStarted = Start.AddDays(-1),
        FirstTaskDelay = TimeSpan.FromMinutes(1),
        ContinuedFromRunId = "run-c",
        Parent = new ParentLink("parent", "run-p", 3, ParentClosePolicy.Abandon),
        Root = new WorkflowLink("root", "run-r"),
        OnClose = new CloseNotice("w", "s", "c"),
        Time = Start,
    };

    private static readonly WorkflowResetMarked Mark = new("run-1", 4, 9, null) { Time = Start.AddHours(10) };

    [TestMethod]
    public void Reset_WhatWaits_WaitsAnewFromThere()
    {
        var state = After(
            Began,
            new WorkflowTaskCompleted(null, null) { Time = Start.AddHours(1) },
            new TimerStarted("1", TimeSpan.FromHours(3)) { Time = Start.AddMinutes(30) },
            new ActivityScheduled("a", "A", "q", []) { Time = Start.AddHours(1) },
            Mark);
        Assert.AreEqual(Start.AddMinutes(30).AddHours(9), state.Timers[3].Time);
        Assert.AreEqual(TimeSpan.FromHours(3), state.Timers[3].Delay);
        Assert.AreEqual(Start.AddHours(10), state.Activities[4].Time);
        Assert.AreSame(Mark.FromRunId, state.Resets.Single().FromRunId);
    }

    [TestMethod]
    public void Reset_BeforeTheFirstTask_MovesNoTimer()
    {
        var state = After(Began, new TimerStarted("1", TimeSpan.FromHours(3)) { Time = Start.AddMinutes(30) }, Mark);
        Assert.AreEqual(Start.AddMinutes(30), state.Timers[2].Time);
    }

    [TestMethod]
    public void Reset_TimeOfTheRun_CountsFromThere()
    {
        var state = After(Began, Mark with { FirstRunId = "run-9" });
        Assert.AreEqual(Mark.Time, state.Started.Time);
        Assert.AreEqual(Mark.Time, state.Started.FirstRunStarted);
        Assert.IsNull(state.Started.FirstTaskDelay);
        Assert.AreEqual("run-9", state.Started.FirstRunId);
        Assert.AreEqual("run-2", state.Started.RunId);
        Assert.AreEqual(Began.Parent, state.Started.Parent);
        Assert.AreEqual(Began with { Id = 1, RunId = "run-1" }, state.FirstEvent);
    }

    [TestMethod]
    public void Reset_ThatNamesNoFirstRun_KeepsIt() => Assert.AreEqual("run-0", After(Began, Mark).Started.FirstRunId);

    [TestMethod]
    public void Reset_IntoAnotherWorkflow_IsNobodysChild()
    {
        var started = After(Began, Mark with { FromWorkflowId = "w", Into = new WorkflowLink("fork", "run-2") }).Started;
        Assert.IsNull(started.Parent);
        Assert.IsNull(started.Root);
        Assert.IsNull(started.ContinuedFromRunId);
        Assert.IsNull(started.OnClose);
    }

    [TestMethod]
    public void Reset_OfTheSameWorkflow_KeepsItsPlace()
    {
        var started = After(Began, Mark with { FromWorkflowId = "w", Into = new WorkflowLink("w", "run-2") }).Started;
        Assert.AreEqual(Began.Parent, started.Parent);
        Assert.AreEqual(Began.Root, started.Root);
        Assert.AreEqual("run-c", started.ContinuedFromRunId);
        Assert.AreEqual(Began.OnClose, started.OnClose);
    }

    [TestMethod]
    public void FirstEvent_IsThatOfTheInnermostCopy()
    {
        var state = After(Began, Mark, Mark with { FromRunId = "run-8" });
        Assert.AreEqual("run-1", state.FirstEvent.RunId);
        Assert.AreEqual("run-2", After(Began, Mark with { FromRunId = "" }).FirstEvent.RunId);
        Assert.HasCount(2, state.Resets);
    }

    [TestMethod]
    public void FirstWorkflowId_IsThatOfTheInnermostCopy()
    {
        Assert.AreEqual("own", After(Began).FirstWorkflowId("own"));
        Assert.AreEqual("own", After(Began, Mark).FirstWorkflowId("own"));
        Assert.AreEqual("w", After(Began, Mark with { FromWorkflowId = "w" }, Mark with { FromWorkflowId = "v" }).FirstWorkflowId("own"));
    }

    [TestMethod]
    public void RecordedBy_IsTheRunThatWroteTheEvent()
    {
        var state = After(Began, Mark, Mark with { FromRunId = "run-5", FromEventId = 7 });
        Assert.AreEqual("run-1", state.RecordedBy(1));
        Assert.AreEqual("run-1", state.RecordedBy(4));
        Assert.AreEqual("run-5", state.RecordedBy(5));
        Assert.AreEqual("run-5", state.RecordedBy(7));
        Assert.AreEqual("run-2", state.RecordedBy(8));
    }

    [TestMethod]
    public void IsCopyOf_AnEventOfARunThatWasCopied()
    {
        var state = After(Began, Mark with { Aliases = ["run-a", "run-b"] });
        Assert.IsTrue(state.IsCopyOf("run-1", 4));
        Assert.IsTrue(state.IsCopyOf("run-b", 1));
        Assert.IsFalse(state.IsCopyOf("run-1", 5));
        Assert.IsFalse(state.IsCopyOf("run-b", 5));
        Assert.IsFalse(state.IsCopyOf("run-2", 1));
        Assert.IsFalse(After(Began).IsCopyOf("run-1", 1));
    }

    /// <summary>The state after events, numbered from 1.</summary>
    private static RunState After(params HistoryEvent[] events)
    {
        var state = new RunState();
        for (var i = 0; i < events.Length; i++)
        {
            state.Apply(events[i] with { Id = i + 1 });
        }

        return state;
    }
}
