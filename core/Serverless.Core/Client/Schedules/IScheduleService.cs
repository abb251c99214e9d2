using Serverless.Api.Enums.V1;
using Serverless.Converters;
using Serverless.Operations.Schedules;

namespace Serverless.Client.Schedules;

/// <summary>Schedules, in stored terms. Throws <see cref="WorkflowServiceException"/> for what the caller must handle. What changes something has stored it on return.</summary>
internal interface IScheduleService
{
    /// <summary>Checks a schedule and stores it. An id that a schedule has is refused; a repeated request id is the same creation.</summary>
    Task CreateAsync(ScheduleCreation creation, CancellationToken cancellationToken);

    /// <summary>A schedule as it stands.</summary>
    Task<ScheduleView> DescribeAsync(string id, CancellationToken cancellationToken);

    /// <summary>Checks a change and makes it; false when it was made from another version than there is. A repeated request id is the same change.</summary>
    Task<bool> UpdateAsync(string id, ScheduleChange change, string requestId, CancellationToken cancellationToken);

    /// <summary>Pauses a schedule or lets it go on.</summary>
    Task PauseAsync(string id, bool paused, string note, CancellationToken cancellationToken);

    /// <summary>Lets it act once.</summary>
    Task TriggerAsync(string id, ScheduleOverlapPolicy overlap, CancellationToken cancellationToken);

    /// <summary>Lets it take the actions of spans of time.</summary>
    Task BackfillAsync(string id, IReadOnlyList<ScheduleSpan> spans, CancellationToken cancellationToken);

    /// <summary>Removes it. What it has started goes on.</summary>
    Task DeleteAsync(string id, CancellationToken cancellationToken);

    /// <summary>A page of schedules, newest first.</summary>
    /// <exception cref="Visibility.FilterSyntaxException">The query can't be read.</exception>
    Task<SchedulePage> ListAsync(string? query, int pageSize, string? pageToken, CancellationToken cancellationToken);
}

/// <summary>A schedule to create.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Schedule">The schedule.</param>
internal sealed record ScheduleCreation(string Id, StoredSchedule Schedule)
{
    /// <summary>Acts once at once, under this policy; null: it does not.</summary>
    public ScheduleOverlapPolicy? Trigger { get; init; }

    public IReadOnlyList<ScheduleSpan> Backfills { get; init; } = [];

    /// <summary>Encoded.</summary>
    public IReadOnlyDictionary<string, Payload> Memo { get; init; } = new Dictionary<string, Payload>();

    public IReadOnlyDictionary<string, Payload> SearchAttributes { get; init; } = new Dictionary<string, Payload>();

    public string? RequestId { get; init; }
}

/// <summary>A schedule as it stands.</summary>
/// <param name="Snapshot">The schedule, what it has done and is going to do.</param>
/// <param name="Memo">Its memo, encoded.</param>
/// <param name="SearchAttributes">Its search attributes.</param>
internal sealed record ScheduleView(ScheduleSnapshot Snapshot, IReadOnlyDictionary<string, Payload> Memo, IReadOnlyDictionary<string, Payload> SearchAttributes);

/// <summary>A schedule in the list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Listing">What the row tells; null when it can't be read.</param>
/// <param name="Memo">Its memo, encoded.</param>
/// <param name="SearchAttributes">Its search attributes.</param>
internal sealed record ScheduleRow(
    string Id, ScheduleListing? Listing, IReadOnlyDictionary<string, Payload> Memo, IReadOnlyDictionary<string, Payload> SearchAttributes);

/// <summary>A page of schedules. <paramref name="NextPageToken"/> null: the last.</summary>
internal sealed record SchedulePage(IReadOnlyList<ScheduleRow> Schedules, string? NextPageToken);
