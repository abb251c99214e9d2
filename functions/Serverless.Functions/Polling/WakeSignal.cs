namespace Serverless.Functions.Polling;

/// <summary>Ends a wait early. A signal given while nobody waits is kept for the next wait. Thread-safe, one waiter.</summary>
internal sealed class WakeSignal(TimeProvider time)
{
    private TaskCompletionSource _signal = New();

    public void Set() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>Returns when signalled or when the pause is over.</summary>
    public async Task WaitAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        var signal = Volatile.Read(ref _signal);
        try
        {
            await signal.Task.WaitAsync(pause, time, cancellationToken);
            Interlocked.CompareExchange(ref _signal, New(), signal);
        }
        catch (TimeoutException)
        {
            // The pause is over: the caller looks by itself.
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
