namespace Serverless.History;

/// <summary>Bits of <see cref="WorkflowTaskCompleted.Flags"/>. A bit is never given another meaning.</summary>
internal static class TaskFlags
{
    /// <summary>Continue-as-new was suggested: the history was long.</summary>
    public const ulong TooManyHistoryEvents = 1;

    /// <summary>Continue-as-new was suggested: the history was large.</summary>
    public const ulong HistorySizeTooLarge = 2;

    /// <summary>Continue-as-new was suggested: there were many updates.</summary>
    public const ulong TooManyUpdates = 4;

    /// <summary>From this task on the run is pinned to the build that ran it.</summary>
    public const ulong Pinned = 8;

    /// <summary>A process of another build handed on a message that led to this or an earlier task.</summary>
    public const ulong OtherBuildSeen = 16;
}
