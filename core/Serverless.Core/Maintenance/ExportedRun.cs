using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Maintenance;

/// <summary>All that is stored of one run, without how it is stored.</summary>
/// <param name="WorkflowId">The workflow id.</param>
/// <param name="RunId">The run.</param>
/// <param name="RunNumber">1 for the first run of the id.</param>
/// <param name="CurrentRunId">The newest run of the id.</param>
internal sealed record ExportedRun(string WorkflowId, string RunId, int RunNumber, string CurrentRunId)
{
    public WorkflowExecutionStatus Status { get; init; }

    /// <summary>Its events, with their payloads. Empty for a run that has not begun: its start is in the inbox.</summary>
    public IReadOnlyList<HistoryEvent> Events { get; init; } = [];

    /// <summary>What became of updates.</summary>
    public IReadOnlyList<UpdateOutcome> Updates { get; init; } = [];

    /// <summary>What pending activities went through.</summary>
    public IReadOnlyList<ExportedAttempts> Attempts { get; init; } = [];

    /// <summary>Of the newest run: what arrived and is not yet applied, in order.</summary>
    public IReadOnlyList<ExportedMessage> Inbox { get; init; } = [];

    /// <summary>Of the newest run: requests that were carried out, by which repeated ones are recognized.</summary>
    public IReadOnlyList<ExportedRequest> Requests { get; init; } = [];

    /// <summary>Of the newest run: the request id of its chain's start.</summary>
    public string? StartRequestId { get; init; }

    /// <summary>Of the newest run: the only build that may run it.</summary>
    public string? PinnedBuildId { get; init; }

    public bool IsCurrent => RunId == CurrentRunId;

    public bool IsOpen => Status == WorkflowExecutionStatus.Running;
}

/// <summary>What a pending activity went through.</summary>
/// <param name="ScheduledEventId">Which activity.</param>
/// <param name="Row">Its attempts; null when it was only asked to cancel.</param>
/// <param name="CancelRequested">True when it was asked to cancel while it ran.</param>
internal sealed record ExportedAttempts(long ScheduledEventId, ActivityAttemptRow? Row, bool CancelRequested);

/// <summary>Something that arrived.</summary>
/// <param name="Key">Its key in the inbox: the same message again has the same.</param>
/// <param name="RunId">The run it is meant for; null for whichever is current.</param>
/// <param name="Event">What it is.</param>
internal sealed record ExportedMessage(string Key, string? RunId, InputEvent Event);

/// <summary>A request that was carried out.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Answer">What it was answered with, as stored; null for nothing.</param>
internal sealed record ExportedRequest(string Key, byte[]? Answer);
