using Core.Tests.History;
using Serverless.History;

namespace Serverless.Tests.Behaviour;

/// <summary>
/// Runs a test twice: warm, with workflows kept in memory, and cold, with each task replayed from storage. Both must record the same: every run there is, event by
/// event, with ids, payloads, identities, run ids and times. Ids, random numbers and time come from the same beginnings, and <see cref="Stepper"/> decides what happens when.
/// </summary>
internal static class Behaviour
{
    public static Task Run<TWorkflow>(Func<BehaviourRun, Task> body) => Run(static setup => setup.Add<TWorkflow>(), body);

    public static async Task Run(Action<BehaviourSetup> setup, Func<BehaviourRun, Task> body)
    {
        var warm = await RecordAsync(Way.Warm, setup, body);
        var cold = await RecordAsync(Way.Cold, setup, body);
        if (Difference(warm, cold) is { } difference)
        {
            throw new AssertFailedException(difference);
        }
    }

    private static async Task<IReadOnlyList<(string Run, IReadOnlyList<HistoryEvent> History)>> RecordAsync(
        Way way, Action<BehaviourSetup> prepare, Func<BehaviourRun, Task> body)
    {
        var setup = new BehaviourSetup();
        prepare(setup);
        using var run = new BehaviourRun(way, setup);
        try
        {
            await run.RunAsync(body);
        }
        catch (Exception e)
        {
            throw new AssertFailedException($"{way}: {e.Message}", e);
        }

        if (way == Way.Cold)
        {
            Assert.AreEqual(0, run.Executors.TasksFromMemory, "Cold: tasks that ran without being replayed from storage");
        }

        return await run.AllAsync();
    }

    private static string? Difference(
        IReadOnlyList<(string Run, IReadOnlyList<HistoryEvent> History)> warm, IReadOnlyList<(string Run, IReadOnlyList<HistoryEvent> History)> cold)
    {
        var runs = (Warm: string.Join(", ", warm.Select(static w => w.Run)), Cold: string.Join(", ", cold.Select(static c => c.Run)));
        if (runs.Warm != runs.Cold)
        {
            return $"Warm and cold left different runs.\nWarm: {runs.Warm}\nCold: {runs.Cold}\n{Kinds(warm)}\n{Kinds(cold)}";
        }

        foreach (var ((run, first), (_, second)) in warm.Zip(cold))
        {
            for (var i = 0; i < Math.Max(first.Count, second.Count); i++)
            {
                var (a, b) = (i < first.Count ? Dump.Of(first[i]) : "no event", i < second.Count ? Dump.Of(second[i]) : "no event");
                if (a != b)
                {
                    return $"Warm and cold differ in event {i + 1} of {run}.\nWarm: {a}\nCold: {b}\n{Kinds(warm)}\n{Kinds(cold)}";
                }
            }
        }

        return null;
    }

    private static string Kinds(IReadOnlyList<(string Run, IReadOnlyList<HistoryEvent> History)> runs) =>
        string.Join("\n", runs.Select(static r => $"{r.Run}: {string.Join(" ", r.History.Select(static e => e.GetType().Name))}"));
}
