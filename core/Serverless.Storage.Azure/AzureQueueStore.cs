using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Serverless.Storage.Azure;

/// <summary>Queues of a hub in Azure Queue storage.</summary>
internal sealed class AzureQueueStore(QueueServiceClient service, AzureLayout layout) : IQueueStore
{
    private readonly ConcurrentDictionary<string, QueueClient> _clients = new(StringComparer.Ordinal);

    public async ValueTask<MessageReceipt> SendAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancellationToken)
    {
        StorageGuard.Message(body, delay);
        var client = Client(queue);
        var text = MessageText.Encode(body.Span);
        var receipt = await StorageCall.WriteAsync(
            "PutMessage",
            client.Name,
            () => client.SendMessageAsync(text, WholeSeconds(delay), AzureLayout.NeverExpires, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return new MessageReceipt(queue, receipt.Value.MessageId, receipt.Value.PopReceipt);
    }

    public async ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string queue, int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        StorageGuard.Receive(max, lease);
        var client = Client(queue);
        var messages = await StorageCall.WriteAsync(
            "GetMessages", client.Name, () => client.ReceiveMessagesAsync(max, WholeSeconds(lease), cancellationToken), cancellationToken).ConfigureAwait(false);
        return [.. messages.Value.Select(message => ToReceived(queue, message))];
    }

    public async ValueTask<MessageReceipt?> PostponeAsync(MessageReceipt receipt, TimeSpan delay, CancellationToken cancellationToken)
    {
        StorageGuard.Message(default, delay);
        var client = Client(receipt.Queue);
        var updated = await StorageCall.WriteAsync("UpdateMessage", client.Name, UpdateAsync, cancellationToken).ConfigureAwait(false);
        return updated is null ? null : receipt with { PopReceipt = updated.PopReceipt };

        async Task<UpdateReceipt?> UpdateAsync()
        {
            try
            {
                // Without a text, the message keeps the one it has.
                return await client.UpdateMessageAsync(
                    receipt.MessageId, receipt.PopReceipt, visibilityTimeout: WholeSeconds(delay), cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            catch (RequestFailedException exception) when (IsLost(exception))
            {
                return null;
            }
        }
    }

    public async ValueTask<bool> DeleteAsync(MessageReceipt receipt, CancellationToken cancellationToken)
    {
        var client = Client(receipt.Queue);
        return await StorageCall.WriteAsync("DeleteMessage", client.Name, TryDeleteAsync, cancellationToken).ConfigureAwait(false);

        async Task<bool> TryDeleteAsync()
        {
            try
            {
                await client.DeleteMessageAsync(receipt.MessageId, receipt.PopReceipt, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (RequestFailedException exception) when (IsLost(exception))
            {
                return false;
            }
        }
    }

    public async ValueTask CreateAsync(string queue, CancellationToken cancellationToken)
    {
        var client = Client(queue);
        await StorageCall.WriteAsync<Response?>(
            "CreateQueue", client.Name, async () => await client.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask<int?> CountAsync(string queue, CancellationToken cancellationToken)
    {
        var client = Client(queue);
        return await StorageCall.ReadAsync("GetQueueMetadata", client.Name, TryCountAsync, cancellationToken).ConfigureAwait(false);

        async Task<int?> TryCountAsync()
        {
            try
            {
                var properties = await client.GetPropertiesAsync(cancellationToken).ConfigureAwait(false);
                return (int)Math.Min(properties.Value.ApproximateMessagesCountLong, int.MaxValue);
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                return null;
            }
        }
    }

    private static ReceivedMessage ToReceived(string queue, QueueMessage message) => new(
        new MessageReceipt(queue, message.MessageId, message.PopReceipt),
        MessageText.Decode(message.Body),
        (int)Math.Min(message.DequeueCount, int.MaxValue),
        message.InsertedOn ?? DateTimeOffset.UnixEpoch);

    /// <summary>The message is gone (404), or was received by somebody else since (the service says 400, Azurite too).</summary>
    private static bool IsLost(RequestFailedException exception) =>
        exception.Status == 404 || exception.ErrorCode == QueueErrorCode.PopReceiptMismatch.ToString();

    /// <summary>The service counts whole seconds. Rounded up, since a timer that is early must be put back and one that is late need not.</summary>
    private static TimeSpan WholeSeconds(TimeSpan span) => TimeSpan.FromSeconds(Math.Ceiling(span.TotalSeconds));

    private QueueClient Client(string queue) => _clients.GetOrAdd(
        queue, static (name, owner) => owner.Service.GetQueueClient(owner.Layout.Queue(name)), (Service: service, Layout: layout));
}
