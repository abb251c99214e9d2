using System.Globalization;

namespace Serverless.Storage.Memory;

/// <summary>Queues in memory; see <see cref="MemoryHubStore"/>.</summary>
internal sealed class MemoryQueues(TimeProvider time, Random random, HostilePages pages) : IQueueStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Message>> _queues = new(StringComparer.Ordinal);
    private long _counter;

    public ValueTask<MessageReceipt> SendAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancellationToken)
    {
        StorageGuard.Message(body, delay);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var message = new Message { Id = Next("m"), Body = body.ToArray(), VisibleAt = now + delay, Enqueued = now, Receipt = Next("r") };
            Queue(queue).Add(message);
            return new(new MessageReceipt(queue, message.Id, message.Receipt));
        }
    }

    public ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string queue, int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        StorageGuard.Receive(max, lease);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var visible = Queue(queue).FindAll(m => m.VisibleAt <= now);
            var received = new List<ReceivedMessage>();
            var most = pages.NextReceive(max);

            // The services may give all messages of one request the same receipt, so nothing may be keyed on it alone.
            var receipt = Next("r");
            while (visible.Count > 0 && received.Count < most)
            {
                var index = random.Next(visible.Count);
                var message = visible[index];
                visible.RemoveAt(index);
                message.VisibleAt = now + lease;
                message.DequeueCount++;
                message.Receipt = receipt;
                received.Add(new ReceivedMessage(new MessageReceipt(queue, message.Id, message.Receipt), message.Body, message.DequeueCount, message.Enqueued));
            }

            return new(received);
        }
    }

    public ValueTask<MessageReceipt?> PostponeAsync(MessageReceipt receipt, TimeSpan delay, CancellationToken cancellationToken)
    {
        StorageGuard.Message(default, delay);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (Find(receipt) is not { } message)
            {
                return new((MessageReceipt?)null);
            }

            message.VisibleAt = time.GetUtcNow() + delay;
            message.Receipt = Next("r");
            return new(receipt with { PopReceipt = message.Receipt });
        }
    }

    public ValueTask<bool> DeleteAsync(MessageReceipt receipt, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return new(Find(receipt) is { } message && _queues[receipt.Queue].Remove(message));
        }
    }

    public ValueTask CreateAsync(string queue, CancellationToken cancellationToken)
    {
        StorageGuard.Queue(queue);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            _queues.TryAdd(queue, []);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<int?> CountAsync(string queue, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return new(_queues.TryGetValue(queue, out var messages) ? messages.Count : null);
        }
    }

    /// <summary>When the next message becomes visible; null when there is none. For clocks that skip idle time.</summary>
    public DateTimeOffset? NextVisible
    {
        get
        {
            lock (_lock)
            {
                return _queues.Values.SelectMany(static q => q).Select(static m => (DateTimeOffset?)m.VisibleAt).Min();
            }
        }
    }

    /// <summary>When the next message of one queue becomes visible; null when there is none.</summary>
    public DateTimeOffset? NextVisibleIn(string queue)
    {
        lock (_lock)
        {
            return _queues.GetValueOrDefault(queue)?.Min(static m => (DateTimeOffset?)m.VisibleAt);
        }
    }

    public void Destroy()
    {
        lock (_lock)
        {
            _queues.Clear();
        }
    }

    private string Next(string kind) => kind + (++_counter).ToString(CultureInfo.InvariantCulture);

    private List<Message> Queue(string name) => _queues.TryGetValue(name, out var queue)
        ? queue
        : throw new StorageException($"There is no queue '{name}'. Initialize the hub, or create the queue.", StorageOutcome.NoSuchQueue);

    private Message? Find(MessageReceipt receipt) =>
        _queues.GetValueOrDefault(receipt.Queue)?.Find(m => m.Id == receipt.MessageId && m.Receipt == receipt.PopReceipt);

    private sealed class Message
    {
        public required string Id { get; init; }

        public required ReadOnlyMemory<byte> Body { get; init; }

        public required DateTimeOffset Enqueued { get; init; }

        public required string Receipt { get; set; }

        public DateTimeOffset VisibleAt { get; set; }

        public int DequeueCount { get; set; }
    }
}
