using CsCheck;
using Serverless.Api.Enums.V1;
using Serverless.Converters;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class EventCodecPropertyTests
{
    private static readonly Gen<string> GenText = Gen.String[Gen.Char[' ', '\uD7FF'], 0, 40];

    private static readonly Gen<TimeSpan?> GenSpan = Gen.OneOf(Gen.Const((TimeSpan?)null), Gen.Long.Select(t => (TimeSpan?)TimeSpan.FromTicks(t)));

    private static readonly Gen<Payload> GenPayload =
        from keys in GenText.HashSet[0, 3]
        from known in Gen.Bool
        from data in Gen.Byte.Array[0, 300]
        from blob in Gen.OneOf(Gen.Const((string?)null), GenText.Select(t => (string?)t))
        from size in Gen.Int[1, int.MaxValue]
        select known
            ? new Payload(EventSamples.Json("").Metadata, data)
            : new Payload(MetadataDictionary.Fixed(keys.ToDictionary(k => k, _ => ByteString.CopyFrom(data))), blob is null ? data : default) { BlobName = blob, OriginalSize = blob is null ? data.Length : size };

    private static readonly Gen<IReadOnlyList<Payload>> GenPayloads = GenPayload.List[0, 3].Select(l => (IReadOnlyList<Payload>)l);

    private static readonly Gen<Dictionary<string, Payload>> GenMap = Gen.Dictionary(GenText, GenPayload)[0, 4];

    private static readonly Gen<Failure> GenFailure = Gen.Recursive<Failure>((depth, self) =>
        from message in GenText
        from type in GenText
        from details in GenPayloads
        from delay in GenSpan
        from cause in depth > 4 ? Gen.Const((Failure?)null) : Gen.OneOf(Gen.Const((Failure?)null), self.Select(f => (Failure?)f))
        select new Failure(message, new ApplicationFailureInfo(type, details.Count == 1) { Details = details, NextRetryDelay = delay }) { StackTrace = type, Cause = cause });

    private static readonly Gen<HistoryEvent> GenEvent = Gen.OneOf(
        Gen.Select(GenText, GenText, GenPayloads, GenSpan, GenMap).Select(HistoryEvent (id, type, args, span, headers) =>
            new ActivityScheduled(id, type, type, args) { StartToCloseTimeout = span, Headers = headers, IsLocal = span is null }),
        Gen.Select(Gen.Long, GenPayload, Gen.Int, GenSpan).Select(HistoryEvent (id, result, attempt, span) =>
            new ActivityCompleted(id, span is null ? null : result) { Attempt = attempt }),
        Gen.Select(Gen.Long, GenFailure, Gen.Enum<RetryState>()).Select(HistoryEvent (id, failure, state) => new ActivityFailed(id, failure, state)),
        Gen.Select(GenText, Gen.Long).Select(HistoryEvent (id, ticks) => new TimerStarted(id, TimeSpan.FromTicks(ticks)) { Summary = id }),
        Gen.Select(GenText, GenPayloads, GenMap).Select(HistoryEvent (name, args, map) => new WorkflowSignaled(name, args) { Headers = map, RequestId = name }),
        Gen.Select(GenMap, GenMap, Gen.Bool).Select(HistoryEvent (memo, attributes, drop) =>
            new PropertiesUpserted(memo.ToDictionary(e => e.Key, e => drop ? null : (Payload?)e.Value), attributes!)),
        Gen.Select(GenText, Gen.ULong, GenPayloads).Select(HistoryEvent (type, seed, args) => new WorkflowStarted(type, type, args) { RandomSeed = seed, RunId = type }));

    private static readonly Gen<IReadOnlyList<HistoryEvent>> GenEvents =
        from first in Gen.Long[0, long.MaxValue / 2]
        from events in Gen.Select(GenEvent, Gen.DateTime).List[0, 30]
        select (IReadOnlyList<HistoryEvent>)[.. events.Select((e, i) => e.Item1 with { Id = first + i, Time = new DateTimeOffset(DateTime.SpecifyKind(e.Item2, DateTimeKind.Utc)) })];

    [TestMethod]
    public void Decode_AfterEncode_GivesTheSameEvents() =>
        GenEvents.Sample(events => Dump.Of(EventCodec.Decode(EventCodec.Encode(events))) == Dump.Of(events), iter: 1_000, threads: 1);

    [TestMethod]
    public void Encode_AfterDecode_GivesTheSameBytes() =>
        GenEvents.Sample(
            events =>
            {
                var bytes = EventCodec.Encode(events);
                return bytes.AsSpan().SequenceEqual(EventCodec.Encode(EventCodec.Decode(bytes)));
            },
            iter: 500,
            threads: 1);
}
