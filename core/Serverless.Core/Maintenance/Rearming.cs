using Serverless.Engine;
using Serverless.History;

namespace Serverless.Maintenance;

/// <summary>Brings about again what should follow events of an open run. Every step may repeat: who has it already knows.</summary>
internal sealed class Rearming(EngineServices services, ChainParts parts)
{
    /// <summary>Dispatches all that is pending, as if it had just been committed; attempts of activities begin anew where they wait for a process.</summary>
    public Task AllAsync(LiveRun run, CancellationToken cancellationToken) =>
        DispatchAsync(run, Pending(run), job => BeginAsync(run, job, cancellationToken), cancellationToken);

    /// <summary>Sees to what is overdue.</summary>
    public async Task AgainAsync(LiveRun run, IReadOnlyList<OverdueEvent> overdue, CancellationToken cancellationToken)
    {
        foreach (var late in overdue.Where(static o => o.Kind != OverdueKind.Command))
        {
            if (run.State.Activities.TryGetValue(late.EventId, out var scheduled))
            {
                var job = ActivityJob.Of(run, scheduled, services.Options.TaskQueue);
                var kind = late.Kind == OverdueKind.Activity ? WorkKind.ActivityLost : WorkKind.ActivityTimeout;
                await services.SendAsync(QueueNames.Timers, job.Message(kind, services.Ids.NextUlid()), cancellationToken);
            }
        }

        var commands = overdue.Where(static o => o.Kind == OverdueKind.Command).Select(static o => o.EventId).ToHashSet();
        if (commands.Count > 0)
        {
            await DispatchAsync(run, [.. Pending(run).Where(e => commands.Contains(e.Id))], static _ => Task.CompletedTask, cancellationToken);
        }
    }

    /// <summary>What is pending, with the times that count for it, in the order in which it was asked for.</summary>
    private static List<HistoryEvent> Pending(LiveRun run)
    {
        var state = run.State;
        List<HistoryEvent> pending = [state.Started, .. state.Timers.Values, .. state.Activities.Values, .. state.Externals.Values];
        pending.AddRange(state.Children.Values.Select(static c => c.Initiated));
        pending.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        pending.AddRange(state.ActivityCancels.Select(static id => new ActivityCancelRequested(id)));
        return pending;
    }

    private async Task DispatchAsync(LiveRun run, IReadOnlyList<HistoryEvent> events, Func<ActivityJob, Task> activity, CancellationToken cancellationToken)
    {
        var answers = await parts.Dispatcher.DispatchAsync(run, events, activity, cancellationToken);
        foreach (var answer in answers)
        {
            await services.Journal.PostAsync(run.WorkflowId, services.Ids.NextUlid(), new InboxItem(answer, run.Head.RunId), null, cancellationToken);
        }

        await services.NudgeAsync(run.WorkflowId, cancellationToken, run.PinnedBuildId);
    }

    private async Task BeginAsync(LiveRun run, ActivityJob job, CancellationToken cancellationToken)
    {
        switch (run.Attempts.GetValueOrDefault(job.ScheduledEventId))
        {
            case { CompletesAsync: true } attempts:
                if (ActivityWaits.LeftOpenUntil(job.Scheduled, attempts) is { } end)
                {
                    await services.Timers.ScheduleAsync(job.Message(WorkKind.ActivityTimeout, services.Ids.NextUlid()) with { DueAt = end }, cancellationToken);
                }

                break;
            case { Attempt: > 1 }:
                await parts.Runner.ScheduleAttemptAsync(job);
                break;
            default:
                await parts.Queues.SendAsync(job);
                break;
        }
    }
}
