using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Client.Interceptors;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.History;
using Serverless.Replay;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>An engine on a strict memory store, its queues served by a pump, its clock running fast.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private static readonly TimeSpan RealLimit = TimeSpan.FromSeconds(20);
    private static readonly ConditionalWeakTable<FakeTimeProvider, ConcurrentDictionary<EngineHost, bool>> Clocks = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _inFlightLock = new();
    private readonly List<Task> _inFlight = [];
    private bool _receiving;
    private readonly string? _buildQueue;
    private readonly Task _pump;
    private readonly Lock _clockLock = new();
    private int _holds;
    private readonly EngineOptions _options;

    public EngineHost(
        IEnumerable<Type> workflows,
        object? activities = null,
        EngineOptions? options = null,
        IHubStore? store = null,
        FakeTimeProvider? time = null,
        DataConverter? converter = null,
        IWorkerInterceptor? interceptor = null)
    {
        Time = time ?? new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        Store = store ?? new MemoryHubStore(Time);
        converter ??= DataConverter.Default;
        var executors = new WorkflowExecutorFactory(
            workflows.Select(WorkflowDefinition.Create), new ExecutorOptions(converter.PayloadConverter, converter.FailureConverter, NullLoggerFactory.Instance)
            {
                Interceptors = interceptor is null ? [] : [interceptor],
            });
        var invoker = new ActivityInvoker(
            activities is null ? [] : ActivityDefinition.CreateAll(activities.GetType(), activities),
            new ActivityInvokerOptions("default") { DataConverter = converter, Interceptors = interceptor is null ? [] : [interceptor] });
        Code = new EngineCode(executors, invoker, new InPlaceCodeRunner()) { DataConverter = converter };
        _options = options ?? Options;
        
        // Two processes on one store don't make the same ids.
        Engine = new WorkflowEngine(_options, Store, Code, Time, new Random(_options.Identity.Sum(static c => c)), NullLoggerFactory.Instance);
        _buildQueue = options?.BuildId is { } build ? QueueNames.WorkflowsOf(build) : null;
        Store.InitializeAsync([.. WorkflowEngine.Queues.Union(_options.ActivityQueues), .. _buildQueue is null ? (string[])[] : [_buildQueue]], default).AsTask().GetAwaiter().GetResult();
        Clocks.GetOrCreateValue(Time)[this] = true;
        var ids = 0;
        Client = new WorkflowClient(
            Engine.ForClient(() => $"id-{Interlocked.Increment(ref ids)}"),
            new WorkflowClientOptions { DataConverter = converter, Interceptors = interceptor is IClientInterceptor forClients ? [forClients] : null });
        _pump = PumpAsync();
    }

    /// <summary>How long a received message is hidden. The pump never renews it.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True: takes from its build's queue only.</summary>
    public bool PinnedOnly { get; set; }

    public static EngineOptions Options { get; } = new()
    {
        Identity = "test",
        GroupCommitDelay = TimeSpan.Zero,
        SearchAttributes = new Dictionary<string, IndexedValueType>
        {
            ["AKeyword"] = IndexedValueType.Keyword,
            ["AText"] = IndexedValueType.Text,
            ["ALong"] = IndexedValueType.Int,
            ["ADouble"] = IndexedValueType.Double,
            ["ABool"] = IndexedValueType.Bool,
            ["ATime"] = IndexedValueType.Datetime,
            ["AList"] = IndexedValueType.KeywordList,
            ["Round"] = IndexedValueType.Int,
            ["Size"] = IndexedValueType.Int,
            ["Rank"] = IndexedValueType.Int,
            ["Tier"] = IndexedValueType.Keyword,
            ["k"] = IndexedValueType.Keyword,
        },
    };

    public FakeTimeProvider Time { get; }

    public IHubStore Store { get; }

    public EngineCode Code { get; }

    public WorkflowEngine Engine { get; }

    public WorkflowClient Client { get; }

    /// <summary>True when no message is being handled.</summary>
    public bool IsQuiet
    {
        get
        {
            lock (_inFlightLock)
            {
                return !_receiving && _inFlight.TrueForAll(static t => t.IsCompleted);
            }
        }
    }

    /// <summary>How far the clock goes in each turn of the pump while something is under way.</summary>
    public TimeSpan Creep { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>False: the clock only creeps. What an eager start does is in no message, and the pump would take it for idleness.</summary>
    public bool Jumps { get; init; } = true;

    /// <summary>Where the clock stops jumping, as soon as nothing is under way: from there it creeps. Null: nowhere.</summary>
    public DateTimeOffset? StopAt { get; set; }

    /// <summary>When the next message becomes visible; null when there is none.</summary>
    public DateTimeOffset? NextVisible => (Inner(Store) as MemoryHubStore)?.NextVisible;

    public Exception? HandlerFailure { get; private set; }

    public static Payload Value(object? value) => DataConverter.Default.PayloadConverter.ToPayload(value);

    public static T Of<T>(Payload? payload) => DataConverter.Default.PayloadConverter.ToValue<T>(payload!);

    public Task<StartResult> StartAsync(string type, string id, bool eager, params object?[] args) => Engine.Service.StartAsync(
        new StartRequest(id, new WorkflowStarted(type, "default", [.. args.Select(Value)])) { Eager = eager }, default);

    public async Task<CloseResult> CloseAsync(string id, bool follow = true)
    {
        // Real time bounds the wait: virtual time runs as fast as the pump turns.
        var waiting = Engine.Service.WaitForCloseAsync(new WorkflowRef(id), follow, TimeSpan.FromDays(4000), default);
        await Task.WhenAny(waiting, Task.Delay(RealLimit));
        if (!waiting.IsCompleted)
        {
            var description = await Engine.Reader.DescribeAsync(new WorkflowRef(id), default);
            Assert.Fail($"'{id}' is still {description.Summary.Status}; blocked: {description.Blocked}; handler failure: {HandlerFailure}; "
                + $"last event {description.State.LastEventId}; activities {description.State.Activities.Count}; timers {description.State.Timers.Count}");
        }

        return (await waiting)!;
    }

    public async Task<T> ResultAsync<T>(string id)
    {
        var close = await CloseAsync(id);
        return close.Closed is WorkflowCompleted completed
            ? Of<T>(completed.Result)
            : throw new AssertFailedException($"'{id}' ended with {close.Closed}");
    }

    public Task SignalAsync(string id, string name, params object?[] args) =>
        Engine.Service.SignalAsync(new WorkflowRef(id), new WorkflowSignaled(name, [.. args.Select(Value)]), null, default);

    public async Task<T> QueryAsync<T>(string id, string name) =>
        Of<T>(await Engine.Service.QueryAsync(new WorkflowRef(id), name, [], WorkflowStarted.Empty, default));

    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(RealLimit);
        while (!await condition())
        {
            Assert.IsFalse(limit.IsCancellationRequested, $"Waited too long for: {what}. Handler failure: {HandlerFailure}");
            await Task.Yield();
        }
    }

    /// <summary>Keeps the pump from moving the clock until the result is disposed.</summary>
    public IDisposable Hold() => new Held(this);

    /// <summary>Lets virtual time pass, and no more than that.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        using var held = Hold();
        var until = Time.GetUtcNow() + time;
        await UntilAsync(
            () =>
            {
                Time.Advance(TimeSpan.FromSeconds(10));
                return Task.FromResult(Time.GetUtcNow() >= until);
            },
            "time");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _pump;
        Clocks.GetOrCreateValue(Time).TryRemove(this, out _);
        Engine.Stop();
        Engine.Dispose();
    }

    private async Task PumpAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var busy = false;
            foreach (var (queue, handle) in Handlers())
            {
                Note(receiving: true);
                foreach (var message in await Store.Queues.ReceiveAsync(queue, 32, Lease, default))
                {
                    busy = true;
                    var handling = HandleAsync(message, handle);
                    lock (_inFlightLock)
                    {
                        _inFlight.Add(handling);
                    }
                }

                Note(receiving: false);
            }

            lock (_inFlightLock)
            {
                _inFlight.RemoveAll(static t => t.IsCompleted);
            }

            await Task.Delay(1);
            if (!busy)
            {
                Skip();
            }
        }
    }

    // What was received and is not yet handled must not look like rest.
    private void Note(bool receiving)
    {
        lock (_inFlightLock)
        {
            _receiving = receiving;
        }
    }

    // While something is under way, time creeps; when nothing is, it jumps to the next message.
    private void Skip()
    {
        lock (_clockLock)
        {
            if (_holds > 0 || IsDead)
            {
                // The test moves the clock, or another host lives on it.
                return;
            }

            var now = Time.GetUtcNow();
            var next = NextVisible;
            var idle = Jumps && next > now && Clocks.GetOrCreateValue(Time).Keys.All(static host => host.IsDead || host.IsQuiet);
            if (StopAt is { } stop && Clocks.GetOrCreateValue(Time).Keys.All(static host => host.IsDead || host.IsQuiet) && !(next <= stop))
            {
                Time.Advance(stop > now ? stop - now : Creep);
                return;
            }

            Time.Advance(idle ? next!.Value - now : Creep);
        }
    }

    private bool IsDead => Store is FaultyHubStore { IsDead: true };

    private static IHubStore Inner(IHubStore store) => store switch
    {
        FaultyHubStore faulty => faulty.Inner,
        RecordingHubStore recording => recording.Inner,
        _ => store,
    };

    private IEnumerable<(string, Func<QueueDelivery, CancellationToken, Task>)> Handlers()
    {
        if (_buildQueue is not null)
        {
            yield return (_buildQueue, Engine.Handlers.HandleWorkflowAsync);
        }

        if (PinnedOnly)
        {
            yield break;
        }

        if (_options.RunsWorkflows)
        {
            yield return (QueueNames.Workflows, Engine.Handlers.HandleWorkflowAsync);
        }

        foreach (var queue in _options.ActivityQueues)
        {
            yield return (queue, Engine.Handlers.HandleActivityAsync);
        }

        yield return (QueueNames.Timers, Engine.Handlers.HandleTimerAsync);
    }

    private async Task HandleAsync(ReceivedMessage message, Func<QueueDelivery, CancellationToken, Task> handle)
    {
        try
        {
            await handle(new QueueDelivery(message.Body, message.DequeueCount, message.DequeueCount >= 5), default);
            await Store.Queues.DeleteAsync(message.Receipt, default);
        }
        catch (Exception e)
        {
            HandlerFailure = e;
        }
    }

    private sealed class Held : IDisposable
    {
        private readonly EngineHost _host;

        public Held(EngineHost host)
        {
            _host = host;
            Count(1);
        }

        public void Dispose() => Count(-1);

        private void Count(int change)
        {
            lock (_host._clockLock)
            {
                _host._holds += change;
            }
        }
    }
}
