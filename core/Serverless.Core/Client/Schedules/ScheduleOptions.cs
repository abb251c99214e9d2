using Serverless.Api.Enums.V1;
using Serverless.Common;

namespace Serverless.Client.Schedules;

/// <summary>Options of the creation of a schedule.</summary>
public class ScheduleOptions : CallOptions
{
    /// <summary>True: acts once as soon as it is created. Default false.</summary>
    public bool TriggerImmediately { get; set; }

    /// <summary>Spans of time whose actions are started as soon as it is created. Default none.</summary>
    public IReadOnlyCollection<ScheduleBackfill> Backfills { get; set; } = [];

    /// <summary>Values to show with the schedule; not searchable. At most 128 KiB together.</summary>
    public IReadOnlyDictionary<string, object>? Memo { get; set; }

    /// <summary>Values to search schedules by. The workflows that it starts do not get them. At most 40 KiB together.</summary>
    public SearchAttributeCollection? TypedSearchAttributes { get; set; }
}

/// <summary>Options of a trigger.</summary>
public class ScheduleTriggerOptions : CallOptions
{
    /// <summary>What to do while one of its workflows runs. Default: as the schedule says.</summary>
    public ScheduleOverlapPolicy Overlap { get; set; } = ScheduleOverlapPolicy.Unspecified;
}

/// <summary>Options of a list of schedules.</summary>
public class ScheduleListOptions : CallOptions
{
    /// <summary>A filter, as for workflows, on the search attributes and times of schedules. Null (default): all.</summary>
    public string? Query { get; set; }
}
