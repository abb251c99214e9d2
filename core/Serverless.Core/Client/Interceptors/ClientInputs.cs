using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Workflows;

namespace Serverless.Client.Interceptors;

/// <summary>A start.</summary>
/// <param name="Workflow">The workflow type.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Its options.</param>
/// <param name="Headers">Headers to send along; null for none.</param>
public record StartWorkflowInput(string Workflow, IReadOnlyCollection<object?> Args, WorkflowOptions Options, IDictionary<string, Payload>? Headers);

/// <summary>An update with a start; the start is in the options.</summary>
/// <param name="Update">Name of the update.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Its options.</param>
/// <param name="Headers">Headers to send along; null for none.</param>
public record StartUpdateWithStartWorkflowInput(
    string Update, IReadOnlyCollection<object?> Args, WorkflowStartUpdateWithStartOptions Options, IDictionary<string, Payload>? Headers);

/// <summary>A wait for a result.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run; null for the newest.</param>
/// <param name="FollowRuns">Whether runs that continue it are waited for.</param>
/// <param name="Rpc">How long to wait.</param>
public record GetWorkflowResultInput(string Id, string? RunId, bool FollowRuns, RpcOptions? Rpc);

/// <summary>A signal.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run; null for the newest.</param>
/// <param name="Signal">Name of the signal.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Its options.</param>
/// <param name="Headers">Headers to send along; null for none.</param>
public record SignalWorkflowInput(
    string Id, string? RunId, string Signal, IReadOnlyCollection<object?> Args, WorkflowSignalOptions? Options, IDictionary<string, Payload>? Headers);

/// <summary>A query.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run; null for the newest.</param>
/// <param name="Query">Name of the query.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Its options.</param>
/// <param name="Headers">Headers to send along; null for none.</param>
public record QueryWorkflowInput(
    string Id, string? RunId, string Query, IReadOnlyCollection<object?> Args, WorkflowQueryOptions? Options, IDictionary<string, Payload>? Headers);

/// <summary>An update.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run; null for the newest.</param>
/// <param name="FirstExecutionRunId">First run of the chain; null for any.</param>
/// <param name="Update">Name of the update.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Its options.</param>
/// <param name="Headers">Headers to send along; null for none.</param>
public record StartWorkflowUpdateInput(
    string Id,
    string? RunId,
    string? FirstExecutionRunId,
    string Update,
    IReadOnlyCollection<object?> Args,
    WorkflowUpdateStartOptions Options,
    IDictionary<string, Payload>? Headers);

/// <summary>A description.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run; null for the newest.</param>
/// <param name="Options">Its options.</param>
public record DescribeWorkflowInput(string Id, string? RunId, WorkflowDescribeOptions? Options);

/// <summary>A request to cancel.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run; null for the newest.</param>
/// <param name="FirstExecutionRunId">First run of the chain; null for any.</param>
/// <param name="Options">Its options.</param>
public record CancelWorkflowInput(string Id, string? RunId, string? FirstExecutionRunId, WorkflowCancelOptions? Options);

/// <summary>A termination.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run; null for the newest.</param>
/// <param name="FirstExecutionRunId">First run of the chain; null for any.</param>
/// <param name="Reason">Why.</param>
/// <param name="Options">Its options.</param>
public record TerminateWorkflowInput(string Id, string? RunId, string? FirstExecutionRunId, string? Reason, WorkflowTerminateOptions? Options);

/// <summary>A reset.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run whose history is kept; null for the newest.</param>
/// <param name="FirstExecutionRunId">First run of the chain; null for any.</param>
/// <param name="Options">Its options.</param>
public record ResetWorkflowInput(string Id, string? RunId, string? FirstExecutionRunId, WorkflowResetOptions Options);

/// <summary>A fork.</summary>
/// <param name="Id">The workflow id of its source.</param>
/// <param name="RunId">The run whose history is copied; null for the newest.</param>
/// <param name="FirstExecutionRunId">First run of the chain; null for any.</param>
/// <param name="Options">Its options.</param>
public record ForkWorkflowInput(string Id, string? RunId, string? FirstExecutionRunId, WorkflowForkOptions Options);

/// <summary>A change of search attributes.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run; null for the newest.</param>
/// <param name="Updates">The changes.</param>
/// <param name="Options">Its options.</param>
public record UpsertWorkflowSearchAttributesInput(
    string Id, string? RunId, IReadOnlyCollection<SearchAttributeUpdate> Updates, WorkflowUpsertSearchAttributesOptions? Options);

/// <summary>A blocked workflow's next try.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run; null for the newest.</param>
/// <param name="Options">Its options.</param>
public record ResumeWorkflowInput(string Id, string? RunId, WorkflowResumeOptions? Options);

/// <summary>A page of history.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="RunId">The run; null for the newest.</param>
/// <param name="AfterEventId">The events after this one.</param>
/// <param name="WaitNewEvent">Whether to wait for events to come.</param>
/// <param name="EventFilterType">Which events.</param>
/// <param name="Rpc">How long to wait.</param>
public record FetchWorkflowHistoryEventPageInput(
    string Id, string? RunId, long AfterEventId, bool WaitNewEvent, HistoryEventFilterType EventFilterType, RpcOptions? Rpc);

/// <summary>A page of history.</summary>
/// <param name="Events">Its events.</param>
/// <param name="RunId">The run they are of; null when not known.</param>
/// <param name="IsLast">True when nothing follows.</param>
public record WorkflowHistoryEventPage(IReadOnlyCollection<WorkflowHistoryEvent> Events, string? RunId, bool IsLast);

/// <summary>A list.</summary>
/// <param name="Query">The filter.</param>
/// <param name="Options">Its options.</param>
public record ListWorkflowsInput(string Query, WorkflowListOptions? Options);

/// <summary>A page of a list.</summary>
/// <param name="Query">The filter.</param>
/// <param name="NextPageToken">From the page before; null for the first.</param>
/// <param name="Options">Its options.</param>
public record ListWorkflowsPaginatedInput(string Query, byte[]? NextPageToken, WorkflowListPaginatedOptions? Options);

/// <summary>A count.</summary>
/// <param name="Query">The filter.</param>
/// <param name="Options">Its options.</param>
public record CountWorkflowsInput(string Query, WorkflowCountOptions? Options);

/// <summary>A heartbeat from outside.</summary>
/// <param name="Activity">Which activity.</param>
/// <param name="Options">Its options.</param>
/// <param name="DataConverterOverride">Converts in place of the client's converter; null: the client's.</param>
public record HeartbeatAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, AsyncActivityHeartbeatOptions? Options, DataConverter? DataConverterOverride = null);

/// <summary>A completion from outside.</summary>
/// <param name="Activity">Which activity.</param>
/// <param name="Result">Its result.</param>
/// <param name="Options">Its options.</param>
/// <param name="DataConverterOverride">Converts in place of the client's converter; null: the client's.</param>
public record CompleteAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, object? Result, AsyncActivityCompleteOptions? Options, DataConverter? DataConverterOverride = null);

/// <summary>A failure from outside.</summary>
/// <param name="Activity">Which activity.</param>
/// <param name="Exception">Why.</param>
/// <param name="Options">Its options.</param>
/// <param name="DataConverterOverride">Converts in place of the client's converter; null: the client's.</param>
public record FailAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, Exception Exception, AsyncActivityFailOptions? Options, DataConverter? DataConverterOverride = null);

/// <summary>A cancellation report from outside.</summary>
/// <param name="Activity">Which activity.</param>
/// <param name="Options">Its options.</param>
/// <param name="DataConverterOverride">Converts in place of the client's converter; null: the client's.</param>
public record ReportCancellationAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, AsyncActivityReportCancellationOptions? Options, DataConverter? DataConverterOverride = null);
