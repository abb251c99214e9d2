namespace Serverless.Client;

/// <summary>Batches: an operation on all workflows that a filter finds. Throws <see cref="WorkflowServiceException"/> for what the caller must handle.</summary>
internal interface IBatchService
{
    /// <summary>Checks a batch and stores it; on return it will be carried out. A batch id that was used before is refused.</summary>
    /// <exception cref="Visibility.FilterSyntaxException">The query can't be read.</exception>
    Task StartAsync(BatchRequest request, CancellationToken cancellationToken);

    /// <summary>A batch as it stands, open or closed.</summary>
    Task<BatchDescription> DescribeAsync(string id, CancellationToken cancellationToken);

    /// <summary>A page of batches, newest first, without their failures.</summary>
    Task<BatchPage> ListAsync(int pageSize, string? pageToken, CancellationToken cancellationToken);

    /// <summary>Asks a batch to stop before its next operation. What it did stays done. Repeating it is harmless.</summary>
    Task CancelAsync(string id, string? reason, CancellationToken cancellationToken);

    /// <summary>Waits up to <paramref name="wait"/> for the batch to end; false when it runs on.</summary>
    Task<bool> WaitAsync(string id, TimeSpan wait, CancellationToken cancellationToken);
}

/// <summary>A batch to start. Stored as it is, so it holds nothing but what any converter can read.</summary>
internal sealed record BatchRequest
{
    public string Id { get; init; } = "";

    /// <summary>Which workflows.</summary>
    public string Query { get; init; } = "";

    public BatchOperation Operation { get; init; } = new();

    /// <summary>Why; recorded where the operation records one.</summary>
    public string? Reason { get; init; }

    /// <summary>1 to 1,000.</summary>
    public int OperationsPerSecond { get; init; } = BatchOptions.DefaultOperationsPerSecond;
}

/// <summary>What a batch does to each of its targets.</summary>
internal sealed record BatchOperation
{
    /// <summary>One of the names of <see cref="BatchAction"/>.</summary>
    public string Action { get; init; } = "";

    /// <summary>Name of the signal.</summary>
    public string? Signal { get; init; }

    /// <summary>Arguments of the signal: payloads, not encoded, as base64 texts.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Search attributes to set, as <see cref="Args"/> are written; null removes.</summary>
    public IReadOnlyDictionary<string, string?> SearchAttributes { get; init; } = new Dictionary<string, string?>();

    /// <summary>How each is reset.</summary>
    public BatchReset? Reset { get; init; }
}

/// <summary>How each target is reset; the point is the first workflow task when nothing else is said.</summary>
internal sealed record BatchReset
{
    public long? EventId { get; init; }

    public bool IsLast { get; init; }

    public string? BuildId { get; init; }

    public WorkflowResetReapply Reapply { get; init; }

    public WorkflowResetChildren? Children { get; init; }

    public static BatchReset Of(ResetRequest request) => new()
    {
        EventId = request.Point.EventId,
        IsLast = request.Point.IsLast,
        BuildId = request.Point.BuildId,
        Reapply = request.Reapply,
        Children = request.Children,
    };

    public ResetRequest ToRequest() => new(
        EventId is { } id ? WorkflowResetPoint.AtEvent(id)
        : BuildId is { } build ? WorkflowResetPoint.BeforeBuild(build)
        : IsLast ? WorkflowResetPoint.LastWorkflowTask
        : WorkflowResetPoint.FirstWorkflowTask)
    {
        Reapply = Reapply,
        Children = Children,
    };
}

/// <summary>A page of batches. <paramref name="NextPageToken"/> null: the last.</summary>
internal sealed record BatchPage(IReadOnlyList<BatchDescription> Batches, string? NextPageToken);
