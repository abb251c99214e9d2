using Serverless.Converters;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>Replaces the payloads of events: to move large ones to blobs and to bring them back. Failures keep theirs: they are small by rule.</summary>
internal static class EventPayloads
{
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
        ExternalSignalInitiated x => x with { Args = List(x.Args, map), Headers = Dictionary(x.Headers, map) },
        _ => e,
    };

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
