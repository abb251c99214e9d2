namespace Serverless.Workflows;

/// <summary>Lets one piece of a workflow's code at a time through, in the order of asking. Not durable beyond the run, and only for workflow code.</summary>
public class Mutex
{
    private readonly Semaphore _semaphore = new(1);

    /// <summary>Waits for the turn.</summary>
    /// <param name="cancellationToken">Gives up. Null (default): the workflow's token.</param>
    /// <returns>Completes when it is this caller's turn.</returns>
    public Task WaitOneAsync(CancellationToken? cancellationToken = null) => _semaphore.WaitAsync(cancellationToken);

    /// <summary>Waits for the turn, up to a time.</summary>
    /// <param name="millisecondsTimeout">Longest wait.</param>
    /// <param name="cancellationToken">Gives up. Null (default): the workflow's token.</param>
    /// <returns>False when the time passed first.</returns>
    public Task<bool> WaitOneAsync(int millisecondsTimeout, CancellationToken? cancellationToken = null) =>
        _semaphore.WaitAsync(millisecondsTimeout, cancellationToken);

    /// <summary>Waits for the turn, up to a time.</summary>
    /// <param name="timeout">Longest wait.</param>
    /// <param name="cancellationToken">Gives up. Null (default): the workflow's token.</param>
    /// <returns>False when the time passed first.</returns>
    public Task<bool> WaitOneAsync(TimeSpan timeout, CancellationToken? cancellationToken = null) => _semaphore.WaitAsync(timeout, cancellationToken);

    /// <summary>Lets the next one through.</summary>
    public void ReleaseMutex() => _semaphore.Release();
}

/// <summary>Lets a number of pieces of a workflow's code through at a time. Not durable beyond the run, and only for workflow code.</summary>
public class Semaphore
{
    /// <summary>A semaphore with places.</summary>
    /// <param name="initialCount">How many; at least 1.</param>
    public Semaphore(int initialCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initialCount, 1);
        Max = initialCount;
        CurrentCount = initialCount;
    }

    /// <summary>Places in all.</summary>
    public int Max { get; private init; }

    /// <summary>Free places.</summary>
    public int CurrentCount { get; private set; }

    /// <summary>Waits for a place.</summary>
    /// <param name="cancellationToken">Gives up. Null (default): the workflow's token.</param>
    /// <returns>Completes when there is one.</returns>
    public async Task WaitAsync(CancellationToken? cancellationToken = null)
    {
        await Workflow.WaitConditionAsync(() => CurrentCount > 0, cancellationToken);
        CurrentCount--;
    }

    /// <summary>Waits for a place, up to a time.</summary>
    /// <param name="millisecondsTimeout">Longest wait.</param>
    /// <param name="cancellationToken">Gives up. Null (default): the workflow's token.</param>
    /// <returns>False when the time passed first.</returns>
    public Task<bool> WaitAsync(int millisecondsTimeout, CancellationToken? cancellationToken = null) =>
        WaitAsync(TimeSpan.FromMilliseconds(millisecondsTimeout), cancellationToken);

    /// <summary>Waits for a place, up to a time.</summary>
    /// <param name="timeout">Longest wait.</param>
    /// <param name="cancellationToken">Gives up. Null (default): the workflow's token.</param>
    /// <returns>False when the time passed first.</returns>
    public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken? cancellationToken = null)
    {
        if (!await Workflow.WaitConditionAsync(() => CurrentCount > 0, timeout, cancellationToken))
        {
            return false;
        }

        CurrentCount--;
        return true;
    }

    /// <summary>Gives a place back.</summary>
    /// <exception cref="InvalidOperationException">All places are free.</exception>
    public void Release()
    {
        if (CurrentCount == Max)
        {
            throw new InvalidOperationException($"All {Max} places are free: nothing was taken.");
        }

        CurrentCount++;
    }
}
