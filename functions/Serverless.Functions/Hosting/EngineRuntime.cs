using Microsoft.Extensions.Logging;
using Serverless.Client;
using Serverless.Client.Schedules;
using Serverless.Engine;
using Serverless.Functions.Configuration;
using Serverless.Functions.Hosting.Code;
using Serverless.Functions.Polling;
using Serverless.Storage;

namespace Serverless.Functions.Hosting;

/// <summary>
/// The engine of this process over the configured store. Both are made at the start, which may fail and be repeated; before it, asking for the engine's parts throws.
/// </summary>
internal sealed class EngineRuntime(
    StoreFactory stores, HostMode mode, ServerlessWorkflowsOptions options, ApplicationCode code, QueueWakeups wakeups, TimeProvider time, ILoggerFactory loggers)
    : IAsyncDisposable
{
    /// <summary>The Functions host leases a message for ten minutes, so a died process must be noticed by other means.</summary>
    private static readonly TimeSpan _backupAfterUnderFunctions = TimeSpan.FromSeconds(2);

    private IHubStore? _store;
    private WorkflowEngine? _engine;

    public IMessageHandlers Handlers => Engine.Handlers;

    public IWorkflowService Service => Engine.Service;

    public IWorkflowReader Reader => Engine.Reader;

    public IHubService Hub => Engine.Hub;

    public IWorkflowSteering Steering => Engine.Steering;

    public IBatchService Batches => Engine.Batches;
    public IWorkflowResetService Resets => Engine.Resets;

    public IScheduleService Schedules => Engine.Schedules;

    /// <inheritdoc cref="WorkflowEngine.ForClient"/>
    public WorkflowClientServices ForClient(Func<string> newId) => Engine.ForClient(newId);

    /// <summary>Types that this process can run.</summary>
    public WorkflowTypeList WorkflowTypes => code.WorkflowTypes;

    /// <summary>The store as it was opened, which wakes no poller; null before.</summary>
    public IHubStore? Store => _store;

    /// <summary>True when it has workflows to run.</summary>
    public bool RunsWorkflows { get; } = options.Registrations.Workflows.Count > 0;

    /// <summary>The queues, within the hub, whose activities this process runs; none when it has no activities.</summary>
    public IReadOnlyList<string> ActivityQueues { get; } = options.Registrations.Activities.Count == 0
        ? []
        : [.. options.ActivityTaskQueues.Prepend(options.TaskQueue).Select(queue => QueueNames.ActivitiesOf(queue, options.TaskQueue)).Distinct(StringComparer.Ordinal)];

    /// <summary>The queue, within the hub, of what is pinned to this build; null when builds are not named.</summary>
    public string? BuildQueue { get; } = options.BuildId is { } build ? QueueNames.WorkflowsOf(build) : null;

    private WorkflowEngine Engine => _engine ?? throw new HubNotReadyException(null);

    /// <summary>Creates what the hub lacks in storage and takes up work. Throws when storage can't be reached; may be called again then.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _store ??= stores.Open();
        string[] queues = [.. WorkflowEngine.Queues.Concat(ActivityQueues).Concat(BuildQueue is null ? [] : [BuildQueue]).Distinct(StringComparer.Ordinal)];
        await _store.InitializeAsync(queues, cancellationToken);
        var settings = new EngineOptions
        {
            Hub = options.Hub,
            Identity = $"{Environment.ProcessId}@{Environment.MachineName}",
            BuildId = options.BuildId,
            RunsWorkflows = RunsWorkflows,
            PinnedOnly = options.PinnedOnly,
            TaskQueue = options.TaskQueue,
            ActivityQueues = ActivityQueues,
            MaxConcurrentActivities = options.MaxConcurrentActivities,
            ActivityLimits = options.ActivityLimits.ByType,
            SearchAttributes = options.SearchAttributes.ByName,
            Retention = options.Retention,
            BackupAfter = mode.IsCustomHandler ? _backupAfterUnderFunctions : null,
        };
        MemoryWatch.EndWhenExhausted();
        var engine = new WorkflowEngine(settings, new WakingHubStore(_store, wakeups), code.Create(new GuardedCodeRunner(time, MemoryWatch.IsShort, loggers.CreateLogger<GuardedCodeRunner>())), time, new Random(), loggers);
        await engine.SweepPoisonAsync(queues, cancellationToken);
        _engine = engine;
    }

    /// <summary>Asks what still runs to give up now; its messages come back to others.</summary>
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
