using System.Runtime.CompilerServices;

namespace Serverless.Replay;

/// <summary>
/// Combines tasks without leaving the workflow's scheduler. The runtime completes what it makes of tasks (WhenAny, WhenAll, Unwrap) on the thread pool when one of them was made with
/// <see cref="TaskCreationOptions.RunContinuationsAsynchronously"/>; such a task is replaced by one that the scheduler completes. All others stay as they are, and so does their order.
/// </summary>
internal static class KeptTasks
{
    // A loop may wait for the same task a thousand times beside others: it gets one continuation, not a thousand.
    private static readonly ConditionalWeakTable<Task, Task> Kept = [];

    /// <summary>The task, or one that ends as it does and on the scheduler.</summary>
    public static Task Keep(Task task) => Leaves(task, out var scheduler)
        ? task.ContinueWith(static task => task, CancellationToken.None, TaskContinuationOptions.None, scheduler).Unwrap()
        : task;

    /// <summary>The task, or one that ends as it does and on the scheduler.</summary>
    public static Task<TResult> Keep<TResult>(Task<TResult> task) => Leaves(task, out var scheduler)
        ? task.ContinueWith(static task => task, CancellationToken.None, TaskContinuationOptions.None, scheduler).Unwrap()
        : task;

    /// <summary>Completes with the first of the tasks, and says which of the given ones it is.</summary>
    public static Task<Task> WhenAny(IEnumerable<Task> tasks)
    {
        Task[] given = [.. tasks];
        return given.Any(static task => Leaves(task, out _)) ? FirstAsync(given) : Task.WhenAny(given);
    }

    private static async Task<Task> FirstAsync(Task[] given)
    {
        var kept = Array.ConvertAll(given, static task => Leaves(task, out _) ? Kept.GetValue(task, Keep) : task);
        return given[Array.IndexOf(kept, await Task.WhenAny(kept))];
    }

    private static bool Leaves(Task? task, out TaskScheduler scheduler)
    {
        scheduler = TaskScheduler.Current;
        return task is { IsCompleted: false }
            && task.CreationOptions.HasFlag(TaskCreationOptions.RunContinuationsAsynchronously)
            && scheduler is WorkflowScheduler;
    }
}
