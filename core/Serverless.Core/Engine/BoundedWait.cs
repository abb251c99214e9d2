namespace Serverless.Engine;

/// <summary>Waiting for one of several things.</summary>
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

        // Timers count whole milliseconds: one that is cut off would end at once, again and again.
        bounded = TimeSpan.FromMilliseconds(Math.Ceiling(bounded.TotalMilliseconds));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await FirstAsync(task, Task.Delay(bounded, time, over.Token));
        over.Cancel();
    }

    /// <summary>
    /// Waits for a task on the caller's scheduler, unless it is told not to. <see cref="Task.WaitAsync(CancellationToken)"/> leaves it where a task's continuations run asynchronously.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first; the task goes on.</exception>
    public static async Task OrCanceledAsync(this Task task, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = cancellationToken.Register(static source => ((TaskCompletionSource)source!).TrySetResult(), canceled);
            await FirstAsync(task, canceled.Task);
            if (!task.IsCompleted)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        await task;
    }

    /// <summary>
    /// Completes with the first of some tasks, on the caller's scheduler. <see cref="Task.WhenAny(Task[])"/> leaves it where a task's continuations run asynchronously.
    /// </summary>
    public static Task FirstAsync(params ReadOnlySpan<Task> tasks)
    {
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var task in tasks)
        {
            task.ContinueWith(_ => first.TrySetResult(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Current);
        }

        return first.Task;
    }
}
