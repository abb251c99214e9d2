using Serverless.Client.Interceptors;
using Serverless.Client.Schedules;

namespace Serverless.Client;

/// <summary>What a client works with.</summary>
internal sealed record WorkflowClientServices
{
    public required IWorkflowService Service { get; init; }

    public required IWorkflowReader Reader { get; init; }

    /// <summary>Null: activities can't be completed from outside here.</summary>
    public IActivityCompletionService? Completion { get; init; }

    /// <summary>Null: only updates that were started through the same handle can be waited for.</summary>
    public IUpdateReader? Updates { get; init; }

    /// <summary>Null: workflows can't be reset or forked here.</summary>
    public IWorkflowResetService? Resets { get; init; }

    /// <summary>Null: there are no schedules here.</summary>
    public IScheduleService? Schedules { get; init; }

    /// <summary>Null: open workflows can't be steered.</summary>
    public IWorkflowSteering? Steering { get; init; }

    /// <summary>Null: batches can't be reached.</summary>
    public IBatchService? Batches { get; init; }

    /// <summary>Makes ids of requests, updates and batches.</summary>
    public required Func<string> NewId { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <inheritdoc/>
public sealed partial class WorkflowClient : IWorkflowClient
{
    private readonly WorkflowClientServices _services;
    private readonly ClientCalls _calls;

    internal WorkflowClient(WorkflowClientServices services, WorkflowClientOptions options)
    {
        _services = services;
        _calls = new ClientCalls(services.Time);
        Options = (WorkflowClientOptions)options.Clone();
        ClientOutboundInterceptor outbound = new ClientOutboundEnd(this, services);
        foreach (var interceptor in (Options.Interceptors ?? []).Reverse())
        {
            outbound = interceptor.InterceptClient(outbound);
        }

        OutboundInterceptor = outbound;
    }

    /// <inheritdoc/>
    public WorkflowClientOptions Options { get; }

    /// <inheritdoc/>
    public ClientOutboundInterceptor OutboundInterceptor { get; }

    /// <inheritdoc/>
    public async Task<WorkflowHandle> StartWorkflowAsync(string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options) =>
        await OutboundInterceptor.StartWorkflowAsync<ValueTuple, ValueTuple>(new(workflow, args, options, null));

    /// <inheritdoc/>
    public WorkflowHandle GetWorkflowHandle(string id, string? runId = null, string? firstExecutionRunId = null) =>
        new(this, id, runId, runId, firstExecutionRunId);

    /// <inheritdoc/>
    public IAsyncEnumerable<WorkflowExecution> ListWorkflowsAsync(string query, WorkflowListOptions? options = null) =>
        OutboundInterceptor.ListWorkflowsAsync(new(query, options));

    /// <inheritdoc/>
    public Task<WorkflowListPage> ListWorkflowsPaginatedAsync(string query, byte[]? nextPageToken, WorkflowListPaginatedOptions? options = null) =>
        OutboundInterceptor.ListWorkflowsPaginatedAsync(new(query, nextPageToken, options));

    /// <inheritdoc/>
    public Task<WorkflowExecutionCount> CountWorkflowsAsync(string query, WorkflowCountOptions? options = null) =>
        OutboundInterceptor.CountWorkflowsAsync(new(query, options));

    /// <inheritdoc/>
    public AsyncActivityHandle GetAsyncActivityHandle(AsyncActivityHandle.Reference activity) => new(this, activity);

    /// <inheritdoc/>
    public Task<ScheduleHandle> CreateScheduleAsync(string scheduleId, Schedule schedule, ScheduleOptions? options = null) =>
        OutboundInterceptor.CreateScheduleAsync(new(scheduleId, schedule, options));

    /// <inheritdoc/>
    public ScheduleHandle GetScheduleHandle(string scheduleId) => new(this, scheduleId);

    /// <inheritdoc/>
    public IAsyncEnumerable<ScheduleListDescription> ListSchedulesAsync(ScheduleListOptions? options = null) => OutboundInterceptor.ListSchedulesAsync(new(options));
}
