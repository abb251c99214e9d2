using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Client.Schedules;

/// <summary>A schedule as the list shows it: it may be a little behind.</summary>
public class ScheduleListDescription
{
    internal ScheduleListDescription(
        string id, ScheduleListSchedule? schedule, ScheduleListInfo? info, IReadOnlyDictionary<string, IEncodedRawValue> memo, SearchAttributeCollection attributes)
    {
        Id = id;
        Schedule = schedule;
        Info = info;
        Memo = memo;
        TypedSearchAttributes = attributes;
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>What it does and when; null when no process has looked at it yet.</summary>
    public ScheduleListSchedule? Schedule { get; }

    /// <summary>What it has done and is going to do; null when no process has looked at it yet.</summary>
    public ScheduleListInfo? Info { get; }

    /// <summary>Its memo.</summary>
    public IReadOnlyDictionary<string, IEncodedRawValue> Memo { get; }

    /// <summary>Its search attributes.</summary>
    public SearchAttributeCollection TypedSearchAttributes { get; }
}

/// <summary>A listed schedule: what it does and when.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Spec">When.</param>
/// <param name="State">Its state.</param>
public record ScheduleListSchedule(ScheduleListAction Action, ScheduleSpec Spec, ScheduleListState State);

/// <summary>What a listed schedule does. The one kind is <see cref="ScheduleListActionStartWorkflow"/>.</summary>
public abstract record ScheduleListAction
{
    private protected ScheduleListAction()
    {
    }
}

/// <summary>A listed schedule starts a workflow.</summary>
/// <param name="Workflow">The workflow type.</param>
public record ScheduleListActionStartWorkflow(string Workflow) : ScheduleListAction;

/// <summary>The state of a listed schedule.</summary>
/// <param name="Note">Its note.</param>
/// <param name="Paused">Whether it is paused.</param>
public record ScheduleListState(string? Note, bool Paused);

/// <summary>What a listed schedule has done and is going to do.</summary>
/// <param name="RecentActions">Its last five actions, oldest first.</param>
/// <param name="NextActionTimes">Its next five times, jitter included, in UTC.</param>
public record ScheduleListInfo(IReadOnlyCollection<ScheduleActionResult> RecentActions, IReadOnlyCollection<DateTime> NextActionTimes);
