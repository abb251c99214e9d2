using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Functions.Http;

/// <summary>
/// The border between callers, who speak JSON, and storage, where payloads are as the application's codec left them. Without a codec everything passes as it is.
/// </summary>
internal sealed class PayloadEdge(ServerlessWorkflowsOptions options)
{
    public Task<IReadOnlyList<Payload>> EncodeAsync(string workflowId, IEnumerable<JsonElement> values) =>
        Codec(workflowId).EncodeAllAsync([.. values.Select(JsonPayloads.FromJson)]);

    /// <summary>The payloads of a start, a signal or an update.</summary>
    public async Task<T> EncodeAsync<T>(string workflowId, T message)
        where T : HistoryEvent
    {
        var codec = Codec(workflowId);
        return (T)(await ApplyAsync([message], payloads => codec.EncodeAllAsync(payloads)))[0];
    }

    public Task<IReadOnlyDictionary<string, Payload>> EncodeAsync(string workflowId, IReadOnlyDictionary<string, Payload> memo) => Codec(workflowId).EncodeMapAsync(memo);

    public Task<IReadOnlyDictionary<string, Payload>> DecodeAsync(string workflowId, IReadOnlyDictionary<string, Payload> memo) => Codec(workflowId).DecodeMapAsync(memo);

    public async Task<JsonNode?> DecodeAsync(string workflowId, Payload? payload) =>
        JsonPayloads.ToJson(await Codec(workflowId).DecodeOneAsync(payload));

    public Task<Failure> DecodeAsync(string workflowId, Failure failure) => Codec(workflowId).DecodeFailureAsync(failure);

    public async Task<IReadOnlyList<HistoryEvent>> DecodeAsync(string workflowId, IReadOnlyList<HistoryEvent> events)
    {
        var codec = Codec(workflowId);
        return await ApplyAsync(events, payloads => codec.DecodeAllAsync(payloads));
    }

    public async Task<CloseResult> DecodeAsync(string workflowId, CloseResult close) =>
        close with { Closed = (await DecodeAsync(workflowId, [close.Closed]))[0] };

    public async Task<WorkflowSummary> DecodeAsync(WorkflowSummary summary) =>
        summary with { Memo = await Codec(summary.WorkflowId).DecodeMapAsync(summary.Memo) };

    public async Task<WorkflowDescription> DecodeAsync(WorkflowDescription description)
    {
        var workflowId = description.Summary.WorkflowId;
        var codec = Codec(workflowId);
        var attempts = new SortedDictionary<long, ActivityAttempts>();
        foreach (var (id, attempt) in description.Attempts)
        {
            attempts[id] = attempt with
            {
                LastFailure = attempt.LastFailure is null ? null : await codec.DecodeFailureAsync(attempt.LastFailure),
                HeartbeatDetails = await codec.DecodeAllAsync(attempt.HeartbeatDetails),
            };
        }

        return description with
        {
            Summary = await DecodeAsync(description.Summary),
            Blocked = await Converter(workflowId).RevealAsync(description.Blocked),
            Attempts = attempts,
        };
    }

    public async Task<WorkflowWaits> DecodeAsync(WorkflowWaits waits)
    {
        var codec = Codec(waits.WorkflowId);
        var blocked = await Converter(waits.WorkflowId).RevealAsync(waits.Blocked);
        var decoded = new List<WorkflowWait>();
        foreach (var wait in waits.Waits)
        {
            decoded.Add(wait with
            {
                What = wait.Kind == WaitKind.Blocked && blocked is not null ? $"{blocked.Cause}: {blocked.Message}" : wait.What,
                LastFailure = wait.LastFailure is null ? null : await codec.DecodeFailureAsync(wait.LastFailure),
            });
        }

        return waits with { Blocked = blocked, Waits = decoded };
    }

    /// <summary>One call of the codec for all payloads of all events.</summary>
    private static async Task<IReadOnlyList<HistoryEvent>> ApplyAsync(
        IReadOnlyList<HistoryEvent> events, Func<IReadOnlyList<Payload>, Task<IReadOnlyList<Payload>>> apply)
    {
        List<Payload> payloads = [];
        foreach (var e in events)
        {
            EventPayloads.MapAll(e, payload =>
            {
                payloads.Add(payload);
                return payload;
            });
        }

        var results = new Queue<Payload>(await apply(payloads));
        return [.. events.Select(e => EventPayloads.MapAll(e, _ => results.Dequeue()))];
    }

    private IPayloadCodec? Codec(string workflowId) => options.DataConverter.PayloadCodec is null ? null : Converter(workflowId).PayloadCodec;

    private DataConverter Converter(string workflowId) =>
        options.DataConverter.WithSerializationContext(new ISerializationContext.Workflow(options.Hub, workflowId));
}
