namespace Serverless.Storage;

/// <summary>
/// Queues with leases and delays: what Azure Queue storage offers, and no more. Delivery is at least once, in no
/// particular order; a message that is received and not deleted comes back when its lease ends.
/// </summary>
internal interface IQueueStore
{
    /// <summary>
    /// Adds a message that becomes visible after <paramref name="delay"/> (0..<see cref="StorageLimits.MaxDelay"/>) and never expires.
    /// Repeating a send adds a second message. Returns the receipt with which the sender may delete or postpone it. A queue that does not exist fails with
    /// <see cref="StorageOutcome.NoSuchQueue"/>.
    /// </summary>
    ValueTask<MessageReceipt> SendAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>Takes up to <paramref name="max"/> (1..32) visible messages and hides each for <paramref name="lease"/> (1 s..7 d). One request.</summary>
    ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string queue, int max, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Hides a message for <paramref name="delay"/> from now: renews a lease or puts a message back. Returns the new receipt (the old one is void),
    /// or null when the message is gone or was received by somebody else since.
    /// </summary>
    ValueTask<MessageReceipt?> PostponeAsync(MessageReceipt receipt, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>Deletes a message. False when it is gone or was received by somebody else since.</summary>
    ValueTask<bool> DeleteAsync(MessageReceipt receipt, CancellationToken cancellationToken);

    /// <summary>Creates the queue if it is missing.</summary>
    ValueTask CreateAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Number of messages, invisible ones included; approximate. Null when the queue does not exist.</summary>
    ValueTask<int?> CountAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>The right to delete or postpone one message.</summary>
/// <param name="Queue">Name of the queue within the hub.</param>
/// <param name="MessageId">The store's id of the message.</param>
/// <param name="PopReceipt">Void once the message is received again or postponed.</param>
internal readonly record struct MessageReceipt(string Queue, string MessageId, string PopReceipt);

/// <summary>A message as received.</summary>
/// <param name="Receipt">With which it is deleted or postponed.</param>
/// <param name="Body">The bytes that were sent; for a foreign message, whatever was there.</param>
/// <param name="DequeueCount">How often it was received, this time included: 1 at first.</param>
/// <param name="Enqueued">When it was sent, by the store's clock.</param>
internal readonly record struct ReceivedMessage(MessageReceipt Receipt, ReadOnlyMemory<byte> Body, int DequeueCount, DateTimeOffset Enqueued);
