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
    private readonly LinkedList<TaskCompletionSource> _waiting = new();

    /// <summary>A semaphore with places.</summary>
    /// <param name="initialCount">How many; at least 1.</param>
    /// <exception cref="InvalidOperationException">Not called from workflow code.</exception>
    public Semaphore(int initialCount)
    {
        if (!Workflow.InWorkflow)
        {
            throw new InvalidOperationException("Not in workflow: this semaphore is for workflow code. Use System.Threading.SemaphoreSlim elsewhere.");
        }

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
    public Task WaitAsync(CancellationToken? cancellationToken = null) => WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Waits for a place, up to a time.</summary>
    /// <param name="millisecondsTimeout">Longest wait; -1 for no limit.</param>
    /// <param name="cancellationToken">Gives up. Null (default): the workflow's token.</param>
    /// <returns>False when the time passed first.</returns>
    public Task<bool> WaitAsync(int millisecondsTimeout, CancellationToken? cancellationToken = null) =>
        WaitAsync(TimeSpan.FromMilliseconds(millisecondsTimeout), cancellationToken);

    /// <summary>Waits for a place, up to a time.</summary>
    /// <param name="timeout">Longest wait; zero: do not wait; -1 ms for no limit.</param>
    /// <param name="cancellationToken">Gives up. Null (default): the workflow's token.</param>
    /// <returns>False when the time passed first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative and not -1 ms.</exception>
    public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken? cancellationToken = null)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A wait is not negative; -1 ms means no limit.");
        }

        var run = Workflow.Run;
        run.CheckWritable();
        var token = cancellationToken ?? run.CancellationToken;
        token.ThrowIfCancellationRequested();
        if (CurrentCount > 0)
        {
            CurrentCount--;
            return true;
        }

        if (timeout == TimeSpan.Zero)
        {
            return false;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
        var turn = _waiting.AddLast(new TaskCompletionSource());
        using var registration = run.OnCancel(() => GiveUp(turn, over.Token), over.Token);
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            await turn.Value.Task;
            return true;
        }

        var timer = Workflow.DelayAsync(timeout, over.Token);
        await Workflow.WhenAnyAsync(turn.Value.Task, timer);
        var mine = turn.Value.Task.IsCompletedSuccessfully;
        over.Cancel();
        if (!mine)
        {
            token.ThrowIfCancellationRequested();
        }

        return mine;
    }

    /// <summary>Gives a place back: to whoever waits longest, if anybody does.</summary>
    /// <exception cref="InvalidOperationException">All places are free.</exception>
    public void Release()
    {
        Workflow.Run.CheckWritable();
        if (CurrentCount == Max)
        {
            throw new InvalidOperationException($"All {Max} places are free: nothing was taken.");
        }

        if (_waiting.First is { } next)
        {
            // The place goes from hand to hand, so that nobody can step in between.
            _waiting.Remove(next);
            next.Value.TrySetResult();
            return;
        }

        CurrentCount++;
    }

    private void GiveUp(LinkedListNode<TaskCompletionSource> turn, CancellationToken token)
    {
        if (turn.Value.TrySetCanceled(token))
        {
            _waiting.Remove(turn);
        }
    }
}
