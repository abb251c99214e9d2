using Microsoft.Extensions.Logging;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Takes back what a host put aside because its process died over it each time: the obligation goes to the timers queue, due in a while, so that
/// a message that kills processes does so seldom. What can't be read stays where it is, for people to look at.
/// </summary>
internal sealed partial class PoisonSweep(EngineServices services)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(5);
    private readonly ILogger _logger = services.Logger;

    /// <summary>Name of the queue where a host puts a queue's failed messages.</summary>
    public static string PoisonOf(string queue) => $"{queue}-poison";

    /// <param name="queues">Queues whose poison twins are looked at; those that do not exist are skipped.</param>
    /// <param name="cancellationToken">Gives up between messages.</param>
    public async Task RunAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        foreach (var queue in queues)
        {
            var poison = PoisonOf(queue);
            if (await services.Retry.ReadAsync(() => services.Store.Queues.CountAsync(poison, cancellationToken), cancellationToken) is not > 0)
            {
                continue;
            }

            while (await services.Store.Queues.ReceiveAsync(poison, StorageLimits.MaxReceive, Wait, cancellationToken) is { Count: > 0 } messages)
            {
                foreach (var message in messages)
                {
                    await TakeBackAsync(poison, message, cancellationToken);
                }
            }
        }
    }

    private async Task TakeBackAsync(string poison, ReceivedMessage message, CancellationToken cancellationToken)
    {
        try
        {
            var work = WorkMessage.Decode(message.Body);
            await QueueSending.SendAsync(
                services.Store.Queues, services.Retry, QueueNames.Timers, work with { DueAt = services.Time.GetUtcNow() + Wait, IsRepeated = true }, Wait, cancellationToken);
            await services.Store.Queues.DeleteAsync(message.Receipt, cancellationToken);
            LogTakenBack(work.Kind, work.WorkflowId, poison);
        }
        catch (InvalidDataException e)
        {
            LogUnreadable(message.Receipt.MessageId, poison, e);
        }
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "{Kind} message of workflow '{WorkflowId}' is taken back from {Queue} and tried again in 5 minutes")]
    private partial void LogTakenBack(WorkKind kind, string workflowId, string queue);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "Message {MessageId} in {Queue} can't be read and is left there")]
    private partial void LogUnreadable(string messageId, string queue, Exception e);
}
