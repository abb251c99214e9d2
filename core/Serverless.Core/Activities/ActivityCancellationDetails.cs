namespace Serverless.Activities;

/// <summary>Why an activity's cancellation token was cancelled, as flags.</summary>
public class ActivityCancellationDetails
{
    /// <summary>The activity is not known any more: its workflow closed or the attempt was given up.</summary>
    public bool IsGoneFromServer { get; init; }

    /// <summary>The workflow asked for it.</summary>
    public bool IsCancelRequested { get; init; }

    /// <summary>A time-out of the activity passed.</summary>
    public bool IsTimedOut { get; init; }

    /// <summary>The process is going to stop.</summary>
    public bool IsWorkerShutdown { get; init; }

    /// <summary>Held up from outside. Not given so far: activities can't be paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Begun anew from outside. Not given so far: activities can't be reset.</summary>
    public bool IsReset { get; init; }

    /// <summary>A heartbeat could not be encoded or recorded.</summary>
    public bool IsHeartbeatRecordFailure { get; init; }

    internal static ActivityCancellationDetails Of(ActivityCancelReason reason) => new()
    {
        IsGoneFromServer = reason == ActivityCancelReason.GoneFromServer,
        IsCancelRequested = reason == ActivityCancelReason.CancelRequested,
        IsTimedOut = reason == ActivityCancelReason.Timeout,
        IsWorkerShutdown = reason == ActivityCancelReason.WorkerShutdown,
        IsPaused = reason == ActivityCancelReason.Paused,
        IsReset = reason == ActivityCancelReason.Reset,
        IsHeartbeatRecordFailure = reason == ActivityCancelReason.HeartbeatRecordFailure,
    };
}
