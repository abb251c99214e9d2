using Microsoft.Extensions.Logging;
using Serverless.Engine;
using Serverless.Storage;

namespace Serverless.Functions.Polling;

/// <summary>
/// Keeps one received message hidden while its handler runs. Each renewal voids the receipt before it, so renewals and the final
/// delete or postpone are serialised here.
/// </summary>
internal sealed partial class MessageLease : IAsyncDisposable
{
    private readonly IQueueStore _queues;
    private readonly MessageHold _hold;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;
    private MessageReceipt _receipt;

    public MessageLease(IQueueStore queues, MessageReceipt receipt, MessageHold hold, TimeSpan lease, TimeProvider time, ILogger logger)
    {
        _hold = hold;
        _queues = queues;
        _receipt = receipt;
        _lease = lease;
        _time = time;
        _logger = logger;
        _renewing = RenewAsync();
    }

    /// <summary>Stops renewing and returns the receipt that is valid now. If the message was lost to somebody else, using it does nothing.</summary>
    public async Task<MessageReceipt> ReleaseAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        return _receipt;
    }

    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        _stop.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_lease / 2, _time, _stop.Token);
                if (!await TryRenewAsync())
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Released.
        }
    }

    private async Task<bool> TryRenewAsync()
    {
        try
        {
            // Not cancelled by the release: a renewal that was cut off would leave nobody with the valid receipt.
            var asked = _hold.Now;
            if (await _queues.PostponeAsync(_receipt, _lease, CancellationToken.None) is { } renewed)
            {
                _receipt = renewed;
                _hold.Granted(asked, _lease);
                return true;
            }

            _hold.Granted(asked, TimeSpan.Zero);
            LeaseLost(_receipt.Queue, _receipt.MessageId);
            return false;
        }
        catch (StorageException e)
        {
            LeaseRenewalFailed(e, _receipt.Queue, _receipt.MessageId);
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {MessageId} of queue {Queue} was taken over by another process while it was handled here; both will agree on one outcome.")]
    private partial void LeaseLost(string queue, string messageId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of message {MessageId} of queue {Queue} could not be renewed; it is tried again.")]
    private partial void LeaseRenewalFailed(Exception exception, string queue, string messageId);
}
