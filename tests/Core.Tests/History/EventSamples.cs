using System.Text;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;
using Serverless.Workflows;

namespace Core.Tests.History;

/// <summary>One event of every kind with every property set. The golden files hold them: new properties get new samples, these stay as they are.</summary>
internal static class EventSamples
{
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    public static Payload Json(string text) => Payload(text, ("encoding", "json/plain"));

    public static Payload Payload(string data, params (string Key, string Value)[] metadata) =>
        new(MetadataDictionary.Fixed(metadata.ToDictionary(m => m.Key, m => ByteString.CopyFromUtf8(m.Value))), Encoding.UTF8.GetBytes(data));

    public static readonly Payload Typed = Payload("\"gold\"", ("type", "Keyword"), ("encoding", "json/plain"));

    public static readonly Payload InBlob = new(Json("").Metadata, default) { BlobName = "0a1b2c3d-order-1/run/7", OriginalSize = 250_000 };

    public static readonly Dictionary<string, Payload> Map = new() { ["b"] = Json("2"), ["a"] = Typed };

    public static readonly RetryPolicy Retry = new()
    {
        InitialInterval = TimeSpan.FromSeconds(3),
        BackoffCoefficient = 1.5f,
        MaximumInterval = TimeSpan.FromMinutes(2),
        MaximumAttempts = 5,
        NonRetryableErrorTypes = ["Fatal", "Broken"],
    };

    public static readonly PriorityInfo Priority = new(2, "tenant-ü", 1.25f);

    public static readonly Failure Simple = new("bad input", new ApplicationFailureInfo("Invalid", true)) { StackTrace = "at Here()" };

    public static readonly IReadOnlyList<Failure> Failures =
    [
        new("card refused", new ApplicationFailureInfo("CardRefused", true)
        {
            Details = [Json("1"), InBlob],
            NextRetryDelay = TimeSpan.FromSeconds(9),
            Category = ApplicationErrorCategory.Benign,
        }) { Source = "DotNetSDK", StackTrace = "at Pay()\nat Main()", Cause = Simple, EncodedAttributes = Json("{}") },
        new("late", new TimeoutFailureInfo(TimeoutType.Heartbeat) { LastHeartbeatDetails = [Json("50")] }),
        new("stop", new CanceledFailureInfo([Json("\"why\"")])),
        new("killed", new TerminatedFailureInfo()),
        new("oops", new ServerFailureInfo(true)),
        new("activity", new ActivityFailureInfo(12, "Pay", "pay-1", "host-1", RetryState.MaximumAttemptsReached)) { Cause = Simple },
        new("child", new ChildWorkflowFailureInfo("hub", "order-1", "run-9", "Order", 14, RetryState.NonRetryableFailure)) { Cause = Simple },
    ];

    /// <summary>Numbered from 1, a millisecond apart but for one that steps back.</summary>
    public static IReadOnlyList<HistoryEvent> All { get; } =
        [.. Unnumbered().Select((e, i) => e with { Id = i + 1, Time = Start.AddTicks(i == 5 ? -1 : i * TimeSpan.TicksPerMillisecond) })];

    private static IEnumerable<HistoryEvent> Unnumbered() => [.. Run(), .. Messages(), .. Activities(), .. Others()];

    private static IEnumerable<HistoryEvent> Run()
    {
        yield return Started();
        yield return new WorkflowTaskCompleted("host-1", "build-7") { Flags = 5, HistoryBytes = 123_456 };
        yield return new WorkflowCompleted(Json("{\"ok\":true}"));
        yield return new WorkflowFailed(Failures[0], RetryState.RetryPolicyNotSet) { WithoutTask = true };
        yield return new WorkflowCanceled([Json("1")]);
        yield return new WorkflowContinuedAsNew("Order", "main", [Json("2")])
        {
            NewRunId = "run-2",
            RunTimeout = TimeSpan.FromHours(1),
            TaskTimeout = TimeSpan.FromSeconds(11),
            RetryPolicy = Retry,
            BackoffStartInterval = TimeSpan.FromSeconds(4),
            Memo = Map,
            SearchAttributes = Map,
            Headers = Map,
            InitialVersioning = InitialVersioningBehavior.AutoUpgrade,
        };
        yield return new WorkflowTerminated("by hand", [Json("3")], "ann") { KeptEventId = 12 };
        yield return new WorkflowTimedOut(TimeoutType.StartToClose, RetryState.Timeout);
        yield return new WorkflowResetMarked("run-1", 17, ulong.MaxValue - 3, "bad build")
        {
            FromWorkflowId = "order-6",
            Into = new WorkflowLink("order-7", "run-3"),
            FirstRunId = "run-0",
            Aliases = ["run-2", "run-2b"],
            Ended = [new WorkflowLink("child-1", "run-c"), new WorkflowLink("child-2", "run-d")],
        };
    }

    private static WorkflowStarted Started() => new("Order", "main", [Json("{\"id\":7}"), InBlob])
    {
        RunId = "run-1",
        FirstRunId = "run-0",
        ContinuedFromRunId = "run-00",
        Initiator = ContinueAsNewInitiator.CronSchedule,
        Attempt = 3,
        FirstRunStarted = Start.AddDays(-400),
        ExecutionTimeout = TimeSpan.FromDays(30),
        RunTimeout = TimeSpan.FromDays(1),
        TaskTimeout = TimeSpan.FromSeconds(10),
        RetryPolicy = Retry,
        CronSchedule = "0 3 * * *",
        FirstTaskDelay = TimeSpan.FromTicks(12345),
        Memo = Map,
        SearchAttributes = Map,
        Headers = Map,
        Parent = new ParentLink("parent", "run-p", 44, ParentClosePolicy.RequestCancel),
        Root = new WorkflowLink("root", "run-r"),
        LastResult = Json("6"),
        LastFailure = Failures[1],
        RandomSeed = 0x0123_4567_89AB_CDEF,
        Summary = "an order",
        Details = "of *seven* things",
        Priority = Priority,
        PinnedBuildId = "build-6",
        VersioningOverride = VersioningBehavior.Pinned,
        RequestId = "req-1",
        Identity = "cli",
        OnClose = new CloseNotice("watcher", "closed", "corr-1"),
    };

    private static IEnumerable<HistoryEvent> Messages()
    {
        yield return new WorkflowSignaled("approve", [Json("true"), Typed]) { Headers = Map, Identity = "ann", RequestId = "req-2" };
        yield return new WorkflowCancelRequested("too late", "bob");
        yield return new WorkflowUpdateAccepted("upd-1", "setAmount", [Json("5")]) { Headers = Map, Identity = "ann" };
        yield return new WorkflowUpdateCompleted("upd-1", 12, Json("6"), Failures[2]);
    }

    private static IEnumerable<HistoryEvent> Activities()
    {
        yield return new ActivityScheduled("pay-1", "Pay", "payments", [Json("1")])
        {
            ScheduleToCloseTimeout = TimeSpan.FromMinutes(9),
            ScheduleToStartTimeout = TimeSpan.FromMinutes(8),
            StartToCloseTimeout = TimeSpan.FromMinutes(7),
            HeartbeatTimeout = TimeSpan.FromSeconds(6),
            RetryPolicy = Retry,
            CancellationType = ActivityCancellationType.Abandon,
            Headers = Map,
            Summary = "pays",
            IsLocal = true,
            GoesToQueue = true,
            Priority = Priority,
        };
        yield return new ActivityCancelRequested(14);
        yield return new ActivityCompleted(14, InBlob) { Attempt = 2, Started = Start.AddSeconds(-3), Identity = "host-2" };
        yield return new ActivityFailed(14, Failures[3], RetryState.InProgress) { Attempt = 3, Started = Start.AddSeconds(70), Identity = "host-2" };
        yield return new ActivityTimedOut(14, Failures[4], RetryState.Timeout) { Attempt = 4, Started = Start, Identity = "host-3" };
        yield return new ActivityCanceled(14, [Json("0")]) { Attempt = 5, Started = Start.AddTicks(1), Identity = "host-4" };
        yield return new TimerStarted("1", TimeSpan.FromDays(3)) { Summary = "waits" };
        yield return new TimerFired(20);
        yield return new TimerCanceled(21);
    }

    private static IEnumerable<HistoryEvent> Others()
    {
        yield return new ChildWorkflowInitiated("child-1", "Child", "main", [Json("8")])
        {
            RunId = "run-c",
            ParentClosePolicy = ParentClosePolicy.Abandon,
            CancellationType = ChildWorkflowCancellationType.WaitCancellationRequested,
            IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate,
            ExecutionTimeout = TimeSpan.FromDays(2),
            RunTimeout = TimeSpan.FromDays(1),
            TaskTimeout = TimeSpan.FromSeconds(9),
            RetryPolicy = Retry,
            CronSchedule = "@daily",
            Memo = Map,
            SearchAttributes = Map,
            Headers = Map,
            Summary = "child",
            Details = "details",
            Priority = Priority,
        };
        yield return new ChildWorkflowStarted(23, "run-c");
        yield return new ChildWorkflowStartFailed(23, "run-x");
        yield return new ChildWorkflowCompleted(23, Json("9"));
        yield return new ChildWorkflowFailed(23, Failures[5], RetryState.CancelRequested);
        yield return new ChildWorkflowCanceled(23, [Json("10")]);
        yield return new ChildWorkflowTimedOut(23, RetryState.InternalServerError);
        yield return new ChildWorkflowTerminated(23);
        yield return new ExternalSignalInitiated("other", "run-o", "poke", [Json("11")])
        {
            ChildOnly = true,
            Headers = Map,
            Start = Started(),
            IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate,
            IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting,
        };
        yield return new ExternalSignalClosed(31, Failures[6]) { RunId = "run-o" };
        yield return new ExternalCancelInitiated("other", "run-o", "enough") { ChildInitiatedEventId = 23 };
        yield return new ExternalCancelClosed(33, Simple);
        yield return new PatchMarked("new-price", true);
        yield return new PropertiesUpserted(
            new Dictionary<string, Payload?> { ["a"] = Json("1"), ["b"] = null },
            new Dictionary<string, Payload?> { ["Tier"] = Typed, ["Gone"] = null });
        yield return new WorkflowPropertiesModified(
            new Dictionary<string, Payload?> { ["b"] = Json("2"), ["c"] = null },
            new Dictionary<string, Payload?> { ["Tier"] = null, ["Rank"] = Typed }) { Identity = "ann" };
    }

    /// <summary>A usual small run: what most segments look like.</summary>
    public static IReadOnlyList<HistoryEvent> Usual { get; } =
    [
        .. new HistoryEvent[]
        {
            new WorkflowStarted("Order", "main", [Json("{\"id\":7}")]) { RunId = "run-1", FirstRunId = "run-1", Attempt = 1, FirstRunStarted = Start, RandomSeed = 99 },
            new WorkflowTaskCompleted("host-1", "build-7"),
            new ActivityScheduled("1", "Pay", "main", [Json("1")]) { StartToCloseTimeout = TimeSpan.FromSeconds(30) },
            new ActivityCompleted(3, Json("true")) { Started = Start.AddMilliseconds(3), Identity = "host-1" },
            new WorkflowTaskCompleted("host-1", "build-7"),
            new TimerStarted("1", TimeSpan.FromSeconds(5)),
            new TimerFired(6),
            new WorkflowTaskCompleted("host-1", "build-7"),
            new WorkflowCompleted(null),
        }.Select((e, i) => e with { Id = i + 1, Time = Start.AddMilliseconds(i * 7) }),
    ];
}
