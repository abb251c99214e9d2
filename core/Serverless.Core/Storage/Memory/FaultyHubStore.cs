namespace Serverless.Storage.Memory;

/// <summary>
/// Counts the requests to a store and lets a test decide the fate of each. The faults are those that a cloud service has: a request that was refused,
/// an answer that was lost after the request took effect, and a request that is slow. Answers are never wrong and effects never half.
/// </summary>
internal sealed class FaultyHubStore : IHubStore
{
    private readonly IHubStore _inner;
    private long _number;

    /// <param name="inner">The store that does the work. It is disposed with this one.</param>
    /// <param name="decide">Asked before each call, by the caller's thread; null for no faults.</param>
    public FaultyHubStore(IHubStore inner, Func<InterceptedCall, StorageFault>? decide = null)
    {
        _inner = inner;
        Decide = decide ?? (static _ => StorageFault.None);
        Rows = new FaultyRows(this, inner.Rows);
        Queues = new FaultyQueues(this, inner.Queues);
        Blobs = new FaultyBlobs(this, inner.Blobs);
    }

    /// <summary>Asked before each call; may be changed at any time.</summary>
    public Func<InterceptedCall, StorageFault> Decide { get; set; }

    /// <summary>Requests so far, failed ones included.</summary>
    public RequestCounter Requests { get; } = new();

    public IRowStore Rows { get; }

    public IQueueStore Queues { get; }

    public IBlobStore Blobs { get; }

    public string Description => $"{_inner.Description} with faults";

    public async ValueTask InitializeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) => await CallAsync(
        StorageOperation.Initialize, "", () => Nothing(_inner.InitializeAsync(queues, cancellationToken)), cancellationToken);

    public async ValueTask DestroyAsync(CancellationToken cancellationToken) => await CallAsync(
        StorageOperation.Destroy, "", () => Nothing(_inner.DestroyAsync(cancellationToken)), cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private static async ValueTask<bool> Nothing(ValueTask call)
    {
        await call;
        return true;
    }

    private ValueTask<T> CallAsync<T>(StorageOperation operation, string target, Func<ValueTask<T>> call, CancellationToken cancellationToken) =>
        CallAsync(new InterceptedCall(0, operation, target, null, []), call, cancellationToken);

    private async ValueTask<T> CallAsync<T>(InterceptedCall intercepted, Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        intercepted = intercepted with { Number = Interlocked.Increment(ref _number) };
        Requests.Add(intercepted.Operation);
        var fault = Decide(intercepted);
        if (fault.Until is { } gate)
        {
            await gate.WaitAsync(cancellationToken);
        }

        if (fault.Kind == FaultKind.FailBefore)
        {
            throw Failure(intercepted, StorageOutcome.NotApplied);
        }

        var answer = await call();
        return fault.Kind == FaultKind.None
            ? answer
            : throw Failure(intercepted, intercepted.IsWrite ? StorageOutcome.Unknown : StorageOutcome.NotApplied);
    }

    private static StorageException Failure(InterceptedCall call, StorageOutcome outcome) =>
        new($"Injected fault: call {call.Number}, {call.Operation} on '{call.Target}', outcome {outcome}.", outcome);

    private sealed class FaultyRows(FaultyHubStore owner, IRowStore inner) : IRowStore
    {
        public ValueTask<RowPage> QueryAsync(RowQuery query, CancellationToken cancellationToken) => owner.CallAsync(
            new InterceptedCall(0, StorageOperation.QueryRows, query.Partition, query.Table, []), () => inner.QueryAsync(query, cancellationToken), cancellationToken);

        public ValueTask<TransactionOutcome> CommitAsync(
            RowTable table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken) => owner.CallAsync(
            new InterceptedCall(0, StorageOperation.CommitRows, partition, table, operations),
            () => inner.CommitAsync(table, partition, operations, cancellationToken),
            cancellationToken);

        public ValueTask<RowScanPage> ScanAsync(RowTable table, string? fromPartition, string? continuation, CancellationToken cancellationToken) => owner.CallAsync(
            new InterceptedCall(0, StorageOperation.ScanRows, fromPartition ?? "", table, []),
            () => inner.ScanAsync(table, fromPartition, continuation, cancellationToken),
            cancellationToken);
    }

    private sealed class FaultyQueues(FaultyHubStore owner, IQueueStore inner) : IQueueStore
    {
        public ValueTask<MessageReceipt> SendAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancellationToken) =>
            owner.CallAsync(StorageOperation.SendMessage, queue, () => inner.SendAsync(queue, body, delay, cancellationToken), cancellationToken);

        public ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string queue, int max, TimeSpan lease, CancellationToken cancellationToken) =>
            owner.CallAsync(StorageOperation.ReceiveMessages, queue, () => inner.ReceiveAsync(queue, max, lease, cancellationToken), cancellationToken);

        public ValueTask<MessageReceipt?> PostponeAsync(MessageReceipt receipt, TimeSpan delay, CancellationToken cancellationToken) =>
            owner.CallAsync(StorageOperation.PostponeMessage, receipt.Queue, () => inner.PostponeAsync(receipt, delay, cancellationToken), cancellationToken);

        public ValueTask<bool> DeleteAsync(MessageReceipt receipt, CancellationToken cancellationToken) =>
            owner.CallAsync(StorageOperation.DeleteMessage, receipt.Queue, () => inner.DeleteAsync(receipt, cancellationToken), cancellationToken);

        public async ValueTask CreateAsync(string queue, CancellationToken cancellationToken) => await owner.CallAsync(
            StorageOperation.CreateQueue, queue, () => Nothing(inner.CreateAsync(queue, cancellationToken)), cancellationToken);

        public ValueTask<int?> CountAsync(string queue, CancellationToken cancellationToken) =>
            owner.CallAsync(StorageOperation.CountMessages, queue, () => inner.CountAsync(queue, cancellationToken), cancellationToken);
    }

    private sealed class FaultyBlobs(FaultyHubStore owner, IBlobStore inner) : IBlobStore
    {
        public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => await owner.CallAsync(
            StorageOperation.PutBlob, name, () => Nothing(inner.PutAsync(name, data, cancellationToken)), cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken) =>
            owner.CallAsync(StorageOperation.GetBlob, name, () => inner.GetAsync(name, cancellationToken), cancellationToken);

        public ValueTask<(IReadOnlyList<string> Names, string? Continuation)> ListAsync(
            string prefix, string? continuation, CancellationToken cancellationToken) =>
            owner.CallAsync(StorageOperation.ListBlobs, prefix, () => inner.ListAsync(prefix, continuation, cancellationToken), cancellationToken);

        public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => await owner.CallAsync(
            StorageOperation.DeleteBlob, name, () => Nothing(inner.DeleteAsync(name, cancellationToken)), cancellationToken);
    }
}
