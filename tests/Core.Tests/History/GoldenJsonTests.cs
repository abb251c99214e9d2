using Core.Tests.Tidy;
using Serverless.History;

namespace Core.Tests.History;

/// <summary>
/// Histories that a released version exported are read for ever, see <see cref="GoldenSegmentTests"/>: they lie beside other people's tests. To record a new one, run
/// with RECORD_GOLDEN=1.
/// </summary>
[TestClass]
public sealed class GoldenJsonTests
{
    private static readonly string Folder = Path.Combine(SourceTree.Root, "tests", "Core.Tests", "History", "Golden");

    public static IEnumerable<object[]> Cases =>
    [
        ["every-kind.1", EventSamples.All],
        ["every-failure.1", (IReadOnlyList<HistoryEvent>)[.. EventSamples.Failures.Select(static (f, i) => new ExternalSignalClosed(1, f) { Id = i + 1, Time = EventSamples.Start })]],
        ["defaults.1", (IReadOnlyList<HistoryEvent>)[.. EventDefaultsTests.Bare.Select(static (e, i) => e with { Id = i + 1, Time = EventSamples.Start })]],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Read_RecordedText_GivesTheRecordedEvents(string name, object events) =>
        Assert.AreEqual(Dump.Of(events), Dump.Of(HistoryJson.Read(Recorded(name, (IReadOnlyList<HistoryEvent>)events))));

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Write_Today_GivesTheRecordedText(string name, object events) =>
        Assert.AreEqual(Recorded(name, (IReadOnlyList<HistoryEvent>)events), HistoryJson.Write((IReadOnlyList<HistoryEvent>)events));

    [TestMethod]
    public void EveryGoldenFile_IsRead() =>
        CollectionAssert.AreEquivalent(
            Cases.Select(c => (string)c[0]).ToArray(), Directory.GetFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).ToArray());

    private static string Recorded(string name, IReadOnlyList<HistoryEvent> events)
    {
        var path = Path.Combine(Folder, name + ".json");
        if (!File.Exists(path) && Environment.GetEnvironmentVariable("RECORD_GOLDEN") == "1")
        {
            File.WriteAllText(path, HistoryJson.Write(events));
        }

        return File.ReadAllText(path);
    }
}
