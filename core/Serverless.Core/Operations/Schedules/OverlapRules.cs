using Serverless.Api.Enums.V1;

namespace Serverless.Operations.Schedules;

/// <summary>What the overlap policies make of starts that are due. Pure.</summary>
/// <param name="Now">These start now.</param>
/// <param name="Later">These wait for the end of what runs.</param>
/// <param name="Skipped">So many do not start.</param>
/// <param name="Cancels">True when what runs is to be cancelled.</param>
/// <param name="Terminates">True when what runs is to be terminated.</param>
internal sealed record OverlapRules(IReadOnlyList<PendingStart> Now, IReadOnlyList<PendingStart> Later, int Skipped, bool Cancels, bool Terminates)
{
    /// <param name="due">The starts, in the order in which they came due.</param>
    /// <param name="isRunning">True when an action of the schedule runs.</param>
    /// <param name="policy">The schedule's policy.</param>
    public static OverlapRules Decide(IReadOnlyList<PendingStart> due, bool isRunning, ScheduleOverlapPolicy policy)
    {
        var beside = new List<PendingStart>();
        var later = new List<PendingStart>();
        PendingStart? alone = null;
        var (skipped, cancels, terminates) = (0, false, false);
        foreach (var start in due)
        {
            var rule = Of(start, policy);
            if (rule == ScheduleOverlapPolicy.AllowAll)
            {
                beside.Add(start);
            }
            else if (!isRunning && alone is null)
            {
                alone = start;
            }
            else if (rule == ScheduleOverlapPolicy.BufferAll || (rule == ScheduleOverlapPolicy.BufferOne && later.Count == 0))
            {
                later.Add(start);
            }
            else if (rule is ScheduleOverlapPolicy.CancelOther or ScheduleOverlapPolicy.TerminateOther && isRunning)
            {
                cancels |= rule == ScheduleOverlapPolicy.CancelOther;
                terminates |= rule == ScheduleOverlapPolicy.TerminateOther;
                later.Add(start);
            }
            else
            {
                // What would be ended at once is not begun.
                alone = rule is ScheduleOverlapPolicy.CancelOther or ScheduleOverlapPolicy.TerminateOther ? start : alone;
                skipped++;
            }
        }

        return new(alone is null ? beside : [.. beside, alone], later, skipped, cancels, terminates);
    }

    /// <summary>The policy that holds for a start.</summary>
    public static ScheduleOverlapPolicy Of(PendingStart start, ScheduleOverlapPolicy policy) => start.Overlap != ScheduleOverlapPolicy.Unspecified ? start.Overlap
        : policy != ScheduleOverlapPolicy.Unspecified ? policy
        : ScheduleOverlapPolicy.Skip;
}
