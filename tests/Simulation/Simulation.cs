using Serverless.Simulation.Checkers;
using Serverless.Simulation.Hosts;
using Serverless.Simulation.Kernel;
using Serverless.Simulation.Storage;
using Serverless.Simulation.Workloads;

namespace Serverless.Simulation;

/// <summary>
/// One run: first everything that the options allow may fail and no answer may be wrong (safety); then nothing fails any more and everything must come to its end (liveness); then the
/// whole hub is looked at, emptied, and looked at again.
/// </summary>
internal sealed class Simulation
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(400);

    /// <summary>Longer than the farthest timer: what wakes for one that was cancelled finds nothing, and is gone.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromDays(140);
    private readonly SimOptions _options;
    private readonly SimWorld _world;
    private readonly List<Workload> _workloads;
    private readonly Lane _clients;
    private readonly SingleFault? _single;

    private Simulation(SimOptions options, Action<string>? sink, Func<string, SimWorld, Workload> create)
    {
        _options = options;
        _world = new SimWorld(options);
        _world.Kernel.Trace.Sink = sink;
        _workloads = [.. options.Workloads.Select(name => create(name, _world))];
        _world.Code = SimCode.Create(_workloads.SelectMany(static w => w.Activities), new HistoryWatch(_world));
        _world.Service.Committed += new JournalChecker(_world).Look;
        _clients = _world.Kernel.CreateLane("client");
        _single = options.Single is { } single ? new SingleFault("p1", single.Call, single.Kind) : null;
    }

    /// <summary>Longest run, in steps. A run that needs more is taken for one that never ends.</summary>
    public static long MaxSteps { get; } = 3_000_000;

    /// <summary>Runs once, on the calling thread.</summary>
    /// <param name="options">Everything that decides.</param>
    /// <param name="sink">Takes each line of what happens; null for nobody.</param>
    /// <param name="create">Makes other workloads than those of the list; null for those.</param>
    public static SimResult Run(SimOptions options, Action<string>? sink = null, Func<string, SimWorld, Workload>? create = null) =>
        new Simulation(options, sink, create ?? WorkloadList.Create).Run();

    /// <summary>Runs twice: both must be the same, step by step.</summary>
    public static SimResult RunTwice(SimOptions options, Func<string, SimWorld, Workload>? create = null)
    {
        var first = Run(options, create: create);
        var second = Run(options, create: create);
        return first.Trace == second.Trace || first.Verdict == Verdict.NotDeterministic
            ? first
            : second with { Verdict = Verdict.NotDeterministic, Reason = $"The trace was {first.Trace} after {first.Steps} steps, then {second.Trace} after {second.Steps}." };
    }

    private SimResult Run()
    {
        try
        {
            return Act();
        }
#pragma warning disable CA1031 // Whatever it is, it is the verdict.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Result(Verdict.Crashed, e.ToString());
        }
    }

    private SimResult Act()
    {
        Begin();
        var client = new SimClient(_world, _clients);
        var work = _clients.Run(() => Task.WhenAll(_workloads.Select(w => _clients.Run(() => w.RunAsync(client))).ToList()));
        _world.Kernel.RunUntil(() => work.IsCompleted || _world.Violations.Count > 0, _options.Trouble, MaxSteps);
        _world.Heal();
        if (!Finish(() => work.IsCompleted) || work.IsFaulted || _world.Violations.Count > 0)
        {
            return Failure(work, "the workloads did not end");
        }

        // Everything that was still under way comes to its end too, and nothing more may happen.
        _world.Kernel.RunUntil(() => _world.Violations.Count > 0, _world.Kernel.Elapsed + Rest, MaxSteps);
        var check = _clients.Run(async () =>
        {
            foreach (var workload in _workloads)
            {
                await workload.CheckAsync(client);
            }

            await new HubChecker(_world, client).CheckAsync();
        });
        return Finish(() => check.IsCompleted) && !check.IsFaulted && _world.Violations.Count == 0 ? Result(Verdict.Passed, "") : Failure(check, "the checks did not end");
    }

    private void Begin()
    {
        for (var i = 1; i <= _options.Processes; i++)
        {
            _world.AddProcess($"p{i}").Start();
        }

        _world.Faults = _single ?? (IFaultPlan?)(_options.Faults is { } rates ? new RandomFaults(rates, _world.Random.Storage, _world.Random.Delivery) : null) ?? NoFaults.Instance;
        if (_options.Chaos is { } interval)
        {
            new Chaos(_world, interval).Begin();
        }
    }

    private bool Finish(Func<bool> isDone) => _world.Kernel.RunUntil(() => isDone() || _world.Violations.Count > 0, _world.Kernel.Elapsed + Longest, MaxSteps);

    private SimResult Failure(Task work, string what)
    {
        if (_world.Kernel.Escape is { } escape)
        {
            return Result(Verdict.NotDeterministic, escape);
        }

        if (_world.Violations.Count > 0)
        {
            return Result(Verdict.SafetyViolation, string.Join(Environment.NewLine, _world.Violations));
        }

        if (work.IsFaulted)
        {
            return Result(Verdict.SafetyViolation, $"A client was told what it must not be told: {work.Exception.GetBaseException()}");
        }

        var (tasks, due) = _world.Kernel.Pending;
        return Result(Verdict.NotLive, $"{what} within {Longest} of virtual time and {MaxSteps} steps: at {_world.Kernel.Elapsed} after {_world.Kernel.Steps} steps, {tasks} tasks and {due} events are left.");
    }

    private SimResult Result(Verdict verdict, string reason) => new(_options, verdict, reason)
    {
        Trace = _world.Kernel.Trace.Hash,
        Last = _world.Kernel.Trace.Last,
        Steps = _world.Kernel.Steps,
        Calls = _single?.Calls ?? 0,
        Elapsed = _world.Kernel.Elapsed,
        Hit = _single?.Hit,
    };
}
