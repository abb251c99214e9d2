using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Client.Interceptors;
using Serverless.Client.Schedules;
using Serverless.Engine;
using Serverless.Functions;
using Serverless.Functions.Hosting;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Docs;

/// <summary>
/// Hosts a page's code on the engine over a store in memory. When nothing is under way time stands still, until the page's client waits; then it
/// jumps to what comes next. So an example prints the same every time, and years take no time. No run is
/// kept in memory: each task replays the page's workflows from their record.
/// </summary>
internal sealed class PageHost : IAsyncDisposable
{
    /// <summary>Looks that must find nothing to do before time jumps: what the last one set going has had its turn then.</summary>
    private const int QuietLooks = 10;
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Creep = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Stride = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _inFlight = [];
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private readonly MemoryHubStore _store;
    private readonly WorkflowEngine _engine;
    private readonly ServiceProvider _services;
    private readonly IReadOnlyList<(string Queue, Func<QueueDelivery, CancellationToken, Task> Handle)> _queues;
    private readonly Task _pump;
    private int _calling;
    private int _waiting;
    private int _quiet;
    private (DateTimeOffset Until, TaskCompletionSource Done)? _passing;

    public PageHost(ServerlessWorkflowsOptions options, IServiceCollection services)
    {
        _store = new MemoryHubStore(_time, hostilePages: false);
        _services = services.AddLogging().AddMetrics().AddSingleton<TimeProvider>(_time).BuildServiceProvider();
        var code = new ApplicationCode(options, _services, NullLoggerFactory.Instance);
        var settings = new EngineOptions
        {
            Hub = options.Hub,
            Identity = "example",
            BuildId = options.BuildId,
            TaskQueue = options.TaskQueue,
            SearchAttributes = options.SearchAttributes.ByName,
            CachedRuns = 0,
            GroupCommitDelay = TimeSpan.Zero,
        };
        _engine = new WorkflowEngine(settings, _store, code.Create(new InPlaceCodeRunner()), _time, new Random(7), NullLoggerFactory.Instance);
        var activities = options.ActivityTaskQueues.Prepend(options.TaskQueue).Select(queue => QueueNames.ActivitiesOf(queue, options.TaskQueue));
        _queues =
        [
            (QueueNames.Workflows, _engine.Handlers.HandleWorkflowAsync),
            (QueueNames.Timers, _engine.Handlers.HandleTimerAsync),
            .. activities.Select(queue => (queue, (Func<QueueDelivery, CancellationToken, Task>)_engine.Handlers.HandleActivityAsync)),
        ];
        Client = CreateClient(options);
        _pump = PumpAsync();
    }

    public WorkflowClient Client { get; }

    /// <summary>Workflow ids that the client started.</summary>
    public ConcurrentQueue<string> Started { get; } = new();

    /// <summary>Why a message could not be handled; null when all could.</summary>
    public Exception? HandlerFailure { get; private set; }

    /// <summary>Lets time pass, with all that happens in it.</summary>
    public Task PassAsync(TimeSpan time)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _passing = (_time.GetUtcNow() + time, done);
        return done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _pump;
        _engine.Stop();
        _engine.Dispose();
        await _services.DisposeAsync();
    }

    private WorkflowClient CreateClient(ServerlessWorkflowsOptions options)
    {
        var ids = 0;
        return new WorkflowClient(
            _engine.ForClient(() => $"id-{Interlocked.Increment(ref ids)}"),
            new WorkflowClientOptions
            {
                Namespace = options.Hub,
                DefaultTaskQueue = options.TaskQueue,
                DataConverter = options.DataConverter,
                Interceptors = [new ClientWatch(this)],
            });
    }

    private async Task PumpAsync()
    {
        await _store.InitializeAsync([.. _queues.Select(static q => q.Queue).Distinct()], default);
        while (!_stop.IsCancellationRequested)
        {
            foreach (var (queue, handle) in _queues)
            {
                foreach (var message in await _store.Queues.ReceiveAsync(queue, StorageLimits.MaxReceive, Lease, default))
                {
                    _quiet = 0;
                    _inFlight.Add(HandleAsync(message, handle));
                }
            }

            _inFlight.RemoveAll(static t => t.IsCompleted);
            await Task.Delay(1);
            Advance();
        }
    }

    private void Advance()
    {
        var now = _time.GetUtcNow();
        var passing = _passing;
        if (_inFlight.Count > 0 || _calling > 0)
        {
            // What runs may itself wait for time.
            _quiet = 0;
            _time.Advance(_waiting > 0 || passing is not null ? Stride : Creep);
            return;
        }

        if (++_quiet < QuietLooks)
        {
            return;
        }

        _quiet = 0;
        var next = _store.NextVisible;
        if (passing is { } pass)
        {
            var until = next < pass.Until ? next.Value : pass.Until;
            if (until > now)
            {
                _time.Advance(until - now);
            }
            else if (pass.Until <= now)
            {
                _passing = null;
                pass.Done.SetResult();
            }
        }
        else if (_waiting > 0 && next > now)
        {
            _time.Advance(next.Value - now);
        }
    }

    private async Task HandleAsync(ReceivedMessage message, Func<QueueDelivery, CancellationToken, Task> handle)
    {
        try
        {
            await handle(new QueueDelivery(message.Body, message.DequeueCount, IsLastAttempt: false), default);
            await _store.Queues.DeleteAsync(message.Receipt, default);
        }
        catch (Exception e)
        {
            HandlerFailure = e;
        }
    }

    /// <summary>Knows what the client started, and when it waits for something that only time may bring.</summary>
    private sealed class ClientWatch(PageHost host) : IClientInterceptor
    {
        public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new Outbound(host, nextInterceptor);

        private sealed class Outbound(PageHost host, ClientOutboundInterceptor next) : ClientOutboundInterceptor(next)
        {
            public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input)
            {
                host.Started.Enqueue(input.Options.Id ?? "");
                return CallAsync(base.StartWorkflowAsync<TWorkflow, TResult>(input));
            }

            public override Task<TResult> QueryWorkflowAsync<TResult>(QueryWorkflowInput input) => CallAsync(base.QueryWorkflowAsync<TResult>(input));

            public override Task<ScheduleHandle> CreateScheduleAsync(CreateScheduleInput input) => CallAsync(base.CreateScheduleAsync(input));

            public override Task<ScheduleDescription> DescribeScheduleAsync(DescribeScheduleInput input) => CallAsync(base.DescribeScheduleAsync(input));

            public override Task UpdateScheduleAsync(UpdateScheduleInput input) => WaitAsync(DoAsync(base.UpdateScheduleAsync(input)));

            public override Task DeleteScheduleAsync(DeleteScheduleInput input) => CallAsync(DoAsync(base.DeleteScheduleAsync(input)));

            public override Task TerminateWorkflowAsync(TerminateWorkflowInput input) => CallAsync(DoAsync(base.TerminateWorkflowAsync(input)));

            public override Task<TResult> GetWorkflowResultAsync<TResult>(GetWorkflowResultInput input) => WaitAsync(base.GetWorkflowResultAsync<TResult>(input));

            public override Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input) =>
                WaitAsync(base.StartWorkflowUpdateAsync<TResult>(input));

            public override Task<TResult> GetUpdateResultAsync<TResult>(WorkflowUpdateHandle update, RpcOptions? rpcOptions) =>
                WaitAsync(base.GetUpdateResultAsync<TResult>(update, rpcOptions));

            public override Task<WorkflowUpdateHandle<TResult>> StartUpdateWithStartWorkflowAsync<TResult>(StartUpdateWithStartWorkflowInput input) =>
                WaitAsync(base.StartUpdateWithStartWorkflowAsync<TResult>(input));

            private static async Task<bool> DoAsync(Task call)
            {
                await call;
                return true;
            }

            private async Task<T> CallAsync<T>(Task<T> call)
            {
                Interlocked.Increment(ref host._calling);
                try
                {
                    return await call;
                }
                finally
                {
                    Interlocked.Decrement(ref host._calling);
                }
            }

            private async Task<T> WaitAsync<T>(Task<T> call)
            {
                Interlocked.Increment(ref host._waiting);
                try
                {
                    return await call;
                }
                finally
                {
                    Interlocked.Decrement(ref host._waiting);
                }
            }
        }
    }
}
