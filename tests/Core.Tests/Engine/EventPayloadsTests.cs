using System.Text;
using Serverless.Api.Enums.V1;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Tests.Engine;

/// <summary>Whatever an event says for the application, a codec gets hold of.</summary>
[TestClass]
public sealed class EventPayloadsTests
{
    private const string Secret = "S-ecret";
    private static readonly Payload s_secret = EngineHost.Value(Secret);
    private static readonly Payload s_hidden = EngineHost.Value("hidden");
    private static readonly Payload[] s_details = [s_secret];
    private static readonly Failure s_cause = new("last", new CanceledFailureInfo(s_details)) { EncodedAttributes = s_secret };
    private static readonly Failure s_failure = new("first", new ApplicationFailureInfo("Type", false) { Details = s_details })
    {
        Cause = new Failure("second", new TimeoutFailureInfo(TimeoutType.Heartbeat) { LastHeartbeatDetails = s_details }) { Cause = s_cause },
    };

    private static readonly Dictionary<string, Payload> s_map = new() { ["key"] = s_secret };
    private static readonly Dictionary<string, Payload?> s_changes = new() { ["key"] = s_secret, ["gone"] = null };

    private static readonly WorkflowStarted s_started = new("Type", "default", s_details) { RunId = "r", Memo = s_map, Headers = s_map, LastResult = s_secret, LastFailure = s_failure };

    private static readonly HistoryEvent[] s_events =
    [
        s_started,
        new WorkflowCompleted(s_secret),
        new WorkflowFailed(s_failure, RetryState.InProgress),
        new WorkflowCanceled(s_details),
        new WorkflowContinuedAsNew("Type", "default", s_details) { Memo = s_map, Headers = s_map },
        new WorkflowSignaled("Go", s_details) { Headers = s_map },
        new WorkflowUpdateAccepted("u", "Go", s_details) { Headers = s_map },
        new WorkflowUpdateCompleted("u", 1, s_secret, null),
        new WorkflowUpdateCompleted("u", 1, null, s_failure),
        new ActivityScheduled("1", "Type", "default", s_details) { Headers = s_map },
        new ActivityCompleted(1, s_secret),
        new ActivityFailed(1, s_failure, RetryState.InProgress),
        new ActivityTimedOut(1, s_failure, RetryState.InProgress),
        new ActivityCanceled(1, s_details),
        new ChildWorkflowInitiated("w", "Type", "default", s_details) { Memo = s_map, Headers = s_map },
        new ChildWorkflowCompleted(1, s_secret),
        new ChildWorkflowFailed(1, s_failure, RetryState.InProgress),
        new ChildWorkflowCanceled(1, s_details),
        new ExternalSignalInitiated("w", null, "Go", s_details) { Headers = s_map, Start = s_started with { LastFailure = null } },
        new PropertiesUpserted(s_changes, new Dictionary<string, Payload?>()),
        new WorkflowPropertiesModified(s_changes, new Dictionary<string, Payload?>()),
    ];

    [TestMethod]
    public void MapAll_EventOfAnyKind_LeavesNoPayloadAsItWas()
    {
        foreach (var e in s_events)
        {
            Assert.IsTrue(Holds(e), $"{e.GetType().Name} is to hold the secret before");
            var mapped = EventPayloads.MapAll(e, static p => p == s_secret ? s_hidden : p);
            Assert.IsFalse(Holds(mapped), e.GetType().Name);
            Assert.AreEqual(e.GetType(), mapped.GetType());
        }
    }

    [TestMethod]
    public void MapAll_SameEvent_AsksInTheSameOrder()
    {
        foreach (var e in s_events)
        {
            var (first, second) = (new List<Payload>(), new List<Payload>());
            EventPayloads.MapAll(e, p => Note(first, p));
            EventPayloads.MapAll(e, p => Note(second, p));
            CollectionAssert.AreEqual(first, second, e.GetType().Name);
        }

        static Payload Note(List<Payload> seen, Payload payload)
        {
            seen.Add(payload);
            return payload;
        }
    }

    private static bool Holds(HistoryEvent e) =>
        Encoding.UTF8.GetString(Envelope.Open(EventCodec.Encode([e with { Id = 1 }])).Span).Contains(Secret, StringComparison.Ordinal);
}
