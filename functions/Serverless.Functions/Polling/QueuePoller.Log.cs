using Microsoft.Extensions.Logging;

namespace Serverless.Functions.Polling;

internal sealed partial class QueuePoller
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Queue {Queue} could not be read; it is tried again.")]
    private partial void PollFailed(Exception exception, string queue);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {MessageId} of queue {Queue} failed at attempt {Attempt}; it comes back.")]
    private partial void HandlerFailed(Exception exception, string queue, string messageId, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {MessageId} of queue {Queue} failed for the last time and is put aside in {PoisonQueue}.")]
    private partial void PutAside(Exception exception, string queue, string messageId, string poisonQueue);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {MessageId} of queue {Queue} could not be deleted or put back; it comes back when its lease ends.")]
    private partial void SettleFailed(Exception exception, string queue, string messageId);
}
