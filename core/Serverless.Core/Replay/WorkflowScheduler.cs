using System.Diagnostics;

namespace Serverless.Replay;

/// <summary>
/// Runs all code of one workflow run, one task at a time, in the order in which tasks were queued, on whatever thread calls <see cref="Drain"/>.
/// A task that is queued from elsewhere means that the code awaited something which is not the workflow's; it is noted and never run.
/// </summary>
internal sealed class WorkflowScheduler : TaskScheduler
{
    private const string Foreign =
        "Workflow code awaited something that is not the workflow's own: a thread-pool task, a real timer, I/O or ConfigureAwait(false). "
        + "Use Workflow.DelayAsync for time, Workflow.RunTaskAsync for tasks, and activities for everything outside.";

    private const string Combined =
        "Workflow code gave a task that goes on asynchronously to Task.WhenAny, Task.WhenAll, Unwrap or WaitAsync: a TaskCompletionSource with RunContinuationsAsynchronously, "
        + "SemaphoreSlim.WaitAsync or the like. Use Workflow.WhenAnyAsync and Workflow.WhenAllAsync, or make the TaskCompletionSource without that option.";

    [ThreadStatic]
    private static WorkflowScheduler? t_running;

    private readonly Queue<Task> _queue = new();
    private readonly Lock _foreignLock = new();
    private Thread? _thread;
    private volatile string? _violation;

    public WorkflowScheduler(WorkflowRun run) => Run = run;

    /// <summary>The scheduler whose code runs on this thread now.</summary>
    public static WorkflowScheduler? Running => t_running;

    public WorkflowRun Run { get; }

    /// <summary>How the code left the scheduler; null as long as it has not.</summary>
    public string? Violation => _violation;

    /// <summary>Told, on any thread, of the first violation.</summary>
    public Action<string>? OnViolation { get; set; }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Queues work as the workflow's own.</summary>
    public Task Enqueue(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this);

    /// <summary>Lets this thread queue and run tasks until the result is disposed.</summary>
    public Entry Enter()
    {
        var entry = new Entry(this, t_running, _thread);
        t_running = this;
        _thread = Thread.CurrentThread;
        return entry;
    }

    /// <summary>Hides the scheduler from the tracer while code that is not the workflow's (a log provider) runs.</summary>
    public static Absence Leave()
    {
        var absence = new Absence(t_running);
        t_running = null;
        return absence;
    }

    /// <summary>True when tasks wait to be run.</summary>
    public bool HasWork => _queue.Count > 0;

    /// <summary>True on the thread that runs this run's code now.</summary>
    public bool IsInside => _thread == Thread.CurrentThread;

    /// <summary>Runs the next queued task.</summary>
    public void RunNext()
    {
        if (_queue.TryDequeue(out var task))
        {
            TryExecuteTask(task);
        }
    }

    /// <summary>Runs queued tasks until there are none. Call between <see cref="Enter"/> and its disposal.</summary>
    public void Drain()
    {
        while (_queue.TryDequeue(out var task))
        {
            TryExecuteTask(task);
        }
    }

    /// <summary>Notes a violation; the first one counts.</summary>
    public void Report(string violation)
    {
        lock (_foreignLock)
        {
            if (_violation is not null)
            {
                return;
            }

            _violation = violation;
        }

        OnViolation?.Invoke(violation);
    }

    protected override void QueueTask(Task task)
    {
        if (_thread == Thread.CurrentThread)
        {
            _queue.Enqueue(task);
            return;
        }

        Report(IsCombined() ? Combined : Foreign);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _queue;

    // The thread pool has completed what the runtime makes of tasks: only the stack tells. This is rare, since the first violation ends the run here.
    private static bool IsCombined()
    {
        var types = new StackTrace().GetFrames().Select(static frame => frame.GetMethod()?.DeclaringType)
            .TakeWhile(static type => type == typeof(WorkflowScheduler) || (type?.Assembly == typeof(Task).Assembly && type.Name != "ThreadPoolWorkQueue"))
            .Where(static type => type?.Name != "CompletionActionInvoker");
        return types.LastOrDefault()?.GetInterfaces().Any(static type => type.Name == "ITaskCompletionAction") == true;
    }

    /// <summary>A time outside.</summary>
    internal readonly struct Absence(WorkflowScheduler? running) : IDisposable
    {
        public void Dispose() => t_running = running;
    }

    /// <summary>A stay of a thread in the scheduler.</summary>
    internal readonly struct Entry(WorkflowScheduler scheduler, WorkflowScheduler? before, Thread? thread) : IDisposable
    {
        public void Dispose()
        {
            t_running = before;
            scheduler._thread = thread;
        }
    }
}
