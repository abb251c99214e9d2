using Microsoft.Extensions.Logging;
using Serverless.Engine;
using Serverless.Functions.Configuration;
using Serverless.Functions.Polling;
using Serverless.Storage;

namespace Serverless.Functions.Hosting;

/// <summary>
/// The pollers of a self-hosted process: one per queue from which it takes what its code can do. Timers belong to workflows: what becomes due wakes them. Under the
/// Functions host there are no pollers.
/// </summary>
internal sealed class PollerSet(
    HostMode mode, EngineRuntime runtime, StoreFactory stores, QueueWakeups wakeups, ServerlessWorkflowsOptions options, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>Queues, within the hub, that are polled.</summary>
    public IReadOnlyList<string> Queues => [.. Plan().Select(static p => p.Queue)];

    public async Task RunAsync(CancellationToken stopping)
    {
        var queues = (runtime.Store ?? throw new InvalidOperationException("Pollers need a runtime that has started.")).Queues;
        QueuePoller Create(string queue, int maxConcurrent, Func<QueueDelivery, CancellationToken, Task> handler) => new(
            queues, new PollerSettings(queue, maxConcurrent, stores.MaxPollPause, options.MessageLease), handler, wakeups, time, loggers.CreateLogger<QueuePoller>());

        List<QueuePoller> pollers = [.. Plan().Select(p => Create(p.Queue, p.MaxConcurrent, p.Handler(runtime.Handlers)))];
        await Task.WhenAll(pollers.Select(poller => poller.RunAsync(stopping)));
        pollers.ForEach(poller => poller.Dispose());
    }

    private IEnumerable<(string Queue, int MaxConcurrent, Func<IMessageHandlers, Func<QueueDelivery, CancellationToken, Task>> Handler)> Plan()
    {
        if (mode.IsCustomHandler)
        {
            yield break;
        }

        if (runtime.RunsWorkflows && runtime.BuildQueue is { } pinned)
        {
            yield return (pinned, options.MaxConcurrentWorkflowTasks, static handlers => handlers.HandleWorkflowAsync);
        }

        if (options.PinnedOnly)
        {
            yield break;
        }

        if (runtime.RunsWorkflows)
        {
            yield return (QueueNames.Workflows, options.MaxConcurrentWorkflowTasks, static handlers => handlers.HandleWorkflowAsync);
            yield return (QueueNames.Timers, options.MaxConcurrentWorkflowTasks, static handlers => handlers.HandleTimerAsync);
        }

        foreach (var queue in runtime.ActivityQueues)
        {
            yield return (queue, options.MaxConcurrentActivities, static handlers => handlers.HandleActivityAsync);
        }
    }
}
