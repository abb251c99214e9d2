using System.Text.Json.Nodes;
using Serverless.Api.Enums.V1;
using Serverless.History;

namespace Core.Tests.History;

/// <summary>Values of exported histories as people may write them, and what is refused.</summary>
[TestClass]
public sealed class HistoryJsonValueTests
{
    [TestMethod]
    [DataRow("\"5\"", 5L)]
    [DataRow("5", 5L)]
    [DataRow("\"-5\"", -5L)]
    [DataRow("\"9223372036854775807\"", long.MaxValue)]
    [DataRow("-9223372036854775808", long.MinValue)]
    public void Number_MayBeTextOrNumber(string json, long expected) => Assert.AreEqual(expected, Fired($"\"startedEventId\":{json}").StartedEventId);

    [TestMethod]
    [DataRow("\" 5\"", "' 5' is no Int64.")]
    [DataRow("\"5.0\"", "'5.0' is no Int64.")]
    [DataRow("\"1,000\"", "'1,000' is no Int64.")]
    [DataRow("\"9223372036854775808\"", "'9223372036854775808' is no Int64.")]
    [DataRow("true", "'true' is no Int64.")]
    public void Number_InAnotherForm_IsRefused(string json, string problem) => Refused(TimerFired($"\"startedEventId\":{json}"), problem);

    [TestMethod]
    [DataRow("\"18446744073709551615\"", ulong.MaxValue)]
    [DataRow("7", 7UL)]
    public void Seed_MayBeTextOrNumber(string json, ulong expected) =>
        Assert.AreEqual(expected, ((WorkflowTaskCompleted)Read($"\"eventType\":\"WorkflowTaskCompleted\",\"workflowTaskCompletedEventAttributes\":{{\"flags\":{json}}}")).Flags);

    [TestMethod]
    [DataRow("\"-1\"")]
    [DataRow("\"18446744073709551616\"")]
    [DataRow("\" 1\"")]
    public void Seed_InAnotherForm_IsRefused(string json) =>
        Refused($"\"eventType\":\"WorkflowTaskCompleted\",\"workflowTaskCompletedEventAttributes\":{{\"flags\":{json}}}", "is no UInt64.");

    [TestMethod]
    [DataRow("\"1.5s\"", 15_000_000L)]
    [DataRow("\"-0.0000001s\"", -1L)]
    [DataRow("\"2\"", 20_000_000L)]
    [DataRow("2", 20_000_000L)]
    [DataRow("\"1e3s\"", 10_000_000_000L)]
    [DataRow("\"922337203685.4775807s\"", long.MaxValue)]
    [DataRow("\"-922337203685.4775808s\"", long.MinValue)]
    public void Duration_IsInSeconds(string json, long ticks) => Assert.AreEqual(TimeSpan.FromTicks(ticks), Started(json).Delay);

    [TestMethod]
    [DataRow("\"1m\"")]
    [DataRow("\"00:00:01\"")]
    [DataRow("\"922337203685.4775808s\"")]
    [DataRow("\"1e29s\"")]
    public void Duration_InAnotherForm_IsRefused(string json) => Refused(TimerStarted(json), "is no TimeSpan.");

    [TestMethod]
    [DataRow("2026-11-23T09:30:00Z", 0L)]
    [DataRow("2026-11-23T09:30:00", 0L)]
    [DataRow("2026-11-23T11:30:00+02:00", 0L)]
    [DataRow("2026-11-23T09:30:00.0000001Z", 1L)]
    public void Moment_IsReadAsUtc(string text, long ticks)
    {
        var e = HistoryJson.Read(
            $$"""{"events":[{"eventId":1,"eventTime":"{{text}}","eventType":"TimerFired","timerFiredEventAttributes":{"startedEventId":1} }]}""")[0];
        Assert.AreEqual(EventSamples.Start.AddTicks(ticks), e.Time);
        Assert.AreEqual(TimeSpan.Zero, e.Time.Offset);
    }

    [TestMethod]
    public void Moment_OfAnotherOffset_IsWrittenInUtc() =>
        Assert.Contains(
            "\"eventTime\": \"2026-11-23T09:30:00.0000001Z\"",
            HistoryJson.Write([new TimerFired(1) { Id = 1, Time = EventSamples.Start.AddTicks(1).ToOffset(TimeSpan.FromHours(2)) }]));

    [TestMethod]
    [DataRow("\"NonRetryableFailure\"", RetryState.NonRetryableFailure)]
    [DataRow("2", RetryState.NonRetryableFailure)]
    [DataRow("77", (RetryState)77)]
    public void Enumeration_MayBeNameOrNumber(string json, RetryState expected) =>
        Assert.AreEqual(
            expected,
            ((WorkflowTimedOut)Read($"\"eventType\":\"WorkflowExecutionTimedOut\",\"workflowExecutionTimedOutEventAttributes\":{{\"type\":1,\"retryState\":{json}}}")).RetryState);

    [TestMethod]
    public void NumbersThatJsonHasNoFormFor_ComeBack()
    {
        foreach (var weight in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, -0f, float.MaxValue })
        {
            var e = new ActivityScheduled("1", "A", "q", []) { Priority = new PriorityInfo(1, null, weight), Id = 1 };
            Assert.AreEqual(weight, ((ActivityScheduled)HistoryJson.Read(HistoryJson.Write([e]))[0]).Priority!.FairnessWeight);
        }
    }

    [TestMethod]
    public void Kind_OfAFailure_MayStandAnywhere()
    {
        var e = (WorkflowFailed)Read(
            "\"eventType\":\"WorkflowExecutionFailed\",\"workflowExecutionFailedEventAttributes\":{\"failure\":{\"info\":{\"nonRetryable\":true,\"kind\":\"Server\"},\"message\":\"m\"},\"retryState\":0}");
        Assert.AreEqual(new ServerFailureInfo(true), e.Failure.Info);
    }

    [TestMethod]
    public void Problem_InALaterEvent_NamesItsPlace()
    {
        var good = $"{{\"eventId\":1,\"eventTime\":\"2026-11-23T09:30:00Z\",{TimerFired("\"startedEventId\":1")}}}";
        var error = Assert.ThrowsExactly<InvalidDataException>(() => HistoryJson.Read($"{{\"events\":[{good},{{}}]}}"));
        Assert.StartsWith("The 2. event of the history can't be read: ", error.Message);
        Assert.IsInstanceOfType<KeyNotFoundException>(error.InnerException);
    }

    [TestMethod]
    [DataRow("\"eventType\":null", "there is no event type '' here. Histories of other systems can't be read; one of a newer release needs that release.")]
    [DataRow("\"eventType\":7", "")]
    [DataRow("\"eventType\":\"TimerFired\",\"timerFiredEventAttributes\":null", "its attributes are null, or a value in a list of them is.")]
    [DataRow("\"eventType\":\"TimerFired\",\"timerFiredEventAttributes\":[]", "")]
    [DataRow("\"eventType\":\"WorkflowExecutionCompleted\",\"workflowExecutionCompletedEventAttributes\":{\"result\":{\"metadata\":{\"a\":\"1\",\"a\":\"2\"}}}", "")]
    [DataRow("\"eventType\":\"WorkflowExecutionCompleted\",\"workflowExecutionCompletedEventAttributes\":{\"result\":{\"metadata\":{\"a\":1}}}", "")]
    [DataRow("\"eventType\":\"WorkflowExecutionCanceled\",\"workflowExecutionCanceledEventAttributes\":{\"details\":[null]}", "its attributes are null, or a value in a list of them is.")]
    [DataRow("\"eventType\":\"WorkflowExecutionCanceled\",\"workflowExecutionCanceledEventAttributes\":{\"details\":[{\"json\":1},null]}", "its attributes are null, or a value in a list of them is.")]
    [DataRow("\"eventType\":\"TimerStarted\",\"timerStartedEventAttributes\":{\"timerId\":\"1\"}", "delay")]
    [DataRow("\"eventType\":\"TimerStarted\",\"timerStartedEventAttributes\":{\"timerId\":null,\"delay\":\"1s\"}", "timerId")]
    [DataRow("\"eventType\":\"WorkflowExecutionFailed\",\"workflowExecutionFailedEventAttributes\":{\"failure\":{\"info\":{\"kind\":\"Server\",\"nonRetryable\":true}},\"retryState\":0}", "message")]
    public void Event_ThatCannotBeRead_IsRefused(string members, string problem) => Refused(members, problem);

    [TestMethod]
    public void List_WithNullInThePayload_IsThePayloadsOwnBusiness()
    {
        var e = (WorkflowCanceled)Read("\"eventType\":\"WorkflowExecutionCanceled\",\"workflowExecutionCanceledEventAttributes\":{\"details\":[{\"json\":[null]}]}");
        Assert.AreEqual("[null]", e.Details.Single().Data.ToStringUtf8());
    }

    [TestMethod]
    public void Map_WithoutAValueForAKey_IsRefusedInEveryEventThatHasOne()
    {
        var maps = 0;
        foreach (var sample in EventSamples.All.Where(static e => e is not (WorkflowPropertiesModified or PropertiesUpserted)))
        {
            for (var i = 0; ; i++)
            {
                var history = JsonNode.Parse(HistoryJson.Write([sample]))!;
                if (MapsIn(history).ElementAtOrDefault(i) is not { } map)
                {
                    break;
                }

                map["of nothing"] = null;
                var error = Assert.ThrowsExactly<InvalidDataException>(() => HistoryJson.Read(history.ToJsonString()), $"{sample}");
                Assert.Contains("it has a map entry without a value", error.Message);
                maps++;
            }
        }

        Assert.IsGreaterThan(10, maps);
    }

    [TestMethod]
    public void Text_ThatIsNoJsonOrTooDeep_IsRefused()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(static () => HistoryJson.Read("{\"events\":"));
        Assert.StartsWith("This is no history: it is not JSON. ", error.Message);
        Assert.IsNotNull(error.InnerException);
        Assert.AreEqual(
            "This is no history: an object with a list \"events\" is expected.",
            Assert.ThrowsExactly<InvalidDataException>(static () => HistoryJson.Read(Deep(HistoryJson.MaxDepth))).Message);
        Assert.StartsWith(
            "This is no history: it is not JSON. ",
            Assert.ThrowsExactly<InvalidDataException>(static () => HistoryJson.Read(Deep(HistoryJson.MaxDepth + 1))).Message);

        static string Deep(int levels) => new string('[', levels) + new string(']', levels);
    }

    [TestMethod]
    [DataRow("TimerFired", "EVENT_TYPE_TIMER_FIRED")]
    [DataRow("A", "EVENT_TYPE_A")]
    public void EventName_InCapitals(string name, string expected) => Assert.AreEqual(expected, EventNames.InCapitals(name));

    [TestMethod]
    [DataRow("timerFired")]
    [DataRow("TIMER_FIRED")]
    [DataRow("")]
    public void EventName_InAnotherForm_IsNone(string name) => Assert.IsNull(EventNames.TypeOf(name));

    private static string TimerFired(string attributes) => $"\"eventType\":\"TimerFired\",\"timerFiredEventAttributes\":{{{attributes}}}";

    private static string TimerStarted(string delay) => $"\"eventType\":\"TimerStarted\",\"timerStartedEventAttributes\":{{\"timerId\":\"1\",\"delay\":{delay}}}";

    private static TimerFired Fired(string attributes) => (TimerFired)Read(TimerFired(attributes));

    private static TimerStarted Started(string delay) => (TimerStarted)Read(TimerStarted(delay));

    private static HistoryEvent Read(string members) =>
        HistoryJson.Read($"{{\"events\":[{{\"eventId\":\"1\",\"eventTime\":\"2026-11-23T09:30:00Z\",{members}}}]}}").Single();

    private static IEnumerable<JsonObject> MapsIn(JsonNode? node) => node switch
    {
        JsonObject x => x.Where(static p => p.Key is "memo" or "searchAttributes" or "headers").Select(static p => p.Value).OfType<JsonObject>().Concat(x.SelectMany(static p => MapsIn(p.Value))),
        JsonArray x => x.SelectMany(MapsIn),
        _ => [],
    };

    private static void Refused(string members, string problem)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Read(members));
        Assert.StartsWith("The 1. event of the history can't be read: ", error.Message);
        Assert.Contains(problem, error.Message);
    }
}
