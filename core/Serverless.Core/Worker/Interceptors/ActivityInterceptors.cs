using Serverless.Activities;
using Serverless.Converters;

namespace Serverless.Worker.Interceptors;

/// <summary>What happens to an activity.</summary>
public abstract class ActivityInboundInterceptor
{
    /// <summary>Creates an interceptor.</summary>
    /// <param name="next">The next one towards the activity.</param>
    protected ActivityInboundInterceptor(ActivityInboundInterceptor next) => MaybeNext = next;

    private protected ActivityInboundInterceptor()
    {
    }

    /// <summary>The next one towards the activity.</summary>
    protected ActivityInboundInterceptor Next => MaybeNext ?? throw new InvalidOperationException("This is the last interceptor.");

    private protected ActivityInboundInterceptor? MaybeNext { get; init; }

    /// <summary>Called first. Give the next one another outbound interceptor to see what the activity does.</summary>
    /// <param name="outbound">The outbound interceptor.</param>
    public virtual void Init(ActivityOutboundInterceptor outbound) => Next.Init(outbound);

    /// <summary>Runs the activity.</summary>
    /// <param name="input">Its definition and arguments.</param>
    /// <returns>Its result; null for none.</returns>
    public virtual Task<object?> ExecuteActivityAsync(ExecuteActivityInput input) => Next.ExecuteActivityAsync(input);
}

/// <summary>What an activity does.</summary>
public abstract class ActivityOutboundInterceptor
{
    /// <summary>Creates an interceptor.</summary>
    /// <param name="next">The next one towards the engine.</param>
    protected ActivityOutboundInterceptor(ActivityOutboundInterceptor next) => MaybeNext = next;

    private protected ActivityOutboundInterceptor()
    {
    }

    /// <summary>The next one towards the engine.</summary>
    protected ActivityOutboundInterceptor Next => MaybeNext ?? throw new InvalidOperationException("This is the last interceptor.");

    private protected ActivityOutboundInterceptor? MaybeNext { get; init; }

    /// <summary>The activity heartbeats.</summary>
    /// <param name="input">Its details.</param>
    public virtual void Heartbeat(HeartbeatInput input) => Next.Heartbeat(input);
}

/// <summary>An activity to run.</summary>
/// <param name="Activity">Its definition.</param>
/// <param name="Args">Its arguments, converted.</param>
/// <param name="Headers">Headers that whoever scheduled it sent along.</param>
public record ExecuteActivityInput(ActivityDefinition Activity, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);

/// <summary>A heartbeat.</summary>
/// <param name="Details">Its details.</param>
public record HeartbeatInput(object?[] Details);
