using Serverless.Storage;

namespace Serverless.Functions.Polling;

/// <summary>A store that reports every message it sends or postpones, so that this process's own pollers need not find it by chance.</summary>
internal sealed class WakingHubStore(IHubStore inner, QueueWakeups wakeups) : IHubStore
{
    public IRowStore Rows => inner.Rows;

    public IQueueStore Queues { get; } = new WakingQueues(inner.Queues, wakeups);

    public IBlobStore Blobs => inner.Blobs;

    public string Description => inner.Description;

    public ValueTask InitializeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) => inner.InitializeAsync(queues, cancellationToken);

    public ValueTask DestroyAsync(CancellationToken cancellationToken) => inner.DestroyAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class WakingQueues(IQueueStore inner, QueueWakeups wakeups) : IQueueStore
    {
        public async ValueTask<MessageReceipt> SendAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancellationToken)
        {
            var receipt = await inner.SendAsync(queue, body, delay, cancellationToken);
            wakeups.Sent(queue, delay);
            return receipt;
        }

        public async ValueTask<MessageReceipt?> PostponeAsync(MessageReceipt receipt, TimeSpan delay, CancellationToken cancellationToken)
        {
            var renewed = await inner.PostponeAsync(receipt, delay, cancellationToken);
            wakeups.Sent(receipt.Queue, delay);
            return renewed;
        }

        public ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string queue, int max, TimeSpan lease, CancellationToken cancellationToken) =>
            inner.ReceiveAsync(queue, max, lease, cancellationToken);

        public ValueTask<bool> DeleteAsync(MessageReceipt receipt, CancellationToken cancellationToken) => inner.DeleteAsync(receipt, cancellationToken);

        public ValueTask CreateAsync(string queue, CancellationToken cancellationToken) => inner.CreateAsync(queue, cancellationToken);

        public ValueTask<int?> CountAsync(string queue, CancellationToken cancellationToken) => inner.CountAsync(queue, cancellationToken);
    }
}
