using Serverless.Activities;
using Serverless.Client;
using Serverless.Simulation.Hosts;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>
/// Timers from below a second to months: none fires early, by the clock of the world and as far as clocks of processes are off; each fires, and not much too late once nothing fails. A wait
/// that a signal ends before its time leaves no timer that wakes anybody.
/// </summary>
internal sealed class Timers : Workload
{
    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(61), TimeSpan.FromMinutes(11), TimeSpan.FromMinutes(59),
        TimeSpan.FromHours(3), TimeSpan.FromHours(25), TimeSpan.FromDays(6.9), TimeSpan.FromDays(8), TimeSpan.FromDays(20), TimeSpan.FromDays(33), TimeSpan.FromDays(100),
    ];

    /// <summary>Later than this, once nothing fails, is too late: a message may have been taken by a process that died with a lease of ten minutes.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(30);

    private readonly Clockwork _clockwork;

    public Timers(SimWorld world)
        : base(world) => _clockwork = new Clockwork(world);

    public override IReadOnlyList<object> Activities => [_clockwork];

    public override Task RunAsync(SimClient client) => EachAsync(client, i => OneAsync(client, $"sleeper-{i}"));

    private async Task OneAsync(SimClient client, string id)
    {
        var delays = Enumerable.Range(0, 1 + Random.Next(5)).Select(_ => Delays[Random.Next(Delays.Length)]).ToList();
        var isWoken = Random.Next(2) == 0;
        var patience = isWoken ? TimeSpan.FromDays(60) : TimeSpan.FromMinutes(Random.Next(1, 10));
        await client.AskAsync(c => c.StartWorkflowAsync((Sleeper s) => s.RunAsync(delays, patience), Of(id)));
        if (isWoken)
        {
            await client.SleepAsync(TimeSpan.FromSeconds(Random.Next(30)));
            await client.AskAsync(c => c.GetWorkflowHandle<Sleeper>(id).SignalAsync(s => s.WakeAsync(), new WorkflowSignalOptions { RequestId = "wake" }));
        }

        // Whoever waits for a result looks again and again: not for months.
        await client.SleepAsync(delays.Max() + TimeSpan.FromMinutes(1));
        var woken = await client.ResultAsync<bool>(id);
        Expect(woken == isWoken, $"{id} was {(woken ? "" : "not ")}woken");
        var begin = _clockwork.At($"{id}/begin").First;
        for (var i = 0; i < delays.Count; i++)
        {
            Check($"{id}/{i}", begin, delays[i]);
        }

        if (!isWoken)
        {
            Check($"{id}/patience", begin, patience);
        }
    }

    private void Check(string key, TimeSpan begin, TimeSpan delay)
    {
        var (first, last) = _clockwork.At(key);
        var due = begin + delay;

        // The clock by which it became due, and the one by which it was found due, may both be off.
        Expect(first >= due - (2 * World.Options.Skew), $"{key} fired at {first}, {due - first} before it was due");
        var latest = _clockwork.At($"{key[..key.IndexOf('/', StringComparison.Ordinal)]}/begin").Last + delay;
        var healed = World.HealedAt ?? TimeSpan.MaxValue;
        Expect(healed == TimeSpan.MaxValue || first <= (latest > healed ? latest : healed) + (2 * World.Options.Skew) + Tolerance, $"{key} was due at {latest} and fired at {first}");
        _ = last;
    }
}

/// <summary>Several timers at once, and a wait that a signal may end.</summary>
[Workflow]
internal sealed class Sleeper
{
    private static readonly ActivityOptions Options = new() { StartToCloseTimeout = TimeSpan.FromSeconds(30) };
    private bool _woken;

    [WorkflowRun]
    public async Task<bool> RunAsync(List<TimeSpan> delays, TimeSpan patience)
    {
        await NoteAsync("begin");
        await Workflow.WhenAllAsync([.. delays.Select((delay, i) => SleepAsync(delay, i)), WaitAsync(patience)]);
        return _woken;
    }

    [WorkflowSignal]
    public Task WakeAsync()
    {
        _woken = true;
        return Task.CompletedTask;
    }

    private static async Task SleepAsync(TimeSpan delay, int i)
    {
        await Workflow.DelayAsync(delay);
        await NoteAsync($"{i}");
    }

    private async Task WaitAsync(TimeSpan patience)
    {
        if (!await Workflow.WaitConditionAsync(() => _woken, patience))
        {
            await NoteAsync("patience");
        }
    }

    private static Task NoteAsync(string name)
    {
        var key = $"{Workflow.Info.WorkflowId}/{name}";
        return Workflow.ExecuteActivityAsync((Clockwork c) => c.NoteTime(key), Options);
    }
}

/// <summary>A clock outside, which is right.</summary>
internal sealed class Clockwork(SimWorld world)
{
    private readonly SortedDictionary<string, (TimeSpan First, TimeSpan Last)> _times = new(StringComparer.Ordinal);

    /// <summary>When something was noted first and last; an attempt may be repeated.</summary>
    public (TimeSpan First, TimeSpan Last) At(string key) => _times.TryGetValue(key, out var at) ? at : throw new InvalidOperationException($"{key} was never noted.");

    [Activity]
    public void NoteTime(string key)
    {
        var now = world.Kernel.Elapsed;
        _times[key] = (_times.TryGetValue(key, out var before) ? before.First : now, now);
    }
}
