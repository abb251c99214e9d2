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

    /// <summary>Folder of what inbox rows hold: they outlive runs.</summary>
    public const string InboxFolder = "inbox";

    /// <summary>Folder of what is too large for rows beside the history.</summary>
    private const string RowFolder = "rows";

    /// <summary>True when a row holds its whole segment.</summary>
    public static bool IsPlain(ReadOnlyMemory<byte> row) => !row.IsEmpty && row.Span[0] == 0;

    /// <summary>Bytes of a segment as they are once they are read.</summary>
    public static long ContentOf(ReadOnlyMemory<byte> row) => Envelope.ContentLength(row[1..]);

    /// <summary>The row data of a segment. Large payloads, or a segment too large for a row, are stored as blobs first.</summary>
    /// <exception cref="RecordTooLargeException">Even then it is too large.</exception>
    public async Task<ReadOnlyMemory<byte>> EncodeAsync(
        string workflowId, string runId, IReadOnlyList<HistoryEvent> events, CancellationToken cancellationToken)
    {
        byte flags = 0;
        var encoded = TryEncode(events);
        if (encoded is null || encoded.Length > limits.PayloadBlobThreshold)
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
        var events = await PeekAsync(row, cancellationToken);
        if ((row.Span[0] & HasReferences) == 0)
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

    /// <summary>The events of a segment, large payloads as references.</summary>
    /// <exception cref="InvalidDataException">The row or the blob that holds it is damaged or missing.</exception>
    public async Task<IReadOnlyList<HistoryEvent>> PeekAsync(ReadOnlyMemory<byte> row, CancellationToken cancellationToken)
    {
        if (row.IsEmpty)
        {
            throw new InvalidDataException("a history segment is empty");
        }

        return EventCodec.Decode((row.Span[0] & InBlob) == 0 ? row[1..] : await GetAsync(Encoding.UTF8.GetString(row.Span[1..]), cancellationToken));
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

        var name = BlobName(workflowId, RowFolder);
        await PutAsync(name, data, cancellationToken);
        return (byte[])[RowInBlob, .. Encoding.UTF8.GetBytes(name)];
    }

    /// <summary>A row with the data that it names. One whose blob is missing stays as it is: nobody can read it.</summary>
    public async ValueTask<Row> RestoreAsync(Row row, CancellationToken cancellationToken) =>
        BlobOf(row) is { } name && StorageGuard.IsBlob(name) && await retry.ReadAsync(() => blobs.GetAsync(name, cancellationToken), cancellationToken) is { } data
            ? row with { Data = data }
            : row;

    /// <summary>Names of the blobs below a folder: of a workflow id, or of one of its runs.</summary>
    /// <param name="workflowId">The workflow id.</param>
    /// <param name="runId">A run; null for all blobs of the id.</param>
    /// <param name="cancellationToken">Gives up between pages.</param>
    public async Task<IReadOnlyList<string>> BlobsAsync(string workflowId, string? runId, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        await foreach (var name in NamesAsync($"{WorkflowKey.Partition(workflowId)}/{(runId is null ? "" : $"{runId}/")}", cancellationToken))
        {
            found.Add(name);
        }

        return found;
    }

    /// <summary>Names of all blobs of the hub, in order.</summary>
    public IAsyncEnumerable<string> AllBlobsAsync(CancellationToken cancellationToken) => NamesAsync("", cancellationToken);

    /// <summary>Deletes blobs; those that are gone already are no error.</summary>
    public async Task DeleteBlobsAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            await retry.ReadAsync(
                async () =>
                {
                    await blobs.DeleteAsync(name, cancellationToken);
                    return true;
                },
                cancellationToken);
        }
    }

    /// <summary>True for a blob that belongs to the workflow id rather than to one of its runs.</summary>
    public static bool IsOfId(string blobName) => blobName.Split('/') is [_, InboxFolder or RowFolder, ..];

    /// <summary>The blob that holds a row's data; null when the row holds it.</summary>
    public static string? BlobOf(Row row) => row.Data.IsEmpty ? null : row.Data.Span[0] == RowInBlob ? Encoding.UTF8.GetString(row.Data.Span[1..]) : null;

    /// <summary>Null when the events with their payloads are no record any more.</summary>
    private static byte[]? TryEncode(IReadOnlyList<HistoryEvent> events)
    {
        try
        {
            return EventCodec.Encode(events);
        }
        catch (RecordTooLargeException)
        {
            return null;
        }
    }

    private async IAsyncEnumerable<string> NamesAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var from = continuation;
            var (names, next) = await retry.ReadAsync(() => blobs.ListAsync(prefix, from, cancellationToken), cancellationToken);
            foreach (var name in names)
            {
                yield return name;
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

    private async Task<ReadOnlyMemory<byte>> GetAsync(string name, CancellationToken cancellationToken) => !StorageGuard.IsBlob(name)
        ? throw new InvalidDataException("what should name a blob is no such name")
        : await retry.ReadAsync(() => blobs.GetAsync(name, cancellationToken), cancellationToken)
            ?? throw new InvalidDataException($"the blob '{name}' is missing");
}
