using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>
/// The border between the engine, where every payload is encoded, and workflow code, which sees decoded ones. Clients and activities have theirs at their own
/// edges. So rows, messages and the cache hold nothing that a codec would hide. Without a codec everything is handed through as it is.
/// </summary>
internal sealed class PayloadCoding(DataConverter converter, string hub)
{
    private readonly IPayloadCodec? _codec = converter.PayloadCodec;
    private readonly IWithSerializationContext<IPayloadCodec>? _aware = converter.PayloadCodec as IWithSerializationContext<IPayloadCodec>;

    /// <summary>Recorded or new events as the code may see them. Commands stay as they are: replay compares what they are, not what they carry.</summary>
    /// <exception cref="WorkflowTaskFailedException">The codec failed.</exception>
    public async Task<IReadOnlyList<T>> DecodeAsync<T>(LiveRun run, IReadOnlyList<T> events)
        where T : HistoryEvent
    {
        if (_codec is null)
        {
            return events;
        }

        var inputs = new Queue<HistoryEvent>(await ApplyAsync(run, [.. events.Where(static e => e is InputEvent)], decode: true));
        return [.. events.Select(e => e is InputEvent ? (T)inputs.Dequeue() : e)];
    }

    /// <summary>What a task did, as it is stored. Its inputs are taken as they came: encoding them again might give other bytes.</summary>
    /// <exception cref="WorkflowTaskFailedException">The codec failed.</exception>
    public async Task<WorkflowTaskOutcome> EncodeAsync(LiveRun run, IReadOnlyList<InputEvent> inputs, WorkflowTaskOutcome outcome)
    {
        if (_codec is null)
        {
            return outcome;
        }

        var refused = outcome.RejectedUpdates.Select(static r => r.UpdateId).ToHashSet(StringComparer.Ordinal);
        var stored = new Queue<InputEvent>(inputs.Where(e => e is not WorkflowUpdateAccepted update || !refused.Contains(update.UpdateId)));
        var commands = new Queue<HistoryEvent>(await ApplyAsync(run, [.. outcome.Events.Where(static e => e is CommandEvent)], decode: false));
        var rejections = await ApplyAsync(
            run, [.. outcome.RejectedUpdates.Select(static r => new WorkflowUpdateCompleted(r.UpdateId, 0, null, r.Failure))], decode: false);
        return new WorkflowTaskOutcome(
            [.. outcome.Events.Select(e => e switch
            {
                InputEvent => stored.Dequeue() with { Id = e.Id },
                CommandEvent => commands.Dequeue(),
                _ => e,
            })],
            [.. rejections.Cast<WorkflowUpdateCompleted>().Select(static r => new RejectedUpdate(r.UpdateId, r.Failure!))]);
    }

    /// <summary>A history of one workflow id as one of another id, where the codec makes a difference between the two.</summary>
    /// <exception cref="WorkflowTaskFailedException">The codec failed.</exception>
    public async Task<IReadOnlyList<HistoryEvent>> TranscodeAsync(string fromWorkflowId, string toWorkflowId, IReadOnlyList<HistoryEvent> events) => _aware is null
        ? events
        : await ApplyAsync(
            LiveRun.FromHistory(toWorkflowId, events), await ApplyAsync(LiveRun.FromHistory(fromWorkflowId, events), events, decode: true), decode: false);

    /// <summary>Asks a query in the code's terms.</summary>
    /// <exception cref="WorkflowTaskFailedException">The codec failed.</exception>
    public async Task<Payload?> QueryAsync(
        LiveRun run,
        IReadOnlyList<Payload> args,
        IReadOnlyDictionary<string, Payload> headers,
        Func<IReadOnlyList<Payload>, IReadOnlyDictionary<string, Payload>, Task<Payload?>> ask)
    {
        if (_codec is null)
        {
            return await ask(args, headers);
        }

        // The event only carries the payloads through the one way that there is for them.
        var question = (WorkflowSignaled)(await ApplyAsync(run, [new WorkflowSignaled("", args) { Headers = headers }], decode: true))[0];
        var answer = new WorkflowCompleted(await ask(question.Args, question.Headers));
        return ((WorkflowCompleted)(await ApplyAsync(run, [answer], decode: false))[0]).Result;
    }

    /// <summary>The end of a run whose code can't be asked.</summary>
    public async Task<WorkflowFailed> EncodeAsync(LiveRun run, Exception failure)
    {
        var failed = new WorkflowFailed(converter.FailureConverter.ToFailure(failure, converter.PayloadConverter), RetryState.NonRetryableFailure) { WithoutTask = true };
        return _codec is null ? failed : (WorkflowFailed)(await ApplyAsync(run, [failed], decode: false))[0];
    }

    /// <summary>A value of the engine's own, as the workflow of the platform that it is sent to gets it: those have a converter of their own.</summary>
    public async Task<Payload> EncodeAsync(string workflowId, object value)
    {
        var codec = _aware?.WithSerializationContext(new ISerializationContext.Workflow(hub, workflowId)) ?? _codec;
        return (await codec.EncodeOneAsync(DataConverter.Default.PayloadConverter.ToPayload(value)))!;
    }

    /// <summary>An event of a run in wire form, its payloads decoded; null when it is too large, or the codec fails.</summary>
    public async Task<byte[]?> WireFormAsync(LiveRun run, HistoryEvent e, int maxBytes)
    {
        try
        {
            var decoded = _codec is null ? e : (await ApplyAsync(run, [e], decode: true))[0];
            var bytes = EventCodec.Encode([decoded with { Id = 1 }]);
            return bytes.Length <= maxBytes ? bytes : null;
        }
        catch (WorkflowTaskFailedException)
        {
            return null;
        }
    }

    /// <summary>A note as it is stored: as it is, or with its message encoded where the messages of failures are. A codec that fails keeps nobody from noting that.</summary>
    public async Task<BlockedNote> HideAsync(LiveRun run, BlockedNote note)
    {
        if (_codec is null)
        {
            return note;
        }

        try
        {
            var failure = converter.FailureConverter.ToFailure(new ApplicationFailureException(note.Message), converter.PayloadConverter);
            return failure.EncodedAttributes is null
                ? note
                : note with { Message = failure.Message, Encoded = await CodecOf(run).EncodeOneAsync(failure.EncodedAttributes) };
        }
        catch (Exception e)
        {
            return note with { Message = $"The reason can't be encoded ({e.GetType().Name}); the log of {note.Since:O} has it." };
        }
    }

    private async Task<IReadOnlyList<HistoryEvent>> ApplyAsync(LiveRun run, IReadOnlyList<HistoryEvent> events, bool decode)
    {
        // One call of the codec for all neighbours that share it.
        var groups = new List<(IPayloadCodec Codec, List<Payload> Payloads)>();
        foreach (var e in events)
        {
            var codec = CodecOf(run, e);
            if (groups.Count == 0 || !ReferenceEquals(groups[^1].Codec, codec))
            {
                groups.Add((codec, []));
            }

            var payloads = groups[^1].Payloads;
            EventPayloads.MapAll(e, payload =>
            {
                payloads.Add(payload);
                return payload;
            });
        }

        var results = new Queue<Payload>();
        foreach (var (codec, payloads) in groups)
        {
            foreach (var result in await CallAsync(codec, payloads, decode))
            {
                results.Enqueue(result);
            }
        }

        return [.. events.Select(e => EventPayloads.MapAll(e, _ => results.Dequeue()))];
    }

    private static async Task<IReadOnlyList<Payload>> CallAsync(IPayloadCodec codec, List<Payload> payloads, bool decode)
    {
        try
        {
            return decode ? await codec.DecodeAllAsync(payloads) : await codec.EncodeAllAsync(payloads);
        }
        catch (Exception e)
        {
            throw new WorkflowTaskFailedException(
                decode ? WorkflowTaskFailedCause.CorruptHistory : WorkflowTaskFailedCause.UnhandledException,
                $"The payload codec {codec.GetType().Name} can't {(decode ? "decode" : "encode")} the payloads of the workflow: {e.Message} "
                + "The workflow goes on once it can.",
                e);
        }
    }

    private IPayloadCodec CodecOf(LiveRun run) => _aware?.WithSerializationContext(new ISerializationContext.Workflow(hub, run.WorkflowId)) ?? _codec!;

    private IPayloadCodec CodecOf(LiveRun run, HistoryEvent e) => _aware?.WithSerializationContext(e switch
    {
        ActivityScheduled x => Of(run, x),
        ActivityClosed x when Find(run, x.ScheduledEventId) is ActivityScheduled scheduled => Of(run, scheduled),
        ChildWorkflowInitiated x => new ISerializationContext.Workflow(hub, x.WorkflowId),
        ChildWorkflowClosed x when Find(run, x.InitiatedEventId) is ChildWorkflowInitiated child => new ISerializationContext.Workflow(hub, child.WorkflowId),
        ExternalSignalInitiated x => new ISerializationContext.Workflow(hub, x.WorkflowId),
        _ => new ISerializationContext.Workflow(hub, run.WorkflowId),
    }) ?? _codec!;

    private ISerializationContext.Activity Of(LiveRun run, ActivityScheduled x) =>
        new(hub, x.ActivityId, run.WorkflowId, run.Head.WorkflowType, x.ActivityType, x.TaskQueue, x.IsLocal);

    /// <summary>What an answer answers: pending, or among the events that are about to be replayed.</summary>
    private static HistoryEvent? Find(LiveRun run, long id)
    {
        if (run.State.Activities.TryGetValue(id, out var scheduled))
        {
            return scheduled;
        }

        return run.State.Children.TryGetValue(id, out var child) ? child.Initiated : run.Unreplayed?.ElementAtOrDefault((int)id - 1);
    }
}
