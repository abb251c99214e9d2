using System.Reflection;
using CsCheck;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;

namespace Core.Tests.History;

/// <summary>Random events of every kind: a sample of the kind, each of its properties kept or replaced by any value of its type.</summary>
internal static class EventGens
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static readonly Gen<string> Text = Gen.String[Gen.Char[' ', '\uD7FF'], 0, 40];

    private static readonly Gen<TimeSpan> Span = Gen.Long.Select(TimeSpan.FromTicks);

    private static readonly Gen<DateTimeOffset> Time = Gen.DateTime.Select(t => new DateTimeOffset(DateTime.SpecifyKind(t, DateTimeKind.Utc)));

    private static readonly Gen<byte[]> Json =
        OneOf("1", "\"ü\\u00fc\"", " 1", "{\"a\": [1, 2]}", "[\"\\ud800\"]", "{}x", "", new string('[', 40) + new string(']', 40)).Select(System.Text.Encoding.UTF8.GetBytes);

    private static readonly Gen<Payload> Payload =
        from keys in Text.HashSet[0, 3]
        from kind in Gen.Int[0, 3]
        from data in Gen.Byte.Array[0, 300]
        from json in Json
        from blob in Text.Null()
        from size in Gen.Int[1, int.MaxValue]
        select kind switch
        {
            0 => new Payload(EventSamples.Json("").Metadata, data),
            1 => new Payload(EventSamples.Json("").Metadata, json),
            2 => new Payload(EventSamples.Typed.Metadata, json),
            _ => new Payload(MetadataDictionary.Fixed(keys.ToDictionary(k => k, _ => ByteString.CopyFrom(data))), blob is null ? data : default) { BlobName = blob, OriginalSize = blob is null ? data.Length : size },
        };

    private static readonly Gen<IReadOnlyList<Payload>> Payloads = Payload.List[0, 3].Select(l => (IReadOnlyList<Payload>)l);

    private static readonly Gen<IReadOnlyDictionary<string, Payload>> Map = Gen.Dictionary(Text, Payload)[0, 4].Select(m => (IReadOnlyDictionary<string, Payload>)m);

    private static readonly Gen<IReadOnlyDictionary<string, Payload?>> MapWithNulls =
        Gen.Dictionary(Text, Payload.Null())[0, 4].Select(m => (IReadOnlyDictionary<string, Payload?>)m);

    private static readonly Gen<RetryPolicy> Retry =
        from times in Gen.Select(Span, Span.Nullable())
        from coefficient in Gen.Single.Where(f => !float.IsNaN(f))
        from attempts in Gen.Int
        from types in Text.List[0, 2]
        select new RetryPolicy
        {
            InitialInterval = times.Item1,
            MaximumInterval = times.Item2,
            BackoffCoefficient = coefficient,
            MaximumAttempts = attempts,
            NonRetryableErrorTypes = types,
        };

    private static readonly Gen<FailureInfo> Info = Gen.Select(Text, Text.Null(), Payloads, Gen.Bool, Gen.Int, Gen.Long, Span.Nullable()).SelectMany(
        (text, optional, details, flag, number, id, delay) => OneOf<FailureInfo>(
            new ApplicationFailureInfo(optional, flag) { Details = details, NextRetryDelay = delay, Category = (ApplicationErrorCategory)number },
            new TimeoutFailureInfo((TimeoutType)number) { LastHeartbeatDetails = details },
            new CanceledFailureInfo(details),
            new TerminatedFailureInfo(),
            new ServerFailureInfo(flag),
            new ActivityFailureInfo(id, text, text, optional, (RetryState)number),
            new ChildWorkflowFailureInfo(text, text, text, text, id, (RetryState)number)));

    private static readonly Gen<Failure> Failure = Gen.Recursive<Failure>((depth, self) =>
        from message in Text
        from texts in Gen.Select(Text.Null(), Text.Null())
        from info in Info
        from encoded in Payload.Null()
        from cause in depth > 4 ? Gen.Const((Failure?)null) : self.Null()
        select new Failure(message, info) { Source = texts.Item1, StackTrace = texts.Item2, EncodedAttributes = encoded, Cause = cause });

    private static readonly Dictionary<Type, Gen<object>> Values = new()
    {
        [typeof(string)] = Text.Select(v => (object)v),
        [typeof(bool)] = Gen.Bool.Select(v => (object)v),
        [typeof(int)] = Gen.Int.Select(v => (object)v),
        [typeof(long)] = Gen.Long.Select(v => (object)v),
        [typeof(ulong)] = Gen.ULong.Select(v => (object)v),
        [typeof(TimeSpan)] = Span.Select(v => (object)v),
        [typeof(DateTimeOffset)] = Time.Select(v => (object)v),
        [typeof(Payload)] = Payload.Select(v => (object)v),
        [typeof(IReadOnlyList<Payload>)] = Payloads.Select(v => (object)v),
        [typeof(Failure)] = Failure.Select(v => (object)v),
        [typeof(RetryPolicy)] = Retry.Select(v => (object)v),
        [typeof(PriorityInfo)] = Gen.Select(Gen.Int.Nullable(), Text.Null(), Gen.Single.Where(f => !float.IsNaN(f)).Nullable()).Select(v => (object)new PriorityInfo(v.Item1, v.Item2, v.Item3)),
        [typeof(ParentLink)] = Gen.Select(Text, Text, Gen.Long, Gen.Int).Select(v => (object)new ParentLink(v.Item1, v.Item2, v.Item3, (Serverless.Workflows.ParentClosePolicy)v.Item4)),
        [typeof(IReadOnlyList<string>)] = Text.List[0, 3].Select(v => (object)v),
        [typeof(IReadOnlyList<WorkflowLink>)] = Gen.Select(Text, Text, (id, run) => new WorkflowLink(id, run)).List[0, 3].Select(v => (object)v),
        [typeof(CloseNotice)] = Gen.Select(Text, Text, Text).Select(v => (object)new CloseNotice(v.Item1, v.Item2, v.Item3)),
        [typeof(WorkflowLink)] = Gen.Select(Text, Text).Select(v => (object)new WorkflowLink(v.Item1, v.Item2)),
    };

    public static readonly Gen<HistoryEvent> Event = Gen.Int[0, EventSamples.All.Count - 1].SelectMany(i => Varied(EventSamples.All[i]));

    /// <summary>Up to 30 consecutive events.</summary>
    public static readonly Gen<IReadOnlyList<HistoryEvent>> Events =
        from first in Gen.Long[0, long.MaxValue / 2]
        from events in Gen.Select(Event, Time).List[0, 30]
        select (IReadOnlyList<HistoryEvent>)[.. events.Select((e, i) => e.Item1 with { Id = first + i, Time = e.Item2 })];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<HistoryEvent> Varied(HistoryEvent sample) => Dump.Properties(sample.GetType())
        .Where(p => p.CanWrite && p.Name is not (nameof(HistoryEvent.Id) or nameof(HistoryEvent.Time)))
        .Aggregate(Gen.Const(sample), (events, property) =>
            from e in events
            from change in Gen.Bool
            from value in ValueOf(property)
            select change ? With(e, property, value) : e);

    private static HistoryEvent With(HistoryEvent e, PropertyInfo property, object? value)
    {
        var copy = e with { };
        property.SetValue(copy, value);
        return copy;
    }

    private static Gen<object?> ValueOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var value = type.IsEnum ? Gen.Int.Select(n => Enum.ToObject(type, n))
            : type == typeof(IReadOnlyDictionary<string, Payload>) ? MapOf(property)
            : type == typeof(WorkflowStarted) ? Varied(EventSamples.All.OfType<ExternalSignalInitiated>().Single().Start!).Select(e => (object)e)
            : Values[type];
        return Nullability.Create(property).WriteState == NullabilityState.Nullable ? value.Null() : value.Select(v => (object?)v);
    }

    private static Gen<object> MapOf(PropertyInfo property) =>
        Nullability.Create(property).GenericTypeArguments[1].ReadState == NullabilityState.Nullable ? MapWithNulls.Select(m => (object)m) : Map.Select(m => (object)m);
}
