using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Activities;

/// <summary>What activity code may ask about itself, and its way to report. Flows with async calls.</summary>
public class ActivityExecutionContext
{
    private static readonly AsyncLocal<ActivityExecutionContext?> s_current = new();

    private readonly ActivityInvocation _invocation;
    private readonly ActivityHeartbeats _heartbeats;
    private readonly IServiceProvider? _services;
    private Action<object?[]> _heartbeat;

    internal ActivityExecutionContext(
        ActivityInvocation invocation,
        ActivityInfo info,
        ActivityHeartbeats heartbeats,
        DataConverter converter,
        ILogger logger,
        MetricMeter meter,
        IServiceProvider? services)
    {
        _services = services;
        _invocation = invocation;
        _heartbeats = heartbeats;
        _heartbeat = heartbeats.Send;
        Info = info;
        PayloadConverter = converter.PayloadConverter;
        Logger = logger;
        MetricMeter = meter.WithTags([new("namespace", info.Namespace), new("task_queue", info.TaskQueue), new("activity_type", info.ActivityType)]);
        IdempotencyKey = KeyOf(invocation);
    }

    /// <summary>True inside of an activity.</summary>
    public static bool HasCurrent => s_current.Value is not null;

    /// <summary>The context of the running activity.</summary>
    /// <exception cref="InvalidOperationException">The code does not run in an activity.</exception>
    public static ActivityExecutionContext Current => s_current.Value
        ?? throw new InvalidOperationException("There is no activity here. Ask only in code that an activity calls; check HasCurrent where that is not certain.");

    /// <summary>Facts about this attempt.</summary>
    public ActivityInfo Info { get; private init; }

    /// <summary>Log with the activity's ids in its scope.</summary>
    public ILogger Logger { get; private init; }

    /// <summary>Why <see cref="CancellationToken"/> was cancelled.</summary>
    public ActivityCancelReason CancelReason => _heartbeats.Failure is null ? _invocation.CancelReason() : ActivityCancelReason.HeartbeatRecordFailure;

    /// <summary>Why <see cref="CancellationToken"/> was cancelled, as flags; null while it was not.</summary>
    public ActivityCancellationDetails? CancellationDetails =>
        CancelReason is not ActivityCancelReason.None and var reason ? ActivityCancellationDetails.Of(reason) : null;

    /// <summary>Cancelled when the activity should stop. A cancellation by the workflow arrives only at activities that heartbeat.</summary>
    public CancellationToken CancellationToken => _heartbeats.Token;

    /// <summary>Cancelled when this process is going to stop: end soon, or heartbeat where another attempt can go on.</summary>
    public CancellationToken WorkerShutdownToken => _invocation.WorkerShutdown;

    /// <summary>Converts payloads.</summary>
    public IPayloadConverter PayloadConverter { get; private init; }

    /// <summary>Makes metrics, tagged with hub ("namespace"), "task_queue" and "activity_type".</summary>
    public MetricMeter MetricMeter { get; private init; }

    /// <summary>The application's client.</summary>
    /// <exception cref="InvalidOperationException">The application has none.</exception>
    public IWorkflowClient TemporalClient => _services?.GetService(typeof(IWorkflowClient)) as IWorkflowClient
        ?? throw new InvalidOperationException("This application has no workflow client. Register an IWorkflowClient among its services.");

    /// <summary>Names this activity to a client that completes it.</summary>
    public byte[] TaskToken => [.. Info.TaskToken];

    /// <summary>
    /// The same for all attempts of this activity, and of no other: 32 hexadecimal digits. Give it to services that drop repeated requests, as an attempt that
    /// was lost may have had its effect.
    /// </summary>
    public string IdempotencyKey { get; private init; }

    /// <summary>Says that the activity is alive, and how far it is. Returns at once; only the latest details are kept, for the next attempt.</summary>
    /// <param name="details">How far it is.</param>
    public void Heartbeat(params object?[] details) => _heartbeat(details);

    internal static void Enter(ActivityExecutionContext context) => s_current.Value = context;

    internal void RouteHeartbeats(Action<object?[]> heartbeat) => _heartbeat = heartbeat;

    private static string KeyOf(ActivityInvocation invocation)
    {
        // The run id tells runs apart; the lengths keep ids that contain the separator apart.
        var text = $"{invocation.WorkflowId.Length}:{invocation.WorkflowId}/{invocation.RunId}/{invocation.ScheduledEventId}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }
}
