using Microsoft.Extensions.Logging;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Functions.Configuration;
using Serverless.Functions.Polling;
using Serverless.Storage;

namespace Serverless.Functions.Hosting;

/// <summary>The engine of this process over the configured store. Both are made at the start, which may fail and be repeated.</summary>
internal sealed class EngineRuntime(
    StoreFactory stores, HostMode mode, ServerlessWorkflowsOptions options, ApplicationCode code, QueueWakeups wakeups, TimeProvider time, ILoggerFactory loggers)
    : IHubRuntime, IAsyncDisposable
{
    /// <summary>The Functions host leases a message for ten minutes, so a died process must be noticed by other means.</summary>
    private static readonly TimeSpan _backupAfterUnderFunctions = TimeSpan.FromSeconds(2);

    private IHubStore? _store;
    private WorkflowEngine? _engine;

    public IMessageHandlers Handlers => Engine.Handlers;

    public IWorkflowService Service => Engine.Service;

    public IWorkflowReader Reader => Engine.Reader;

    public IActivityCompletionService Completion => Engine.Completion;

    public IUpdateReader Updates => Engine.Updates;

    public WorkflowTypeList WorkflowTypes => code.WorkflowTypes;

    public IHubStore? Store => _store;

    public IReadOnlyList<string> ActivityQueues { get; } =
        [.. options.ActivityTaskQueues.Prepend(options.TaskQueue).Select(queue => QueueNames.ActivitiesOf(queue, options.TaskQueue)).Distinct(StringComparer.Ordinal)];

    private WorkflowEngine Engine => _engine ?? throw new HubNotReadyException(null);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _store ??= stores.Open();
        await _store.InitializeAsync([.. WorkflowEngine.Queues.Concat(ActivityQueues).Distinct(StringComparer.Ordinal)], cancellationToken);
        var settings = new EngineOptions
        {
            Hub = options.Hub,
            Identity = $"{Environment.ProcessId}@{Environment.MachineName}",
            BuildId = options.BuildId,
            TaskQueue = options.TaskQueue,
            MaxConcurrentActivities = options.MaxConcurrentActivities,
            BackupAfter = mode.IsCustomHandler ? _backupAfterUnderFunctions : null,
        };
        _engine = new WorkflowEngine(settings, new WakingHubStore(_store, wakeups), code.Create(new PoolCodeRunner(time)), time, new Random(), loggers);
    }

    public void Stop() => _engine?.Stop();

    public async ValueTask DisposeAsync()
    {
        _engine?.Dispose();
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }
}
