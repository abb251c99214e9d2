using System.Globalization;
using System.Linq.Expressions;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;
using Serverless.Operations;
using Serverless.Operations.Schedules;
using Serverless.Replay;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Behaviour;

/// <summary>How workflows are kept between tasks.</summary>
internal enum Way
{
    /// <summary>In memory: nothing is replayed as long as nothing goes wrong.</summary>
    Warm,

    /// <summary>Nowhere: each task replays the run from storage.</summary>
    Cold,
}

/// <summary>One test on one engine: its client, its clock, and looks behind the scenes.</summary>
internal sealed class BehaviourRun : IServiceProvider, IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromDays(6);
    private readonly BehaviourSetup _setup;
    private readonly Stepper _stepper = new();
    private readonly SteppingClock _clock;
    private readonly MemoryHubStore _store;
    private readonly WorkflowEngine _engine;
    private readonly CountedExecutors _executors;
    private readonly SortedDictionary<(int Rank, long Number), (ReceivedMessage Message, Func<QueueDelivery, CancellationToken, Task> Handle)> _received = [];
    private readonly List<(string Queue, int Rank, Func<QueueDelivery, CancellationToken, Task> Handle)> _queues;
    private readonly List<string> _idleQueues = [];
    private Exception? _handlerFailure;
    private bool _stopped;

    public BehaviourRun(Way way, BehaviourSetup setup)
    {
        _setup = setup;
        Way = way;
        _clock = new SteppingClock(() => TaskScheduler.Current == _stepper.Client || ClientSide.Waits);
        _store = new MemoryHubStore(_clock, hostilePages: false);
        _executors = new CountedExecutors(new WorkflowExecutorFactory(
            setup.Code.Workflows,
            setup.Executor(new ExecutorOptions(setup.Converter.PayloadConverter, setup.Converter.FailureConverter, Log)
            {
                FailureExceptionTypes = setup.FailureExceptionTypes,
                Interceptors = setup.Interceptors,
            })));
        var activities = new ActivityInvoker(
            setup.Code.Activities,
            new ActivityInvokerOptions("default") { DataConverter = setup.Converter, LoggerFactory = Log, Interceptors = setup.Interceptors, Services = this });
        var code = new EngineCode(_executors, activities, new InPlaceCodeRunner()) { DataConverter = setup.Converter };
        var options = way == Way.Cold ? setup.Engine with { CachedRuns = 0 } : setup.Engine;
        _engine = new WorkflowEngine(options, _store, code, _clock, new Random(7), Log);
        _queues =
        [
            (QueueNames.Workflows, 0, _engine.Handlers.HandleWorkflowAsync),
            (QueueNames.Timers, 1, _engine.Handlers.HandleTimerAsync),
            .. setup.TaskQueues.Prepend(options.TaskQueue).Select(queue =>
                (QueueNames.ActivitiesOf(queue, options.TaskQueue), 2, (Func<QueueDelivery, CancellationToken, Task>)_engine.Handlers.HandleActivityAsync)),
        ];
        foreach (var timed in setup.Objects.OfType<Timed>())
        {
            timed.Clock = _clock;
        }

        setup.Client.DataConverter = setup.Converter;
        var ids = 0;
        var service = new ClientSide(_engine.Service, _engine.Steering, _stepper.Engine);
        var forSystem = new SystemServices("default", options.TaskQueue, setup.Converter, _clock)
        {
            SearchAttributes = options.SearchAttributes,
            Service = service,
            Reader = _engine.Reader,
            Steering = service,
        };
        Client = new WorkflowClient(
            new WorkflowClientServices
            {
                Service = service,
                Reader = _engine.Reader,
                Completion = _engine.Completion,
                Updates = _engine.Updates,
                Resets = new ResetSide(_engine.Resets, _stepper.Engine),
                Steering = service,
                Batches = new BatchService(forSystem),
                Schedules = new ScheduleService(forSystem),
                NewId = () => $"id-{Interlocked.Increment(ref ids)}",
                Time = _clock,
            },
            setup.Client);
    }

    public Way Way { get; }

    public IWorkflowClient Client { get; }

    public CapturedLog Log { get; } = new();

    public TimeProvider Clock => _clock;

    public DateTimeOffset Now => _clock.GetUtcNow();

    public CountedExecutors Executors => _executors;

    /// <summary>The activities object of a type that the setup added.</summary>
    public T The<T>() => _setup.Objects.OfType<T>().Single();

    /// <summary>Starts a workflow; its id is "w" unless the options say otherwise.</summary>
    public Task<WorkflowHandle<TWorkflow, TResult>> StartAsync<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> call, WorkflowOptions? options = null) => Client.StartWorkflowAsync(call, options ?? new("w"));

    /// <summary>Starts a workflow; its id is "w" unless the options say otherwise.</summary>
    public Task<WorkflowHandle<TWorkflow>> StartAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> call, WorkflowOptions? options = null) =>
        Client.StartWorkflowAsync(call, options ?? new("w"));

    /// <summary>Starts a workflow and waits for its result.</summary>
    public Task<TResult> ExecuteAsync<TWorkflow, TResult>(Expression<Func<TWorkflow, Task<TResult>>> call, WorkflowOptions? options = null) =>
        Client.ExecuteWorkflowAsync(call, options ?? new("w"));

    /// <summary>Starts a workflow and waits for its end.</summary>
    public Task ExecuteAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> call, WorkflowOptions? options = null) =>
        Client.ExecuteWorkflowAsync(call, options ?? new("w"));

    /// <summary>Makes a task queue whose activities nobody runs: what is sent there stays.</summary>
    public async Task AddIdleQueueAsync(string taskQueue)
    {
        var queue = QueueNames.ActivitiesOf(taskQueue, _setup.Engine.TaskQueue);
        await _store.Queues.CreateAsync(queue, default);
        _idleQueues.Add(queue);
    }

    /// <summary>Lets time pass, and all that is due in it happen.</summary>
    public Task PassAsync(TimeSpan time) => _stepper.Engine.Start(() => Task.Delay(time, _clock));

    /// <summary>The history of a run; without a run id, of the newest.</summary>
    public Task<IReadOnlyList<HistoryEvent>> HistoryAsync(string workflowId, string? runId = null) =>
        _engine.Reader.ReadHistoryAsync(new WorkflowRef(workflowId, runId), 0, TimeSpan.Zero, default);

    /// <summary>Events of one kind in a run's history.</summary>
    public async Task<IReadOnlyList<TEvent>> EventsAsync<TEvent>(string workflowId, string? runId = null) =>
        [.. (await HistoryAsync(workflowId, runId)).OfType<TEvent>()];

    /// <summary>A workflow as the engine sees it: what is pending, what blocks it.</summary>
    public Task<WorkflowDescription> LookAsync(string workflowId) => _engine.Reader.DescribeAsync(new WorkflowRef(workflowId), default);

    /// <summary>A stored value as text.</summary>
    public string Text(Payload payload) => Convert.ToString(_setup.Converter.PayloadConverter.ToValue<object>(payload), CultureInfo.InvariantCulture) ?? "null";

    /// <summary>All runs there are, with their histories, by workflow id and order of start.</summary>
    public async Task<IReadOnlyList<(string Run, IReadOnlyList<HistoryEvent> History)>> AllAsync()
    {
        var page = await _engine.Reader.ListAsync(null, 1000, null, default);
        var all = new List<(string, IReadOnlyList<HistoryEvent>)>();
        foreach (var one in page.Workflows.OrderBy(w => w.WorkflowId, StringComparer.Ordinal).ThenBy(w => w.StartTime).ThenBy(w => w.RunId, StringComparer.Ordinal))
        {
            all.Add(($"{one.WorkflowId}/{one.RunId} ({one.WorkflowType}, {one.Status})", await HistoryAsync(one.WorkflowId, one.RunId)));
        }

        return all;
    }

    /// <summary>What activities can ask for: the client.</summary>
    public object? GetService(Type serviceType) => serviceType == typeof(IWorkflowClient) ? Client : null;

    /// <summary>Stops the engine as a process that ends does: what runs is asked to stop, and its messages stay.</summary>
    public void StopEngine()
    {
        _stopped = true;
        _engine.Stop();
    }

    /// <summary>Runs a test's body to its end.</summary>
    public async Task RunAsync(Func<BehaviourRun, Task> body)
    {
        await _store.InitializeAsync([.. _queues.Select(static q => q.Queue)], default);
        await _stepper.RunAsync(() => WithListAsync(body), TryHandleMessage, TryAdvance, Describe);
        Assert.IsNull(_handlerFailure, $"A message handler failed: {_handlerFailure}");
    }

    public void Dispose()
    {
        _engine.Stop();
        _engine.Dispose();
    }

    /// <summary>The list of workflows is written a moment after the rest.</summary>
    private async Task WithListAsync(Func<BehaviourRun, Task> body)
    {
        await body(this);
        await PassAsync(TimeSpan.FromSeconds(1));
    }

    private bool TryHandleMessage()
    {
        foreach (var (queue, rank, handle) in _queues)
        {
            // The memory store answers at once; a lease outlasts the test.
            foreach (var message in _store.Queues.ReceiveAsync(queue, 32, Lease, default).AsTask().Result)
            {
                _received.Add((rank, long.Parse(message.Receipt.MessageId[1..], CultureInfo.InvariantCulture)), (message, handle));
            }
        }

        foreach (var queue in _idleQueues)
        {
            // Taken and left alone, so that the clock does not wait for it.
            _ = _store.Queues.ReceiveAsync(queue, 32, Lease, default).AsTask().Result;
        }

        if (_received.Count == 0)
        {
            return false;
        }

        var (key, next) = _received.First();
        _received.Remove(key);
        _ = _stepper.Engine.Start(() => HandleAsync(next.Message, next.Handle));
        return true;
    }

    private async Task HandleAsync(ReceivedMessage message, Func<QueueDelivery, CancellationToken, Task> handle)
    {
        try
        {
            await handle(new QueueDelivery(message.Body, message.DequeueCount, false), default);
            await _store.Queues.DeleteAsync(message.Receipt, default);
        }
        catch (Exception e) when (!_stopped)
        {
            _handlerFailure ??= e;
        }
    }

    private bool TryAdvance()
    {
        var next = Earlier(_store.NextVisible, _clock.NextTimer(ofClients: false)) ?? _clock.NextTimer(ofClients: true);
        if (next is null)
        {
            return false;
        }

        _ = _stepper.Engine.Start(() =>
        {
            _clock.GoTo(next.Value);
            return Task.CompletedTask;
        });
        return true;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;

    private string Describe()
    {
        var ids = _store.Rows.ScanAsync(RowTable.Workflows, null, null, default).AsTask().Result.Rows.Select(static r => WorkflowKey.WorkflowId(r.Partition)!).Distinct();
        var all = ids.Select(id => LookAsync(id).Result).Where(static seen => seen.Summary.CloseTime is null).Select(static seen =>
            $"{seen.Summary.WorkflowType} '{seen.Summary.WorkflowId}' is at event {seen.State.LastEventId}, blocked: {seen.Blocked?.ToString() ?? "no"}, "
            + $"activities: {seen.State.Activities.Count}, timers: {seen.State.Timers.Count}, children: {seen.State.Children.Count}.");
        return $"{Way}, {_clock.GetUtcNow():u}. {string.Join(" ", all)} Handler failure: {_handlerFailure?.ToString() ?? "none"}.";
    }
}
