namespace Serverless.Engine;

/// <summary>Waiting for a task, but not for ever.</summary>
internal static class BoundedWait
{
    /// <summary>A timer has an end.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Completes with the task or when the time has passed, whichever is first. May be early where the time is long: look again.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="task">Its failure is not looked at.</param>
    /// <param name="wait">Negative: as zero.</param>
    /// <param name="cancellationToken">Ends the wait, without an exception.</param>
    public static async Task WaitAsync(this TimeProvider time, Task task, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        var bounded = wait < TimeSpan.Zero ? TimeSpan.Zero : wait < Longest ? wait : Longest;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(task, Task.Delay(bounded, time, over.Token));
        over.Cancel();
    }
}
