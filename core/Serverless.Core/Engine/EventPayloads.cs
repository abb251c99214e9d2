using Serverless.Converters;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>Replaces the payloads of events: to move large ones to blobs and to bring them back, and to encode and decode them.</summary>
internal static class EventPayloads
{
    /// <summary>Replaces the payloads that may be large. Failures and details keep theirs: they are small by rule.</summary>
    public static HistoryEvent Map(HistoryEvent e, Func<Payload, Payload> map) => e switch
    {
        WorkflowStarted x => x with
        {
            Args = List(x.Args, map),
            Memo = Dictionary(x.Memo, map),
            Headers = Dictionary(x.Headers, map),
            LastResult = Optional(x.LastResult, map),
        },
        WorkflowCompleted x => x with { Result = Optional(x.Result, map) },
        WorkflowContinuedAsNew x => x with { Args = List(x.Args, map), Headers = Dictionary(x.Headers, map) },
        WorkflowSignaled x => x with { Args = List(x.Args, map), Headers = Dictionary(x.Headers, map) },
        WorkflowUpdateAccepted x => x with { Args = List(x.Args, map), Headers = Dictionary(x.Headers, map) },
        WorkflowUpdateCompleted x => x with { Result = Optional(x.Result, map) },
        ActivityScheduled x => x with { Args = List(x.Args, map), Headers = Dictionary(x.Headers, map) },
        ActivityCompleted x => x with { Result = Optional(x.Result, map) },
        ChildWorkflowInitiated x => x with
        {
            Args = List(x.Args, map),
            Memo = Dictionary(x.Memo, map),
            Headers = Dictionary(x.Headers, map),
        },
        ChildWorkflowCompleted x => x with { Result = Optional(x.Result, map) },
        ExternalSignalInitiated x => x with
        {
            Args = List(x.Args, map),
            Headers = Dictionary(x.Headers, map),
            Start = x.Start is null ? null : (WorkflowStarted)Map(x.Start, map),
        },
        _ => e,
    };

    /// <summary>Replaces all payloads that a codec encodes: those of failures and details too, search attributes not. Their order is the same every time.</summary>
    public static HistoryEvent MapAll(HistoryEvent e, Func<Payload, Payload> map) => Map(e, map) switch
    {
        WorkflowStarted x => x with { LastFailure = Optional(x.LastFailure, map) },
        WorkflowFailed x => x with { Failure = Failure(x.Failure, map) },
        WorkflowCanceled x => x with { Details = List(x.Details, map) },
        WorkflowContinuedAsNew { Memo: { } memo } x => x with { Memo = Dictionary(memo, map) },
        WorkflowUpdateCompleted x => x with { Failure = Optional(x.Failure, map) },
        ActivityFailed x => x with { Failure = Failure(x.Failure, map) },
        ActivityTimedOut x => x with { Failure = Failure(x.Failure, map) },
        ActivityCanceled x => x with { Details = List(x.Details, map) },
        ChildWorkflowFailed x => x with { Failure = Failure(x.Failure, map) },
        ChildWorkflowCanceled x => x with { Details = List(x.Details, map) },
        PropertiesUpserted x => x with { Memo = Changes(x.Memo, map) },
        WorkflowPropertiesModified x => x with { Memo = Changes(x.Memo, map) },
        var other => other,
    };

    /// <summary>Bytes of the payloads of an event: of all, and of those that stay in the record when those above a threshold are moved to blobs.</summary>
    public static (long All, long Inline) Weigh(HistoryEvent e, int threshold)
    {
        var (all, moved) = (0L, 0L);
        MapAll(e, payload =>
        {
            all += payload.Data.Length;
            return payload;
        });
        Map(e, payload =>
        {
            moved += payload.Data.Length > threshold ? payload.Data.Length : 0;
            return payload;
        });
        return (all, all - moved);
    }

    private static Dictionary<string, Payload?> Changes(IReadOnlyDictionary<string, Payload?> memo, Func<Payload, Payload> map) =>
        memo.OrderBy(static m => m.Key, StringComparer.Ordinal).ToDictionary(static m => m.Key, m => Optional(m.Value, map));

    private static Failure Failure(Failure failure, Func<Payload, Payload> map) => failure with
    {
        Info = failure.Info switch
        {
            ApplicationFailureInfo i => i with { Details = List(i.Details, map) },
            TimeoutFailureInfo i => i with { LastHeartbeatDetails = List(i.LastHeartbeatDetails, map) },
            CanceledFailureInfo i => i with { Details = List(i.Details, map) },
            var info => info,
        },
        EncodedAttributes = Optional(failure.EncodedAttributes, map),
        Cause = Optional(failure.Cause, map),
    };

    private static Failure? Optional(Failure? failure, Func<Payload, Payload> map) => failure is null ? null : Failure(failure, map);

    private static Payload[] List(IReadOnlyList<Payload> payloads, Func<Payload, Payload> map)
    {
        var mapped = new Payload[payloads.Count];
        for (var i = 0; i < mapped.Length; i++)
        {
            mapped[i] = map(payloads[i]);
        }

        return mapped;
    }

    private static IReadOnlyDictionary<string, Payload> Dictionary(IReadOnlyDictionary<string, Payload> payloads, Func<Payload, Payload> map)
    {
        if (payloads.Count == 0)
        {
            return payloads;
        }

        var mapped = new SortedDictionary<string, Payload>(StringComparer.Ordinal);
        foreach (var (key, value) in payloads)
        {
            mapped[key] = map(value);
        }

        return mapped;
    }

    private static Payload? Optional(Payload? payload, Func<Payload, Payload> map) => payload is null ? null : map(payload);
}
