using Serverless.Converters;

namespace Serverless.Client;

/// <summary>An activity that is completed from outside: its code threw <see cref="Activities.CompleteAsyncException"/>.</summary>
/// <param name="Client">The client.</param>
/// <param name="Activity">Which activity.</param>
public record AsyncActivityHandle(IWorkflowClient Client, AsyncActivityHandle.Reference Activity) : IWithSerializationContext<AsyncActivityHandle>
{
    /// <summary>Converts results, failures and details in place of the client's converter. Null (default): the client's.</summary>
    public DataConverter? DataConverterOverride { get; init; }

    /// <summary>Says that the activity is alive, and how far it is.</summary>
    /// <param name="options">Options.</param>
    /// <exception cref="Exceptions.AsyncActivityCanceledException">The workflow wants it cancelled: stop, and report that.</exception>
    public Task HeartbeatAsync(AsyncActivityHeartbeatOptions? options = null) =>
        Client.OutboundInterceptor.HeartbeatAsyncActivityAsync(new(Activity, options, DataConverterOverride));

    /// <summary>Completes the activity.</summary>
    /// <param name="result">Its result.</param>
    /// <param name="options">Options.</param>
    public Task CompleteAsync(object? result = null, AsyncActivityCompleteOptions? options = null) =>
        Client.OutboundInterceptor.CompleteAsyncActivityAsync(new(Activity, result, options, DataConverterOverride));

    /// <summary>Fails the attempt; the retry policy decides what follows.</summary>
    /// <param name="exception">Why.</param>
    /// <param name="options">Options.</param>
    public Task FailAsync(Exception exception, AsyncActivityFailOptions? options = null) =>
        Client.OutboundInterceptor.FailAsyncActivityAsync(new(Activity, exception, options, DataConverterOverride));

    /// <summary>Says that the activity has honoured its cancellation.</summary>
    /// <param name="options">Options.</param>
    public Task ReportCancellationAsync(AsyncActivityReportCancellationOptions? options = null) =>
        Client.OutboundInterceptor.ReportCancellationAsyncActivityAsync(new(Activity, options, DataConverterOverride));

    /// <summary>The same activity, with a converter for one context: what an activity wrote under it, only the same context reads.</summary>
    /// <param name="context">The context.</param>
    public AsyncActivityHandle WithSerializationContext(ISerializationContext context)
    {
        var converter = DataConverterOverride ?? Client.Options.DataConverter;
        var fitting = converter.WithSerializationContext(context);
        return ReferenceEquals(converter, fitting) ? this : this with { DataConverterOverride = fitting };
    }

    /// <summary>Which activity is meant.</summary>
    public abstract record Reference
    {
        private protected Reference()
        {
        }

        internal abstract ActivityRef ToRef();
    }

    /// <summary>An activity by its id.</summary>
    /// <param name="WorkflowId">The workflow.</param>
    /// <param name="RunId">The run; null for the newest.</param>
    /// <param name="ActivityId">Id of the activity within the run.</param>
    public record IdReference(string WorkflowId, string? RunId, string ActivityId) : Reference
    {
        internal override ActivityRef ToRef() => new ActivityRef.ById(WorkflowId, RunId, ActivityId);
    }

    /// <summary>An activity by the token of its attempt.</summary>
    /// <param name="TaskToken">The token.</param>
    public record TaskTokenReference(byte[] TaskToken) : Reference
    {
        internal override ActivityRef ToRef() => new ActivityRef.ByToken(TaskToken);
    }
}

/// <summary>Options of a heartbeat from outside.</summary>
public class AsyncActivityHeartbeatOptions : CallOptions
{
    /// <summary>How far the activity is.</summary>
    public IReadOnlyCollection<object?>? Details { get; set; }
}

/// <summary>Options of a completion from outside.</summary>
public class AsyncActivityCompleteOptions : CallOptions;

/// <summary>Options of a failure from outside.</summary>
public class AsyncActivityFailOptions : CallOptions
{
    /// <summary>How far the activity was, for the next attempt.</summary>
    public IReadOnlyCollection<object?>? LastHeartbeatDetails { get; set; }
}

/// <summary>Options of a cancellation report from outside.</summary>
public class AsyncActivityReportCancellationOptions : CallOptions
{
    /// <summary>Values for the workflow.</summary>
    public IReadOnlyCollection<object?>? Details { get; set; }
}
