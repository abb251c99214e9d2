using Serverless.History;

namespace Serverless.Common;

/// <summary>
/// Order among attempts of activities that wait for a place in one process (<c>MaxConcurrentActivities</c>, <c>ActivityLimits</c>): the lower
/// <see cref="PriorityKey"/> goes first, equal ones as they came. It orders nothing on queues or between processes, and no workflow tasks.
/// Fairness keys and weights are recorded and have no effect.
/// </summary>
public sealed record Priority
{
    /// <summary>Creates a priority.</summary>
    /// <param name="priorityKey">1 (first) to 5 (last); null is 3.</param>
    /// <param name="fairnessKey">Recorded; at most 64 bytes.</param>
    /// <param name="fairnessWeight">Recorded; 0.001 to 1000.</param>
    public Priority(int? priorityKey = null, string? fairnessKey = null, float? fairnessWeight = null)
    {
        PriorityKey = priorityKey;
        FairnessKey = fairnessKey;
        FairnessWeight = fairnessWeight;
    }

    /// <summary>Everything unset.</summary>
    public static Priority Default { get; } = new();

    /// <summary>1 (first) to 5 (last); null is 3.</summary>
    public int? PriorityKey { get; init; }

    /// <summary>Recorded and without effect; at most 64 bytes.</summary>
    public string? FairnessKey { get; init; }

    /// <summary>Recorded and without effect; 0.001 to 1000.</summary>
    public float? FairnessWeight { get; init; }

    internal static Priority From(PriorityInfo? info) =>
        info is null ? Default : new(info.PriorityKey, info.FairnessKey, info.FairnessWeight);

    internal PriorityInfo? ToInfo() =>
        PriorityKey is null && FairnessKey is null && FairnessWeight is null ? null : new(PriorityKey, FairnessKey, FairnessWeight);
}
