using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Client.Schedules;
using Serverless.Converters;
using Serverless.Maintenance;
using Serverless.Operations;
using Serverless.Operations.Schedules;
using Serverless.Replay;
using Serverless.Storage;
using Serverless.Visibility;

namespace Serverless.Engine;

/// <summary>The engine of one process on one hub: what hosts feed with messages and clients ask.</summary>
internal sealed class WorkflowEngine : IDisposable
{
    private readonly CancellationTokenSource _shutdown = new();
    private readonly EngineServices _services;

    /// <summary>Workflow ids for whose next commit somebody waits in this process.</summary>
    public int Watched => _services.Watchers.Count;

    public WorkflowEngine(EngineOptions options, IHubStore store, EngineCode code, TimeProvider time, Random random, ILoggerFactory loggers)
    {
        var forSystem = new SystemServices(options.Hub, options.TaskQueue, code.DataConverter with { PayloadConverter = DataConverter.Default.PayloadConverter }, time)
        {
            SearchAttributes = options.SearchAttributes,
        };
        var system = new SystemCode(forSystem, loggers);
        var all = code with { Workflows = system.With(code.Workflows), Activities = system.With(code.Activities) };
        _services = EngineServices.Create(options, store, all, time, random, loggers.CreateLogger("Serverless.Engine"), _shutdown.Token);
        var starter = new WorkflowStarter(_services);
        var running = new RunningActivities();
        var dispatcher = new Dispatcher(_services, starter, running);
        var loader = new RunLoader(_services);
        var parts = new ChainParts(
            loader,
            dispatcher,
            new ClosingDispatch(_services, dispatcher, running),
            new ActivityRunner(_services, running),
            new ActivitySlots(options.MaxConcurrentActivities, options.ActivityLimits),
            new SharedLimits(_services),
            new ActivityQueues(_services));
        var mailboxes = new Mailboxes(_services, parts);
        var runs = new RunReader(_services, loader, starter);
        var updates = new WorkflowUpdates(_services, starter, runs);
        var service = new WorkflowService(_services, parts, starter, mailboxes, runs, updates);
        loader.Wake = id => mailboxes.DeliverAsync(id, new Delivery(_services.Ids.NextUlid()) { HasMessage = false });
        dispatcher.TerminateAsync = service.TerminateChildAsync;
        dispatcher.StartAsync = service.StartRecordedAsync;
        forSystem.Service = Service = service;
        forSystem.Steering = Steering = new WorkflowSteering(_services, starter, runs);
        Updates = updates;
        forSystem.Resets = Resets = new WorkflowResets(_services);
        Completion = new ActivityCompletion(_services, runs, parts.Runner);
        forSystem.Reader = Reader = new WorkflowReader(_services, runs, new WorkflowLister(_services.Visibility, _services.Time));
        Batches = new BatchService(forSystem);
        Schedules = new ScheduleService(forSystem);
        Handlers = new MessageHandlers(_services, parts, mailboxes);
        Hub = new HubService(_services, parts, new WhyReader(_services, runs, starter, running), Reader);
    }

    public IWorkflowService Service { get; }

    public IWorkflowSteering Steering { get; }

    public IWorkflowReader Reader { get; }

    public IActivityCompletionService Completion { get; }

    public IWorkflowResetService Resets { get; }

    public IUpdateReader Updates { get; }

    public IBatchService Batches { get; }

    public IScheduleService Schedules { get; }

    public IMessageHandlers Handlers { get; }

    public IHubService Hub { get; }

    /// <summary>Queues that every hub has.</summary>
    public static IReadOnlyList<string> Queues { get; } = [QueueNames.Workflows, QueueNames.Activities, QueueNames.Timers];

    /// <summary>What a client of this engine works with.</summary>
    /// <param name="newId">Makes ids of requests, updates and batches.</param>
    public WorkflowClientServices ForClient(Func<string> newId) => new()
    {
        Service = Service,
        Reader = Reader,
        Completion = Completion,
        Updates = Updates,
        Schedules = Schedules,
        Steering = Steering,
        Batches = Batches,
        Resets = Resets,
        NewId = newId,
        Time = _services.Time,
    };

    /// <summary>Creates what is missing in storage.</summary>
    public async Task InitializeAsync(CancellationToken cancellationToken) => await _services.Store.InitializeAsync(Queues, cancellationToken);

    /// <summary>Takes back what hosts put aside; see <see cref="PoisonSweep"/>.</summary>
    public Task SweepPoisonAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) => new PoisonSweep(_services).RunAsync(queues, cancellationToken);

    /// <summary>Asks running activities to stop and lets nothing new begin; messages in hand come back to others.</summary>
    public void Stop() => _shutdown.Cancel();

    public void Dispose() => _shutdown.Dispose();
}

/// <summary>The user code of an application, and where it runs.</summary>
internal sealed record EngineCode(IWorkflowExecutorFactory Workflows, IActivityInvoker Activities, ICodeRunner Runner)
{
    /// <summary>The converter of workflows and activities: the engine applies its codec around workflow code. Default: no codec.</summary>
    public DataConverter DataConverter { get; init; } = DataConverter.Default;
}
