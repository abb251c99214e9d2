namespace Serverless.Simulation.Kernel;

/// <summary>
/// One simulated process: the scheduler of its tasks and the owner of its timers. A dead lane never runs again what was left in it; a paused one runs it later.
/// </summary>
internal sealed class Lane : TaskScheduler
{
    private readonly SimKernel _kernel;
    private readonly List<Task> _ready = [];

    public Lane(SimKernel kernel, string name)
    {
        _kernel = kernel;
        Name = name;
        Time = new LaneTime(kernel, this);
    }

    /// <summary>The lane of the code that asks.</summary>
    public static new Lane Current => TaskScheduler.Current as Lane ?? throw new InvalidOperationException("This code runs in no simulated process.");

    public string Name { get; }

    /// <summary>The process's own clock.</summary>
    public LaneTime Time { get; }

    public override int MaximumConcurrencyLevel => 1;

    public bool IsDead { get; private set; }

    /// <summary>True while the process stands still: time passes it by.</summary>
    public bool IsPaused { get; set; }

    /// <summary>True once the process is about to end: it takes nothing new.</summary>
    public bool IsStopping { get; set; }

    /// <summary>Tasks that could run now.</summary>
    public int Runnable => IsDead || IsPaused ? 0 : _ready.Count;

    /// <summary>Runs an asynchronous method on this lane.</summary>
    public Task<T> Run<T>(Func<Task<T>> code) => Task.Factory.StartNew(code, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    /// <inheritdoc cref="Run{T}"/>
    public Task Run(Func<Task> code) => Task.Factory.StartNew(code, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    /// <summary>Runs a short action on this lane.</summary>
    public void Post(Action code) => Task.Factory.StartNew(code, CancellationToken.None, TaskCreationOptions.None, this);

    /// <summary>The process is gone, with all that it was about to do.</summary>
    public void Kill()
    {
        IsDead = true;
        _ready.Clear();
    }

    /// <summary>Runs the task at a place among the runnable ones.</summary>
    public void RunOne(int index)
    {
        var task = _ready[index];
        _ready.RemoveAt(index);
        TryExecuteTask(task);
    }

    protected override void QueueTask(Task task)
    {
        _kernel.Guard();
        if (!IsDead)
        {
            _ready.Add(task);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [.. _ready];
}
