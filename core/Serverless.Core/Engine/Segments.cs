using System.Text;
using Serverless.Converters;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Encodes events into rows, inbox items and messages' activities, with what is too large for them in blobs. Blobs are named
/// <c>partition/run/…</c>: purge finds them by prefix, those of a commit that lost a race included.
/// </summary>
internal sealed class Segments(IBlobStore blobs, IdSource ids, StorageRetry retry, EngineLimits limits)
{
    private const byte HasReferences = 1;
    private const byte InBlob = 2;

    /// <summary>First byte of a row beside the history that only names a blob. No such row begins with it otherwise: they begin with a version.</summary>
    private const byte RowInBlob = 255;

    /// <summary>True when a row holds its whole segment.</summary>
    public static bool IsPlain(ReadOnlyMemory<byte> row) => !row.IsEmpty && row.Span[0] == 0;

    /// <summary>The row data of a segment. Large payloads, or a segment too large for a row, are stored as blobs first.</summary>
    public async Task<ReadOnlyMemory<byte>> EncodeAsync(
        string workflowId, string runId, IReadOnlyList<HistoryEvent> events, CancellationToken cancellationToken)
    {
        byte flags = 0;
        var encoded = EventCodec.Encode(events);
        if (encoded.Length > limits.PayloadBlobThreshold)
        {
            var moved = await MoveLargePayloadsAsync(workflowId, runId, events, cancellationToken);
            flags |= HasReferences;
            encoded = EventCodec.Encode(moved);
        }

        if (encoded.Length > limits.SegmentBlobThreshold)
        {
            flags |= InBlob;
            var name = BlobName(workflowId, runId);
            await PutAsync(name, encoded, cancellationToken);
            encoded = Encoding.UTF8.GetBytes(name);
        }

        return (byte[])[flags, .. encoded];
    }

    /// <summary>The events of a segment, payloads of inputs fetched: what code may see. Payloads of commands stay references.</summary>
    /// <exception cref="InvalidDataException">The row or a blob that it names is damaged or missing.</exception>
    public async Task<IReadOnlyList<HistoryEvent>> DecodeAsync(ReadOnlyMemory<byte> row, CancellationToken cancellationToken)
    {
        if (row.IsEmpty)
        {
            throw new InvalidDataException("a history segment is empty");
        }

        var flags = row.Span[0];
        var bytes = row[1..];
        if ((flags & InBlob) != 0)
        {
            bytes = await GetAsync(Encoding.UTF8.GetString(bytes.Span), cancellationToken);
        }

        var events = EventCodec.Decode(bytes);
        if ((flags & HasReferences) == 0)
        {
            return events;
        }

        var restored = new HistoryEvent[events.Count];
        for (var i = 0; i < restored.Length; i++)
        {
            restored[i] = events[i] is InputEvent ? await RestoreAsync(events[i], cancellationToken) : events[i];
        }

        return restored;
    }

    /// <summary>The event with payloads above the threshold in blobs.</summary>
    public async Task<T> MoveLargePayloadsAsync<T>(string workflowId, string runId, T e, CancellationToken cancellationToken)
        where T : HistoryEvent
    {
        var large = new List<Payload>();
        EventPayloads.Map(e, payload => Note(payload, large));
        return large.Count == 0 ? e : (T)(await MoveLargePayloadsAsync(workflowId, runId, [e], cancellationToken))[0];
    }

    /// <summary>The event with all its payloads in memory.</summary>
    /// <exception cref="InvalidDataException">A blob is missing.</exception>
    public async Task<T> RestoreAsync<T>(T e, CancellationToken cancellationToken)
        where T : HistoryEvent
    {
        var references = new List<Payload>();
        EventPayloads.Map(e, payload =>
        {
            if (payload.BlobName is not null)
            {
                references.Add(payload);
            }

            return payload;
        });
        if (references.Count == 0)
        {
            return e;
        }

        var data = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var reference in references)
        {
            data[reference.BlobName!] = await GetAsync(reference.BlobName!, cancellationToken);
        }

        return (T)EventPayloads.Map(
            e, payload => payload.BlobName is { } name ? new Payload(payload.Metadata, data[name]) : payload);
    }

    /// <summary>Data of a row beside the history. What is larger than a row may be is stored as a blob first, which the row names.</summary>
    /// <param name="workflowId">Whose row it is.</param>
    /// <param name="data">The data.</param>
    /// <param name="oneOfMany">True when many such rows may be in one transaction.</param>
    /// <param name="cancellationToken">Gives up between steps.</param>
    public async Task<ReadOnlyMemory<byte>> MoveLargeRowAsync(string workflowId, ReadOnlyMemory<byte> data, bool oneOfMany, CancellationToken cancellationToken)
    {
        if (data.Length <= (oneOfMany ? limits.PayloadBlobThreshold : limits.SegmentBlobThreshold))
        {
            return data;
        }

        var name = BlobName(workflowId, "rows");
        await PutAsync(name, data, cancellationToken);
        return (byte[])[RowInBlob, .. Encoding.UTF8.GetBytes(name)];
    }

    /// <summary>A row with the data that it names. One whose blob is missing stays as it is: nobody can read it.</summary>
    public async ValueTask<Row> RestoreAsync(Row row, CancellationToken cancellationToken) =>
        !row.Data.IsEmpty && row.Data.Span[0] == RowInBlob
        && await retry.ReadAsync(() => blobs.GetAsync(Encoding.UTF8.GetString(row.Data.Span[1..]), cancellationToken), cancellationToken) is { } data
            ? row with { Data = data }
            : row;

    /// <summary>Deletes all blobs of a workflow id.</summary>
    public async Task DeleteAllAsync(string workflowId, CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var (names, next) = await retry.ReadAsync(
                () => blobs.ListAsync(WorkflowKey.Partition(workflowId) + "/", continuation, cancellationToken), cancellationToken);
            foreach (var name in names)
            {
                await blobs.DeleteAsync(name, cancellationToken);
            }

            continuation = next;
        }
        while (continuation is not null);
    }

    private Payload Note(Payload payload, List<Payload> large)
    {
        if (payload.Data.Length > limits.PayloadBlobThreshold)
        {
            large.Add(payload);
        }

        return payload;
    }

    private async Task<IReadOnlyList<HistoryEvent>> MoveLargePayloadsAsync(
        string workflowId, string runId, IReadOnlyList<HistoryEvent> events, CancellationToken cancellationToken)
    {
        var large = new List<Payload>();
        foreach (var e in events)
        {
            EventPayloads.Map(e, payload => Note(payload, large));
        }

        var references = new Dictionary<Payload, Payload>(ReferenceEqualityComparer.Instance);
        foreach (var payload in large)
        {
            if (!references.ContainsKey(payload))
            {
                var name = BlobName(workflowId, runId);
                await PutAsync(name, payload.Data.Memory, cancellationToken);
                references[payload] = new Payload(payload.Metadata, default) { BlobName = name, OriginalSize = payload.Data.Length };
            }
        }

        var moved = new HistoryEvent[events.Count];
        for (var i = 0; i < moved.Length; i++)
        {
            moved[i] = EventPayloads.Map(events[i], payload => references.GetValueOrDefault(payload, payload));
        }

        return moved;
    }

    private string BlobName(string workflowId, string runId) => $"{WorkflowKey.Partition(workflowId)}/{runId}/{ids.NextUlid()}";

    private async Task PutAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        await retry.ReadAsync(
            async () =>
            {
                // Write-once under a fresh name: repeating it is harmless.
                await blobs.PutAsync(name, data, cancellationToken);
                return true;
            },
            cancellationToken);

    private async Task<ReadOnlyMemory<byte>> GetAsync(string name, CancellationToken cancellationToken) =>
        await retry.ReadAsync(() => blobs.GetAsync(name, cancellationToken), cancellationToken)
            ?? throw new InvalidDataException($"the blob '{name}' is missing");
}
