using Serverless.Engine;

namespace Serverless.Functions.Polling;

/// <summary>How one queue is polled.</summary>
/// <param name="Queue">Name within the hub.</param>
/// <param name="MaxConcurrent">Messages handled at the same time.</param>
/// <param name="MaxPause">Longest pause between looks at an idle queue.</param>
/// <param name="Lease">How long a message stays hidden if this process dies. Renewed at half.</param>
internal sealed record PollerSettings(string Queue, int MaxConcurrent, TimeSpan MaxPause, TimeSpan Lease)
{
    /// <summary>First pause after a look that found nothing; doubles up to <see cref="MaxPause"/>.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The same number as maxDequeueCount in host.json.</summary>
    public const int MaxDequeueCount = 5;

    /// <summary>A failed message comes back after 1, 2, 4, 8 … seconds, at most this.</summary>
    public static readonly TimeSpan MaxRetryPause = TimeSpan.FromSeconds(10);

    /// <summary>Where messages go that could not be handled: the name that the Functions host uses too.</summary>
    public string PoisonQueue => PoisonSweep.PoisonOf(Queue);
}
