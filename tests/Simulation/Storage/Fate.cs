namespace Serverless.Simulation.Storage;

/// <summary>What becomes of one storage call.</summary>
/// <param name="Kind">Whether it is done and what its caller hears.</param>
/// <param name="Out">Time until the service has the call.</param>
/// <param name="Back">Time until the caller has the answer, or gives up.</param>
internal readonly record struct Fate(FateKind Kind, TimeSpan Out, TimeSpan Back)
{
    /// <summary>For <see cref="FateKind.LateSuccess"/>: how long after its caller gave up the call is done. For messages: how much later they come.</summary>
    public TimeSpan Late { get; init; }
}

/// <summary>
/// The fault model: what a storage service, a network and a process may do to one call. Answers are never wrong and effects never half; everything else happens.
/// </summary>
internal enum FateKind
{
    /// <summary>It is done and answered. Slow when its times are long.</summary>
    Done,

    /// <summary>Refused without effect; the caller knows.</summary>
    Refused,

    /// <summary>Refused without effect, with the wish to wait.</summary>
    Throttled,

    /// <summary>Done; the caller is told that nobody knows.</summary>
    AnswerLost,

    /// <summary>The caller is told that nobody knows; it is done later.</summary>
    LateSuccess,

    /// <summary>Somebody else is faster: the rows whose tags a transaction names are written by another a moment before. Others: refused.</summary>
    Conflict,

    /// <summary>The calling process dies; the call is not done.</summary>
    CrashBefore,

    /// <summary>It is done; then the calling process dies.</summary>
    CrashAfter,

    /// <summary>The calling process stands still for a while; then the call is done, as that of a process that others took for dead.</summary>
    PauseBefore,

    /// <summary>It is done; then the calling process stands still for a while.</summary>
    PauseAfter,

    /// <summary>A message is sent twice, or stays visible though it was received. Others: done.</summary>
    Duplicate,

    /// <summary>A message comes later than asked for. Others: done.</summary>
    Delayed,
}
