using Serverless.Api.Enums.V1;

namespace Serverless.Client;

/// <summary>How long a call may take. The name is the field's; nothing is remote but storage.</summary>
public class RpcOptions : ICloneable
{
    /// <summary>Give up after this time. Above zero; null (default): never.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Give up when this is cancelled. Default: never.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}

/// <summary>What the options of all calls have.</summary>
public abstract class CallOptions : ICloneable
{
    /// <summary>How long the call may take.</summary>
    public RpcOptions? Rpc { get; set; }

    /// <inheritdoc/>
    public virtual object Clone()
    {
        var copy = (CallOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}

/// <summary>Options of a signal.</summary>
public class WorkflowSignalOptions : CallOptions
{
    /// <summary>
    /// Makes a repeated call the same signal, for as long as the workflow id exists (until it is deleted): it costs a small row until then.
    /// Default: a new one for each call.
    /// </summary>
    public string? RequestId { get; set; }
}

/// <summary>Options of a query.</summary>
public class WorkflowQueryOptions : CallOptions
{
    /// <summary>States of the workflow in which the query is not asked. Null (default): the client's, which is none.</summary>
    public QueryRejectCondition? RejectCondition { get; set; }
}

/// <summary>Options of a cancellation.</summary>
public class WorkflowCancelOptions : CallOptions
{
    /// <summary>Why; recorded.</summary>
    public string? Reason { get; set; }
}

/// <summary>Options of a termination.</summary>
public class WorkflowTerminateOptions : CallOptions
{
    /// <summary>Values to record.</summary>
    public IReadOnlyCollection<object?>? Details { get; set; }
}

/// <summary>Options of a change of search attributes.</summary>
public class WorkflowUpsertSearchAttributesOptions : CallOptions;

/// <summary>Options of a blocked workflow's next try.</summary>
public class WorkflowResumeOptions : CallOptions;

/// <summary>Options of a description.</summary>
public class WorkflowDescribeOptions : CallOptions;

/// <summary>Options of a list.</summary>
public class WorkflowListOptions : CallOptions
{
    /// <summary>Most workflows to return. 0 (default): all.</summary>
    public int Limit { get; set; }
}

/// <summary>Options of a page of a list.</summary>
public class WorkflowListPaginatedOptions : CallOptions
{
    /// <summary>Most workflows on the page. 1 to 1000; default 100.</summary>
    public int PageSize { get; set; } = 100;
}

/// <summary>Options of a count.</summary>
public class WorkflowCountOptions : CallOptions;

/// <summary>Options of reading history.</summary>
public class WorkflowHistoryEventFetchOptions : CallOptions
{
    /// <summary>Which events. Default: all.</summary>
    public HistoryEventFilterType EventFilterType { get; set; } = HistoryEventFilterType.AllEvent;

    /// <summary>True: after the last event, wait for the next, until the run closes. Default false.</summary>
    public bool WaitNewEvent { get; set; }
}
