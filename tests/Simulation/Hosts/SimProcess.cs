using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Simulation.Kernel;
using Serverless.Simulation.Storage;
using Serverless.Storage;

namespace Serverless.Simulation.Hosts;

/// <summary>
/// A machine that runs the real engine, one incarnation after the other. A crash takes everything that was in memory; a pause leaves it, with a belief about the world that is out of date.
/// </summary>
internal sealed class SimProcess(SimWorld world, string name)
{
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(3);
    private int _incarnation;
    private int _pauses;

    public string Name { get; } = name;

    /// <summary>The lane of the present incarnation; null before the first.</summary>
    public Lane? Lane { get; private set; }

    public WorkflowEngine? Engine { get; private set; }

    public WorkflowClient? Client { get; private set; }

    public bool IsUp => Lane is { IsDead: false };

    /// <summary>How far its wall clock is off, in this incarnation and the next.</summary>
    public TimeSpan Skew { get; set; }

    /// <summary>Begins an incarnation.</summary>
    /// <param name="serves">False for a process that only asks: it takes no messages.</param>
    public void Start(bool serves = true)
    {
        _incarnation++;
        var lane = world.Kernel.CreateLane($"{Name}.{_incarnation}");
        Lane = lane;
        lane.Time.Skew = Skew;
        var store = new SimConnection(world, this);
        var knobs = world.Options.Knobs;
        var random = new Random(world.Random.Identity.Next());
        var options = knobs.ToEngineOptions(lane.Name, serves);
        var engine = new WorkflowEngine(options, store, world.Code!, lane.Time, random, NullLoggerFactory.Instance);
        Engine = engine;
        var ids = 0;
        Client = new WorkflowClient(
            engine.ForClient(() => $"{lane.Name}-{++ids}"),
            new WorkflowClientOptions());
        if (serves)
        {
            lane.Run(() => ServeAsync(engine, store, lane, options));
        }
    }

    public void Crash()
    {
        if (!IsUp)
        {
            return;
        }

        world.Note(Lane!.Name, "crashes");
        Lane.Kill();
        if (!world.IsHealed)
        {
            world.Kernel.After(RestartPause * (0.1 + (world.Random.Time.NextDouble() * 10)), Restart);
        }
        else
        {
            Restart();
        }
    }

    /// <summary>Lets it take no new work and gives what it has a moment to end; then it is gone.</summary>
    public void Stop()
    {
        if (!IsUp)
        {
            return;
        }

        var lane = Lane!;
        world.Note(lane.Name, "stops");
        lane.IsStopping = true;
        lane.Post(Engine!.Stop);
        world.Kernel.After(TimeSpan.FromSeconds(5), () =>
        {
            if (lane == Lane)
            {
                Crash();
            }
        });
    }

    /// <summary>It stands still for a while, then goes on as if nothing had happened.</summary>
    public void Pause(TimeSpan time)
    {
        if (!IsUp)
        {
            return;
        }

        var lane = Lane!;
        var pause = ++_pauses;
        world.Note(lane.Name, $"stands still for {time}");
        lane.IsPaused = true;
        world.Kernel.After(time, () =>
        {
            if (pause == _pauses)
            {
                lane.IsPaused = false;
            }
        });
    }

    /// <summary>It goes on, with a right clock.</summary>
    public void Heal()
    {
        _pauses++;
        Skew = TimeSpan.Zero;
        if (Lane is { } lane)
        {
            lane.IsPaused = false;
            lane.Time.Skew = TimeSpan.Zero;
        }

        Restart();
    }

    private void Restart()
    {
        if (!IsUp)
        {
            Start();
        }
    }

    private async Task ServeAsync(WorkflowEngine engine, SimConnection store, Lane lane, EngineOptions options)
    {
        string[] queues = [.. WorkflowEngine.Queues.Union(options.ActivityQueues)];
        while (true)
        {
            try
            {
                await store.InitializeAsync(queues, default);
                await engine.SweepPoisonAsync(queues, default);
                break;
            }
            catch (StorageException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), lane.Time);
            }
        }

        foreach (var queue in queues)
        {
            Func<QueueDelivery, CancellationToken, Task> handle = queue switch
            {
                QueueNames.Workflows => engine.Handlers.HandleWorkflowAsync,
                QueueNames.Timers => engine.Handlers.HandleTimerAsync,
                _ => engine.Handlers.HandleActivityAsync,
            };
            _ = new QueuePump(world, lane, store.Queues, queue, handle).RunAsync();
        }
    }
}
