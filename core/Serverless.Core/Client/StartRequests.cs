using Serverless.Api.Enums.V1;
using Serverless.Client.Interceptors;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;

namespace Serverless.Client;

/// <summary>Makes the stored form of starts.</summary>
internal static class StartRequests
{
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public static async Task<StartRequest> CreateAsync(StartWorkflowInput input, WorkflowClientOptions client, DataConverter converter, Func<string> newId)
    {
        var options = input.Options;
        options.Check();
        MemberNames.CheckType(input.Workflow, "a workflow");
        var requestId = options.RequestId ?? newId();
        var started = new WorkflowStarted(input.Workflow, options.TaskQueue ?? client.DefaultTaskQueue, await converter.EncodeAsync(input.Args))
        {
            ExecutionTimeout = options.ExecutionTimeout,
            RunTimeout = options.RunTimeout,
            TaskTimeout = options.TaskTimeout,
            RetryPolicy = options.RetryPolicy?.Copy(),
            CronSchedule = options.CronSchedule,
            FirstTaskDelay = options.StartDelay,
            Memo = options.Memo is { } memo ? await converter.EncodeAsync(memo) : WorkflowStarted.Empty,
            SearchAttributes = options.TypedSearchAttributes?.ToPayloads() ?? WorkflowStarted.Empty,
            Headers = await HeadersAsync(input.Headers, converter),
            Summary = options.StaticSummary,
            Details = options.StaticDetails,
            Priority = options.Priority?.ToInfo(),
            PinnedBuildId = options.VersioningOverride?.PinnedBuildId,
            VersioningOverride = options.VersioningOverride?.Overriding ?? VersioningBehavior.Unspecified,
            RequestId = requestId,
            Identity = client.Identity,
        };
        var signal = await SignalAsync(input, client, converter);
        return new StartRequest(options.Id!, started)
        {
            ReusePolicy = options.IdReusePolicy,
            ConflictPolicy = ConflictPolicy(options),
            Signal = signal,
            Eager = options.RequestEagerStart,
        };
    }

    public static async Task<IReadOnlyDictionary<string, Payload>> HeadersAsync(IDictionary<string, Payload>? headers, DataConverter converter) =>
        headers is null or { Count: 0 }
            ? WorkflowStarted.Empty
            : await converter.PayloadCodec.EncodeMapAsync(new SortedDictionary<string, Payload>(headers, StringComparer.Ordinal));

    private static WorkflowIdConflictPolicy ConflictPolicy(WorkflowOptions options) => options switch
    {
        { IdConflictPolicy: not WorkflowIdConflictPolicy.Unspecified } => options.IdConflictPolicy,
        { IdReusePolicy: WorkflowIdReusePolicy.TerminateIfRunning } => WorkflowIdConflictPolicy.TerminateExisting,
        { StartSignal: not null } => WorkflowIdConflictPolicy.UseExisting,
        _ => WorkflowIdConflictPolicy.Fail,
    };

    private static async Task<WorkflowSignaled?> SignalAsync(
        StartWorkflowInput input, WorkflowClientOptions client, DataConverter converter) =>
        input.Options.StartSignal is not { } signal
            ? null
            : new WorkflowSignaled(signal, await converter.EncodeAsync(input.Options.StartSignalArgs ?? []))
            {
                Headers = await HeadersAsync(input.Headers, converter),
                Identity = client.Identity,
                RequestId = input.Options.RequestId,
            };
}
