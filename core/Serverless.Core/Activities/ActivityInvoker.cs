using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Worker.Interceptors;

namespace Serverless.Activities;

/// <summary>What an <see cref="ActivityInvoker"/> works with.</summary>
/// <param name="Namespace">The hub.</param>
internal sealed record ActivityInvokerOptions(string Namespace)
{
    public DataConverter DataConverter { get; init; } = DataConverter.Default;

    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    public MetricMeter MetricMeter { get; init; } = NoopMetricMeter.Instance;

    /// <summary>Resolves activity classes, in a scope per attempt; null: they are made by their parameterless constructors.</summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>Outermost first.</summary>
    public IReadOnlyList<IWorkerInterceptor> Interceptors { get; init; } = [];
}

/// <inheritdoc/>
internal sealed partial class ActivityInvoker : IActivityInvoker
{
    private readonly SortedDictionary<string, ActivityDefinition> _definitions = new(StringComparer.Ordinal);
    private readonly ActivityDefinition? _dynamic;
    private readonly ActivityInvokerOptions _options;

    /// <exception cref="ArgumentException">Two definitions are for the same type.</exception>
    public ActivityInvoker(IEnumerable<ActivityDefinition> definitions, ActivityInvokerOptions options)
    {
        _options = options;
        foreach (var definition in definitions)
        {
            if (definition.Name is { } name)
            {
                if (!_definitions.TryAdd(name, definition))
                {
                    throw new ArgumentException($"Two activities are named '{name}'. Rename one with [Activity(\"…\")].", nameof(definitions));
                }
            }
            else if (_dynamic is null)
            {
                _dynamic = definition;
            }
            else
            {
                throw new ArgumentException("There are two dynamic activities. Keep one.", nameof(definitions));
            }
        }
    }

    public bool Knows(string activityType) => _dynamic is not null || _definitions.ContainsKey(activityType);

    public async Task<ActivityOutcome> InvokeAsync(ActivityInvocation invocation)
    {
        var scheduled = invocation.Scheduled;
        var converter = _options.DataConverter;
        var logger = _options.LoggerFactory.CreateLogger($"Serverless.Activity:{scheduled.ActivityType}");
        try
        {
            converter = converter.WithSerializationContext(new ISerializationContext.Activity(
                _options.Namespace, scheduled.ActivityId, invocation.WorkflowId, invocation.WorkflowType, scheduled.ActivityType, scheduled.TaskQueue, scheduled.IsLocal));
            using var heartbeats = new ActivityHeartbeats(converter, invocation.Heartbeat, invocation.Cancel);
            using var scope = logger.BeginScope(Scope(invocation));
            try
            {
                var result = await RunAsync(invocation, heartbeats, converter, logger);
                await heartbeats.FlushAsync();
                return new ActivityOutcome.Completed(await converter.PayloadCodec.EncodeOneAsync(result));
            }
            catch (CompleteAsyncException)
            {
                await heartbeats.FlushAsync();
                return new ActivityOutcome.WillCompleteAsync();
            }
            catch (OperationCanceledException e) when (heartbeats.Failure is null && invocation.CancelReason() == ActivityCancelReason.CancelRequested)
            {
                await heartbeats.FlushAsync();
                LogCanceled(logger, e);
                return new ActivityOutcome.Canceled([]);
            }
            catch (OperationCanceledException) when (heartbeats.Failure is { } cause)
            {
                return await FailedAsync(cause, converter, logger);
            }
            catch (Exception)
            {
                await heartbeats.FlushAsync();
                throw;
            }
        }
        catch (Exception e)
        {
            return await FailedAsync(e, converter, logger);
        }
    }

    private async Task<Payload?> RunAsync(ActivityInvocation invocation, ActivityHeartbeats heartbeats, DataConverter converter, ILogger logger)
    {
        var definition = Find(invocation.Scheduled.ActivityType);
        var decoded = await converter.PayloadCodec.DecodeAllAsync(invocation.Scheduled.Args);
        var headers = await converter.PayloadCodec.DecodeMapAsync(invocation.Scheduled.Headers);
        var input = new ExecuteActivityInput(definition, Args(definition, decoded, converter.PayloadConverter), headers);
        var context = new ActivityExecutionContext(
            invocation, InfoOf(invocation, converter), heartbeats, converter, logger, _options.MetricMeter, _options.Services);
        await using var instances = new InstanceScope(_options.Services);
        ActivityInboundInterceptor inbound = new InboundEnd(instances, context);
        foreach (var interceptor in _options.Interceptors.Reverse())
        {
            inbound = interceptor.InterceptActivity(inbound);
        }

        inbound.Init(new OutboundEnd(heartbeats));
        ActivityExecutionContext.Enter(context);
        var result = await inbound.ExecuteActivityAsync(input);
        return HasResult(definition) || result is not null ? converter.PayloadConverter.ToPayload(result) : null;
    }

    private ActivityDefinition Find(string type)
    {
        if (_definitions.TryGetValue(type, out var definition) || (definition = _dynamic) is not null)
        {
            return definition;
        }

        throw new ApplicationFailureException(
            $"This process has no activity '{type}'. It has: {string.Join(", ", _definitions.Keys)}.", errorType: "NotFoundError");
    }

    private static object?[] Args(ActivityDefinition definition, IReadOnlyList<Payload> payloads, IPayloadConverter converter)
    {
        if (definition.Dynamic)
        {
            return [payloads.Select(payload => (IRawValue)new RawValue(payload)).ToArray()];
        }

        if (payloads.Count < definition.RequiredParameterCount)
        {
            throw new ApplicationFailureException(
                $"Activity {definition.Name} needs {definition.RequiredParameterCount} arguments, got {payloads.Count}.", errorType: nameof(ArgumentException));
        }

        var args = new object?[definition.ParameterTypes.Count];
        var i = 0;
        foreach (var type in definition.ParameterTypes)
        {
            args[i] = i < payloads.Count ? Arg(definition, i, payloads[i], type, converter) : definition.Defaults[i - definition.RequiredParameterCount];
            i++;
        }

        return args;
    }

    private static object? Arg(ActivityDefinition definition, int index, Payload payload, Type type, IPayloadConverter converter)
    {
        try
        {
            return converter.ToValue(payload, type);
        }
        catch (Exception e)
        {
            throw new ApplicationFailureException(
                $"Argument {index + 1} of activity {definition.Name} can't be read as {type}: {e.Message}", e, errorType: e.GetType().Name);
        }
    }

    private static bool HasResult(ActivityDefinition definition) =>
        definition.ReturnType != typeof(void) && definition.ReturnType != typeof(Task) && definition.ReturnType != typeof(ValueTask);

    private static async Task<ActivityOutcome> FailedAsync(Exception e, DataConverter converter, ILogger logger)
    {
        LogFailed(logger, e is ApplicationFailureException { Category: ApplicationErrorCategory.Benign } ? LogLevel.Debug : LogLevel.Warning, e);
        try
        {
            return new ActivityOutcome.Failed(await converter.ToFailureAsync(e));
        }
        catch (Exception inConversion)
        {
            var failure = $"The activity failed, and so did the conversion of its failure: {inConversion.GetType().Name}";
            return new ActivityOutcome.Failed(new Failure(failure, new ApplicationFailureInfo(inConversion.GetType().Name, NonRetryable: false)));
        }
    }

    private Dictionary<string, object> Scope(ActivityInvocation invocation) => new()
    {
        ["ActivityId"] = invocation.Scheduled.ActivityId,
        ["ActivityType"] = invocation.Scheduled.ActivityType,
        ["Attempt"] = invocation.Attempt,
        ["Namespace"] = _options.Namespace,
        ["WorkflowId"] = invocation.WorkflowId,
        ["WorkflowNamespace"] = _options.Namespace,
        ["WorkflowRunId"] = invocation.RunId,
        ["WorkflowType"] = invocation.WorkflowType,
    };

    [LoggerMessage(Message = "Activity failed")]
    private static partial void LogFailed(ILogger logger, LogLevel level, Exception e);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Activity cancelled as asked")]
    private static partial void LogCanceled(ILogger logger, Exception e);

    private ActivityInfo InfoOf(ActivityInvocation invocation, DataConverter converter)
    {
        var scheduled = invocation.Scheduled;
        return new ActivityInfo
        {
            ActivityId = scheduled.ActivityId,
            ActivityType = scheduled.ActivityType,
            Attempt = invocation.Attempt,
            CurrentAttemptScheduledTime = invocation.CurrentAttemptScheduledTime.UtcDateTime,
            DataConverter = converter,
            HeartbeatDetails = invocation.HeartbeatDetails,
            HeartbeatTimeout = scheduled.HeartbeatTimeout,
            IsLocal = scheduled.IsLocal,
            Namespace = _options.Namespace,
            Priority = Priority.From(scheduled.Priority),
            RetryPolicy = scheduled.RetryPolicy?.Copy(),
            ScheduleToCloseTimeout = scheduled.ScheduleToCloseTimeout,
            ScheduledTime = invocation.ScheduledTime.UtcDateTime,
            StartToCloseTimeout = scheduled.StartToCloseTimeout,
            StartedTime = invocation.StartedTime.UtcDateTime,
            TaskQueue = scheduled.TaskQueue,
            TaskToken = invocation.TaskToken.ToArray(),
            WorkflowId = invocation.WorkflowId,
            WorkflowNamespace = _options.Namespace,
            WorkflowRunId = invocation.RunId,
            WorkflowType = invocation.WorkflowType,
        };
    }

    /// <summary>The instance that an attempt runs on; it and its scope live as long as the attempt.</summary>
    private sealed class InstanceScope(IServiceProvider? services) : IAsyncDisposable
    {
        private AsyncServiceScope? _scope;
        private object? _made;

        public object Resolve(Type type)
        {
            if (services is null)
            {
                _made = Activator.CreateInstance(type)!;
                return _made;
            }

            var scope = services.CreateAsyncScope();
            _scope = scope;

            // What the container made, the scope disposes; what is made here, we do.
            return scope.ServiceProvider.GetService(type) ?? (_made = ActivatorUtilities.CreateInstance(scope.ServiceProvider, type));
        }

        public async ValueTask DisposeAsync()
        {
            if (_made is IAsyncDisposable later)
            {
                await later.DisposeAsync();
            }
            else
            {
                (_made as IDisposable)?.Dispose();
            }

            if (_scope is { } scope)
            {
                await scope.DisposeAsync();
            }
        }
    }

    private sealed class InboundEnd(InstanceScope instances, ActivityExecutionContext context) : ActivityInboundInterceptor
    {
        public override void Init(ActivityOutboundInterceptor outbound) =>
            context.RouteHeartbeats(details => outbound.Heartbeat(new HeartbeatInput(details)));

        public override Task<object?> ExecuteActivityAsync(ExecuteActivityInput input) =>
            input.Activity.InvokeAsync(input.Activity.InstanceType is { } type ? instances.Resolve(type) : null, input.Args);
    }

    private sealed class OutboundEnd(ActivityHeartbeats heartbeats) : ActivityOutboundInterceptor
    {
        public override void Heartbeat(HeartbeatInput input) => heartbeats.Send(input.Details);
    }
}
