using Serverless.Simulation.Hosts;
using Serverless.Simulation.Storage;
using Serverless.Simulation.Workloads;
using Serverless.Storage.Memory;

namespace Serverless.Simulation.Scripts;

/// <summary>
/// A history that is written down: all calls are quick but those for which there is a rule. It runs as the one workload of a simulation, so that all that is checked at the end of any
/// run is checked at its end too.
/// </summary>
internal sealed class Script(SimWorld world, Func<Script, Task> act, IReadOnlyList<object> activities) : Workload(world), IFaultPlan
{
    private readonly List<Rule> _rules = [];
    private SimClient? _client;

    public override IReadOnlyList<object> Activities => activities;

    /// <summary>Asks any process that is up.</summary>
    public SimClient Client => _client ?? throw new InvalidOperationException("The script has not begun.");

    /// <summary>The world it acts in.</summary>
    public SimWorld Stage => World;

    /// <summary>Runs a script.</summary>
    /// <param name="act">What clients do, and what they expect. Rules come first.</param>
    /// <param name="activities">Makes the activities that its workflows call; null for none.</param>
    /// <param name="knobs">Settings that differ from the ordinary.</param>
    /// <param name="processes">Processes that serve the hub: p1, p2, …</param>
    public static SimResult Run(Func<Script, Task> act, Func<SimWorld, object>? activities = null, Knobs? knobs = null, int processes = 2) => Simulation.Run(
        new SimOptions { Seed = 1, Workloads = ["script"], Processes = processes, HostilePages = false, Trouble = TimeSpan.FromDays(1), Knobs = knobs ?? new Knobs() },
        create: (_, world) => new Script(world, act, activities is null ? [] : [activities(world)]));

    public override Task RunAsync(SimClient client)
    {
        _client = client;
        World.Faults = this;
        return act(this);
    }

    /// <summary>Adds a rule about one call.</summary>
    /// <param name="process">Whose call; null for anybody's.</param>
    /// <param name="operation">What is called.</param>
    /// <param name="where">Which of them; null for any.</param>
    /// <param name="nth">The first, second, … of those; 0 for each.</param>
    public Rule On(string? process, StorageOperation operation, Func<InterceptedCall, bool>? where = null, int nth = 1)
    {
        var rule = new Rule(process, operation, where ?? (static _ => true), nth);
        _rules.Add(rule);
        return rule;
    }

    public SimProcess Process(string name) => World.Processes.Single(p => p.Name == name);

    /// <summary>Asks one process, once.</summary>
    public Task<T> AskAsync<T>(string process, Func<Serverless.Client.WorkflowClient, Task<T>> ask) => Process(process).Lane!.Run(() => ask(Process(process).Client!));

    /// <summary>Notes a violation unless the condition holds.</summary>
    public void Must(bool condition, string what) => Expect(condition, what);

    public Fate Decide(string process, InterceptedCall call)
    {
        var fate = NoFaults.Instance.Decide(process, call);
        return _rules.Find(r => r.Takes(process, call))?.Apply(process, fate) ?? fate;
    }
}

/// <summary>What becomes of a call, and what happens beside it.</summary>
internal sealed class Rule(string? process, StorageOperation operation, Func<InterceptedCall, bool> where, int nth)
{
    private readonly TaskCompletionSource<string> _met = new();
    private FateKind _kind = FateKind.Done;
    private TimeSpan _late;
    private TimeSpan _out;
    private int _seen;

    /// <summary>Completes when the call is made, with the name of its process.</summary>
    public Task<string> Met => _met.Task;

    /// <summary>True while the rule counts.</summary>
    public bool Holds { get; set; } = true;

    /// <summary>The call meets this fate. <paramref name="late"/>: how long a pause lasts, or how much later a late call is done.</summary>
    public Rule Meets(FateKind kind, TimeSpan late = default)
    {
        _kind = kind;
        _late = late;
        return this;
    }

    /// <summary>The call takes so long until the service has it.</summary>
    public Rule TakesLong(TimeSpan time)
    {
        _out = time;
        return this;
    }

    public bool Takes(string caller, InterceptedCall call) =>
        Holds && (process is null || caller == process) && call.Operation == operation && where(call) && (++_seen == nth || nth == 0);

    public Fate Apply(string caller, Fate fate)
    {
        _met.TrySetResult(caller);
        return fate with { Kind = _kind, Late = _late, Out = fate.Out + _out };
    }
}
