using Microsoft.Extensions.Logging;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>
/// What becomes of a message over which process after process died, so that none of them could say so: it is tried again seldom, and its workflow is blocked, which makes it visible.
/// </summary>
internal sealed partial class FatalMessages(EngineServices services)
{
    /// <summary>A message that was delivered more often than this is taken to have ended those who had it. The same number as maxDequeueCount in host.json.</summary>
    public const int MaxDeliveries = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);
    private readonly ILogger _logger = services.Logger;

    /// <summary>Puts it off. Repeating it is harmless.</summary>
    public async Task PutOffAsync(WorkMessage message, int deliveries)
    {
        LogFatal(message.Kind, message.WorkflowId, deliveries);
        var again = message with { DueAt = services.Time.GetUtcNow() + Pause, IsRepeated = true };
        await QueueSending.SendAsync(services.Store.Queues, services.Retry, QueueNames.Timers, again, Pause, services.Shutdown);
        if (message.Kind is WorkKind.Bucket or WorkKind.Retention or WorkKind.Removal
            || await services.Reading.ReadWarmAsync(message.WorkflowId, services.Shutdown) is not { Head.IsOpen: true } warm)
        {
            return;
        }

        var cause = new WorkflowTaskFailedException(
            WorkflowTaskFailedCause.ProcessDied,
            $"A message for it was taken {deliveries} times, and no process lived to say what became of it. Code that ends its process does that: a stack overflow, too much memory, an exit. "
            + "The logs of the dead processes say how they ended.");
        if (await services.Blocking.BlockAsync(LiveRun.FromHead(message.WorkflowId, warm), cause, services.Shutdown, Pause))
        {
            await services.Blocked.AddAsync(message.WorkflowId, services.Shutdown);
        }
    }

    [LoggerMessage(
        EventId = 5, Level = LogLevel.Error,
        Message = "{Kind} message of workflow '{WorkflowId}' was taken {Count} times and never answered: its processes died, or stood still; it is tried again in 5 minutes")]
    private partial void LogFatal(WorkKind kind, string workflowId, int count);
}
