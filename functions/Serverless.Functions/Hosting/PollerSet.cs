using Microsoft.Extensions.Logging;
using Serverless.Engine;
using Serverless.Functions.Configuration;
using Serverless.Functions.Polling;
using Serverless.Storage;

namespace Serverless.Functions.Hosting;

/// <summary>The pollers of a self-hosted process: one per queue it serves. Under the Functions host there are none.</summary>
internal sealed class PollerSet(
    HostMode mode, EngineRuntime runtime, StoreFactory stores, QueueWakeups wakeups, ServerlessWorkflowsOptions options, TimeProvider time, ILoggerFactory loggers)
{
    public async Task RunAsync(CancellationToken stopping)
    {
        if (mode.IsCustomHandler)
        {
            return;
        }

        var queues = (runtime.Store ?? throw new InvalidOperationException("Pollers need a runtime that has started.")).Queues;
        QueuePoller Create(string queue, int maxConcurrent, Func<QueueDelivery, CancellationToken, Task> handler) => new(
            queues, new PollerSettings(queue, maxConcurrent, stores.MaxPollPause), handler, wakeups, time, loggers.CreateLogger<QueuePoller>());

        List<QueuePoller> pollers = [];
        if (runtime.BuildQueue is { } pinned)
        {
            pollers.Add(Create(pinned, options.MaxConcurrentWorkflowTasks, runtime.Handlers.HandleWorkflowAsync));
        }

        if (!options.PinnedOnly)
        {
            pollers.Add(Create(QueueNames.Workflows, options.MaxConcurrentWorkflowTasks, runtime.Handlers.HandleWorkflowAsync));
            pollers.Add(Create(QueueNames.Timers, options.MaxConcurrentWorkflowTasks, runtime.Handlers.HandleTimerAsync));
            pollers.AddRange(runtime.ActivityQueues.Select(queue => Create(queue, options.MaxConcurrentActivities, runtime.Handlers.HandleActivityAsync)));
        }

        await Task.WhenAll(pollers.Select(poller => poller.RunAsync(stopping)));
        pollers.ForEach(poller => poller.Dispose());
    }
}
