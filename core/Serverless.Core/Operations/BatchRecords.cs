using Serverless.Client;

namespace Serverless.Operations;

/// <summary>A run of a batch: what it does and, when it continues another, how far that came.</summary>
internal sealed record BatchInput
{
    public BatchRequest Request { get; init; } = new();

    public BatchProgress Progress { get; init; } = new();

    /// <summary>Where in the list it goes on; null: at the beginning.</summary>
    public string? PageToken { get; init; }
}

/// <summary>How far a batch has come. Every number only grows.</summary>
internal sealed record BatchProgress
{
    /// <summary>Failures beyond these are counted only.</summary>
    private const int MaxFailures = 1_000;

    public long? Total { get; init; }

    public long Done { get; init; }

    public long Failed { get; init; }

    public IReadOnlyList<BatchFailure> Failures { get; init; } = [];

    public BatchProgress With(BatchChunkResult result)
    {
        var (done, failed) = (Done + result.Handled - result.Failures.Count, Failed + result.Failures.Count);
        return this with
        {
            Total = Math.Max(Total ?? 0, done + failed),
            Done = done,
            Failed = failed,
            Failures = Failures.Count == MaxFailures ? Failures : [.. Failures.Concat(result.Failures).Take(MaxFailures)],
        };
    }
}

/// <summary>A run that a batch found.</summary>
internal sealed record BatchTarget(string WorkflowId, string RunId);

/// <summary>Some runs that a batch found, and where the list goes on; a null token: nowhere.</summary>
internal sealed record BatchTargets(IReadOnlyList<BatchTarget> Targets, string? NextPageToken);

/// <summary>Some targets, and what is to be done to them.</summary>
internal sealed record BatchChunk
{
    public BatchRequest Request { get; init; } = new();

    /// <summary>First run of the batch: the same in every attempt, and no other batch's.</summary>
    public string FirstRunId { get; init; } = "";

    public IReadOnlyList<BatchTarget> Targets { get; init; } = [];

    /// <summary>Names the batch in the histories of its targets.</summary>
    public string Identity() => $"{BatchWorkflow.IdPrefix}{Request.Id}/{FirstRunId}";

    /// <summary>Names the request to a target. Short: it is a part of a key.</summary>
    public string RequestIdOf(BatchTarget target) => $"batch-{FirstRunId}-{target.RunId}";
}

/// <summary>What came of a chunk.</summary>
/// <param name="Handled">How many of its targets, from the first, were handled: fewer than all when it was stopped.</param>
/// <param name="Failures">Those of them to which it could not be done.</param>
internal sealed record BatchChunkResult(int Handled, IReadOnlyList<BatchFailure> Failures);
