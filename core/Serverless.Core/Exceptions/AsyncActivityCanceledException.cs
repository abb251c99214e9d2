namespace Serverless.Exceptions;

/// <summary>A heartbeat sent from outside found that the activity is to be cancelled.</summary>
public class AsyncActivityCanceledException : TemporalException
{
    /// <summary>Creates the exception.</summary>
    public AsyncActivityCanceledException()
        : base("Activity cancelled")
    {
    }
}
