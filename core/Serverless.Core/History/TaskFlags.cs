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
}
