using Serverless.History;

namespace Serverless.Common;

/// <summary>Order among work that waits for a place to run.</summary>
public sealed record Priority
{
    /// <summary>Creates a priority.</summary>
    /// <param name="priorityKey">1 (first) to 5 (last); null is 3, or the parent's.</param>
    /// <param name="fairnessKey">Work is shared out evenly among keys; at most 64 bytes.</param>
    /// <param name="fairnessWeight">Share of the key; 0.001 to 1000, 1 when null.</param>
    public Priority(int? priorityKey = null, string? fairnessKey = null, float? fairnessWeight = null)
    {
        PriorityKey = priorityKey;
        FairnessKey = fairnessKey;
        FairnessWeight = fairnessWeight;
    }

    /// <summary>Everything unset.</summary>
    public static Priority Default { get; } = new();

    /// <summary>1 (first) to 5 (last); null is 3, or the parent's.</summary>
    public int? PriorityKey { get; init; }

    /// <summary>Work is shared out evenly among keys; at most 64 bytes.</summary>
    public string? FairnessKey { get; init; }

    /// <summary>Share of the key; 0.001 to 1000, 1 when null.</summary>
    public float? FairnessWeight { get; init; }

    internal static Priority From(PriorityInfo? info) =>
        info is null ? Default : new(info.PriorityKey, info.FairnessKey, info.FairnessWeight);

    internal PriorityInfo? ToInfo() =>
        PriorityKey is null && FairnessKey is null && FairnessWeight is null ? null : new(PriorityKey, FairnessKey, FairnessWeight);
}
