using Serverless.Api.Enums.V1;

namespace Serverless.Client;

/// <summary>A batch to start.</summary>
public class BatchOptions : CallOptions
{
    internal const int DefaultOperationsPerSecond = 50;

    /// <summary>Options without query and action, to be set.</summary>
    public BatchOptions()
    {
    }

    /// <summary>Options of a batch.</summary>
    /// <param name="query">Which workflows.</param>
    /// <param name="action">What is done to each.</param>
    public BatchOptions(string query, BatchAction action) => (Query, Action) = (query, action);

    /// <summary>Its id: 1 to 200 characters, never used for a batch before. Null (default): one is made.</summary>
    public string? Id { get; set; }

    /// <summary>Which workflows: a list filter, without an order. Required. Relative times count from the start of the batch.</summary>
    public string? Query { get; set; }

    /// <summary>What is done to each. Required.</summary>
    public BatchAction? Action { get; set; }

    /// <summary>Why; recorded with each cancellation and termination. Null (default): none.</summary>
    public string? Reason { get; set; }

    /// <summary>Most operations per second. 1 to 1,000; default 50.</summary>
    public int OperationsPerSecond { get; set; } = DefaultOperationsPerSecond;
}

/// <summary>A batch as it stands. Its numbers never go back.</summary>
public class BatchDescription
{
    internal BatchDescription(BatchRequest request, WorkflowSummary summary)
    {
        Id = request.Id;
        Query = request.Query;
        Action = request.Operation.Action;
        Reason = request.Reason;
        OperationsPerSecond = request.OperationsPerSecond;
        Status = summary.Status;
        StartTime = summary.StartTime.UtcDateTime;
        CloseTime = summary.CloseTime?.UtcDateTime;
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>Which workflows, with relative times as they were at its start.</summary>
    public string Query { get; }

    /// <summary>Name of what is done to each, as <see cref="BatchAction.Name"/>.</summary>
    public string Action { get; }

    /// <summary>Why; null when none was given.</summary>
    public string? Reason { get; }

    /// <summary>Most operations per second.</summary>
    public int OperationsPerSecond { get; }

    /// <summary>Running, completed (all targets were handled, some perhaps with a failure), canceled, or failed (the query can't be read any more).</summary>
    public WorkflowExecutionStatus Status { get; }

    /// <summary>When it started, in UTC.</summary>
    public DateTime StartTime { get; }

    /// <summary>When it ended, in UTC; null while it runs.</summary>
    public DateTime? CloseTime { get; }

    /// <summary>Workflows that matched at its start, or more if it found more; null before it has counted.</summary>
    public long? Total { get; internal init; }

    /// <summary>Workflows to which it was done.</summary>
    public long Done { get; internal init; }

    /// <summary>Workflows to which it could not be done.</summary>
    public long Failed { get; internal init; }

    /// <summary>The first 1,000 failures; empty in lists.</summary>
    public IReadOnlyList<BatchFailure> Failures { get; internal init; } = [];
}

/// <summary>Why a batch could not do something to a workflow.</summary>
/// <param name="WorkflowId">The workflow id.</param>
/// <param name="RunId">The run.</param>
/// <param name="Message">The reason.</param>
public record BatchFailure(string WorkflowId, string RunId, string Message);
