using Serverless.Activities;
using Serverless.Client;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.Simulation.Hosts;
using Serverless.Simulation.Kernel;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>
/// Many activities at once, each of another kind: quick ones, some that fail now and then, some that report by heartbeats and go on where the attempt before stood, some of which only a few
/// may run at a time, some that must not begin twice. All results come in, each at its place.
/// </summary>
internal sealed class FanOut : Workload
{
    private readonly Crew _crew;

    public FanOut(SimWorld world)
        : base(world) => _crew = new Crew(world, Random);

    public override IReadOnlyList<object> Activities => [_crew];

    public override Task RunAsync(SimClient client) => EachAsync(client, i => OneAsync(client, $"fan-{i}"));

    private async Task OneAsync(SimClient client, string id)
    {
        var kinds = Enumerable.Range(0, 3 + Random.Next(8)).Select(_ => Random.Next(Fan.Kinds)).ToList();
        await client.AskAsync(c => c.StartWorkflowAsync((Fan f) => f.RunAsync(kinds), Of(id)));
        var results = await client.ResultAsync<List<string>>(id);
        Expect(results.Count == kinds.Count, $"{id} has {results.Count} results of {kinds.Count}");
        for (var i = 0; i < kinds.Count; i++)
        {
            var key = $"{id}/{i}";
            Expect(results[i] == key || (results[i] == Fan.Lost && kinds[i] == Fan.Once) || (results[i] == Fan.Refused && kinds[i] == Fan.Hopeless), $"{key} (kind {kinds[i]}) gave {results[i]}");
            Expect(results[i] != key || _crew.AttemptsOf(key) > 0, $"{key} has a result and never ran");
            Expect(kinds[i] != Fan.Once || _crew.AttemptsOf(key) <= 1, $"{key} may be attempted once and began {_crew.AttemptsOf(key)} times");
        }
    }
}

/// <summary>Runs activities of several kinds at once and gathers what they give.</summary>
[Workflow]
internal sealed class Fan
{
    public const int Once = 3;
    public const int Hopeless = 4;
    public const int Kinds = 6;
    public const string Lost = "lost";
    public const string Refused = "refused";

    [WorkflowRun]
    public async Task<List<string>> RunAsync(List<int> kinds)
    {
        var id = Workflow.Info.WorkflowId;
        return [.. await Workflow.WhenAllAsync(kinds.Select((kind, i) => OneAsync(kind, $"{id}/{i}")))];
    }

    private static Task<string> OneAsync(int kind, string key) => kind switch
    {
        0 => Workflow.ExecuteActivityAsync((Crew c) => c.QuickAsync(key), Options(10)),
        1 => Workflow.ExecuteActivityAsync((Crew c) => c.QuickAsync(key), new() { StartToCloseTimeout = TimeSpan.FromSeconds(10), DisableEagerActivityExecution = true }),
        2 => Workflow.ExecuteActivityAsync((Crew c) => c.LongAsync(key), new() { StartToCloseTimeout = TimeSpan.FromMinutes(5), HeartbeatTimeout = TimeSpan.FromSeconds(20) }),
        Once => TryAsync(() => Workflow.ExecuteActivityAsync((Crew c) => c.QuickAsync(key), Options(30, 1)), Lost),
        Hopeless => TryAsync(() => Workflow.ExecuteActivityAsync((Crew c) => c.RefuseAsync(key), Options(30)), Refused),
        _ => Workflow.ExecuteActivityAsync((Crew c) => c.NarrowAsync(key), Options(60)),
    };

    private static async Task<string> TryAsync(Func<Task<string>> activity, string otherwise)
    {
        try
        {
            return await activity();
        }
        catch (ActivityFailureException)
        {
            return otherwise;
        }
    }

    private static ActivityOptions Options(int seconds, int attempts = 0) => new()
    {
        StartToCloseTimeout = TimeSpan.FromSeconds(seconds),
        RetryPolicy = new RetryPolicy { InitialInterval = TimeSpan.FromSeconds(0.5), MaximumInterval = TimeSpan.FromMinutes(1), MaximumAttempts = attempts },
    };
}

/// <summary>Who does the work. Remembers how often each thing was begun.</summary>
internal sealed class Crew(SimWorld world, Random random)
{
    /// <summary>Activity type of which only some may run at a time.</summary>
    public const string Narrow = "Narrow";

    private const int Parts = 4;
    private readonly SortedDictionary<string, int> _attempts = new(StringComparer.Ordinal);

    public int AttemptsOf(string key) => _attempts.GetValueOrDefault(key);

    [Activity]
    public async Task<string> QuickAsync(string key)
    {
        Begin(key);
        await PauseAsync(300);
        return key;
    }

    /// <summary>Takes a minute, in parts: an attempt goes on after the part that the one before reported last.</summary>
    [Activity]
    public async Task<string> LongAsync(string key)
    {
        Begin(key);
        var context = ActivityExecutionContext.Current;
        var done = context.Info.HeartbeatDetails.Count > 0 ? await context.Info.HeartbeatDetailAtAsync<int>(0) : 0;
        for (; done < Parts; done++)
        {
            context.Heartbeat(done);
            await Task.Delay(TimeSpan.FromSeconds(random.Next(1, 15)), Lane.Current.Time);
            Fail();
        }

        return key;
    }

    [Activity]
    public async Task<string> RefuseAsync(string key)
    {
        Begin(key);
        await PauseAsync(50);
        throw new ApplicationFailureException("No.", nonRetryable: true);
    }

    [Activity(Narrow)]
    public async Task<string> NarrowAsync(string key)
    {
        Begin(key);
        await PauseAsync(5_000);
        return key;
    }

    private void Begin(string key)
    {
        _attempts[key] = AttemptsOf(key) + 1;
        world.Note("crew", $"begins {key}");
    }

    private async Task PauseAsync(int milliseconds)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, milliseconds)), Lane.Current.Time);
        Fail();
    }

    private void Fail()
    {
        if (!world.IsHealed && random.Next(10) == 0)
        {
            throw new TimeoutException("The crew did not answer.");
        }
    }
}
