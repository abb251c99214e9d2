using System.Text.Json;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class HistoryJsonTests
{
    [TestMethod]
    public void EveryKind_ComesBackAsItWas() => Assert.AreEqual(Dump.Of(EventSamples.All), Dump.Of(Through(EventSamples.All)));

    [TestMethod]
    public void EventNames_AreDistinctAndThereForEveryKind()
    {
        var names = EventSamples.All.Select(EventNames.Of).ToList();

        Assert.HasCount(Enum.GetValues<EventKind>().Length, names.Distinct().ToList());
        foreach (var e in EventSamples.All)
        {
            Assert.AreEqual(e.GetType(), EventNames.TypeOf(EventNames.Of(e)));
            Assert.AreEqual(e.GetType(), EventNames.TypeOf(EventNames.InCapitals(EventNames.Of(e))));
        }
    }

    [TestMethod]
    public void UsualHistory_IsReadable()
    {
        var json = new WorkflowHistory("w", [.. new[] { EventSamples.Usual[0], EventSamples.Usual[3] }.Select(e => new WorkflowHistoryEvent(e))]).ToJson();

        Assert.AreEqual(
            """
            {
              "events": [
                {
                  "eventId": "1",
                  "eventTime": "2026-11-23T09:30:00Z",
                  "eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
                  "workflowExecutionStartedEventAttributes": {
                    "workflowType": "Order",
                    "taskQueue": "main",
                    "args": [
                      {
                        "json": {"id":7}
                      }
                    ],
                    "runId": "run-1",
                    "firstRunId": "run-1",
                    "attempt": 1,
                    "firstRunStarted": "2026-11-23T09:30:00Z",
                    "randomSeed": "99"
                  }
                },
                {
                  "eventId": "4",
                  "eventTime": "2026-11-23T09:30:00.021Z",
                  "eventType": "EVENT_TYPE_ACTIVITY_TASK_COMPLETED",
                  "activityTaskCompletedEventAttributes": {
                    "scheduledEventId": "3",
                    "result": {
                      "json": true
                    },
                    "attempt": 1,
                    "started": "2026-11-23T09:30:00.003Z",
                    "identity": "host-1"
                  }
                }
              ]
            }
            """,
            json);
    }

    [TestMethod]
    public void ReformattedHistory_IsTheSameButForTheSpacesInValues()
    {
        var json = HistoryJson.Write(EventSamples.All);
        var compact = JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);

        Assert.AreEqual(Dump.Of(EventSamples.All), Dump.Of(HistoryJson.Read(compact)));
    }

    [TestMethod]
    public void DeepestFailure_ComesBack()
    {
        var failure = EventSamples.Simple;
        for (var i = 0; i < FailureCodec.MaxCauses; i++)
        {
            failure = new Failure($"{i}", new CanceledFailureInfo([EventSamples.Json(new string('[', 32) + new string(']', 32))])) { Cause = failure };
        }

        HistoryEvent[] events = [new WorkflowFailed(failure, default) { Id = 1 }];
        Assert.AreEqual(Dump.Of(events), Dump.Of(Through(events)));
    }

    [TestMethod]
    public void HandWrittenHistory_MaySpellNamesAndNumbersInOtherWays()
    {
        var e = (TimerStarted)HistoryJson.Read(
            """{"events":[{"eventId":3,"eventTime":"2026-11-23T11:30:00+02:00","eventType":"TimerStarted","timerStartedEventAttributes":{"timerId":"1","delay":"1.5s","more":1}}]}""")[0];

        Assert.AreEqual(new TimerStarted("1", TimeSpan.FromSeconds(1.5)) { Id = 3, Time = EventSamples.Start }, e);
    }

    [TestMethod]
    [DataRow("", "it is not JSON")]
    [DataRow("[]", "an object with a list \"events\" is expected")]
    [DataRow("{\"events\":{}}", "an object with a list \"events\" is expected")]
    [DataRow("{\"events\":[1]}", "The 1. event of the history can't be read")]
    [DataRow("{\"events\":[{\"eventId\":\"1\"}]}", "The 1. event of the history can't be read")]
    [DataRow("{\"events\":[{\"eventType\":\"EVENT_TYPE_WORKFLOW_TASK_SCHEDULED\"}]}", "no event type 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED'")]
    [DataRow("{\"events\":[{\"eventType\":\"TimerFired\",\"eventId\":\"1\",\"eventTime\":\"2026-11-23T09:30:00Z\",\"timerFiredEventAttributes\":{}}]}", "startedEventId")]
    [DataRow("{\"events\":[{\"eventType\":\"TimerFired\",\"eventId\":\"x\",\"eventTime\":\"2026-11-23T09:30:00Z\",\"timerFiredEventAttributes\":{\"startedEventId\":\"1\"}}]}", "'x' is no Int64")]
    [DataRow("{\"events\":[{\"eventType\":\"TimerFired\",\"eventId\":\"1\",\"eventTime\":\"soon\",\"timerFiredEventAttributes\":{\"startedEventId\":\"1\"}}]}", "'soon' is no DateTimeOffset")]
    [DataRow("{\"events\":[{\"eventType\":\"TimerFired\",\"eventId\":\"1\",\"eventTime\":\"2026-11-23T09:30:00Z\",\"timerFiredEventAttributes\":null}]}", "The 1. event")]
    [DataRow("{\"events\":[{\"eventType\":\"WorkflowExecutionCompleted\",\"eventId\":\"1\",\"eventTime\":\"2026-11-23T09:30:00Z\",\"workflowExecutionCompletedEventAttributes\":{\"result\":7}}]}", "A payload is an object")]
    [DataRow("{\"events\":[{\"eventType\":\"WorkflowExecutionCompleted\",\"eventId\":\"1\",\"eventTime\":\"2026-11-23T09:30:00Z\",\"workflowExecutionCompletedEventAttributes\":{\"result\":{\"data\":\"!\"}}}]}", "The 1. event")]
    public void WhatIsNoHistory_IsRefusedWithThePlace(string json, string problem) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => WorkflowHistory.FromJson("w", json)).Message, problem);

    [TestMethod]
    public void FromJson_AfterToJson_IsTheSameHistory()
    {
        var history = new WorkflowHistory("w", [.. EventSamples.Usual.Select(e => new WorkflowHistoryEvent(e))]);
        using var text = new StringWriter();
        history.ToJson(text);

        var back = WorkflowHistory.FromJson("w", text.ToString());

        Assert.AreEqual(history.ToJson(), text.ToString());
        Assert.AreEqual("w", back.Id);
        CollectionAssert.AreEqual(history.Events.Select(e => $"{e} {e.EventTime:O}").ToArray(), back.Events.Select(e => $"{e} {e.EventTime:O}").ToArray());
        Assert.AreEqual("3 ActivityTaskScheduled", back.Events.ElementAt(2).ToString());
    }

    internal static IReadOnlyList<HistoryEvent> Through(IReadOnlyList<HistoryEvent> events) => HistoryJson.Read(HistoryJson.Write(events));
}
