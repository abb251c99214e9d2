namespace Serverless.Simulation.Kernel;

/// <summary>
/// The world of one simulation: virtual time, what is due when, and the processes. Single-threaded: each step runs one task of one process, chosen at random, or
/// lets the next thing become due. The same random numbers give the same run, step by step.
/// </summary>
internal sealed class SimKernel(Random scheduling, double stalls)
{
    /// <summary>When every simulated world begins.</summary>
    public static readonly DateTimeOffset Begin = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan LongestStall = TimeSpan.FromMilliseconds(50);
    private readonly PriorityQueue<Action, (long Due, long Order)> _due = new();
    private readonly List<Lane> _lanes = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _order;

    /// <summary>World time since the beginning.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>World time: the clock of the storage service.</summary>
    public DateTimeOffset Now => Begin + Elapsed;

    /// <summary>Steps so far.</summary>
    public long Steps { get; private set; }

    public Trace Trace { get; } = new();

    /// <summary>What left the simulation, if anything did: the run proves nothing then.</summary>
    public string? Escape { get; private set; }

    /// <summary>How many tasks and events are left.</summary>
    public (int Tasks, int Due) Pending => (_lanes.Sum(static lane => lane.Runnable), _due.Count);

    public Lane CreateLane(string name)
    {
        var lane = new Lane(this, name);
        _lanes.RemoveAll(static old => old.IsDead);
        _lanes.Add(lane);
        return lane;
    }

    /// <summary>Has something happen after a time, outside of all processes.</summary>
    public void After(TimeSpan delay, Action action)
    {
        Guard();
        var due = delay < TimeSpan.MaxValue - Elapsed ? Elapsed + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero) : TimeSpan.MaxValue;
        _due.Enqueue(action, (due.Ticks, _order++));
    }

    /// <summary>Notes a task that was queued by a thread of the outside.</summary>
    public void Guard()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            Escape ??= $"Thread {Environment.CurrentManagedThreadId} reached into the simulation: {Environment.StackTrace}";
        }
    }

    /// <summary>Steps until a condition holds. False when nothing is left to do, the time is over or something escaped.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit, long maxSteps)
    {
        while (!condition())
        {
            if (Escape is not null || Steps >= maxSteps || !Step(limit))
            {
                return false;
            }
        }

        return true;
    }

    private bool Step(TimeSpan limit)
    {
        var runnable = 0;
        foreach (var lane in _lanes)
        {
            runnable += lane.Runnable;
        }

        if (runnable > 0 && !Stalls())
        {
            RunTask(scheduling.Next(runnable));
            return true;
        }

        if (!_due.TryPeek(out _, out var due) || due.Due > limit.Ticks)
        {
            return false;
        }

        var action = _due.Dequeue();
        Elapsed = TimeSpan.FromTicks(Math.Max(Elapsed.Ticks, due.Due));
        Steps++;
        action();
        return true;
    }

    /// <summary>Work takes time: now and then something becomes due while tasks are ready.</summary>
    private bool Stalls() =>
        stalls > 0 && _due.TryPeek(out _, out var next) && next.Due - Elapsed.Ticks <= LongestStall.Ticks && scheduling.NextDouble() < stalls;

    private void RunTask(int index)
    {
        foreach (var lane in _lanes)
        {
            if (index < lane.Runnable)
            {
                Steps++;
                Trace.Add(lane.Name, index);
                lane.RunOne(index);
                return;
            }

            index -= lane.Runnable;
        }
    }
}
