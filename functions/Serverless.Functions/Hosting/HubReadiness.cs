namespace Serverless.Functions.Hosting;

/// <summary>Tells whether the hub's storage has been reached, and lets requests wait for it. Thread-safe.</summary>
internal sealed class HubReadiness(TimeProvider time)
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _lastError;

    public bool IsReady => _ready.Task.IsCompleted;

    /// <summary>Why the hub is not ready, if it tried and failed.</summary>
    public string? LastError => IsReady ? null : _lastError;

    public void Failed(string error) => _lastError = error;

    public void Ready() => _ready.TrySetResult();

    /// <exception cref="HubNotReadyException">It did not become ready in time.</exception>
    public async Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await _ready.Task.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new HubNotReadyException(_lastError);
        }
    }
}

/// <summary>Storage has not been reached since the process started.</summary>
internal sealed class HubNotReadyException(string? cause)
    : Exception($"The hub's storage has not been reached yet; the process keeps trying. Try again in a few seconds.{(cause is null ? "" : $" Last error: {cause}")}");
