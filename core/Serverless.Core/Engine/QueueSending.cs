using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Sends messages so that a delay beyond the store's longest becomes a hop, an unknown outcome a harmless second message, and a queue that nobody serves
/// yet a place to wait.
/// </summary>
internal static class QueueSending
{
    public static async Task<MessageReceipt> SendAsync(
        IQueueStore queues, StorageRetry retry, string queue, WorkMessage message, TimeSpan delay, CancellationToken cancellationToken)
    {
        var wait = delay < TimeSpan.Zero ? TimeSpan.Zero : delay < StorageLimits.MaxDelay ? delay : StorageLimits.MaxDelay;
        var body = message.Encode();
        if (body.Length > StorageLimits.MaxMessageBytes)
        {
            // The handler reads the activity from the history instead.
            body = (message with { Activity = null }).Encode();
        }

        return await retry.ReadAsync(SendAsync, cancellationToken);

        async ValueTask<MessageReceipt> SendAsync()
        {
            try
            {
                return await queues.SendAsync(queue, body, wait, cancellationToken);
            }
            catch (StorageException e) when (e.Outcome == StorageOutcome.NoSuchQueue)
            {
                await queues.CreateAsync(queue, cancellationToken);
                return await queues.SendAsync(queue, body, wait, cancellationToken);
            }
        }
    }
}
