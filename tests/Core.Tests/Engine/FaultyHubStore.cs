using Serverless.Storage;

namespace Serverless.Tests.Engine;

/// <summary>A store whose calls can be made to fail, one by one; knows how often each was made.</summary>
internal sealed class FaultyHubStore(IHubStore inner, Func<int, string, Fault> decide) : IHubStore, IRowStore, IQueueStore, IBlobStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private int _count;
    private bool _dead;

    public IReadOnlyDictionary<string, int> Calls => _calls;

    public int Count => _count;

    public IHubStore Inner => inner;

    /// <summary>True: every message arrives twice.</summary>
    public bool DuplicateSends { get; init; }

    /// <summary>True: no message is received through it.</summary>
    public bool IsDeaf { get; init; }

    /// <summary>True once the process that uses this store has died: no call of it reaches the store any more.</summary>
    public bool IsDead => _dead;

    /// <summary>The process dies now.</summary>
    public void Kill() => _dead = true;

    public IRowStore Rows => this;

    public IQueueStore Queues => this;

    public IBlobStore Blobs => this;

    public string Description => inner.Description;

    public ValueTask InitializeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) => inner.InitializeAsync(queues, cancellationToken);

    public ValueTask DestroyAsync(CancellationToken cancellationToken) => inner.DestroyAsync(cancellationToken);

    public ValueTask<RowPage> QueryAsync(RowQuery query, CancellationToken cancellationToken) =>
        Call($"Query {query.Table}", () => inner.Rows.QueryAsync(query, cancellationToken));

    public ValueTask<TransactionOutcome> CommitAsync(
        RowTable table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken) =>
        Call($"Commit {table}", () => inner.Rows.CommitAsync(table, partition, operations, cancellationToken), TransactionOutcome.Conflict);

    public ValueTask<RowScanPage> ScanAsync(RowTable table, string? fromPartition, string? continuation, CancellationToken cancellationToken) =>
        Call($"Scan {table}", () => inner.Rows.ScanAsync(table, fromPartition, continuation, cancellationToken));

    public ValueTask<MessageReceipt> SendAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancellationToken) =>
        Call($"Send {queue}", async () =>
        {
            if (DuplicateSends)
            {
                await inner.Queues.SendAsync(queue, body, delay, cancellationToken);
            }

            return await inner.Queues.SendAsync(queue, body, delay, cancellationToken);
        });

    /// <summary>Receives that brought messages. Empty ones are the host's own cost; none is made to fail.</summary>
    public int Received { get; private set; }

    public async ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string queue, int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        IReadOnlyList<ReceivedMessage> received = _dead || IsDeaf ? [] : await inner.Queues.ReceiveAsync(queue, max, lease, cancellationToken);
        Received += received.Count > 0 ? 1 : 0;
        return received;
    }

    public ValueTask<MessageReceipt?> PostponeAsync(MessageReceipt receipt, TimeSpan delay, CancellationToken cancellationToken) =>
        Call("Postpone", () => inner.Queues.PostponeAsync(receipt, delay, cancellationToken));

    ValueTask<bool> IQueueStore.DeleteAsync(MessageReceipt receipt, CancellationToken cancellationToken) =>
        Call("Delete message", () => inner.Queues.DeleteAsync(receipt, cancellationToken));

    public ValueTask CreateAsync(string queue, CancellationToken cancellationToken) => inner.Queues.CreateAsync(queue, cancellationToken);

    public ValueTask<int?> CountAsync(string queue, CancellationToken cancellationToken) => inner.Queues.CountAsync(queue, cancellationToken);

    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        await Call("Put", async () =>
        {
            await inner.Blobs.PutAsync(name, data, cancellationToken);
            return true;
        });

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken) =>
        Call("Get", () => inner.Blobs.GetAsync(name, cancellationToken));

    public ValueTask<(IReadOnlyList<string> Names, string? Continuation)> ListAsync(
        string prefix, string? continuation, CancellationToken cancellationToken) =>
        Call("List", () => inner.Blobs.ListAsync(prefix, continuation, cancellationToken));

    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
        await Call("Delete blob", async () =>
        {
            await inner.Blobs.DeleteAsync(name, cancellationToken);
            return true;
        });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<T> Call<T>(string what, Func<ValueTask<T>> call, T conflict = default!)
    {
        Fault fault;
        lock (_lock)
        {
            if (_dead)
            {
                throw new OperationCanceledException("the process is dead");
            }

            _calls[what] = _calls.GetValueOrDefault(what) + 1;
            fault = decide(++_count, what);
            _dead = fault is Fault.CrashBefore or Fault.CrashAfter;
        }

        switch (fault)
        {
            case Fault.CrashBefore:
                throw new OperationCanceledException("the process died before the call");
            case Fault.Conflict:
                return conflict;
            case Fault.FailBefore:
                throw new StorageException($"{what} was refused", StorageOutcome.NotApplied);
        }

        var result = await call();
        if (fault == Fault.Twice)
        {
            result = await call();
        }

        return fault switch
        {
            Fault.CrashAfter => throw new OperationCanceledException("the process died after the call"),
            Fault.FailAfter => throw new StorageException($"{what} was answered too late", StorageOutcome.Unknown),
            _ => result,
        };
    }
}

/// <summary>What becomes of one storage call.</summary>
internal enum Fault
{
    None,

    /// <summary>Refused without effect.</summary>
    FailBefore,

    /// <summary>Somebody else was faster: a transaction's condition does not hold.</summary>
    Conflict,

    /// <summary>Done, and then reported as failed.</summary>
    FailAfter,

    /// <summary>Something on the way sends it twice, and the second answer is what comes back: a write may conflict with itself.</summary>
    Twice,

    /// <summary>The process dies; the call was not made.</summary>
    CrashBefore,

    /// <summary>The call was made; then the process dies.</summary>
    CrashAfter,
}

internal static class Faults
{
    /// <summary>Every kind that any call can meet.</summary>
    public static IReadOnlyList<Fault> All { get; } = [.. Enum.GetValues<Fault>().Where(static f => f is not (Fault.None or Fault.Conflict))];
}
