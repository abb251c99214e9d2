using Serverless.Engine;

namespace Serverless.Functions;

/// <summary>
/// How many attempts of an activity type run at once. A type without an entry is bounded by <see cref="ServerlessWorkflowsOptions.MaxConcurrentActivities"/>
/// alone. Local activities are not counted.
/// </summary>
public sealed class ActivityLimits
{
    private readonly Dictionary<string, ActivityLimit> _byType = new(StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, ActivityLimit> ByType => _byType;

    /// <summary>
    /// Limits an activity type; a type that is limited already gets this limit instead. An attempt that finds no place within a few seconds tries again some
    /// 5 to 10 s later, as often as needed: its schedule-to-start time goes on, no attempt is counted. No order is kept among attempts that wait.
    /// </summary>
    /// <param name="activityType">The activity type, such as "Charge".</param>
    /// <param name="perProcess">Attempts in one process. 1 to 10000; null: as many as the process has places.</param>
    /// <param name="acrossProcesses">
    /// Attempts in all processes of the hub together. 1 to 1000; null: no limit. Give the same number to all of them. Each attempt costs about three storage
    /// requests more. A place is leased for 60 s and renewed: that of a process that died is free after that, and a process that stood still for longer
    /// lets the limit be passed until its attempt ends.
    /// </param>
    /// <returns>These limits.</returns>
    public ActivityLimits Add(string activityType, int? perProcess = null, int? acrossProcesses = null)
    {
        _byType[activityType] = new ActivityLimit(perProcess, acrossProcesses);
        return this;
    }
}
