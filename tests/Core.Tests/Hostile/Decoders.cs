using System.Text;
using Core.Tests.History;
using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;
using Serverless.Maintenance;
using Serverless.Visibility;

namespace Core.Tests.Hostile;

/// <summary>All that reads bytes of storage, messages and callers.</summary>
internal static class Decoders
{
    private static readonly DateTimeOffset Now = EventSamples.Start;

    private static readonly WorkMessage Message = new(WorkKind.Activity, "token", "order-1")
    {
        RunId = "run-1",
        RunNumber = 2,
        EventId = 7,
        Attempt = 3,
        DueAt = Now,
        WorkflowType = "Order",
        ScheduledAt = Now,
        Activity = EventSamples.All.OfType<ActivityScheduled>().First(),
        BuildId = "build-1",
        Queue = "activities-2",
        WaitsSince = Now,
    };

    public static IReadOnlyList<Decoder> All { get; } =
    [
        new("events", typeof(InvalidDataException), static bytes => EventCodec.Decode(bytes), [EventCodec.Encode(EventSamples.Usual), EventCodec.Encode(EventSamples.All)]),
        new("envelope", typeof(InvalidDataException), static bytes => Envelope.Open(bytes), [Envelope.Seal("content"u8), Envelope.Seal(new byte[5_000])]),
        new("head", typeof(InvalidDataException), static bytes => WorkflowHead.Decode(bytes), [Head(null).Encode(), Head(Note).Encode()]),
        new("inbox item", typeof(InvalidDataException), static bytes => InboxItem.Decode(bytes), [.. EventSamples.All.OfType<InputEvent>().Select(static e => new InboxItem(e, "run-1").Encode())]),
        new("attempt row", typeof(InvalidDataException), static bytes => ActivityAttemptRow.Decode(bytes),
            [Attempts.Encode(), (Attempts with { LastFailure = null, HeartbeatDetails = [] }).Encode()]),
        new("update row", typeof(InvalidDataException), static bytes => StoredUpdate.Decode(bytes),
            [new StoredUpdate(3, new UpdateOutcome("u-1", true, true, EventSamples.Json("1"), EventSamples.Simple) { RunId = "run-1" }).Encode()]),
        new("reset row", typeof(InvalidDataException), static bytes => ResetRow.Decode("order-1", bytes), [ResetRow.Encode(new ResetResult("order-1", "run-2", 17))]),
        new("list row", typeof(InvalidDataException), static bytes => VisibilityRow.Decode(bytes), [VisibilityRow.Encode(Listed)]),
        new("queue message", typeof(InvalidDataException), static bytes => WorkMessage.Decode(bytes), [Message.Encode(), new WorkMessage(WorkKind.Nudge, "token", "order-1").Encode()]),
        new("bucket name", typeof(InvalidDataException), static bytes => TimerBucket.Parse(Encoding.UTF8.GetString(bytes)), [Encoding.UTF8.GetBytes(TimerBucket.For(Now.AddDays(3), Now).Name)]),
        new("payload", typeof(InvalidDataException), static bytes => Payload.Parser.ParseFrom(bytes), [EventSamples.Typed.ToByteArray(), EventSamples.Json("[1, 2, 3]").ToByteArray()]),
        new("history JSON", typeof(InvalidDataException), static bytes => HistoryJson.Read(Encoding.UTF8.GetString(bytes)), [Encoding.UTF8.GetBytes(HistoryJson.Write(EventSamples.Usual))]),
        new("export line", typeof(InvalidDataException), static bytes => ExportLine.Read(Encoding.UTF8.GetString(bytes), out _),
            [Encoding.UTF8.GetBytes(ExportLine.Write(Exported)), "{\"progress\":1}"u8.ToArray()]),
    ];

    private static BlockedNote Note => new("LimitExceeded", "too much", Now, 3, Now.AddMinutes(1)) { Encoded = EventSamples.Json("{}") };

    private static ActivityAttemptRow Attempts =>
        new(3, Now, EventSamples.Failures[0], [EventSamples.Json("50")]) { LastHeartbeat = Now, Started = Now, CompletesAsync = true };

    private static ListRow Listed => new(
        new WorkflowSummary("order-1", "run-1", "Order", "default", WorkflowExecutionStatus.Completed)
        {
            StartTime = Now,
            CloseTime = Now.AddHours(1),
            ExecutionTime = Now,
            HistoryLength = 12,
            HistoryBytes = 900,
            ParentWorkflowId = "parent",
            ParentRunId = "run-0",
            RootWorkflowId = "root",
            Memo = EventSamples.Map,
            SearchAttributes = EventSamples.Map,
        },
        new Dictionary<string, IndexedValueType> { ["a"] = IndexedValueType.Keyword, ["n"] = IndexedValueType.Int });

    private static ExportedRun Exported => new("order-1", "run-1", 1, "run-1")
    {
        Status = WorkflowExecutionStatus.Running,
        StartRequestId = "request",
        PinnedBuildId = "build-1",
        Events = EventSamples.Usual,
        Updates = [new UpdateOutcome("u-1", true, true, EventSamples.Json("1"), null)],
        Attempts = [new ExportedAttempts(5, Attempts, true)],
        Requests = [new ExportedRequest("sent:r", [1, 2])],
        Inbox = [new ExportedMessage("01ABC", null, EventSamples.All.OfType<WorkflowSignaled>().First())],
    };

    private static WorkflowHead Head(BlockedNote? note) => new()
    {
        RunNumber = 3,
        RunId = "run-3",
        FirstRunId = "run-1",
        WorkflowType = "Order",
        Status = WorkflowExecutionStatus.Running,
        Started = Now,
        LastEventId = 400,
        HistoryBytes = 70_000,
        CommitId = "commit",
        Marks = [new DispatchMark("token", 3, 10, 20), new DispatchMark("other", 2, 1, 9)],
        PinnedBuildId = "build-1",
        Blocked = note,
        BlockedBy = note is null ? null : "host",
        RequestId = "request",
    };
}
