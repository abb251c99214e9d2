using System.Text;
using Serverless.History;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Engine;

/// <summary>All that was ever written to a store.</summary>
internal sealed class WrittenBytes
{
    private readonly Lock _lock = new();
    private readonly List<(string Where, byte[] Data)> _all = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _all.Count;
            }
        }
    }

    public int Blobs { get; private set; }

    public void Add(string where, ReadOnlyMemory<byte> data)
    {
        lock (_lock)
        {
            _all.Add((where, data.ToArray()));
            Blobs += where.StartsWith("blob", StringComparison.Ordinal) ? 1 : 0;
        }
    }

    /// <summary>Where a text was written, as it is or within a compressed record.</summary>
    public IReadOnlyList<string> Found(string text)
    {
        lock (_lock)
        {
            return [.. _all.Where(w => Contents(w.Data).Any(content => Encoding.Latin1.GetString(content.Span).Contains(text, StringComparison.Ordinal))).Select(static w => w.Where)];
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Contents(byte[] data)
    {
        yield return data;
        for (var i = 0; i + 1 < data.Length; i++)
        {
            if (data[i] == Envelope.Version && data[i + 1] == 1 && TryOpen(data.AsMemory(i)) is { } content)
            {
                yield return content;
            }
        }
    }

    private static ReadOnlyMemory<byte>? TryOpen(ReadOnlyMemory<byte> record)
    {
        try
        {
            return Envelope.Open(record);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}

/// <summary>A memory store that notes what is written to it.</summary>
internal sealed class RecordingHubStore(MemoryHubStore inner, WrittenBytes written) : IHubStore, IRowStore, IQueueStore, IBlobStore
{
    public IRowStore Rows => this;

    public IQueueStore Queues => this;

    public IBlobStore Blobs => this;

    public string Description => inner.Description;

    public MemoryHubStore Inner => inner;

    public ValueTask InitializeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) => inner.InitializeAsync(queues, cancellationToken);

    public ValueTask DestroyAsync(CancellationToken cancellationToken) => inner.DestroyAsync(cancellationToken);

    public ValueTask<RowPage> QueryAsync(RowQuery query, CancellationToken cancellationToken) => inner.Rows.QueryAsync(query, cancellationToken);

    public ValueTask<TransactionOutcome> CommitAsync(
        RowTable table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken)
    {
        foreach (var operation in operations)
        {
            written.Add($"{table} {operation.Key}", operation.Data);
        }

        return inner.Rows.CommitAsync(table, partition, operations, cancellationToken);
    }

    public ValueTask<RowScanPage> ScanAsync(RowTable table, string? fromPartition, string? continuation, CancellationToken cancellationToken) =>
        inner.Rows.ScanAsync(table, fromPartition, continuation, cancellationToken);

    public ValueTask<MessageReceipt> SendAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancellationToken)
    {
        written.Add($"message {queue}", body);
        return inner.Queues.SendAsync(queue, body, delay, cancellationToken);
    }

    public ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string queue, int max, TimeSpan lease, CancellationToken cancellationToken) =>
        inner.Queues.ReceiveAsync(queue, max, lease, cancellationToken);

    public ValueTask<MessageReceipt?> PostponeAsync(MessageReceipt receipt, TimeSpan delay, CancellationToken cancellationToken) =>
        inner.Queues.PostponeAsync(receipt, delay, cancellationToken);

    ValueTask<bool> IQueueStore.DeleteAsync(MessageReceipt receipt, CancellationToken cancellationToken) => inner.Queues.DeleteAsync(receipt, cancellationToken);

    public ValueTask CreateAsync(string queue, CancellationToken cancellationToken) => inner.Queues.CreateAsync(queue, cancellationToken);

    public ValueTask<int?> CountAsync(string queue, CancellationToken cancellationToken) => inner.Queues.CountAsync(queue, cancellationToken);

    public ValueTask PutAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        written.Add($"blob {name}", data);
        return inner.Blobs.PutAsync(name, data, cancellationToken);
    }

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken) => inner.Blobs.GetAsync(name, cancellationToken);

    public ValueTask<(IReadOnlyList<string> Names, string? Continuation)> ListAsync(string prefix, string? continuation, CancellationToken cancellationToken) =>
        inner.Blobs.ListAsync(prefix, continuation, cancellationToken);

    ValueTask IBlobStore.DeleteAsync(string name, CancellationToken cancellationToken) => inner.Blobs.DeleteAsync(name, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
