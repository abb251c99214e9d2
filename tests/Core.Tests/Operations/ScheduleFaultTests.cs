using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Client.Schedules;
using Serverless.Exceptions;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Serverless.Tests.Operations;

/// <summary>
/// A small schedule with one fault: it is run once for each storage call that it makes and each kind of fault at that call. Whatever happens, each of its times starts one
/// workflow, and the schedule knows that it has ended.
/// </summary>
[TestClass]
public sealed class ScheduleFaultTests
{
    private static readonly Schedule TwoMinutes = new(ScheduleBench.Job(0), new() { Intervals = [new(TimeSpan.FromMinutes(1))] })
    {
        Policy = new() { Overlap = ScheduleOverlapPolicy.BufferAll },
        State = new() { LimitedActions = true, RemainingActions = 2 },
    };

    [TestMethod]
    [DataRow(nameof(Fault.FailBefore))]
    [DataRow(nameof(Fault.FailAfter))]
    [DataRow(nameof(Fault.CrashBefore))]
    [DataRow(nameof(Fault.CrashAfter))]
    public async Task Each_time_starts_one_workflow_whatever_single_fault_hits_it(string fault)
    {
        for (var at = 1; await RunAsync(Enum.Parse<Fault>(fault), at); at++)
        {
        }
    }

    /// <summary>False when the scenario made fewer calls than <paramref name="at"/>.</summary>
    private static async Task<bool> RunAsync(Fault fault, int at)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time, seed: at);
        var where = "";
        var faulty = new FaultyHubStore(memory, (n, what) =>
        {
            where = n == at ? what : where;
            return n == at ? fault : Fault.None;
        });
        // A schedule that is done ends after a week: time must not jump there.
        var stopAt = time.GetUtcNow().AddMinutes(10);
        await using var first = new EngineHost([typeof(Job)], null, EngineHost.Options, faulty, time) { StopAt = stopAt };
        var created = await TryCreateAsync(first);
        if (created)
        {
            await first.UntilAsync(async () => faulty.IsDead || await IsDoneAsync(first), $"{fault} at call {at}");
        }

        await using var second = new EngineHost([typeof(Job)], null, EngineHost.Options with { Identity = "second" }, memory, time) { StopAt = stopAt };
        if (!created)
        {
            await TryCreateAsync(second);
        }

        var context = $"{fault} at call {at} ({where})";
        await second.UntilAsync(() => IsDoneAsync(second), context);
        var info = (await second.Client.GetScheduleHandle("s").DescribeAsync()).Info;
        Assert.AreEqual((2L, 0L, 0L), (info.NumActions, info.NumActionsMissedCatchupWindow, info.NumActionsSkippedOverlap), context);
        var begin = new DateTimeOffset(info.CreatedAt.Ticks - (info.CreatedAt.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        var jobs = new List<WorkflowExecution>();
        await second.UntilAsync(
            async () =>
            {
                jobs.Clear();
                await foreach (var job in second.Client.ListWorkflowsAsync("WorkflowType = 'Job'"))
                {
                    jobs.Add(job);
                }

                return jobs.Count >= 2 && jobs.TrueForAll(static j => j.Status == WorkflowExecutionStatus.Completed);
            },
            context);
        Assert.AreEqual(
            $"{ScheduleBench.Short(begin.AddMinutes(1))} {ScheduleBench.Short(begin.AddMinutes(2))}",
            string.Join(' ', jobs.Select(static j => ScheduleBench.ShortTime(j.Id)).Order(StringComparer.Ordinal)),
            context);
        return faulty.Count >= at;
    }

    private static async Task<bool> TryCreateAsync(EngineHost host)
    {
        try
        {
            var creating = host.Client.CreateScheduleAsync("s", TwoMinutes);
            return await Task.WhenAny(creating, Task.Delay(TimeSpan.FromSeconds(10))) == creating && await creating is not null;
        }
        catch (Exception e) when (e is TemporalException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<bool> IsDoneAsync(EngineHost host)
    {
        try
        {
            await Task.Delay(1);
            var describing = host.Client.GetScheduleHandle("s").DescribeAsync();
            return await Task.WhenAny(describing, Task.Delay(TimeSpan.FromSeconds(1))) == describing
                && (await describing).Info is { NumActions: 2, RunningActions.Count: 0 };
        }
        catch (Exception e) when (e is TemporalException or OperationCanceledException)
        {
            return false;
        }
    }
}
