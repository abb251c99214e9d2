using Core.Tests.Tidy;
using Serverless.Converters;
using Serverless.History;

namespace Core.Tests.History;

/// <summary>
/// Bytes that a released version wrote are read for ever. A file in Golden is never changed or deleted; a new format adds files with the next number. To record a new
/// one, run with RECORD_GOLDEN=1: existing files are left alone.
/// </summary>
[TestClass]
public sealed class GoldenSegmentTests
{
    private static readonly string Folder = Path.Combine(SourceTree.Root, "tests", "Core.Tests", "History", "Golden");

    private static readonly IReadOnlyList<HistoryEvent> Merged =
        [.. Enumerable.Range(0, 300).Select(i => EventSamples.Usual[2 + (i % 6)] with { Id = 1_000 + i, Time = EventSamples.Start.AddSeconds(i) })];

    private static readonly IReadOnlyList<HistoryEvent> Large =
        [new WorkflowCompleted(new Payload(EventSamples.Json("").Metadata, Enumerable.Range(0, 70_000).Select(i => (byte)(i * i)).ToArray())) { Id = 70_000, Time = EventSamples.Start }];

    private static readonly IReadOnlyList<HistoryEvent> BeforeOperations =
        [.. EventSamples.All.Where(static e => e is not WorkflowPropertiesModified).Select(static e => e switch
        {
            WorkflowStarted x => x with { OnClose = null },
            ExternalSignalInitiated x => x with { Start = x.Start! with { OnClose = null } },
            WorkflowTerminated x => x with { KeptEventId = 0 },
            WorkflowResetMarked x => x with { FromWorkflowId = "", Into = null, FirstRunId = "", Aliases = [], Ended = [] },
            _ => e,
        })];

    private static readonly IReadOnlyList<HistoryEvent> BeforeSignalWithStart =
        [.. BeforeOperations.Select(static e => e switch
        {
            ExternalSignalInitiated x => x with { Start = null, IdReusePolicy = default, IdConflictPolicy = default },
            ExternalSignalClosed x => x with { RunId = null },
            _ => e,
        })];

    private static readonly IReadOnlyList<HistoryEvent> BeforeQueueing =
        [.. BeforeSignalWithStart.Select(static e => e is ActivityScheduled activity ? activity with { GoesToQueue = false } : e)];

    private static readonly IReadOnlyList<HistoryEvent> BeforeVersioning =
        [.. BeforeQueueing.Select(static e => e switch
        {
            WorkflowStarted x => x with { VersioningOverride = default },
            WorkflowContinuedAsNew x => x with { InitialVersioning = default },
            WorkflowFailed x => x with { WithoutTask = false },
            _ => e,
        })];

    private static readonly IReadOnlyList<HistoryEvent> BeforeHistoryBytes =
        [.. BeforeVersioning.Select(static e => e is WorkflowTaskCompleted task ? task with { HistoryBytes = 0 } : e)];

    public static IEnumerable<object[]> Cases =>
    [
        ["empty.1", (IReadOnlyList<HistoryEvent>)[]],
        ["every-kind.1", BeforeHistoryBytes],
        ["every-kind.2", BeforeVersioning],
        ["every-kind.3", BeforeQueueing],
        ["every-kind.4", BeforeSignalWithStart],
        ["every-kind.5", BeforeOperations],
        ["every-kind.6", EventSamples.All],
        ["large-payload.1", Large],
        ["merged.1", Merged],
        ["usual.1", EventSamples.Usual],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Decode_RecordedBytes_GivesTheRecordedEvents(string name, object events) =>
        Assert.AreEqual(Dump.Of(events), Dump.Of(EventCodec.Decode(Recorded(name, (IReadOnlyList<HistoryEvent>)events))));

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Encode_Today_WritesTheRecordedContent(string name, object events)
    {
        // The content, not the compressed bytes: those may differ from one version of the framework's compressor to the next.
        var today = EventCodec.Encode((IReadOnlyList<HistoryEvent>)events);
        var recorded = Recorded(name, (IReadOnlyList<HistoryEvent>)events);
        CollectionAssert.AreEqual(Envelope.Open(recorded).ToArray(), Envelope.Open(today).ToArray());
        Assert.AreEqual(recorded[1], today[1], "Compressed or not must stay as it was.");
        if (recorded[1] == 0)
        {
            CollectionAssert.AreEqual(recorded, today);
        }
    }

    [TestMethod]
    public void EveryGoldenFile_IsReplayed() =>
        CollectionAssert.AreEquivalent(
            Cases.Select(c => (string)c[0]).ToArray(), Directory.GetFiles(Folder, "*.bin").Select(f => Path.GetFileNameWithoutExtension(f)).ToArray());

    private static byte[] Recorded(string name, IReadOnlyList<HistoryEvent> events)
    {
        var path = Path.Combine(Folder, name + ".bin");
        if (!File.Exists(path) && Environment.GetEnvironmentVariable("RECORD_GOLDEN") == "1")
        {
            File.WriteAllBytes(path, EventCodec.Encode(events));
        }

        return File.ReadAllBytes(path);
    }
}
