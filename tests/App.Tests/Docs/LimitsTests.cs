using System.Globalization;
using System.Reflection;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.Functions;
using Serverless.Functions.Http;
using Serverless.History;
using Serverless.Operations;
using Serverless.Operations.Schedules;
using Serverless.Testbed;
using Serverless.Visibility;

namespace App.Tests.Docs;

/// <summary>The page of limits says the numbers that hold.</summary>
[TestClass]
public sealed class LimitsTests
{
    private static readonly EngineLimits Engine = new();

    /// <summary>What is no limit that anybody meets: how things are stored.</summary>
    private static readonly string[] Inner = [nameof(EngineLimits.SegmentBlobThreshold), nameof(EngineLimits.MergeSegments), nameof(EngineLimits.TimerHorizon)];

    /// <summary>The beginning of a row, and the numbers in it; the names of the limits of the engine that they are.</summary>
    private static readonly (string Row, string[] Numbers, string[] Limits)[] Rows =
    [
        ("workflow id", [Number(WorkflowKey.MaxIdLength), Number(WorkflowKey.MaxEscapedLength)], []),
        ("workflow id over HTTP", [Number(WorkflowIdRules.MaxLength)], []),
        ("workflow type, activity type", [Number(NameLimits.MaxName)], []),
        ("request id, update id", [Number(WorkflowKey.MaxIdLength), Number(WorkflowKey.MaxEscapedLength)], []),
        ("reason, summary", [Number(NameLimits.MaxText)], []),
        ("payload:", [Bytes(Engine.MaxPayloadBytes)], [nameof(EngineLimits.MaxPayloadBytes)]),
        ("payload above which", [Bytes(Engine.PayloadBlobThreshold)], [nameof(EngineLimits.PayloadBlobThreshold)]),
        ("body of an HTTP request", [Bytes(new ServerlessWorkflowsOptions().MaxRequestBytes)], []),
        ("nesting of JSON", [$"{JsonTexts.MaxDepth} levels", $"{HistoryJson.MaxDepth} in"], []),
        ("line of an import", [Number(JsonLines.MaxLine)], []),
        ("list filter", [Number(FilterParser.MaxLength), $"{FilterParser.MaxNesting} levels"], []),
        ("page token", [Number(PageToken.MaxLength)], []),
        ("failure message", [$"{DefaultFailureConverter.MaxMessageBytes / 1024} KB", $"{DefaultFailureConverter.MaxStackTraceBytes / 1024} KB", $"{DefaultFailureConverter.MaxCauses};"], []),
        ("history of one run", [Number(Engine.MaxHistoryEvents), Bytes(Engine.MaxHistoryBytes)], [nameof(EngineLimits.MaxHistoryEvents), nameof(EngineLimits.MaxHistoryBytes)]),
        ("memo of a workflow", [$"{Number(Engine.MaxValues)} values", Bytes(Engine.MaxMemoBytes)], [nameof(EngineLimits.MaxMemoBytes)]),
        ("search attributes of a workflow", [Number(Engine.MaxSearchAttributes), Bytes(Engine.MaxSearchAttributeBytes)],
            [nameof(EngineLimits.MaxSearchAttributes), nameof(EngineLimits.MaxSearchAttributeBytes)]),
        ("arguments of one call", [$"{Number(Engine.MaxValues)} values", Bytes(Engine.MaxCallBytes)], [nameof(EngineLimits.MaxValues), nameof(EngineLimits.MaxCallBytes)]),
        ("what code asks for", [Bytes(Engine.MaxTaskBytes)], [nameof(EngineLimits.MaxTaskBytes)]),
        ("stored record", [Bytes(Envelope.MaxContent), $"{Number(EventCodec.MaxEvents)} events"], []),
        ("waiting over HTTP", [$"{RequestParts.MaxWait.TotalSeconds} s"], []),
        ("messages taken by one commit", [$"{Engine.MaxInboxPerCommit};"], [nameof(EngineLimits.MaxInboxPerCommit)]),
        ("pending activities", [$"{Number(Engine.MaxPending)} each"], [nameof(EngineLimits.MaxPending)]),
        ("pending timers", [Number(Engine.MaxPendingTimers)], [nameof(EngineLimits.MaxPendingTimers)]),
        ("updates that a run accepts", [Number(Engine.MaxUpdates)], [nameof(EngineLimits.MaxUpdates)]),
        ("messages that wait", [Number(Engine.MaxInbox), Bytes(Engine.MaxInboxBytes)], [nameof(EngineLimits.MaxInbox), nameof(EngineLimits.MaxInboxBytes)]),
        ("HTTP requests that wait", [Number(WaitLimit.Default)], []),
        ("batch id", [$"1 to {BatchService.MaxIdLength} characters"], []),
        ("schedule id", [$"1 to {ScheduleService.MaxIdLength} characters", $"1 to {ScheduleService.MaxActionIdLength}, a time"], []),
        ("reason of a batch, note of a schedule", [Number(BatchService.MaxReasonLength), Number(ScheduleService.MaxNoteLength)], []),
        ("what a batch gives", [$"{Number(BatchService.MaxValueBytes)} bytes", $"{Number(ScheduleService.MaxStartBytes)} bytes"], []),
        ("operations of a batch", [$"1 to {Number(BatchService.MaxRate)}"], []),
        ("spans that are filled back", [Number(ScheduleService.MaxBackfills)], []),
    ];

    [TestMethod]
    public void Page_names_every_limit_with_its_number()
    {
        var lines = File.ReadAllLines(RepositoryRoot.PathOf("docs/concepts/limits.md"));
        foreach (var (row, numbers, _) in Rows)
        {
            var found = lines.Where(l => l.StartsWith($"| {row}", StringComparison.Ordinal)).ToList();
            Assert.IsNotEmpty(found, $"No row begins with '{row}'.");
            foreach (var number in numbers)
            {
                Assert.Contains(number, found[0]);
            }
        }
    }

    [TestMethod]
    public void Every_limit_of_the_engine_is_on_the_page()
    {
        var limits = typeof(EngineLimits).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(static p => p.Name).Where(static n => n != "EqualityContract");
        CollectionAssert.AreEquivalent(limits.ToArray(), Rows.SelectMany(static r => r.Limits).Concat(Inner).ToArray());
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) => bytes % (1024 * 1024) == 0 ? $"{bytes / 1024 / 1024} MiB" : $"{bytes / 1024} KiB";
}
