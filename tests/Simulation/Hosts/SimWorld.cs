using Serverless.Engine;
using Serverless.Simulation.Kernel;
using Serverless.Simulation.Storage;

namespace Serverless.Simulation.Hosts;

/// <summary>All that one simulation consists of: virtual time, the storage account, the processes, and what was seen to be wrong.</summary>
internal sealed class SimWorld
{
    private static readonly TimeSpan NextInstance = TimeSpan.FromMinutes(10);
    private readonly List<SimProcess> _processes = [];
    private readonly List<string> _violations = [];

    public SimWorld(SimOptions options)
    {
        Options = options;
        Random = new RandomDomains(options.Seed);
        Kernel = new SimKernel(Random.Scheduling, options.Stalls);
        Service = new SimService(Kernel, Random.Service.Next(), options.HostilePages);
        Faults = NoFaults.Instance;
        Notes = new Workloads.Notes(this, RandomDomains.Of(options.Seed, 8));
    }

    public SimOptions Options { get; }

    public RandomDomains Random { get; }

    public SimKernel Kernel { get; }

    public SimService Service { get; }

    /// <summary>What becomes of storage calls from now on.</summary>
    public IFaultPlan Faults { get; set; }

    /// <summary>True from when nothing fails any more: crashed processes have come back, and no new harm is done.</summary>
    public bool IsHealed { get; private set; }

    /// <summary>When that was; null before.</summary>
    public TimeSpan? HealedAt { get; private set; }

    /// <summary>Calls of all processes so far.</summary>
    public long StorageCalls { get; set; }

    /// <summary>The user code of all processes.</summary>
    public EngineCode? Code { get; set; }

    /// <summary>What workflows of all workloads write down outside of the hub.</summary>
    public Workloads.Notes Notes { get; }

    public IReadOnlyList<SimProcess> Processes => _processes;

    /// <summary>What must never be, and was.</summary>
    public IReadOnlyList<string> Violations => _violations;

    public SimProcess AddProcess(string name)
    {
        var process = new SimProcess(this, name);
        _processes.Add(process);
        return process;
    }

    /// <summary>A process that clients can talk to; null when none is up.</summary>
    public SimProcess? AnyProcess()
    {
        var up = _processes.FindAll(static p => p.IsUp);
        return up.Count == 0 ? null : up[Random.Workload.Next(up.Count)];
    }

    public void Note(string process, string line) => Kernel.Trace.Add(Kernel.Elapsed, process, line);

    /// <summary>Something happened that must never happen.</summary>
    public void Violation(string what)
    {
        Note("checker", what);
        _violations.Add(what);
    }

    /// <summary>A handler threw something that no fault of storage explains.</summary>
    public void HandlerFailed(string what) => Violation(what);

    /// <summary>Ends all faults and brings every process back.</summary>
    public void Heal()
    {
        if (IsHealed)
        {
            return;
        }

        IsHealed = true;
        HealedAt = Kernel.Elapsed;
        Faults = NoFaults.Instance;
        Note("world", "healed");
        foreach (var process in _processes)
        {
            process.Heal();
        }

        // What was put aside is taken back by processes that begin, as they do all the time where instances come and go.
        Kernel.After(NextInstance, () => AddProcess($"p{_processes.Count + 1}").Start());
    }
}

/// <summary>Random numbers of a run, one source for each kind of decision: drawing more of one kind does not change the others.</summary>
internal sealed class RandomDomains(int seed)
{
    public Random Scheduling { get; } = Of(seed, 1);

    public Random Storage { get; } = Of(seed, 2);

    public Random Delivery { get; } = Of(seed, 3);

    public Random Time { get; } = Of(seed, 4);

    public Random Workload { get; } = Of(seed, 5);

    public Random Service { get; } = Of(seed, 6);

    public Random Identity { get; } = Of(seed, 7);

    /// <summary>The source of one kind of decision.</summary>
    public static Random Of(int seed, int domain) => new(unchecked((seed * 486_187_739) ^ (domain * 16_777_619)));
}
