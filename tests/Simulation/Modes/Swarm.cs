using System.Collections.Concurrent;
using Serverless.Simulation.Workloads;

namespace Serverless.Simulation.Modes;

/// <summary>Runs seeds one after the other on several threads, each run on one of them, until the time, the seeds or the patience with failures are over.</summary>
internal sealed class Swarm
{
    private readonly int _firstSeed;
    private readonly int _threads;
    private readonly ConcurrentBag<SimResult> _failures = [];
    private long _runs;
    private long _steps;
    private int _next;

    public Swarm(int firstSeed, int threads)
    {
        _firstSeed = firstSeed;
        _next = firstSeed;
        _threads = threads;
    }

    public IReadOnlyCollection<SimResult> Failures => _failures;

    public long Runs => Interlocked.Read(ref _runs);

    public long Steps => Interlocked.Read(ref _steps);

    /// <summary>What is run, of all workloads.</summary>
    public IReadOnlyList<string> Workloads { get; init; } = WorkloadList.Names;

    /// <summary>Ends after this many failures. Default 1.</summary>
    public int MaxFailures { get; init; } = 1;

    /// <summary>Every how many seeds a run is made twice, to see that it is the same. Default 20.</summary>
    public int TwiceEvery { get; init; } = 20;

    /// <summary>Runs at most so many seeds, as long as it is not told to stop.</summary>
    public void Run(int seeds, CancellationToken stop)
    {
        var all = Enumerable.Range(0, _threads).Select(_ => new Thread(() => RunThread(_firstSeed + seeds, stop))).ToList();
        all.ForEach(static thread => thread.Start());
        all.ForEach(static thread => thread.Join());
    }

    private void RunThread(int end, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && _failures.Count < MaxFailures)
        {
            var seed = Interlocked.Increment(ref _next) - 1;
            if (seed >= end)
            {
                return;
            }

            var options = OptionsDraw.Draw(seed, Workloads);
            var result = seed % TwiceEvery == 0 ? Simulation.RunTwice(options) : Simulation.Run(options);
            Interlocked.Increment(ref _runs);
            Interlocked.Add(ref _steps, result.Steps);
            if (result.Verdict != Verdict.Passed)
            {
                _failures.Add(result);
            }
        }
    }
}
