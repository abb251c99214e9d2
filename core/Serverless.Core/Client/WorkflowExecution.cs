using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Client;

/// <summary>A run as the list shows it.</summary>
public class WorkflowExecution
{
    private readonly WorkflowSummary _summary;

    internal WorkflowExecution(WorkflowSummary summary, DataConverter converter)
    {
        _summary = summary;
        Memo = summary.Memo.ToDictionary(pair => pair.Key, pair => (IEncodedRawValue)new EncodedRawValue(converter, pair.Value));
        TypedSearchAttributes = SearchAttributeCollection.FromPayloads(summary.SearchAttributes);
    }

    /// <summary>When it closed, in UTC; null while open.</summary>
    public DateTime? CloseTime => _summary.CloseTime?.UtcDateTime;

    /// <summary>When its first task was or will be due, in UTC.</summary>
    public DateTime? ExecutionTime => _summary.ExecutionTime == default ? null : _summary.ExecutionTime.UtcDateTime;

    /// <summary>Events so far.</summary>
    public int HistoryLength => (int)Math.Min(_summary.HistoryLength, int.MaxValue);

    /// <summary>Bytes of history so far.</summary>
    public long HistorySize => _summary.HistoryBytes;

    /// <summary>The workflow id.</summary>
    public string Id => _summary.WorkflowId;

    /// <summary>The memo.</summary>
    public IReadOnlyDictionary<string, IEncodedRawValue> Memo { get; }

    /// <summary>The workflow that started it; null for none.</summary>
    public string? ParentId => _summary.ParentWorkflowId;

    /// <summary>The run of the parent that started it; null for none.</summary>
    public string? ParentRunId => _summary.ParentRunId;

    /// <summary>The first of its line of parents; null for none.</summary>
    public string? RootId => _summary.RootWorkflowId;

    /// <summary>The run.</summary>
    public string RunId => _summary.RunId;

    /// <summary>When it started, in UTC.</summary>
    public DateTime StartTime => _summary.StartTime.UtcDateTime;

    /// <summary>Its state.</summary>
    public WorkflowExecutionStatus Status => _summary.Status;

    /// <summary>Its task queue.</summary>
    public string TaskQueue => _summary.TaskQueue;

    /// <summary>Its search attributes.</summary>
    public SearchAttributeCollection TypedSearchAttributes { get; }

    /// <summary>Its type.</summary>
    public string WorkflowType => _summary.WorkflowType;
}

/// <summary>A run with what is pending in it.</summary>
public class WorkflowExecutionDescription : WorkflowExecution
{
    private readonly WorkflowDescription _description;

    internal WorkflowExecutionDescription(WorkflowDescription description, DataConverter converter)
        : base(description.Summary, converter) => _description = description;

    /// <summary>Why its code can't go on; null when nothing is wrong.</summary>
    public string? BlockedReason => _description.Blocked is { } blocked ? $"{blocked.Cause}: {blocked.Message}" : null;

    /// <summary>The build that ran the run's last task; null when none did or builds are not named.</summary>
    public string? BuildId => _description.State.BuildId;

    /// <summary>The only build that may run its next task; null for any.</summary>
    public string? PinnedBuildId => _description.State.PinnedBuildId;

    /// <summary>Whether it stays with a build; unspecified when builds are not named.</summary>
    public VersioningBehavior VersioningBehavior => PinnedBuildId is not null ? VersioningBehavior.Pinned
        : BuildId is not null || _description.State.Started.VersioningOverride == VersioningBehavior.AutoUpgrade ? VersioningBehavior.AutoUpgrade
        : VersioningBehavior.Unspecified;

    /// <summary>Activities that are not done.</summary>
    public int PendingActivityCount => _description.State.Activities.Count;

    /// <summary>Timers that have not fired.</summary>
    public int PendingTimerCount => _description.State.Timers.Count;

    /// <summary>Child workflows that have not closed.</summary>
    public int PendingChildCount => _description.State.Children.Count;

    /// <summary>Messages that have arrived and are not yet applied.</summary>
    public int InboxCount => _description.InboxCount;

    /// <summary>The line about it that its start gave.</summary>
    public Task<string?> GetStaticSummaryAsync() => Task.FromResult(_description.State.Started.Summary);

    /// <summary>The details that its start gave.</summary>
    public Task<string?> GetStaticDetailsAsync() => Task.FromResult(_description.State.Started.Details);
}

/// <summary>Number of workflows that match.</summary>
public class WorkflowExecutionCount
{
    internal WorkflowExecutionCount(IReadOnlyDictionary<string, long> counts)
    {
        Count = counts.Values.Sum();
        Groups = counts.ContainsKey("") && counts.Count == 1
            ? []
            : [.. counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new AggregationGroup(pair.Key, pair.Value))];
    }

    /// <summary>All of them.</summary>
    public long Count { get; private init; }

    /// <summary>Per group, when the filter ends with GROUP BY; else empty.</summary>
    public IReadOnlyCollection<AggregationGroup> Groups { get; private init; }

    /// <summary>A group.</summary>
    public class AggregationGroup
    {
        internal AggregationGroup(string value, long count)
        {
            GroupValues = [value];
            Count = count;
        }

        /// <summary>How many are in it.</summary>
        public long Count { get; private init; }

        /// <summary>What they have in common.</summary>
        public IReadOnlyCollection<object> GroupValues { get; private init; }
    }
}

/// <summary>A page of the list.</summary>
/// <param name="Workflows">Its workflows.</param>
/// <param name="NextPageToken">Gets the next page; null: this is the last.</param>
public record WorkflowListPage(IReadOnlyCollection<WorkflowExecution> Workflows, byte[]? NextPageToken);
